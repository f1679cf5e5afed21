"""Remarks of reviewers: read as they come, shown with how they stand, added to and never changed."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import html
import json
import re

import pytest
from fixtures.make_client import make_client
from fixtures.two_waves import two_waves

import cjtools as cj
from cjtools.client import OWN_FILES, files_at
from cjtools.commands.check import check_client
from cjtools.commands.review import review_client
from cjtools.errors import ParameterError, SourceError
from cjtools.remarks import add_remarks, content_of, load_remarks, remarks_of, resolve
from cjtools.remarks.standing import standing as standing_of
from cjtools.report.views.appendix import frozen
from cjtools.settings import LANGUAGES
from cjtools.words import load_words

HEAD = "map,wave,claim,mark,comment,who,when,answers\n"
CLAIMS = "id,stage,type,statement\nlate,decision,pain,Massa tard\ndear,consideration,pain,Massa car\n"
HASH = "ab" * 32
HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=alert(1)>{{7*7}}"


def with_remarks(folder, text: str) -> cj.Client:
    return make_client(folder, claims__csv=CLAIMS, remarks__csv=HEAD + text)


def faults(client: cj.Client, path=None) -> list[str]:
    with pytest.raises(SourceError) as error:
        load_remarks(client, path)
    return str(error.value).split("\n  ")[1:]


def standing(client: cj.Client) -> dict[str, str]:
    rows = standing_of(load_remarks(client), "").to_dicts()
    return {f"{row['who']}/{row['claim']}/{row['mark']}": row["state"] for row in rows}


def test_every_fault_of_the_file_is_named_at_once(tmp_path):
    client = with_remarks(
        tmp_path,
        f",,late,acept,,ana,2026-10-01,\n,,latte,query,why?,ana,,\n,,,accept,,ana,,\n{HASH},,late,signed,,ana,,\n"
        ",,,signed,,ana,,\n,,late,resolved,,ana,,r00\n,,late,query,,,03/04/2026,\nnohash,,late,query,x,ana,,\n",
    )
    assert faults(client) == [
        "remarks.csv line 2, column 'mark': 'acept'; did you mean 'accept'?",
        "remarks.csv line 3, column 'claim': 'latte'; did you mean 'late'?",
        "remarks.csv line 4, column 'claim': nothing; an id of claims.csv; a whole map is signed, not accepted",
        "remarks.csv line 5, column 'claim': 'late'; nothing: a map is signed off as a whole",
        "remarks.csv line 6, column 'map': nothing; the hash of the map that is signed off, as its page writes it",
        "remarks.csv line 7, column 'answers': 'r00'; the id of a remark above it",
        "remarks.csv line 8, column 'who': nothing; the name of who remarks",
        "remarks.csv line 8, column 'when': '03/04/2026'; may be two days; write it as 2026-11-24",
        "remarks.csv line 9, column 'map': 'nohash'; the hash of a map, as its page writes it",
    ]


def test_a_file_that_is_none_of_remarks_says_so(tmp_path):
    client = make_client(tmp_path, claims__csv=CLAIMS, remarks__csv="id,text\n1,good shop\n")
    assert [fault.split(";")[0] for fault in faults(client)] == [
        "remarks.csv line 1: no column 'mark'", "remarks.csv line 1: no column 'who'",
    ]  # fmt: skip


def test_what_a_spreadsheet_made_of_the_file_is_the_same_file(tmp_path):
    rows = f'{HASH},w,late,query,"=why, ""so""?",ana,2026-10-24,\n{HASH},w,dear,accept,,ana,2026-10-24,\n'
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    mine = load_remarks(with_remarks(tmp_path / "a", rows))
    theirs = with_remarks(tmp_path / "b", "")
    text = (HEAD + rows).replace('"=why, ""so""?"', '"\'=why, ""so""?"').replace("2026-10-24", "24/10/2026")
    cells = list(csv.reader(text.splitlines()))
    (theirs.folder / "remarks.csv").write_bytes(
        "\r\n".join(";".join(f'"{x.replace(chr(34), chr(34) * 2)}"' for x in row) for row in cells).encode("utf-16")
    )
    assert load_remarks(theirs).drop("line").equals(mine.drop("line"))
    assert mine["comment"][0] == '=why, "so"?'


def test_remarks_stand_open_agreed_resolved_or_replaced(tmp_path):
    client = with_remarks(
        tmp_path,
        ",,late,accept,,ana,,\n,,late,reject,no,ben,,\n,,late,query,still?,ben,,\n,,dear,accept,but,ana,,\n,,,query,all?,ben,,\n",
    )
    assert standing(client) == {
        "ana/late/accept": "agreed", "ben/late/reject": "replaced", "ben/late/query": "open", "ana/dear/accept": "open",
        "ben/None/query": "open",
    }  # fmt: skip
    still = load_remarks(client).filter(comment="still?")["remark_id"][0]
    before = (client.folder / "remarks.csv").read_bytes()
    assert resolve(client, still, who="Eva", when=dt.date(2026, 11, 2), note="=asked the shop") == 1
    after = (client.folder / "remarks.csv").read_bytes()
    assert after.removeprefix(b"\xef\xbb\xbf").startswith(before)
    assert b"'=asked the shop" in after
    row = standing_of(load_remarks(client), "").filter(remark_id=still).to_dicts()[0]
    assert (row["state"], row["resolved_by"], row["resolved_on"]) == ("resolved", "Eva", dt.date(2026, 11, 2))
    assert row["resolved_note"] == "=asked the shop"


def test_an_answer_to_nothing_or_by_nobody_is_refused(tmp_path):
    client = with_remarks(tmp_path, ",,late,query,why?,ana,,\n")
    with pytest.raises(ParameterError, match="no remark is called 'r1'"):
        resolve(client, "r1", who="Eva")
    name = load_remarks(client)["remark_id"][0]
    with pytest.raises(ParameterError, match="the name of who resolves it"):
        resolve(client, name, who=" ")


def test_the_file_of_a_reviewer_is_added_once_and_below_what_is_there(tmp_path):
    client = with_remarks(tmp_path, ",,late,query,why?,ana,,\n")
    sent = tmp_path / "sent" / "remarks (1).csv"
    sent.parent.mkdir()
    sent.write_text(f'\ufeff"{HASH}","w","dear","reject","no, it is ""fair""","ben","2026-10-02",""\n', "utf-8")
    assert "no column" in faults(client, sent)[0]
    sent.write_text(
        "\ufeff" + HEAD + f'"{HASH}","w","dear","reject","no, it is ""fair""\nto me","ben","2026-10-02",""\n', "utf-8"
    )
    assert [add_remarks(client, sent), add_remarks(client, sent)] == [1, 0]
    assert load_remarks(client)["comment"].to_list() == ["why?", 'no, it is "fair" to me']
    with pytest.raises(ParameterError, match="no such file"):
        add_remarks(client, tmp_path / "nowhere.csv")


