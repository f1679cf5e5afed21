"""Prevalence, triangulation, tier and freshness of a claim; links to evidence that vanished; what outsiders see."""

from __future__ import annotations

import datetime as dt
from itertools import product

import polars as pl
import pytest
from claiming import DAY, ITEMS, ROWS, TEXT, evidence_of, item, map_with
from fixtures.make_client import make_client
from hypothesis import given
from hypothesis import strategies as st

import cjtools as cj
from cjtools.claims import CLAIM_TABLES, claims_of
from cjtools.claims.measure import (
    GROUP_OF,
    Family,
    asked_at,
    is_stale,
    linked_state,
    match_links,
    nearest_item,
    people_of,
    tier_of,
    triangulate,
)
from cjtools.claims.tables import STATES, TIERS, Link
from cjtools.errors import ReportError, SourceError
from cjtools.map_tables import Evidence
from cjtools.settings import AUDIENCES, Wave
from cjtools.tables import shape_of

WAVE = Wave(**{"from": dt.date(2026, 7, 1), "to": dt.date(2026, 9, 30)})
STATES_AT = {("consideration", "interview"): "evidence", ("consideration", "social"): "silent",
             ("consideration", "behaviour"): "evidence", ("consideration", "survey"): "not_asked"}  # fmt: skip
CLAIM = {"id": "c1", "stage": "consideration", "persona": "all", "touchpoint": "product", "type": "pain", "tier": None}


def linked(relation: str, **given) -> dict:
    return {**item("x"), "relation": relation, **given}


def states_of(*items: dict, claim: dict | None = None, verdict: dict | None = None) -> dict[str, str]:
    found = triangulate(claim or CLAIM, items, states=STATES_AT, verdict=verdict)
    return {family.name: family.state for family in found}


def test_every_family_of_the_evidence_belongs_to_a_group():
    assert set(GROUP_OF) == set(Evidence.columns()["family"].categories)


def test_a_family_agrees_in_part_or_dissents_by_people_not_by_items():
    support = [linked("supports", evidence_id=f"s{n}", person="P01") for n in range(5)]
    against = [linked("refutes", evidence_id=f"r{n}", person=f"P0{n + 2}") for n in range(2)]
    assert states_of(*support)["interview"] == "agree"
    assert states_of(*support, against[0])["interview"] == "partial"
    assert states_of(*support, *against)["interview"] == "dissent"
    assert states_of(linked("qualifies"))["interview"] == "partial"


def test_without_links_a_family_is_silent_or_was_not_asked_and_silence_is_no_agreement():
    assert states_of() == {
        "interview": "silent", "social": "silent", "survey": "not_asked", "behaviour": "silent", "totals": "not_asked",
        "support": "not_asked",
    }  # fmt: skip
    assert tier_of(triangulate(CLAIM, (), states=STATES_AT, verdict=None), None).name == "assumption"


def test_the_cross_check_of_the_touchpoint_speaks_in_part_where_nothing_is_linked():
    verdict = {"behaviour": "high_exit", "social": "negative", "interviews": "pain"}
    families = triangulate(CLAIM, [linked("supports")], states=STATES_AT, verdict=verdict)
    told = {family.name: (family.state, family.basis) for family in families}
    assert told["behaviour"] == told["social"] == ("partial", "crosscheck")
    assert tier_of(families, None).name == "reasoned"  # nobody said that it is about this
    assert states_of(verdict=verdict, claim={**CLAIM, "type": "gain"})["social"] == "silent"
    blind = {"behaviour": "not_instrumented", "social": "silent", "interviews": "pain"}
    assert states_of(verdict=blind)["behaviour"] == "not_asked"


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_the_state_of_links_is_one_of_three_and_agreement_needs_nothing_against_it(supports, refutes, qualifies):
    state = linked_state(supports, refutes, qualifies)
    assert (state == "dissent") == (refutes > supports)
    assert (state == "agree") == (supports > 0 and refutes == 0 and qualifies == 0)


@pytest.mark.parametrize(
    ("states", "tier", "reason"),
    [
        (("agree", "agree"), "validated", "agree"),
        (("agree", "silent"), "reasoned", "one_family"),
        (("agree", "partial"), "reasoned", "one_family"),
        (("partial", "partial"), "reasoned", "disputed"),
        (("agree", "dissent"), "reasoned", "contradicted"),
        (("silent", "not_asked"), "assumption", "none"),
    ],
)
def test_a_tier_has_its_reason(states, tier, reason):
    families = [
        Family(name, state, "links", for_it=int(state in ("agree", "partial")))
        for name, state in zip(("interview", "social"), states, strict=True)
    ]
    assert (tier_of(families, None).name, tier_of(families, None).reason) == (tier, reason)


def test_two_that_agree_do_not_validate_against_a_third_that_dissents():
    families = [Family(name, "agree", "links", 3) for name in ("interview", "social")]
    against = Family("survey", "dissent", "links", 0, 4)
    assert tier_of([*families, against], None).reason == "contradicted"


