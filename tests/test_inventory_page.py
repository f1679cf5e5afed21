"""The sections of the page of what was read: whole in every language, hostile texts escaped, lists to download."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest
from conftest import EXAMPLE
from fixtures.make_client import make_client

import cjtools as cj
from cjtools.report import views
from cjtools.settings import LANGUAGES
from cjtools.spreadsheet import as_csv
from cjtools.words import load_words

SECTIONS = ("inventory", "sources", "source_periods", "source_coverage", "match_rates", "left_out", "provenance")


@pytest.fixture(scope="module")
def made(example) -> cj.Inventory:
    """The inventory of the example client."""
    return cj.take_inventory(example)


def plain(page: str) -> str:
    """The text of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> cj.Inventory:
    """The inventory of a client without a source."""
    return cj.take_inventory(make_client(tmp_path_factory.mktemp("nobody")))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("which", ["example", "nothing"])
def test_every_section_is_whole_in_every_language_with_and_without_sources(which, name, language, example, empty, made):
    client = example if which == "example" else None
    words = load_words(language)
    given = replace(made if client else empty, words=words)
    view = getattr(views, name)(given)
    assert json.loads(json.dumps(view.data)) == view.data
    assert view.title == words[f"section_{name}"]
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", plain(view._repr_mimebundle_()["text/html"]))


def test_the_first_screen_says_what_to_look_at(made):
    said = plain(views.inventory(made)._repr_mimebundle_()["text/html"])
    for part in (
        "Terra i Fil",
        "27 files of 9 sources, 33,841 rows read",
        "0 rejected · 70 merged",
        "2 days",
        "963 of 1,127",
    ):
        assert part in said
    assert "1 of 8 Behaviour, totals (offline)" in said


def test_the_whole_list_of_rows_left_out_can_be_downloaded(made):
    link = re.search(r'href="(data:text/csv[^"]+)"', views.left_out(made)._repr_mimebundle_()["text/html"])
    assert link is not None
    text = unquote(html.unescape(link[1]).partition(",")[2])
    assert text == "\ufeff" + as_csv(made.rows_left_out)


def test_a_list_too_long_for_the_page_stands_beside_it(made):
    long = replace(made, rows_left_out=pl.concat([made.rows_left_out] * 200))
    view = views.left_out(long)
    assert view.data["download"] == ""
    assert "All 14,000 rows stand in rows_left_out.csv" in plain(view._repr_mimebundle_()["text/html"])


def test_file_names_and_reasons_are_hostile_until_escaped(made):
    bad = "<img src=x onerror=alert(1)>"
    hostile = replace(
        made,
        left_out=made.left_out.with_columns(source_file=pl.lit(bad), why=pl.lit(bad)),
        periods=made.periods.with_columns(source_id=pl.lit(bad), family=pl.lit(bad)),
        sources=made.sources.with_columns(source_file=pl.lit(bad), flags=pl.lit([bad])),
    )
    for name in ("left_out", "source_periods", "sources", "inventory"):
        page = getattr(views, name)(hostile)._repr_mimebundle_()["text/html"]
        assert "<img" not in page
        assert "&lt;img" in page


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """The page on the sources of the example, made once, in Catalan."""
    return cj.report.make_report(EXAMPLE, notebook="sources", language="ca", out=tmp_path_factory.mktemp("reports"))


def test_the_notebook_makes_a_page_with_its_tables(report):
    assert report.name == "sources.ca.html"
    assert sorted(path.name for path in report.parent.iterdir()) == [
        "manifest.sources.ca.json", "sources.ca.html", "sources.ca.ipynb", "tables.sources.ca",
    ]  # fmt: skip
    tables = sorted(path.stem for path in (report.parent / "tables.sources.ca").iterdir())
    assert tables == sorted([*cj.inventory.INVENTORY_TABLES, "rows_left_out", "sources"])
    page = report.read_text("utf-8")
    assert '<html lang="ca">' in page
    assert "<title>Terra i Fil – Fonts d&#39;evidència – 2026-Q3</title>" in page
    for name in (*SECTIONS, "source_calendar"):
        assert f'id="{name}"' in page
    assert report.stat().st_size < 1_500_000


def test_the_page_of_sources_and_the_map_leave_each_others_tables_alone(report, tmp_path):
    from cjtools.report.publish import publish

    publish(tmp_path, {"tables/stages.csv": b"", "manifest.json": b'{"outputs": {"tables/stages.csv": ""}}'})
    files = {
        path.relative_to(report.parent).as_posix(): path.read_bytes()
        for path in report.parent.rglob("*")
        if path.is_file()
    }
    publish(tmp_path, files)
    assert (tmp_path / "tables" / "stages.csv").is_file()
    assert (tmp_path / "tables.sources.ca" / "spans.csv").is_file()


def test_in_a_browser_the_list_downloads_though_the_page_may_load_nothing(report, chromium):
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install 'cjtools[test]'"
    )
    flags = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--disable-sync",
             "--disable-component-update", "--no-first-run", "--disable-quic"]  # fmt: skip
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=flags)
        for width in (1440, 390):
            context = browser.new_context(viewport={"width": width, "height": 844}, accept_downloads=True)
            context.set_offline(True)
            page, said = context.new_page(), []
            page.on("console", lambda message: said.append(message.text))  # noqa: B023
            page.goto(report.as_uri())
            page.wait_for_selector("#source_calendar[class], #source_calendar .live svg", timeout=20_000)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            with page.expect_download(timeout=10_000) as download:
                page.locator("a.download").click()
            assert download.value.suggested_filename == "rows_left_out.csv"
            assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbfsource,file,row,")
            assert said == []
        browser.close()