def test_remarks_are_no_evidence(tmp_path):
    client = with_remarks(tmp_path, "")
    assert "remarks.csv" in OWN_FILES
    assert "remarks.csv" not in [path.name for path in files_at("*.csv", client.folder)]


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> cj.Client:
    return two_waves(tmp_path_factory.mktemp("waves") / "acme")


@pytest.fixture(scope="module")
def found(client) -> cj.Findings:
    return cj.gather_evidence(cj.read_sources(client), client=client, wave=client.wave)


@pytest.fixture(scope="module")
def journey(client, found) -> cj.JourneyMap:
    return cj.map_journey(client, findings=found)


@pytest.mark.parametrize(("language", "audience"), [("ca", "client"), ("ro", "executive")])
def test_the_content_of_a_map_is_one_in_every_language_and_for_every_audience(
    client, found, journey, language, audience
):
    other = cj.map_journey(client, findings=found, language=language, audience=audience)
    assert other.remarks.content == journey.remarks.content
    assert re.fullmatch("[0-9a-f]{64}", journey.remarks.content)


def test_the_content_changes_with_what_the_map_says_and_with_nothing_else(client, journey):
    content = content_of(journey, client)
    assert journey.remarks.content == content
    about = client.client.model_copy(update={"status": "approved", "contact": "somebody else"})
    assert content_of(journey, client.model_copy(update={"client": about})) == content
    goals = tuple(row.model_copy(update={"target": 0.9}) for row in client.objectives)
    assert content_of(journey, client.model_copy(update={"objectives": goals})) != content
    fewer = dataclasses.replace(journey, evidence=journey.evidence.head(journey.evidence.height - 1))
    assert content_of(fewer, client) != content
    shuffled = dataclasses.replace(journey, evidence=journey.evidence.sample(fraction=1, shuffle=True, seed=1))
    assert content_of(shuffled, client) == content


def test_rewording_a_claim_is_a_change_and_a_remark_is_none(tmp_path):
    client = with_remarks(tmp_path, "")
    journey = cj.map_journey(client)
    first = content_of(journey, client)
    (client.folder / "remarks.csv").write_text(HEAD + ",,late,query,why?,ana,,\n", "utf-8")
    assert content_of(journey, client) == first
    cj.claims.edit(client, "late", statement="Massa, massa tard")
    assert content_of(journey, client) != first