@pytest.mark.parametrize(("states", "written"), list(product(product(STATES, repeat=2), [None, *TIERS])))
def test_a_researcher_may_hold_a_claim_for_less_sure_never_for_surer(states, written):
    families = [
        Family(name, state, "links", for_it=int(state in ("agree", "partial")))
        for name, state in zip(("interview", "social"), states, strict=True)
    ]
    measured, told = tier_of(families, None), tier_of(families, written)
    assert TIERS.index(told.name) == min(TIERS.index(measured.name), TIERS.index(written or "validated"))
    assert (told.reason == "held_lower") == (told.name != measured.name)


def test_who_was_not_asked_about_the_stage_does_not_count():
    evidence = evidence_of(
        item("a", person="P01", persona="online"),
        item("b", person="P02", type="fact"),
        item("c", person="P03", stage="decision"),
        item("d", family="review", person="a1"),
    )
    assert asked_at(evidence) == {
        ("consideration", "all"): {"P01", "P02"},
        ("consideration", "online"): {"P01"},
        ("decision", "all"): {"P03"},
    }


def test_a_personas_claim_counts_its_own_participants_only():
    items = [linked("supports", persona="online"), linked("supports", person="P02", persona=None)]
    assert people_of(items, "supports", persona="online") == {"P01"}
    assert people_of(items, "supports", persona="all") == {"P01", "P02"}


@pytest.mark.parametrize(
    ("days", "review", "stale"),
    [(180, None, False), (181, None, True), (None, None, False), (0, dt.date(2026, 9, 29), True),
     (0, dt.date(2026, 9, 30), False)],
)  # fmt: skip
def test_a_claim_is_stale_past_the_interval_or_past_its_review(days, review, stale):
    assert is_stale(days, as_of=dt.date(2026, 9, 30), review=review, review_days=180) is stale


def links_of(*rows: tuple) -> pl.DataFrame:
    names = ("claim", "evidence", "relation", "dated", "line")
    return Link.validate(
        pl.DataFrame([dict(zip(names, row, strict=True)) for row in rows], schema=shape_of(Link)), cast=True
    )


def test_what_vanished_is_told_apart_from_another_wave_and_from_a_name_that_was_never_right():
    evidence = evidence_of(item("q1.product"), item("q2.website"))
    days = {"q1.product": DAY, "q2.website": DAY}
    rows = [("c1", "q1.product", "supports", DAY, 2), ("c1", "q2.product", "refutes", DAY, 3),
            ("c1", "q0.product", "supports", dt.date(2026, 2, 1), 4)]  # fmt: skip
    found = match_links(links_of(*rows), evidence, days=days, wave=WAVE)
    assert found.select("evidence_id", "found", "nearest").rows() == [
        ("q0.product", "elsewhere", None),
        ("q1.product", "here", None),
        ("q2.product", "gone", "q2.website"),
    ]
    wrong = [("c1", "q1.prodct", "supports", None, 2), ("c1", "nothing", "supports", None, 3)]
    with pytest.raises(SourceError) as error:
        match_links(links_of(*rows, *wrong), evidence, days=days, wave=WAVE)
    assert [fault.where for fault in error.value.faults] == [
        "links.csv line 2, column 'evidence'", "links.csv line 3, column 'evidence'",
    ]  # fmt: skip
    assert error.value.faults[0].expected == "did you mean 'q1.product'?"


def test_the_last_row_of_a_link_counts():
    rows = [("c1", "q1", "supports", DAY, 2), ("c1", "q1", "undone", None, 3), ("c1", "q2", "supports", DAY, 4),
            ("c1", "q2", "refutes", DAY, 5), ("c2", "q1", "supports", DAY, 6)]  # fmt: skip
    evidence = evidence_of(item("q1"), item("q2"))
    found = match_links(links_of(*rows), evidence, days={"q1": DAY, "q2": DAY}, wave=WAVE)
    assert found.select("claim_id", "evidence_id", "relation").rows() == [
        ("c1", "q2", "refutes"),
        ("c2", "q1", "supports"),
    ]


def test_the_nearest_item_is_of_the_same_quote():
    assert nearest_item("q1.checkout", ["q1.cart", "q2.checkout"]) == "q1.cart"


def test_a_claim_is_measured_on_its_links(tmp_path):
    client = make_client(tmp_path, claims__csv=TEXT, links__csv=ROWS)
    found = claims_of(map_with(client, *ITEMS), client)
    rows = {row["claim_id"]: row for row in found.claims.to_dicts()}
    assert list(rows) == ["dear", "late", "bare"]
    dear = rows["dear"]
    assert (dear["people"], dear["asked"], dear["against"]) == (3, 4, 1)
    assert (dear["supports"], dear["refutes"], dear["machine"], dear["gone"], dear["elsewhere"]) == (4, 1, 1, 1, 0)
    assert (dear["tier"], dear["reason"], dear["families"]) == ("reasoned", "one_family", ["social"])
    assert (dear["last_on"], dear["days"], dear["stale"]) == (dt.date(2026, 12, 1), 30, False)
    assert dear["statement"] == "Massa car: 3 de 4 participants"
    late = rows["late"]
    assert (late["people"], late["asked"], late["elsewhere"]) == (1, 1, 1)
    assert (late["tier"], late["reason"], late["written"]) == ("assumption", "held_lower", "assumption")
    assert (late["days"], late["stale"]) == (244, True)
    assert rows["bare"]["statement"] == "Sense evidència: en aquesta onada no s'ha preguntat a ningú"
    assert found.left_out == {"dropped": 1}
    for name, schema in CLAIM_TABLES.items():
        schema.validate(getattr(found, name))


