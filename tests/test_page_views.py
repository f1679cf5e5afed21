"""The sections of the page, without a browser: what they say, in five languages, and of nothing at all."""

from __future__ import annotations

import html
import json
import re
from typing import get_args

import polars as pl
import pytest
from report_fixture import empty_map, example_map, notebook_of

from cjtools import crosscheck
from cjtools.charts import theme
from cjtools.errors import ReportError
from cjtools.report import views
from cjtools.report.export import to_page
from cjtools.report.page import anchor, read, render_view
from cjtools.report.views import appendix, shown
from cjtools.report.views.matrix import LANES
from cjtools.settings import AUDIENCES, LANGUAGES
from cjtools.spreadsheet import as_csv
from cjtools.words import load_words


def text_of(name: str, **kwargs: str) -> str:
    """Return a section of the invented map as text."""
    return plain(getattr(views, name)(example_map(**kwargs))._repr_mimebundle_()["text/html"])


def plain(page: str) -> str:
    """Return the text of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", views.SECTIONS)
@pytest.mark.parametrize("make", [example_map, empty_map], ids=["example", "empty"])
def test_every_section_is_whole_in_every_language_with_and_without_evidence(make, name, language):
    view = getattr(views, name)(make(language=language))
    bundle = view._repr_mimebundle_()
    assert json.loads(json.dumps(view.data)) == view.data
    assert view.title == load_words(language)[f"section_{name}"]
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", plain(bundle["text/html"]))
    assert bundle["text/plain"] == f"{name}: {view.title}"


@pytest.mark.parametrize(
    "name", [name for name in views.SECTIONS if name not in ("definitions", "provenance", "questions")]
)
def test_a_section_without_evidence_says_so(name):
    said = plain(getattr(views, name)(empty_map())._repr_mimebundle_()["text/html"])
    assert re.search(
        r"no evidence|No (persona|objective|file|change|remark) |no wave before|no survey|no opportunity", said
    )


def test_the_map_is_a_real_table():
    page = views.matrix(example_map())._repr_mimebundle_()["text/html"]
    table = page[page.index("<table") : page.index("</table>")]
    lanes = views.matrix(example_map()).data["lanes"]
    assert "<caption>Journey map of Terra i Fil, 2026-Q3: stages in columns, lanes in rows</caption>" in table
    assert table.count('scope="col"') == 6
    assert table.count('scope="colgroup"') == 3
    assert table.count('scope="row"') == len(lanes) + 1  # the curve is a row of its own, over all columns
    assert len(re.findall(r'<td id="c-[\w-]+" class', table)) == 6 * len(lanes)


def test_a_score_has_sign_mark_word_interval_and_people():
    assert "▼ −1.4 poor experience −1.8 to −1.1 · 14 participants" in text_of("matrix")


def test_a_score_of_too_few_people_is_withheld_with_the_reason():
    assert "no value · n = 2, fewer than 3" in text_of("matrix")


def test_people_are_counted_and_never_a_percentage():
    assert re.search(r"Checkout 10 of 14 participants El coste", text_of("matrix"))


def test_an_empty_cell_says_whether_it_was_asked():
    journey = example_map()
    cells = {lane["key"]: lane["cells"] for lane in views.matrix(journey).data["lanes"]}
    assert cells["pains"][0] == {"kind": "empty", "state": "silent", "reason": "asked, not raised"}
    assert cells["behaviour"][5]["reason"] == "not instrumented: no behaviour data"
    assert cells["coverage"][1]["entries"][-1] == {"label": "Totals", "state": "not_asked", "text": "not covered"}


def test_a_cell_opens_at_most_three_statements():
    lanes = views.matrix(example_map()).data["lanes"]
    opened = [cell["entries"] for lane in lanes for cell in lane["cells"] if cell["kind"] == "statements"]
    assert opened
    assert max(map(len, opened)) <= 3


def test_quotes_carry_their_language():
    page = views.evidence(example_map())._repr_mimebundle_()["text/html"]
    assert {f'lang="{language}"' for language in LANGUAGES} <= set(re.findall(r'lang="\w+"', page))
    assert page.count('<li id="e-') == example_map().quotes.height


def test_every_link_of_the_page_leads_somewhere():
    page = to_page(notebook_of(example_map()), language="en")
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links - ids == set()
    assert len(re.findall(r'\bid="', page)) == len(ids)


def test_two_ids_never_share_an_anchor():
    names = ["a.b", "a-b", "a_b", "a_2e_b", "a b", "à"]
    assert len({anchor(name) for name in names}) == len(names)


def test_a_kind_without_a_template_is_refused_with_the_nearest_name():
    with pytest.raises(ReportError) as caught:
        render_view("matrx", {"language": "en"})
    assert "view: 'matrx' is not a kind of view; did you mean 'matrix'?" in str(caught.value)


def test_data_that_lacks_what_is_laid_out_is_refused():
    with pytest.raises(ReportError, match="its data lacks"):
        render_view("matrix", {"language": "en", "title": "Map", "lead": ""})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_verdict_has_its_word(language):
    words = load_words(language)
    keys = [
        *(f"verdict_{name}" for name in get_args(crosscheck.Verdict)),
        *(f"verdict_note_{name}" for name in get_args(crosscheck.Verdict)),
        *(f"behaviour_{name}" for name in get_args(crosscheck.Behaviour) if name != "any"),
        *(f"interviews_{name}" for name in get_args(crosscheck.Interviews) if name != "any"),
        *(f"social_{name}" for name in get_args(crosscheck.Social) if name != "any"),
        *(f"question_verdict_{name}" for name in crosscheck.OPEN),
        *(f"lane_{lane.key}" for lane in LANES),
        *(f"def_{name}" for name in appendix.DEFINITIONS),
        *(f"term_{name}" for name in appendix.DEFINITIONS),
        *(f"audience_{name}" for name in AUDIENCES),
    ]
    assert [key for key in keys if not words.has("words", key)] == []
    assert set(get_args(crosscheck.Verdict)) == set(shown.VERDICT_TONES)


def test_a_figure_of_a_lane_leads_to_a_definition_that_is_there():
    assert {lane.definition for lane in LANES if lane.definition} <= set(appendix.DEFINITIONS)


def test_the_night_knows_every_colour_of_the_charts():
    colours = {
        theme.INK,
        theme.FAINT,
        theme.GRID,
        theme.BAD,
        theme.GOOD,
        theme.NEUTRAL,
        theme.UNKNOWN,
        *theme.CATEGORIES,
    }
    assert [colour for colour in sorted(colours) if f'"{colour}":' not in read("page.js")] == []


def test_a_table_holds_no_formula():
    csv = as_csv(example_map().quotes.head(1).with_columns(text=pl.lit("=HYPERLINK(1)")))
    assert ",'=HYPERLINK(1)," in csv


@pytest.mark.parametrize(
    ("value", "tone", "mark"),
    [(2, "good2", "▲"), (0.5, "good1", "▲"), (0.1, "mid", "■"), (-0.3, "bad1", "▼"), (-1.5, "bad2", "▼")],
)
def test_tone_and_mark_follow_the_score(value, tone, mark):
    got = shown.score(load_words("en"), value)
    assert (got["tone"], got["mark"]) == (tone, mark)


@pytest.mark.parametrize(("language", "expected"), [("en", "37–45%"), ("ca", "37–45 %"), ("it", "37–45 %")])
def test_an_interval_names_its_unit_once(language, expected):
    assert shown.share_range(load_words(language), 0.37, 0.45).replace("\N{NO-BREAK SPACE}", " ") == expected
