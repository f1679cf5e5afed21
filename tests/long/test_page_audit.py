"""The pages of the example client under axe-core, wide and narrow, by day and by night; every chart under a real mouse.

npm install --prefix FOLDER axe-core
CJTOOLS_AXE=FOLDER/node_modules/axe-core/axe.min.js pytest -n0 tests/long/test_page_audit.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from page_fixture import FLAGS, Opened, executed, of_shape, opening, settle

import cjtools as cj
from cjtools.report.export import to_page

pytest.importorskip("playwright", reason="playwright is not installed: pip install 'cjtools[test]'")
from playwright.sync_api import sync_playwright

AXE = Path(os.environ.get("CJTOOLS_AXE", "axe.min.js"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# Where a chart answers the mouse: its points, bars and cells.
MARKS = ".live svg :is(.mark-symbol, .mark-rect, .mark-bar, .mark-rule, .mark-area) > *"
CENTER = """(mark) => {
  mark.scrollIntoView({block: "center"});
  const box = mark.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
FAULTS = """async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]})).violations
  .map((each) => each.id + ": " + each.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | "))"""


@pytest.fixture(scope="module")
def journeys(example: cj.Client, findings: cj.Findings) -> dict[str, cj.JourneyMap]:
    """The map of the example client for each audience, and in other shapes."""
    made = {name: cj.map_journey(example, findings=findings, audience=name, language="en") for name in
            ("team", "client", "executive")}  # fmt: skip
    shapes = {f"{stages} stages, {people} personas": of_shape(made["team"], stages=stages, personas=people)
              for stages, people in ((4, 1), (8, 6))}  # fmt: skip
    return {**made, **shapes}


@pytest.fixture(scope="module")
def show(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    """Open a page with the network off."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with opening(browser, tmp_path_factory.mktemp("pages")) as opened:
            yield opened
        browser.close()


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: set CJTOOLS_AXE to its axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["team", "client", "executive", "4 stages, 1 personas", "8 stages, 6 personas"])
def test_axe_finds_nothing_with_drawers_shut_and_open(journeys, show, name, size, scheme):
    html = to_page(executed(journeys[name]), language="en", audience=journeys[name].header.audience)
    opened = show(html, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    settle(opened)
    opened.page.evaluate(AXE.read_text("utf-8"))
    assert opened.page.evaluate(FAULTS, RULES) == []
    opened.page.evaluate("document.querySelectorAll('details').forEach((drawer) => { drawer.open = true; })")
    assert opened.page.evaluate(FAULTS, RULES) == []


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: set CJTOOLS_AXE to its axe.min.js")
def test_axe_would_say_so(journeys, show):
    html = to_page(executed(journeys["executive"]), language="en", audience="executive")
    opened = show(html.replace("<html lang", "<html data-lang"), bypass_csp=True)
    opened.page.evaluate(AXE.read_text("utf-8"))
    assert any(fault.startswith("html-has-lang") for fault in opened.page.evaluate(FAULTS, RULES))


def tooltip_of(page: Any, figure: Any) -> str:
    """Return the text that a chart shows under a real mouse; the first of its marks that answers."""
    tip = page.locator("#vg-tooltip-element.visible")
    for mark in figure.locator(MARKS).all()[:80]:
        page.mouse.move(*mark.evaluate(CENTER))
        page.wait_for_timeout(30)
        if tip.count():
            return str(tip.inner_text())
    return ""


@pytest.mark.parametrize("name", ["team", "client", "8 stages, 6 personas"])
def test_every_chart_is_drawn_and_answers_a_real_mouse(journeys, show, name):
    html = to_page(executed(journeys[name]), language="en", audience=journeys[name].header.audience)
    opened = show(html, reduced_motion="reduce")
    settle(opened)
    charts = opened.page.locator("section.view-chart").all()
    silent = [chart.get_attribute("id") for chart in charts if not tooltip_of(opened.page, chart).strip()]
    # Where there was no wave before, the comparison of waves has nothing to point at.
    assert [chart for chart in silent if chart != "wave_comparison"] == []
    assert (len(opened.requests), opened.said) == (1, [])
