"""`cjtools check` tells what is wrong with claims, links and the opportunities that rest on them, all at once."""

from __future__ import annotations

import pytest
from claiming import CLAIMS, LINKS
from fixtures.run_command import NOTE

import cjtools as cj
from cjtools.claims import check_claims
from cjtools.commands.check import check_client

INTERVIEWS = '\n[[sources]]\nid = "interviews"\npath = "P*.md"\nformat = "interview_notes"\n'
OPPORTUNITY = """
[[opportunities]]
id = "mend"
title = "Mend it"
kind = "process"
stage = "decision"
claims = [{claims}]
"""
GOOD = CLAIMS + "late,decision,,checkout,,pain,The cost comes late: {n},,,accepted,,\n"


def write(folder, *, claims: str = "", links: str = "", opportunity: str = "") -> cj.Client:
    toml = (folder / "client.toml").read_text("utf-8")
    toml += "" if INTERVIEWS in toml else INTERVIEWS
    toml += OPPORTUNITY.format(claims=opportunity) if opportunity else ""
    (folder / "client.toml").write_text(toml, "utf-8")
    for number in (1, 2, 3):
        note = NOTE.replace("P01", f"P0{number}").replace("2026-03", "2026-08")
        (folder / f"P0{number}.md").write_text(note, "utf-8")
    for name, text in (("claims.csv", claims), ("links.csv", links)):
        if text:
            (folder / name).write_text(text, "utf-8")
    return cj.load_client(folder)


def test_every_fault_of_both_files_and_of_the_opportunities_is_told_at_once_a_line_each(folder):
    write(
        folder,
        claims=CLAIMS
        + "late,decison,,checkout,,pain,The cost comes late,,,accepted,,\ntoo,decision,,,,pian,Dear,,,,,\n",
        links=LINKS + "late,q1,supports,,,,\nlatte,q2,supports,,,,\ntoo,q3,proves,,,,\n",
        opportunity='"late", "lat"',
    )
    text, faults = check_client(folder)
    assert [str(fault) for fault in faults] == [
        "claims.csv line 2, column 'stage': 'decison'; did you mean 'decision'?",
        "claims.csv line 3, column 'type': 'pian'; did you mean 'pain'?",
        "links.csv line 3, column 'claim': 'latte'; did you mean 'late'?",
        "links.csv line 4, column 'relation': 'proves'; known: supports, refutes, qualifies, undone",
        "client.toml, opportunities[1].claims: no claim is called 'lat'; did you mean 'late'?",
    ]
    assert text.endswith("5 faults:\n" + "\n".join(f"  {fault}" for fault in faults))


def test_a_link_to_evidence_that_never_was_and_a_number_that_differs_are_faults(folder):
    write(folder, claims=GOOD, links=LINKS + "late,q0000000000.checkout,supports,,,,\n")
    (fault,) = check_client(folder)[1]
    assert str(fault).startswith("links.csv line 2, column 'evidence': no evidence of this wave is called")
    write(folder, claims=GOOD.replace("{n}", "{n: 2 of 3}"), links=LINKS)
    (fault,) = check_client(folder)[1]
    assert "says '2 of 3'" in str(fault)


def test_of_files_without_a_fault_the_account_says_how_many_claims_and_links_there_are(folder):
    text, faults = check_client(write(folder, claims=GOOD, opportunity='"late"').folder)
    assert faults == []
    assert "claims 1 (1 accepted)\n" in text


def test_an_opportunity_may_not_rest_on_a_claim_that_was_dropped_nor_on_none(folder):
    client = write(folder, claims=GOOD.replace("accepted", "dropped"), opportunity='"late"')
    assert [str(fault) for fault in check_claims(client)[1]] == [
        "client.toml, opportunities[1].claims: the claim 'late' is dropped; take it out, or accept the claim again"
    ]
    (folder / "claims.csv").unlink()
    assert [str(fault) for fault in check_claims(client)[1]] == [
        "client.toml, opportunities[1].claims: no claim is called 'late'; an id of claims.csv"
    ]


def test_no_map_is_made_where_an_opportunity_rests_on_a_claim_that_is_not_there(folder):
    client = write(folder, claims=GOOD, opportunity='"early"')
    with pytest.raises(cj.ReportError, match=r"opportunities\[1\].claims: no claim is called 'early'"):
        cj.map_journey(client)


def test_a_file_that_cannot_be_read_hides_no_fault_of_the_other(folder):
    client = write(folder, claims="id,stage\nlate,decision\n", links=LINKS + "late,q1,supports,,,,\n")
    stated, faults = check_claims(client)
    assert (stated.claims, stated.links) == (None, None)
    assert [fault.found for fault in faults] == ["no column 'type'", "no column 'statement'"]