def test_who_signed_is_on_the_first_screen_and_in_the_manifest(tmp_path):
    client = with_remarks(tmp_path, "")
    drawn = cj.map_journey(client, language="en")
    now = drawn.remarks.content
    (client.folder / "remarks.csv").write_text(
        HEAD + f"{HASH},,,signed,,Ana <b>,2026-10-01,\n{now},,,signed,,Ben,2026-10-02,\n", "utf-8"
    )
    journey = dataclasses.replace(drawn, remarks=remarks_of(drawn, client))
    assert [(each.who, each.same) for each in journey.remarks.signed] == [("Ana <b>", False), ("Ben", True)]
    facts = {fact["key"]: fact["text"] for fact in cj.report.header(journey).data["facts"]}
    assert facts["signed"] == "Ana <b>, Oct 1, 2026 · changed since; Ben, Oct 2, 2026 · unchanged since"
    assert "<b>," not in cj.report.header(journey)._repr_mimebundle_()["text/html"]
    assert frozen(journey) == {
        "content": now,
        "signed": [
            {"by": "Ana <b>", "on": "2026-10-01", "content": HASH, "unchanged": False},
            {"by": "Ben", "on": "2026-10-02", "content": now, "unchanged": True},
        ],
    }
    cj.claims.edit(client, "late", statement="Una altra cosa")
    assert [each.same for each in remarks_of(drawn, client).signed] == [False, False]


def section(journey: cj.JourneyMap) -> str:
    view = cj.report.remarks(journey)
    assert json.loads(json.dumps(view.data)) == view.data
    return view._repr_mimebundle_()["text/html"]


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="module")
def remarked(tmp_path_factory) -> dict[str, cj.JourneyMap]:
    """The map of a client with remarks, for each audience."""
    rows = f'{HASH},,late,reject,"{HOSTILE}",ben {HOSTILE},2026-10-02,\n'
    rows += f"{HASH},,vanished,query,and this?,ana,,\n,,dear,accept,,ana,,\n"
    client = with_remarks(tmp_path_factory.mktemp("remarked"), rows)
    name = load_remarks(client).filter(claim="vanished")["remark_id"][0]
    resolve(client, name, who="Eva", when=dt.date(2026, 11, 2), note=HOSTILE)
    return {audience: cj.map_journey(client, audience=audience, language="en") for audience in ("team", "client")}


def test_the_team_reads_every_remark_and_what_is_hostile_stays_a_text(remarked):
    page = section(remarked["team"])
    assert "<script>window" not in page
    assert "<img" not in page
    said = plain(page)
    assert HOSTILE in said
    assert "open: 1 · resolved: 2" in said
    assert "✗ reject Massa tard" in said
    assert "made on an earlier state of the map" in said
    assert "a claim that is no longer on this map" in said
    assert "resolved by Eva, Nov 2, 2026" in said


def test_outsiders_read_how_many_there_are_and_no_comment(remarked):
    said = plain(section(remarked["client"]))
    assert "open: 1 · resolved: 2" in said
    assert HOSTILE not in said
    assert "What reviewers wrote is shown to the team only." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_is_whole_in_every_language(remarked, language):
    words = load_words(language)
    said = plain(section(dataclasses.replace(remarked["team"], words=words))).replace(HOSTILE, "")
    assert not re.search(r"[{}]|\bNone\b", said)
    assert words.of("reviewing", "form_download") in said
    mine, english = (load_words(each).sections["reviewing"] for each in (language, "en"))
    for key, text in mine.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", english[key])), key


def test_the_command_lists_adds_and_resolves(tmp_path):
    client = with_remarks(tmp_path, f"{HASH},,,signed,,Ana,2026-10-01,\n,,late,query,why?,ben,2026-10-02,\n")
    sent = tmp_path / "sent.csv"
    sent.write_text(HEAD + ",,dear,accept,,cat,2026-10-03,\n", "utf-8")
    told = review_client(client.folder, wave="", add=sent, done=[], who="", note="")
    assert "sent.csv: 1 new" in told
    assert "signed off by Ana on 2026-10-01: changed since" in told
    assert "2 remarks: 1 open, 0 resolved, 1 agreed, 0 replaced" in told
    name = re.search(r"^(r[0-9a-f]{16}) +open", told, re.MULTILINE)[1]
    told = review_client(client.folder, wave="", add=None, done=[name], who="Eva", note="asked")
    assert "2 remarks: 0 open, 1 resolved, 1 agreed, 0 replaced" in told


def test_check_names_the_faults_of_remarks_and_counts_them(tmp_path):
    client = with_remarks(tmp_path, ",,latte,query,why?,ana,,\n")
    told, found = check_client(client.folder)
    assert "remarks.csv line 2, column 'claim': 'latte'; did you mean 'late'?" in told
    assert len(found) == 1
    (client.folder / "remarks.csv").write_text(HEAD + ",,late,query,why?,ana,,\n", "utf-8")
    assert "remarks 1" in check_client(client.folder)[0]
