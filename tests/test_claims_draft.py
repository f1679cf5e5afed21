"""Drafts: what most people say, with ids that last; what a person decided about them is never undone."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from claiming import CLAIMS, DAY, LINKS, evidence_of, item
from fixtures.make_client import make_client
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.claims import accept, draft, draft_claims, drop, edit, link, load_claims, load_links, unlink
from cjtools.claims import ids as ids_module
from cjtools.claims.ids import code_in, ids_of, key_of
from cjtools.errors import ParameterError, SourceError
from cjtools.evidence import Findings
from cjtools.tables import Coding, Tables, shape_of

WHEN = dt.date(2026, 10, 5)
PAINS = [item(f"q{number}.product", person=f"P0{number}") for number in (1, 2, 3)]
# One person who says it four times is one person.
TALKATIVE = [item(f"t{number}.website", touchpoint="website", person="P01") for number in range(4)]


def found(*items) -> Findings:
    return Findings(Tables(), pl.DataFrame(), evidence_of(*items))


def test_a_draft_counts_people_not_quotes(tmp_path):
    drafted = draft_claims(evidence_of(*PAINS, *TALKATIVE), client=make_client(tmp_path))
    (row,) = drafted.claims.to_dicts()
    assert (row["stage"], row["persona"], row["touchpoint"], row["type"]) == ("consideration", "all", "product", "pain")
    assert row["status"] == "draft"
    assert row["statement"] == "Problema · Pàgina de producte: {n}"
    assert row["key"] == "consideration|all|product|pains|pain|"
    assert drafted.links.select("claim", "evidence", "relation", "who", "dated").rows() == [
        (row["id"], f"q{number}.product", "supports", "cjtools", DAY) for number in (1, 2, 3)
    ]


def test_of_each_stage_persona_and_lane_only_the_top_is_drafted(tmp_path):
    client = make_client(tmp_path)
    items = [
        item(f"{kind}{number}", type=kind, touchpoint=None, person=f"P{number}", persona="online")
        for kind, people in (("need", 4), ("desire", 3), ("expectation", 2), ("fact", 9), ("pain", 2))
        for number in range(people)
    ]
    drafted = draft_claims(evidence_of(*items), client=client, top=2)
    assert drafted.claims.select("persona", "lane", "type").rows() == [
        ("all", "needs", "need"), ("all", "needs", "desire"), ("all", "pains", "pain"),
        ("online", "needs", "need"), ("online", "needs", "desire"), ("online", "pains", "pain"),
    ]  # fmt: skip


def test_a_theme_parts_the_statements_of_a_cell_and_names_them(tmp_path):
    book = '[[codes]]\nid = "fees"\nkind = "theme"\nlabel = { ca = "Despeses 24 h" }\n'
    client = make_client(tmp_path, codebook__toml=book)
    rows = [(f"q{number}", "theme", "Fees", None, "ana", "person", None, number < 3) for number in (1, 2, 3)]
    codings = pl.DataFrame(rows, schema=shape_of(Coding), orient="row")
    drafted = draft_claims(evidence_of(*PAINS), client=client, codings=codings)
    (row,) = drafted.claims.to_dicts()
    assert code_in(row["key"]) == "fees"
    assert row["statement"] == "Problema · Pàgina de producte · {plain: Despeses 24 h}: {n}"
    assert drafted.links["evidence"].to_list() == ["q1.product", "q2.product"]


def test_reposts_and_what_was_observed_draft_nothing(tmp_path):
    items = [*(item(f"r{n}", person=f"a{n}", voice=False) for n in range(3)), item("x", basis="observed", family="web")]
    assert draft_claims(evidence_of(*items), client=make_client(tmp_path), least=1).claims.is_empty()


def test_a_dropped_draft_does_not_come_back_and_gains_nothing(tmp_path):
    client = make_client(tmp_path)
    (identifier,) = draft(client, found(*PAINS)).claims["id"]
    drop(client, identifier)
    again = draft(client, found(*PAINS, item("q4.product", person="P04")))
    assert again.claims.select("id", "status").rows() == [(identifier, "dropped")]
    assert (again.new_claims, again.new_links) == (0, 0)


def test_an_edited_draft_keeps_its_id_and_its_evidence_grows(tmp_path):
    client = make_client(tmp_path)
    (identifier,) = draft(client, found(*PAINS)).claims["id"]
    edit(client, identifier, statement="Els preus fan enrere", tier="reasoned", review=dt.date(2027, 1, 1))
    again = draft(client, found(*PAINS, item("q4.product", person="P04")))
    (row,) = load_claims(client).to_dicts()
    assert (row["id"], row["status"], row["statement"]) == (identifier, "edited", "Els preus fan enrere")
    assert (row["tier"], row["review"]) == ("reasoned", dt.date(2027, 1, 1))
    assert (again.new_claims, again.new_links) == (0, 1)
    assert load_links(client, load_claims(client))["evidence"].to_list()[-1] == "q4.product"


def test_a_row_that_was_moved_in_the_spreadsheet_is_still_the_same_claim(tmp_path):
    client = make_client(tmp_path)
    before = draft(client, found(*PAINS)).claims
    text = (tmp_path / "claims.csv").read_text("utf-8-sig")
    (tmp_path / "claims.csv").write_text(text.replace("consideration,all,product", "decision,online,", 1), "utf-8")
    after = draft(client, found(*PAINS))
    assert after.claims.select("id", "stage", "persona").rows() == [(before["id"][0], "decision", "online")]


def test_a_link_that_a_person_took_back_is_not_drafted_again(tmp_path):
    client = make_client(tmp_path)
    (identifier,) = draft(client, found(*PAINS)).claims["id"]
    unlink(client, identifier, "q2.product", who="ana", when=WHEN, note="about another shop")
    assert draft(client, found(*PAINS)).new_links == 0
    last = load_links(client, load_claims(client)).to_dicts()[-1]
    assert (last["evidence"], last["relation"], last["who"], last["when"]) == ("q2.product", "undone", "ana", WHEN)


def test_drafting_twice_writes_the_same_bytes(tmp_path):
    client = make_client(tmp_path)
    draft(client, found(*PAINS))
    files = [tmp_path / name for name in ("claims.csv", "links.csv")]
    first = [path.read_bytes() for path in files]
    draft(client, found(*reversed(PAINS)))
    assert [path.read_bytes() for path in files] == first


def test_links_are_made_with_evidence_that_is_there_and_change_their_relation(tmp_path):
    client = make_client(tmp_path)
    (identifier,) = draft(client, found(*PAINS)).claims["id"]
    kwargs = {"findings": found(*PAINS), "who": "ana", "when": WHEN}
    rows = link(client, identifier, "q1.product", relation="refutes", note="it was meant as praise", **kwargs)
    assert rows.select("evidence", "relation", "who", "note", "dated").rows()[-1] == (
        "q1.product", "refutes", "ana", "it was meant as praise", DAY,
    )  # fmt: skip
    with pytest.raises(ParameterError) as error:
        link(client, identifier, "q1.prodct", relation="refute", **kwargs)
    assert "no evidence is called 'q1.prodct'; did you mean 'q1.product'?" in str(error.value)
    assert "'refute' is no relation; did you mean 'refutes'?" in str(error.value)
    with pytest.raises(ParameterError, match="no claim is called 'c0'"):
        link(client, "c0", "q1.product", **kwargs)
    with pytest.raises(ParameterError, match="'q9' is not linked to"):
        unlink(client, identifier, "q9", who="ana")


def test_decisions_name_what_does_not_exist(tmp_path):
    client = make_client(tmp_path, claims__csv=CLAIMS + "fees,decision,,,,pain,Massa car,,,,,\n")
    with pytest.raises(ParameterError, match="no claim is called 'fee'; did you mean 'fees'"):
        accept(client, "fee")
    with pytest.raises(ParameterError) as error:
        edit(client, "fees", statement={"en": "x", "fr": "y"}, tier="sure")
    assert [fault.where for fault in error.value.faults] == ["tier", "statement", "statement"]
    assert accept(client, "fees")["status"].to_list() == ["accepted"]


def test_an_edit_takes_away_the_translations_of_what_was_said_before(tmp_path):
    client = make_client(tmp_path, claims__csv=CLAIMS + "fees,decision,,,,pain,Massa car,Too dear,,,,\n")
    (row,) = edit(client, "fees", statement={"ca": "Massa \n tard", "es": "Demasiado tarde"}).to_dicts()
    assert (row["statement"], row["statement_en"], row["statement_es"]) == ("Massa tard", None, "Demasiado tarde")


def test_a_row_without_an_id_gets_one_that_outlives_its_wording(tmp_path):
    rows = ",decision,,,,pain,Massa car,,,,,\n,decision,,,,pain,Massa car,,,,,\n"
    client = make_client(tmp_path, claims__csv=CLAIMS + rows)
    with pytest.raises(SourceError, match="nothing"):
        load_claims(client)
    first = draft(client, found(*PAINS)).claims["id"].to_list()
    assert len(set(first)) == 3
    edit(client, first[0], statement="Una altra cosa")
    assert load_claims(client)["id"].to_list() == first
    assert draft(client, found(*PAINS)).claims["id"].to_list() == first


def test_a_typed_link_gets_the_day_of_its_evidence_and_a_wrong_one_stops_everything(tmp_path):
    client = make_client(
        tmp_path,
        claims__csv=CLAIMS + "fees,decision,,,,pain,Massa car,,,,,\n",
        links__csv=LINKS + "fees,q1.product,supports,ana,,,\n",
    )
    assert draft(client, found(*PAINS)).links["dated"].to_list()[0] == DAY
    (tmp_path / "links.csv").write_text(LINKS + "fees,q1.produkt,supports,ana,,,\n", "utf-8")
    before = (tmp_path / "claims.csv").read_bytes()
    with pytest.raises(SourceError) as error:
        draft(client, found(*PAINS))
    assert str(error.value).splitlines()[1] == (
        "  links.csv line 2, column 'evidence': no evidence of this wave is called 'q1.produkt'; "
        "did you mean 'q1.product'?; of another wave: write its day under 'dated'"
    )
    assert (tmp_path / "claims.csv").read_bytes() == before


PARTS = st.text(st.characters(categories=("Ll", "Nd"), include_characters="-_"), min_size=1, max_size=6)
KEYS = st.builds(key_of, PARTS, PARTS, st.none() | PARTS, PARTS, PARTS, st.text(max_size=5))


@given(st.lists(KEYS, max_size=12), st.lists(KEYS, max_size=12), st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_order_and_stay_when_others_come(keys, more, random):
    first = ids_of(keys, {})
    assert len(set(first.values())) == len(set(keys))
    shuffled = random.sample(keys, len(keys))
    assert ids_of(shuffled, {}) == first
    taken = {identifier: key for key, identifier in first.items()}
    later = ids_of([*more, *keys], taken)
    assert {key: later[key] for key in first} == first
    assert len(set(later.values())) == len({*keys, *more})


@settings(max_examples=50)
@given(st.sets(KEYS, min_size=2, max_size=30))
def test_ids_that_meet_are_made_longer_and_the_older_keeps_its_own(keys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids_module, "SIZE", 1)  # 256 ids: they meet
        ordered = sorted(keys)
        given_: dict[str, str] = {}
        for key in ordered:
            given_ |= ids_of([key], {identifier: known for known, identifier in given_.items()})
        assert len(set(given_.values())) == len(keys)
        again = ids_of(reversed(ordered), {identifier: key for key, identifier in given_.items()})
        assert again == given_


def test_ids_are_the_same_in_every_wave_of_the_example(example, findings):
    halves = [
        findings.evidence.filter(pl.col("said_on").dt.month() <= 8),
        findings.evidence.filter(pl.col("said_on").dt.month() > 8),
    ]
    both = [dict(draft_claims(half, client=example, least=1).claims.select("key", "id").iter_rows()) for half in halves]
    shared = set(both[0]) & set(both[1])
    assert len(shared) > 5
    assert all(both[0][key] == both[1][key] for key in shared)
    whole = draft_claims(findings.evidence, client=example)
    shuffled = draft_claims(findings.evidence.sample(fraction=1, shuffle=True, seed=7), client=example)
    assert whole.claims.equals(shuffled.claims)
    assert whole.links.equals(shuffled.links)


def test_the_example_drafts_its_planted_pains(example, findings):
    drafted = draft_claims(findings.evidence, client=example, codings=findings.tables.codings).claims
    pains = drafted.filter((pl.col("lane") == "pains") & (pl.col("persona") == "all"))
    assert pains["touchpoint"].to_list() == ["checkout", "returns"]
    kept = cj.claims.load_claims(example)
    assert set(pains["id"]) <= set(kept["id"])
