"""What the page is made of beyond its sections: the curve over the map, stages in full, who is followed, anchors."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re

import polars as pl
import pytest
from conftest import ROOT
from page_fixture import of_shape
from report_fixture import bars, code_cell, empty_map, example_map, notebook_of

import cjtools as cj
from cjtools.errors import ReportError
from cjtools.lanes.small_groups import COUNTS
from cjtools.map_files.as_json import shareable, to_json
from cjtools.report import views
from cjtools.report.export import to_page
from cjtools.report.page import render_view
from cjtools.report.svg import picture
from cjtools.report.table_files import tables_of
from cjtools.settings import AUDIENCES, LANGUAGES
from cjtools.words import load_words

TEMPLATES = ROOT / "cjtools" / "report" / "template"
GROWTH, MOST = 1000, 2_000_000  # bytes: of one quote more, of the page of the example

TOTALS = """
[[sources]]
id = "web"
path = "web.csv"
format = "table"
kind = "observations"
timezone = "UTC"
date_format = "%Y-%m-%d"
touchpoint = "website"
[sources.mapping]
observed_at = "day"
[sources.metrics]
sessions = { column = "sessions", unit = "sessions" }
"""


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings, audience="team", language="en")


def said(view) -> str:
    """Return a view as text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", render_view(view.kind, view.data))).split())


def test_the_curve_stands_over_all_stages_above_the_scores():
    page = render_view("matrix", views.matrix(example_map()).data)
    row = page[page.index('<tr class="lane lane-curve">') : page.index('<tr class="lane lane-experience">')]
    assert '<th scope="row">' in row
    assert '<td class="stage-curve" colspan="6"><svg xmlns="http://www.w3.org/2000/svg"' in row
    assert 'role="img" aria-label="' in row


def test_a_map_without_scores_or_without_their_lane_has_no_curve():
    assert views.matrix(empty_map()).data["curve"] is None
    journey = example_map()
    without = dataclasses.replace(journey, header=dataclasses.replace(journey.header, lanes_off=("experience",)))
    assert views.matrix(without).data["curve"] is None


def test_what_a_notebook_calls_a_picture_is_drawn_anew():
    data = views.matrix(example_map()).data
    bad = '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>x()</script><a href="x"/><g class="p0"/></svg>'
    page = render_view("matrix", {**data, "curve": {**data["curve"], "svg": bad}})
    assert 'colspan="6"><svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true"><g class="p0" /></svg></td>' in page
    with pytest.raises(ReportError, match="a picture that is none"):
        render_view("matrix", {**data, "curve": {**data["curve"], "svg": "<svg><b></svg>"}})
    assert not re.search("onload|script", picture(bad, "p"))


def test_a_reader_may_follow_a_persona_over_the_map(journey):
    away = pl.col("on_map") & ~((pl.col("persona") == "toucher") & pl.col("touchpoint").is_in(["blog", "cart"]))
    found = journey.people.touchpoints.with_columns(on_map=away)
    journey = dataclasses.replace(journey, people=dataclasses.replace(journey.people, touchpoints=found))
    page = render_view("matrix", views.matrix(journey).data)
    names = re.findall(r'<input type="radio" name="follow" id="follow-(\w+)"', page)
    assert names == ["all", "p0", "p1", "p2"]
    ours = journey.people.touchpoints.filter(persona="toucher", on_map=True)["touchpoint"].to_list()
    labels = {row["touchpoint"]: row["label"] for row in journey.touchpoints.to_dicts()}
    marked = re.findall(r'<li class="(?:main|second)[^"]*\bfor-p1\b[^"]*"><strong>(.*?)</strong>', page)
    assert set(map(html.unescape, marked)) == {labels[name] for name in ours}
    assert set(labels.values()) - set(map(html.unescape, marked)) == {"Blog", "Basket"}


def test_personas_of_whom_no_map_is_known_cannot_be_followed():
    page = render_view("matrix", views.matrix(example_map()).data)
    assert 'name="follow"' not in page
    assert page.count('class="legend follow"') == 1


def test_every_stage_stands_in_full_with_all_its_statements_and_voices(journey):
    view = views.stages(journey)
    assert [stage["id"] for stage in view.data["stages"]] == journey.stages["stage"].to_list()
    page = render_view("stages", view.data)
    everybody = journey.statements.filter(persona="all")
    lanes = {lane["key"] for stage in view.data["stages"] for lane in stage["lanes"]}
    shown = everybody.filter(pl.col("lane").is_in(list(lanes)))["statement_id"].to_list()
    assert page.count('<li id="s-') == len(shown) > 50
    links = set(re.findall(r'href="#(e-[\w-]+)"', page))
    assert len(links) > 100


