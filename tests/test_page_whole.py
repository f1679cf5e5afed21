"""The whole page of the example client in a real browser: quiet, drawn, readable, on paper, on a phone."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest
from page_fixture import FLAGS, Opened, executed, opening, settle
from report_fixture import example_map, notebook_of

import cjtools as cj
from cjtools.report.export import to_page

pytest.importorskip("playwright", reason="playwright is not installed: pip install 'cjtools[test]'")
from playwright.sync_api import sync_playwright

A3, A4 = (1191, 842), (595, 842)


@pytest.fixture(scope="module")
def journey(example: cj.Client, findings: cj.Findings) -> cj.JourneyMap:
    """The map of the example client."""
    return cj.map_journey(example, findings=findings, audience="team", language="en")


@pytest.fixture(scope="module")
def html(journey: cj.JourneyMap) -> str:
    """Its page, with all of its charts."""
    return to_page(executed(journey), language="en", audience="team")


@pytest.fixture(scope="module")
def show(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    """Open a page with the network off."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        with opening(browser, tmp_path_factory.mktemp("pages")) as opened:
            yield opened
        browser.close()


@pytest.fixture(scope="module")
def opened(show: Callable[..., Opened], html: str) -> Opened:
    """The page on a desktop, drawn, without motion."""
    page = show(html, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    settle(page)
    return page


def test_nothing_is_asked_for_and_nothing_is_said(opened):
    assert len(opened.requests) == 1
    assert opened.said == []
    assert opened.page.locator("figure.chart[data-drawn=true]").count() == opened.page.locator("figure.chart").count()


def test_the_map_fits_a_laptop_and_its_heads_stay(opened):
    page = opened.page
    region = page.locator(".matrix-region")
    assert region.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    page.locator(".lane-coverage").first.evaluate("(row) => row.scrollIntoView({block: 'center'})")
    heads = [page.locator(f"#st-{name}").bounding_box() for name in ("awareness", "advocacy")]
    assert all(box and 30 < box["y"] < 80 for box in heads)
    assert heads[1]["x"] + heads[1]["width"] < 1280
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_first_screen_holds_the_curve_the_opportunities_and_what_is_not_known(opened):
    for part in (".evidence-line", ".glance-curve", ".glance-opportunities", ".glance-unknown"):
        box = opened.page.locator(part).evaluate(
            "(e) => { const b = e.getBoundingClientRect(); return b.bottom + scrollY; }"
        )
        assert box < 900, part


def test_a_persona_is_followed_by_the_keyboard_alone(opened):
    page = opened.page
    shown = page.locator(".matrix .touchpoints > li:visible").count()
    page.locator("#follow-all").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#follow-p0").is_checked()
    hidden = page.locator(".matrix .touchpoints > li:not(.for-p0)").count()
    assert page.locator(".matrix .touchpoints > li:visible").count() == shown - hidden
    faint = page.locator(".matrix-curve > g.p1").evaluate("(g) => getComputedStyle(g).opacity")
    assert (faint, page.locator(".matrix-curve > g.p0").evaluate("(g) => getComputedStyle(g).opacity")) == ("0.3", "1")
    page.locator("#follow-all").check()
    assert page.locator(".matrix .touchpoints > li:visible").count() == shown


def test_all_sections_can_be_seen_at_once(opened):
    page = opened.page
    page.locator(".every input").check()
    links = page.locator(".contents a")
    inside = (
        "(e) => { const b = e.getBoundingClientRect(); return b.left >= 0 && b.right <= innerWidth && b.bottom > 0; }"
    )
    assert links.count() > 20
    assert all(link.evaluate(inside) for link in links.all())
    links.last.click()
    assert not page.locator(".every input").is_checked()


def test_every_colour_of_the_curve_has_its_night(show, html):
    dark = show(html, color_scheme="dark", java_script_enabled=False)
    ink = "(g) => getComputedStyle(g).color"
    assert dark.page.locator(".matrix-curve > g.everybody").evaluate(ink) == "rgb(231, 237, 243)"
    assert dark.page.locator(".static svg").first.is_visible()


def test_on_a_phone_stages_are_cards_and_nothing_runs_off(show, html):
    phone = show(html, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    assert phone.page.locator(".view-matrix").is_hidden()
    assert phone.page.locator(".stage-page:visible").count() == 6
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def sheets(page: Any) -> list[tuple[int, int]]:
    """Return the sizes of the sheets that a page prints on, in points."""
    printed = page.pdf(prefer_css_page_size=True, print_background=True).decode("latin-1")
    boxes = re.findall(r"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def test_the_map_prints_on_a3_and_the_rest_on_a4(show, html):
    """Without scripts, which is also how the drawers open on paper: by the style sheet alone."""
    plain = show(html, java_script_enabled=False)
    sizes = sheets(plain.page)
    assert set(sizes) == {A3, A4}
    assert 2 <= sizes.count(A3) <= 6
    assert sizes[0] == A4


def five_of_all(language: str) -> cj.JourneyMap:
    """Return the invented map with five opportunities, and texts as long as they come."""
    journey = example_map(language=language, audience="executive")
    head = dataclasses.replace(
        journey.header,
        objective="Find where shoppers give up between the basket and the door, and what to mend first of it all.",
        scenario="Furnishing or refreshing a room, from the first idea to the next purchase, with a partner.",
    )
    long = "Say the whole price before the last step, on every page"
    named = journey.opportunities.with_columns(title=pl.lit(long))
    assert named.height >= 5
    return dataclasses.replace(journey, header=head, opportunities=named)


@pytest.mark.parametrize("language", ["ca", "ro"])
def test_an_executive_gets_one_sheet(show, language):
    page = to_page(notebook_of(five_of_all(language)), language=language, audience="executive")
    assert sheets(show(page).page) == [A4]


SHOWN = "(e) => e.getClientRects().length > 0"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_bar_leads_only_to_what_is_shown_at_that_width(show, html, width):
    page = show(html, viewport={"width": width, "height": 844}, reduced_motion="reduce").page
    links = [link for link in page.locator(".contents a").all() if link.evaluate(SHOWN)]
    assert len(links) > 10
    assert [
        name
        for name in (link.get_attribute("href") for link in links)
        if not page.locator(f"[id='{name[1:]}']").evaluate(SHOWN)
    ] == []


def test_the_words_beside_an_opportunity_begin_at_the_left_and_stand_on_paper_too(show, html):
    page = show(html, viewport={"width": 1280, "height": 900}, reduced_motion="reduce").page
    quote = page.locator("#opportunities td .voice").first
    assert quote.evaluate("(e) => getComputedStyle(e).textAlign") in ("start", "left")
    page.emulate_media(media="print")
    assert quote.evaluate(SHOWN)
