"""The section of claims and the command: five languages, every audience, nothing at all, and what is hostile."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil

import polars as pl
import pytest
from claiming import CLAIMS, ITEMS, LINKS, ROWS, TEXT, map_with
from fixtures.make_client import make_client
from fixtures.run_command import cjtools

import cjtools as cj
from cjtools.claims import claims_of, load_claims
from cjtools.commands.claims import draft_for, list_claims
from cjtools.report.views.claims import claims
from cjtools.settings import AUDIENCES, LANGUAGES
from cjtools.words import load_words


def page_of(journey, client) -> str:
    view = claims(journey, client)
    assert json.loads(json.dumps(view.data)) == view.data
    return view._repr_mimebundle_()["text/html"]


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_claims_have_the_same_places_in_every_language(language):
    mine, english = (load_words(each).sections["claims"] for each in (language, "en"))
    assert set(mine) == set(english)
    for key, text in mine.items():
        assert text.strip()
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", english[key])), key


@pytest.fixture(scope="module", params=AUDIENCES)
def journey_for(request, example, findings):
    return cj.map_journey(example, findings=findings, audience=request.param)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_whole_in_every_language_and_for_every_audience(example, journey_for, language):
    journey = dataclasses.replace(journey_for, words=load_words(language))
    page = page_of(journey, example)
    found = claims_of(journey, example)
    for name in found.claims["claim_id"]:
        assert page.count(f'id="claim-{name}"') == 1
    said = plain(page)
    assert load_words(language).of("claims", "title") in said
    assert not re.search(r"[{}]|\bNone\b|\bnan\b", said)
    assert set(found.claims["language"]) == {language}


@pytest.fixture(scope="module")
def journey(example, findings):
    return cj.map_journey(example, findings=findings, language="en")


def test_the_team_opens_every_claim_to_what_supports_refutes_and_qualifies_it(example, journey):
    said = plain(page_of(journey, example))
    assert "11 of 15 participants" in said
    assert "46.9% (n = 1,085)" in said
    assert "● validated" in said
    assert "Speaks against it (3)" in said
    assert "in part · 5 for · 3 against" in said
    assert "Exit rate: 23% (n = 202)" in said
    assert "as many leave here as elsewhere" in said
    assert "dropped: 1" in said


def test_outsiders_read_no_post_word_for_word_no_names_and_no_counts_of_a_few(tmp_path):
    text = TEXT.replace("Massa car: {n: 3 de 4}", "Massa car: {n: 3 de 4} {quote q1}")
    client = make_client(tmp_path, claims__csv=text, links__csv=ROWS)
    outside, inside = (map_with(client, *ITEMS, audience=audience) for audience in ("client", "team"))
    said = plain(page_of(outside, client))
    assert "Massa car: 3 de 4 participants [paraules que aquí no es mostren]" in said
    assert "hi parlen en contra menys de 3 persones" in said
    # Who those few are, and on which day they said it, stands nowhere: neither on the page nor in a table.
    assert "Hi parla en contra (" not in said
    found = [claims_of(journey, client) for journey in (inside, outside)]
    assert [each.claim_links.filter(relation="refutes").height > 0 for each in found] == [True, False]
    assert found[1].claims["refutes"].sum() == 0
    for hidden in ("Too dear", "ana", "mirar-ho", "P01", "Massa tard"):
        assert hidden not in said
    assert "retingudes, amb menys de 3 persones: 1" in said


def test_what_people_write_is_shown_as_text(tmp_path):
    text = CLAIMS + "x,decision,,,,pain,<script>alert()</script> & co,,,,,\n"
    page = page_of(map_with(make_client(tmp_path, claims__csv=text), *ITEMS), cj.load_client(tmp_path))
    assert "<script>" not in page
    assert "&lt;script&gt;alert()&lt;/script&gt; &amp; co" in page


def test_evidence_that_is_gone_is_counted_and_listed(tmp_path):
    client = make_client(tmp_path, claims__csv=TEXT, links__csv=ROWS)
    said = plain(page_of(map_with(client, *ITEMS, language="en"), client))
    assert "Evidence that is no longer there: 1 dear lost is no longer there" in said
    assert "old: of another wave (Nov 1, 2025)" in said


def test_a_statement_that_the_page_has_no_words_for_says_its_language(tmp_path):
    client = make_client(tmp_path, claims__csv=CLAIMS + "x,decision,,,,pain,Massa car,,,,,\n")
    assert re.search(
        r'<p class="statement"[^>]* lang="ca">Massa car</p>', page_of(map_with(client, *ITEMS, language="ro"), client)
    )


def test_without_claims_the_section_says_so(tmp_path):
    client = make_client(tmp_path)
    assert "no evidence: no claim has been written" in plain(page_of(map_with(client, language="en"), client))


def test_the_page_is_the_same_to_the_byte(example, journey):
    turned = dataclasses.replace(journey, evidence=journey.evidence.reverse())
    assert page_of(turned, example) == page_of(journey, example)


def test_the_command_drafts_and_lists(example, tmp_path):
    folder = tmp_path / "example"
    shutil.copytree(example.folder, folder)
    kept = load_claims(cj.load_client(folder))
    told = draft_for(folder, wave="", top=1, least=3)
    added = load_claims(cj.load_client(folder)).height - kept.height
    assert added > 0
    assert f"claims.csv: {added} new drafts, {kept.height + added} in all" in told
    assert load_claims(cj.load_client(folder)).head(kept.height).drop("line").equals(kept.drop("line"))
    assert "0 new drafts" in draft_for(folder, wave="", top=1, least=3)
    listed = list_claims(folder, wave="", language="ca")
    assert "validada" in listed
    assert f"{kept.height + added - 1} claims, 1 dropped, 0 links to evidence that is no longer there" in listed


def test_the_command_is_on_the_command_line(tmp_path):
    make_client(tmp_path, claims__csv=CLAIMS + "x,decison,,,,pain,Massa car,,,,,\n", links__csv=LINKS)
    done = cjtools("claims", "list", str(tmp_path))
    assert done.returncode == 1
    assert "did you mean 'decision'?" in done.stderr
    assert "draft" in cjtools("claims", "--help").stdout


def test_lists_are_sorted_by_the_map(example, journey):
    found = claims_of(journey, example).claims
    order = [stage.id for stage in example.journey]
    assert found["stage"].to_list() == sorted(found["stage"], key=order.index)
    assert found["position"].to_list() == list(range(found.height))
    assert found.filter(pl.col("status") == "dropped").is_empty()