def test_cells_claims_and_evidence_have_anchors_that_stay(journey):
    first, second = (to_page(notebook_of(journey), language="en") for _ in range(2))
    ids = re.findall(r'\bid="((?:c|claim|e|s|stage|g)-[\w-]+)"', first)
    assert ids == re.findall(r'\bid="((?:c|claim|e|s|stage|g)-[\w-]+)"', second)
    assert len(ids) == len(set(ids))
    assert {"c-decision-pains", "stage-decision", "g-decision-pains"} <= set(ids)
    assert sum(name.startswith("e-") for name in ids) == journey.quotes.height
    assert sum(name.startswith("claim-") for name in ids) == journey.claims.claims.height


def test_the_first_opportunities_carry_the_titles_that_the_client_gave_them(journey):
    first = views.header(journey).data["opportunities"][0]
    title = journey.opportunities["title"][0]
    assert (first["label"], first["stage"]) == (title, "Decision · Checkout")
    assert title in said(views.header(journey))


def test_a_client_with_web_totals_only_is_told_of_them_first(folder):
    toml = folder / "client.toml"
    toml.write_text(toml.read_text("utf-8") + TOTALS, encoding="utf-8")
    (folder / "web.csv").write_text("day,sessions\n2026-07-01,120\n2026-08-01,140\n", encoding="utf-8")
    journey = cj.map_journey(cj.load_client(folder), language="en", audience="team")
    assert journey.header.evidence_line.startswith("1 report with totals only · ")
    first = said(views.header(journey))
    assert "Largest total 260 Sessions totals only: no person, no path" in first
    assert "drop-off" not in first


def test_changes_are_listed_the_latest_first(example, journey):
    assert [row["day"] for row in views.changes(journey).data["entries"]] == ["Oct 19, 2026", "Oct 5, 2026"]
    assert said(views.changes(empty_map())).endswith("No change has been noted.")
    days = [row.on for row in example.changes]
    assert days == [dt.date(2026, 10, 5), dt.date(2026, 10, 19)]


def test_the_sources_say_how_far_they_reach(journey):
    lines = views.sources(journey).data["limits"]
    assert lines[0] == ("Interviews: 15 participants. They show what there is and why, not how often it happens among "
                        "all customers.")  # fmt: skip
    assert all(line in said(views.sources(journey)) for line in lines)
    invented = example_map()
    assert {
        "Rows that could not be used: 107 of 32,314.",
        "web/events.parquet tells less than what happened: small counts hidden by the tool.",
    } <= set(views.sources(invented).data["limits"])


def test_a_page_for_executives_means_its_figures_and_no_others(journey):
    page = to_page(notebook_of(journey), language="en", audience="executive")
    leads = set(re.findall(r'href="#d-(\w+)"', page))
    assert set(re.findall(r'<div id="d-(\w+)"', page)) == leads
    assert '<body class="cj for-executive">' in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_word_of_the_template_is_there_in_every_language(language, audience):
    words, missing = load_words(language), []
    for path in sorted(TEMPLATES.rglob("*.j2")):
        text = path.read_text("utf-8")
        keys = [("words", key) for key in re.findall(r'words(?:\[|\()"(\w+)"(?! ~)', text)]
        keys += re.findall(r'words\.of\("(\w+)", "(\w+)"\)', text)
        keys += [("plurals", key) for key in re.findall(r'words\.count\("(\w+)"', text)]
        missing += [(path.name, key) for key in keys if not words.has(*key)]
    assert missing == []
    assert words.has("words", f"audience_{audience}")


def test_a_word_that_is_missing_makes_no_page():
    data = views.changes(empty_map()).data
    with pytest.raises(cj.ParameterError, match="no such word"):
        render_view("changes", {**data, "title": load_words("en")["no_such"]})


@pytest.mark.parametrize(
    "rich",
    [
        {"text/html": "<script>alert(1)</script>", "text/plain": "a frame"},
        {"image/svg+xml": "<svg onload=alert(1)>", "text/plain": "a frame"},
        {"image/png": "iVBORw0KGgo=", "text/plain": "a frame"},
        {"text/markdown": "![x](https://tracker.example/x.png)", "text/plain": "a frame"},
        {"text/latex": "\\href{javascript:alert(1)}{x}", "text/plain": "a frame"},
        {"application/javascript": "alert(1)", "text/plain": "a frame"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "a frame"},
    ],
    ids=lambda rich: next(iter(rich)),
)
def test_any_other_rich_output_is_shown_to_the_team_as_text(rich):
    notebook = {"cells": [code_cell("mine()", rich)]}
    page = to_page(notebook, language="en", audience="team")
    assert '<pre class="output" tabindex="0">a frame</pre>' in page
    assert not re.search("alert|tracker|iVBOR|model_id", page)
    assert "a frame" not in to_page(notebook, language="en", audience="client")


