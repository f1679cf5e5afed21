"""Reviewing in the page itself, in a real browser with the network off: what is marked stays, comes out, comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.make_client import make_client
from report_fixture import code_cell, empty_map

import cjtools as cj
from cjtools.remarks import Remarks, load_remarks
from cjtools.report.export import to_page

pytest.importorskip("playwright", reason="playwright is not installed: pip install 'cjtools[test]'")
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
CLAIMS = "id,stage,type,statement\nlate,decision,pain,Massa tard\na_b.1,decision,pain,Massa car\n"
HASH = "cd" * 32


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> cj.Client:
    return make_client(tmp_path_factory.mktemp("reviewed"), claims__csv=CLAIMS)


@pytest.fixture(scope="module")
def file(client, tmp_path_factory) -> Path:
    """The page of two claims, with the form for reviewers."""
    journey = cj.map_journey(client, language="en")
    journey = dataclasses.replace(journey, remarks=Remarks(HASH))
    views = [cj.report.claims(journey), cj.report.remarks(journey)]
    cells = [code_cell(view.kind, view._repr_mimebundle_()) for view in views]
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(to_page({"cells": cells}, language="en", title="Acme", audience="client"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all pages of this file."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile, without a network."""
    made = browser.new_context(viewport={"width": 1000, "height": 900}, accept_downloads=True)
    made.set_offline(True)
    yield made
    made.close()


def opened(context: BrowserContext, file: Path) -> tuple[Page, list[str]]:
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    return page, said


def test_what_a_reviewer_marks_stays_in_the_browser_and_comes_out_as_a_file_that_the_kit_reads(
    context, file, client, tmp_path
):
    page, said = opened(context, file)
    late, dear = page.locator("#claim-late"), page.locator("#claim-a_5f_b_2e_1")
    late.get_by_label("accept").check()
    dear.get_by_label("Comment").fill('=cmd, "so"?\nand ;more')
    assert dear.get_by_label("query").is_checked()  # a comment without a mark asks something
    page.locator(".review .download").click()
    assert page.locator(".review [role=status]").inner_text() == "Write your name first."
    page.get_by_label("Your name").fill("Ana <b>Puig</b>")
    page.get_by_label("I sign this map off as it stands").check()
    assert page.locator(".review .count").inner_text() == "Remarks made: 3"
    page.reload()
    assert page.locator("#claim-late").get_by_label("accept").is_checked()
    assert page.get_by_label("Your name").input_value() == "Ana <b>Puig</b>"
    with page.expect_download() as download:
        page.locator(".review .download").click()
    assert download.value.suggested_filename == "remarks.csv"
    sent = tmp_path / "remarks.csv"
    download.value.save_as(sent)
    found = load_remarks(client, sent).select("map", "wave", "claim", "mark", "comment", "who").rows()
    wave = client.wave.name
    assert found == [
        (HASH, wave, "a_b.1", "query", '=cmd, "so"? and ;more', "Ana <b>Puig</b>"),
        (HASH, wave, "late", "accept", None, "Ana <b>Puig</b>"),
        (HASH, wave, None, "signed", None, "Ana <b>Puig</b>"),
    ]
    assert "\"'=cmd" in sent.read_text("utf-8")  # no spreadsheet takes it for a formula
    assert said == []


def test_everything_is_reached_by_the_keyboard(context, file):
    page, _ = opened(context, file)
    page.locator("#claim-late input").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#claim-late").get_by_label("accept").is_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("fine")
    assert page.locator("#claim-late").get_by_label("Comment").input_value() == "fine"
    page.locator(".review .who").focus()
    page.keyboard.type("Ana")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    with page.expect_download():
        page.keyboard.press("Enter")
    described = page.locator("#claim-late fieldset").get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == "Massa tard"


def test_another_state_of_the_map_begins_anew_and_what_is_kept_is_not_trusted(context, file, tmp_path):
    page, said = opened(context, file)
    page.locator("#claim-late").get_by_label("reject").check()
    other = tmp_path / "other.html"
    other.write_text(file.read_text("utf-8").replace(HASH, "ef" * 32), "utf-8")
    hostile = '{"who": 7, "signed": "yes", "claims": {"late": {"mark": "<img>", "comment": 1}, "a_b.1": null}}'
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", ["cjtools-remarks-" + "ef" * 32, hostile])
    page.goto(other.as_uri())
    assert not page.locator("#claim-late").get_by_label("reject").is_checked()
    assert page.locator(".review .count").inner_text() == "Remarks made: 0"
    assert page.get_by_label("Your name").input_value() == ""
    assert said == []


def test_where_nothing_can_be_kept_the_page_says_so_and_the_file_still_comes(context, file):
    context.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})")
    page, said = opened(context, file)
    assert page.locator(".review .forgets").is_visible()
    page.locator("#claim-late").get_by_label("query").check()
    page.get_by_label("Your name").fill("Ana")
    with page.expect_download():
        page.locator(".review .download").click()
    assert said == []


def test_remarks_can_be_deleted_when_that_is_confirmed(context, file):
    page, _ = opened(context, file)
    page.locator("#claim-late").get_by_label("query").check()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(".review .clear").click()
    assert page.locator("#claim-late").get_by_label("query").is_checked()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".review .clear").click()
    assert page.locator("#claim-late").get_by_label("none").is_checked()
    assert page.locator(".review .count").inner_text() == "Remarks made: 0"


def test_on_paper_and_without_scripts_there_is_no_form(browser, context, file):
    page, _ = opened(context, file)
    assert page.locator(".review").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".review").is_hidden()
    assert page.locator(".remark").first.is_hidden()
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(file.as_uri())
    assert page.locator(".review").is_hidden()
    assert page.locator(".remark").count() == 0
    assert page.get_by_text("Nobody has signed this map off yet.").is_visible()
    plain.close()


def test_a_script_that_is_not_the_kits_does_not_run(context, file, tmp_path):
    other = tmp_path / "other.html"
    text = file.read_text("utf-8")
    other.write_text(text.replace("const MARKS =", "window.pwned = 1; const MARKS ="), "utf-8")
    page, said = opened(context, other)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".review").is_hidden()
    assert any("Content Security Policy" in line for line in said)


def test_a_page_without_remarks_brings_no_form():
    view = cj.report.questions(empty_map())
    page = to_page({"cells": [code_cell("x", view._repr_mimebundle_())]}, language="en", title="Acme")
    assert "review-panel" not in page
    assert "cjtools-remarks-" not in page
