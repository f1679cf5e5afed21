"""What nobody planned stands on the page with its people and leads to their words; verdicts name what they rest on."""

from __future__ import annotations

import dataclasses
import html
import re

import polars as pl
import pytest
from report_fixture import example_map

import cjtools as cj
from cjtools.plan_tables import MapUnexpected
from cjtools.report.page import anchor
from cjtools.report.views import crosscheck, opportunities, provenance
from cjtools.report.views.checks import NAMED
from cjtools.settings import LANGUAGES
from cjtools.words import load_words

HOSTILE = "<script>noise</script>"


def with_theme(journey: cj.JourneyMap, label: str) -> cj.JourneyMap:
    quotes = journey.quotes["evidence_id"].to_list()
    row = {"code": "noise", "label": label, "kind": "theme", "people": 4, "texts": 6,
           "stages": ["decision", "purchase"], "evidence": ["hidden", *quotes[:7]]}  # fmt: skip
    return dataclasses.replace(journey, unexpected=MapUnexpected.validate(pl.DataFrame([row]), cast=True))


def page_of(journey: cj.JourneyMap) -> str:
    return crosscheck(journey)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_theme_in_nobodys_plan_is_listed_with_n_and_links(language):
    journey = with_theme(example_map(language=language), HOSTILE)
    page = page_of(journey)
    block = page[page.index('<table class="data unexpected">') :].split("</table>")[0]
    assert load_words(language).of("checks", "unexpected_title") in html.unescape(page)
    assert HOSTILE not in block
    assert html.escape(HOSTILE) in block
    assert re.findall(r'<td class="number">(\d+)</td>', block) == ["4", "6"]
    links = re.findall(r'href="#([^"]+)"', block)
    assert links == [anchor(name) for name in journey.quotes["evidence_id"].to_list()[:5]]


def test_without_such_a_theme_nothing_is_said_of_it():
    assert "unexpected" not in page_of(example_map())


def test_a_verdict_names_every_item_that_it_rests_on_and_outsiders_read_of_no_hidden_one():
    row = example_map().verdicts.filter(touchpoint="checkout").to_dicts()[0]
    inside = page_of(example_map())
    assert all(f"<code>{name}</code>" in inside for name in row["evidence"][:NAMED])
    assert (f"{len(row['evidence']) - NAMED} more" in inside) == (len(row["evidence"]) > NAMED)
    told = provenance(example_map()).data["tables"]["verdicts"]
    assert all(name in told for name in row["evidence"])
    outside = example_map(audience="client")
    shown = set(outside.quotes["evidence_id"])
    named = re.findall(r"<code>([^<]+)</code>", page_of(outside))
    assert set(named) <= shown


def test_a_verdict_on_thousands_of_items_names_some_and_says_where_all_of_them_are():
    journey = example_map()
    many = [f"mention{number}" for number in range(NAMED + 3000)]
    rows = [{**each, "evidence": many} for each in journey.verdicts.to_dicts()]
    told = dataclasses.replace(journey, verdicts=pl.DataFrame(rows, schema=journey.verdicts.schema))
    rests = crosscheck(told).data["entries"][0]["rests"]
    assert [item["id"] for item in rests["ids"]] == many[:NAMED]
    assert rests["more"] == "3,000 more"
    assert "tables/verdicts.csv" in page_of(told)


def test_many_clicks_are_told_with_their_measure_its_sessions_and_the_sites_own():
    journey = example_map()
    row = {"clicks": "repeats", "clicks_value": 0.25, "clicks_low": 0.2, "clicks_high": 0.31, "clicks_n": 200,
           "clicks_baseline": 0.041}  # fmt: skip
    rows = [{**each, **row} if each["touchpoint"] == "checkout" else each for each in journey.verdicts.to_dicts()]
    told = dataclasses.replace(journey, verdicts=pl.DataFrame(rows, schema=journey.verdicts.schema))
    entry = next(each for each in crosscheck(told).data["entries"] if each["touchpoint"] == "checkout")
    assert entry["behaviour"]["lines"] == ["Repeats 25% (20–31%)", "200 sessions", "Site baseline 4%"]


def test_opportunities_and_the_research_list_are_files_beside_the_other_tables():
    tables = provenance(with_theme(example_map(), "Noise")).data["tables"]
    assert tables["opportunities"].splitlines()[1].startswith("1,")
    assert tables["research_backlog"].startswith("position,priority,kind,")
    assert "Noise" in tables["unexpected"]
    assert {"expectations", "planned", "actions", "touchpoint_stages"} <= set(tables)


@pytest.mark.parametrize(("audience", "linked"), [("team", True), ("client", False)])
def test_an_opportunity_leads_to_the_claim_it_rests_on_where_its_reader_sees_that(example, findings, audience, linked):
    journey = cj.map_journey(example, findings=findings, audience=audience, language="en")
    if not linked:
        assert journey.claims is not None
        none = journey.claims.claims.clear()
        journey = dataclasses.replace(journey, claims=dataclasses.replace(journey.claims, claims=none))
    page = opportunities(journey)._repr_mimebundle_()["text/html"]
    link = f'<a href="#{anchor("cf0ac718136", "claim")}" lang="en">The full price comes too late: 11 of 15'
    assert (link in page) == linked
    assert ("<code>cf0ac718136</code>" in page) != linked