def test_code_is_folded_for_the_team():
    page = to_page({"cells": [code_cell("mine()", {"text/plain": "x"})]}, language="en", audience="team")
    assert '<details class="code"><summary>Code</summary><pre tabindex="0"><code>mine()</code></pre></details>' in page


def more_quotes(journey: cj.JourneyMap, n: int) -> cj.JourneyMap:
    """Return the map with n public voices more, each a text of its own, as many as there were told of by a verdict."""
    like = journey.quotes.filter(family="mention", touchpoint="checkout").head(1)
    text = "The delivery cost came at the very last step, after I had typed in everything, and nobody had said so, {}."
    new = pl.concat(
        like.with_columns(evidence_id=pl.lit(f"new{number:013d}.checkout"), text=pl.lit(text.format(number)))
        for number in range(n)
    )
    ids = new["evidence_id"].to_list()
    evidence = pl.when(pl.col("touchpoint") == "checkout").then(pl.col("evidence").list.concat(pl.lit(ids))).otherwise(
        "evidence")  # fmt: skip
    return dataclasses.replace(
        journey, quotes=pl.concat([journey.quotes, new]), verdicts=journey.verdicts.with_columns(evidence=evidence)
    )


def test_a_page_grows_by_less_than_a_kilobyte_a_quote(journey):
    sizes = [len(to_page(notebook_of(more_quotes(journey, n)), language="en").encode()) for n in (1, 401)]
    assert 100 < (sizes[1] - sizes[0]) / 400 < GROWTH
    assert sizes[0] < MOST


@pytest.mark.parametrize(("stages", "personas"), [(4, 1), (6, 3), (8, 6)])
def test_a_map_of_any_shape_is_a_whole_table(journey, stages, personas):
    shaped = of_shape(journey, stages=stages, personas=personas)
    view = views.matrix(shaped)
    page = render_view("matrix", view.data)
    assert len(view.data["stages"]) == stages == sum(band["span"] for band in view.data["bands"])
    assert len(view.data["personas"]) == personas == page.count('name="follow"') - 1
    assert len({persona["line"] for persona in view.data["personas"]}) == personas
    assert page.count('<td id="c-') == stages * len(view.data["lanes"])
    whole = to_page(notebook_of(shaped, bars()), language="en")
    assert len(re.findall(r'\bid="([^"]+)"', whole)) == len(set(re.findall(r'\bid="([^"]+)"', whole)))


def test_outside_the_team_no_file_of_an_interview_is_named(example, findings, journey):
    assert "interviews/P01.md" in said(views.sources(journey))
    outside = cj.map_journey(example, findings=findings, audience="client", language="en")
    provenance = views.provenance(outside)
    shown = [said(views.sources(outside)), said(provenance), provenance.data["tables"]["sources"]]
    assert not [text for text in [*shown, to_json(shareable(outside))] if re.search(r"interviews/P\d", text)]
    assert "interviews 1" in shown[0]
    # verify needs the names: the manifest stays in the house.
    assert "interviews/P01.md" in provenance.data["manifest"]["inputs"]


def test_outside_the_team_no_table_counts_a_few_people_and_no_verdict_names_what_cannot_be_read(example, findings):
    outside = cj.map_journey(example, findings=findings, audience="client", language="en")
    minimum = outside.header.minimum_group
    tables = tables_of(outside)
    for name, counts in COUNTS.items():
        for count in counts:
            small = tables[name].filter((pl.col(count) > 0) & (pl.col(count) < minimum))
            assert small.is_empty(), (name, count)
    for count in ("pain_people", "goal_people", "heard"):
        assert tables["verdicts"].filter((pl.col(count) > 0) & (pl.col(count) < minimum)).is_empty()
    for name, count in (("questions", "n"), ("research_backlog", "n"), ("patterns", "numerator")):
        assert tables[name].filter((pl.col(count) > 0) & (pl.col(count) < minimum)).is_empty(), name
    assert set(outside.verdicts["evidence"].explode().drop_nulls()) <= set(outside.quotes["evidence_id"])
    assert "< 3" in said(views.crosscheck(outside))
    assert not re.search(r"Pain: [12] of", said(views.crosscheck(outside)))
    inside = cj.map_journey(example, findings=findings, audience="team", language="en")
    assert inside.journeys.moves.filter(pl.col("people") < minimum).height
    assert outside.remarks.content == inside.remarks.content