def test_freshness_is_counted_to_the_day_that_is_given(tmp_path):
    client = make_client(tmp_path, claims__csv=TEXT, links__csv=ROWS)
    found = claims_of(map_with(client, *ITEMS), client, as_of=dt.date(2027, 7, 1))
    assert found.claims.filter(pl.col("claim_id") == "dear").select("days", "stale").row(0) == (212, True)


def test_removing_a_participant_changes_exactly_what_rests_on_them(tmp_path):
    client = make_client(tmp_path, claims__csv=TEXT.replace(": 3 de 4", "").replace(": 3 of 4", ""), links__csv=ROWS)
    rows = (tmp_path / "links.csv").read_text().replace("mirar-ho,\n", f"mirar-ho,{DAY}\n")
    (tmp_path / "links.csv").write_text(rows)
    before = claims_of(map_with(client, *ITEMS), client)
    after = claims_of(map_with(client, *[each for each in ITEMS if each["person"] != "P03"]), client)
    one, other = (each.claims.filter(pl.col("claim_id") == "dear").to_dicts()[0] for each in (before, after))
    changed = {name for name in one if one[name] != other[name]}
    assert changed == {"people", "asked", "supports", "gone", "statement"}
    assert before.claims.filter(pl.col("claim_id") != "dear").equals(after.claims.filter(pl.col("claim_id") != "dear"))


def test_a_statement_of_any_language_that_does_not_hold_makes_no_report(tmp_path):
    text = TEXT.replace("3 of 4", "4 of 4")
    client = make_client(tmp_path, claims__csv=text, links__csv=ROWS)
    with pytest.raises(ReportError) as error:
        claims_of(map_with(client, *ITEMS), client)
    assert str(error.value) == (
        "the report was not made: 1 fault\n"
        "  claims.csv line 2, column 'statement_en': '{n: 4 of 4}' says '4 of 4'; the evidence says 3 of 4"
    )


def test_outsiders_see_what_was_accepted_of_groups_that_are_large_enough_without_names(tmp_path):
    text = TEXT + "draft,consideration,,product,,pain,Esborrany,,,draft,,\n"
    client = make_client(tmp_path, claims__csv=text, links__csv=ROWS)
    found = claims_of(map_with(client, *ITEMS, audience="client"), client)
    assert found.claims["claim_id"].to_list() == ["dear", "bare"]
    assert found.left_out == {"draft": 1, "withheld": 1, "dropped": 1}
    assert set(found.statements) == {"dear", "bare"} == set(found.claim_families["claim_id"])
    assert found.claim_links["who"].is_null().all()
    assert found.claim_links["note"].is_null().all()
    assert found.claims.filter(pl.col("claim_id") == "dear").select("people", "against").row(0) == (3, None)
    social = found.claim_families.filter((pl.col("claim_id") == "dear") & (pl.col("family") == "social"))
    assert social.select("for_it", "against").row(0) == (None, 0)
    assert set(found.claim_links["claim_id"]) == {"dear"}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_client_without_claims_has_none(tmp_path, audience):
    client = make_client(tmp_path)
    found = claims_of(map_with(client, *ITEMS, audience=audience), client)
    assert found.claims.is_empty()
    assert found.claim_links.is_empty()


def test_the_example_counts_what_its_notes_say(example, findings):
    journey = cj.map_journey(example, findings=findings)
    found = {row["claim_id"]: row for row in claims_of(journey, example).claims.to_dicts()}
    links = pl.read_csv(example.folder / "links.csv")
    for name, row in found.items():
        # Counted here without the kit: the participants in the files behind the supporting rows.
        own = links.filter((pl.col("claim") == name) & (pl.col("relation") == "supports"))["evidence"].to_list()
        files = findings.evidence.filter(pl.col("evidence_id").is_in(own) & (pl.col("family") == "interview"))
        assert row["people"] == files["source_file"].n_unique()
    tiers = {row["touchpoint"]: row["tier"] for row in found.values()}
    assert tiers == {"hours": "validated", "product": "reasoned", "checkout": "validated", "collection": "reasoned",
                     "returns": "reasoned", None: "assumption"}  # fmt: skip
    assert sum(row["gone"] for row in found.values()) == 0
    assert sum(row["refutes"] for row in found.values()) == 3
