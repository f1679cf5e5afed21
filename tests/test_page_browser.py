"""The page in a real browser, network off: it draws, it is quiet, it is safe, it can be read without scripts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from page_fixture import FLAGS, Opened, opening, settle
from report_fixture import bars, example_map, notebook_of

from cjtools.lanes.people import no_people
from cjtools.personas.tables import PERSONA_TABLES
from cjtools.report.export import to_page
from cjtools.tables import shape_of

pytest.importorskip("playwright", reason="playwright is not installed: pip install 'cjtools[test]'")
from playwright.sync_api import Browser, sync_playwright

HOSTILE = (
    "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=2'>{{7*7}}{% raw %}"
    "<a href=\"javascript:window.pwned=3\">x</a><svg onload=window.pwned=4><!--<iframe src='https://tracker.example/x'>"
    "\"' onmouseover=window.pwned=5 style='background:url(https://tracker.example/y)' ${7*7}"
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all pages of this file."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open a page from a file, with the network off, in a fresh profile."""
    with opening(browser, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def html() -> str:
    """The page of the invented map, with two charts."""
    return to_page(notebook_of(example_map(), bars(), bars(name="drop_off_bars", title="Another")), language="en")


def test_the_page_draws_every_chart_and_asks_for_nothing(show, html):
    opened = show(html)
    settle(opened)
    assert len(opened.requests) == 1
    assert opened.said == []
    assert opened.page.locator(".live svg .mark-rect path").count() == 4
    assert opened.page.locator(".static").first.is_hidden()
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_tooltip_shows_the_value_under_the_mouse(show, html):
    opened = show(html)
    settle(opened)
    mark = opened.page.locator("#experience_curve .live svg .mark-rect path").first
    mark.scroll_into_view_if_needed()
    mark.hover()
    tip = opened.page.locator("#vg-tooltip-element.visible")
    tip.wait_for(timeout=5000)
    assert re.sub(r"\s+", " ", tip.inner_text()).strip() == "label a n 1"


def test_without_scripts_every_chart_still_shows(show, html):
    opened = show(html, java_script_enabled=False)
    pictures = opened.page.locator(".static svg")
    assert pictures.count() == 2
    assert all(pictures.nth(place).is_visible() for place in range(2))


def test_a_chart_is_described_once_and_has_its_table(show, html):
    opened = show(html)
    settle(opened)
    figure = opened.page.locator("#experience_curve")
    assert figure.locator(".live svg").get_attribute("aria-label") == "Bars: A title"
    assert figure.locator(".live svg [role]").count() == 0
    figure.locator("summary").click()
    assert figure.locator("table th[scope=col]").all_inner_texts() == ["label", "n"]


def test_on_a_phone_stages_become_cards(show, html):
    opened = show(html, viewport={"width": 390, "height": 844})
    settle(opened)
    assert opened.page.locator(".view-matrix").is_hidden()
    assert opened.page.locator(".stage-page:visible").count() == 6
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_heads_of_the_map_stay_in_sight(show, html):
    opened = show(html)
    settle(opened)
    opened.page.locator(".lane-quotes").first.scroll_into_view_if_needed()
    opened.page.evaluate("window.scrollBy(0, 300)")
    opened.page.wait_for_timeout(400)
    box = opened.page.locator("#st-decision").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 80


def test_at_night_texts_of_a_chart_can_be_read(show):
    spec = {**bars(), "config": {"axis": {"labelColor": "#1b2a41"}}}
    opened = show(to_page(notebook_of(example_map(), spec), language="en"), color_scheme="dark")
    settle(opened)
    label = opened.page.locator("#experience_curve .live svg .role-axis-label text").first
    assert label.get_attribute("fill") == "#e7edf3"
    assert opened.page.locator("#experience_curve .static svg text[fill='#1b2a41']").count() > 0


def test_a_link_into_a_closed_drawer_opens_it(show, html):
    opened = show(html, fragment="#e-i-17")
    assert opened.page.locator("#e-i-17").is_visible()


def test_on_paper_drawers_are_open_and_pictures_static(show, html):
    opened = show(html)
    settle(opened)
    opened.page.emulate_media(media="print")
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator("#e-i-17").is_visible()
    assert opened.page.locator(".static svg").first.is_visible()
    assert opened.page.locator(".live").first.is_hidden()
    assert len(opened.page.pdf(prefer_css_page_size=True)) > 10_000
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator("details[open]").count() == 1


def test_every_part_can_be_reached_by_keyboard(show, html):
    opened = show(html)
    settle(opened)
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.className") == "skip"
    scrolling = (
        "[...document.querySelectorAll('main *')].filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowX)"
    )
    closed = " && e.scrollWidth > e.clientWidth + 1 && e.checkVisibility() && e.tabIndex < 0).map((e) => e.className)"
    assert opened.page.evaluate(scrolling + closed) == []


def followed() -> Any:
    """Return personas of whom one touchpoint is on the map, so that each can be followed."""
    row = {"persona": "comparer", "touchpoint": "checkout", "on_map": True}
    shape = shape_of(PERSONA_TABLES["touchpoints"])
    found = pl.DataFrame([{name: row.get(name, 0 if kind == pl.Int64 else False if kind == pl.Boolean else "") for name,
                           kind in shape.items()}], schema=shape)  # fmt: skip
    return dataclasses.replace(no_people(), touchpoints=found)


def hostile_map() -> Any:
    """Return the invented map with every text of every table, and of the header, turned into an attack."""
    journey = example_map()
    keys = {
        *(
            "stage",
            "touchpoint",
            "persona",
            "evidence_id",
            "statement_id",
            "quote_id",
            "question_id",
            "pattern",
            "family",
        ),
        *("metric", "verdict", "behaviour", "interviews", "social", "basis", "scope", "state", "band", "type", "lane"),
        *("kind", "owner", "environment", "buys", "instrument", "method", "unit", "definition", "name", "clicks"),
    }
    tables = {}
    for field in dataclasses.fields(journey):
        frame = getattr(journey, field.name)
        if isinstance(frame, pl.DataFrame):
            texts = [name for name, kind in frame.schema.items() if kind == pl.String and name not in keys]
            tables[field.name] = frame.with_columns(pl.lit(HOSTILE).alias(name) for name in texts)
    tables["quotes"] = tables["quotes"].with_columns(evidence_id=pl.concat_str("evidence_id", pl.lit(HOSTILE)))
    tables["verdicts"] = tables["verdicts"].with_columns(behaviour=pl.lit(HOSTILE), verdict=pl.lit(HOSTILE))
    head = dict.fromkeys(("client_name", "wave", "objective", "scenario", "contact", "evidence_line"), HOSTILE)
    changes = ((journey.header.period_to, HOSTILE, HOSTILE),)
    header = dataclasses.replace(journey.header, **head, products=(HOSTILE,), segments=(HOSTILE,), changes=changes)
    tables["personas"] = tables["personas"].with_columns(name=pl.lit(HOSTILE))
    made = {
        "parameters": {HOSTILE: HOSTILE},
        "versions": {HOSTILE: HOSTILE},
        "inputs": [{"file": HOSTILE, "sha256": HOSTILE}],
    }
    return dataclasses.replace(journey, header=header, provenance=made, people=followed(), **tables)


def test_no_text_runs_asks_or_breaks_out(show):
    notebook = notebook_of(hostile_map(), bars(labels=(HOSTILE, "b"), title=HOSTILE))
    notebook["cells"].append(
        {"cell_type": "markdown", "metadata": {}, "source": f"# {HOSTILE}\n\n[x](javascript:alert(1))"}
    )
    notebook["cells"][3]["outputs"].append({"output_type": "stream", "name": "stdout", "text": HOSTILE})
    html = to_page(notebook, language="en")
    opened = show(html)
    settle(opened)
    opened.page.evaluate("document.querySelectorAll('details').forEach((drawer) => { drawer.open = true; })")
    opened.page.locator(".live svg .mark-rect path").first.hover()
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.pwned") is None
    assert len(opened.requests) == 1
    assert opened.said == []
    assert (
        opened.page.locator(
            "main :is(script:not(.spec), iframe, img, object, embed, form:not(.vega-bindings), base, meta, link)"
        ).count()
        == 0
    )
    assert opened.page.locator("a[href^='javascript']").count() == 0
    handlers = "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => /^on/.test(a.name))"
    assert opened.page.evaluate(f"{handlers}.length") == 0
    assert "{{7*7}}" in opened.page.locator("#header h1").inner_text()


def test_what_gets_past_the_escaping_is_stopped_by_the_policy(show, html):
    opened = show(html.replace("</main>", "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'></main>"))
    settle(opened)
    assert opened.page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in line for line in opened.said)
