"""Personas measured: who is of a persona, what it uses against what was declared, and how personas differ."""

from __future__ import annotations

import dataclasses
import datetime as dt
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import cjtools as cj
from cjtools.claims.tables import MapClaim
from cjtools.lanes.labels import label_client
from cjtools.lanes.people import list_facts, measure_people, no_people
from cjtools.personas import assign_profiles, observe_profiles, touchpoints_of
from cjtools.personas.on_map import compare_buying, compare_channels
from cjtools.personas.profiles import share_profiles
from cjtools.personas.side_by_side import COUNTS, compare_experience, difference_of_means, place_beside
from cjtools.personas.tables import PERSONA_TABLES, PersonaFact
from cjtools.settings import Persona, Touchpoint
from cjtools.tables import Order, Profile, Tables, shape_of

ROOT = Path(__file__).parents[1]
DAY = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
WEB = Persona(id="web", name="Web", buys="online", channels=("website",), behaves={"buys": "online"})
SHOP = Persona(id="shop", name="Shop", buys="offline", channels=("store",), behaves={"buys": ("offline", "both")})


def seen(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["profile_id", "name", "value"], orient="row")


def order(number: int, profile: str | None, environment: str, *, pickup: bool = False, status: str = "paid") -> dict:
    return {
        "order_id": f"o{number}", "profile_id": profile, "ordered_at": DAY, "time_precision": "exact",
        "local_date": DAY.date(), "environment": environment, "pickup": pickup, "status": status, "source_id": "s",
        "source_file": "f", "source_row": number,
    }  # fmt: skip


def touch(number: int, profile: str, touchpoint: str, **more: object) -> dict:
    return {
        "profile_id": profile, "timestamp": DAY + dt.timedelta(minutes=number), "session": profile,
        "activity": "page_view", "order_id": None, "environment": "online", "device": "mobile", "channel": "Email",
        "source": None, "medium": None, "campaign": None,
        "touchpoint": touchpoint, "stage": "decision", "position": 1, **more,
    }  # fmt: skip


def test_what_a_profile_bought_and_used_is_observed():
    orders = [
        order(1, "a", "online"), order(2, "a", "offline"), order(3, "b", "online", pickup=True),
        order(4, "c", "offline", status="cancelled"), order(5, None, "online"),
    ]  # fmt: skip
    profiles = [{"profile_id": "d", "attributes": [{"name": "country", "value": "RO"}], "source_id": "s",
                 "source_file": "f", "source_row": 1}]  # fmt: skip
    tables = Tables(
        orders=pl.DataFrame(orders, schema=shape_of(Order)), profiles=pl.DataFrame(profiles, schema=shape_of(Profile))
    )
    # What no act of a test has is text all the same, as place_touches gives it.
    text = dict.fromkeys(("order_id", "source", "medium", "campaign"), pl.String)
    touches = pl.DataFrame([touch(1, "a", "product"), touch(2, "a", "cart", device="tablet")], schema_overrides=text)
    assert observe_profiles(tables, touches).rows() == [
        ("a", "buys", "both"), ("a", "channel", "Email"), ("a", "collects", "no"), ("a", "device", "mobile"),
        ("a", "device", "tablet"), ("a", "environment", "online"), ("a", "touchpoint", "cart"),
        ("a", "touchpoint", "product"), ("b", "buys", "online"), ("b", "collects", "yes"), ("d", "country", "RO"),
    ]  # fmt: skip


def test_a_profile_is_of_the_first_persona_whose_whole_rule_it_meets():
    rows = seen(("a", "buys", "Online"), ("a", "device", "mobile"), ("b", "buys", "online"), ("c", "buys", "both"))
    phone = Persona(id="phone", name="Phone", behaves={"buys": "online", "device": "mobile"})
    assert assign_profiles(rows, [phone, WEB, SHOP]).rows() == [("a", "phone"), ("b", "web"), ("c", "shop")]
    assert assign_profiles(rows, []).is_empty()


@pytest.mark.parametrize(
    ("persona", "reason", "missing"),
    [
        (Persona(id="p", name="P"), "no_rule", []),
        (Persona(id="p", name="P", rule={"age": "30"}), "not_observed", ["age"]),
        (Persona(id="p", name="P", rule={"buys": "store"}), "unknown_value", ["buys"]),
        (Persona(id="p", name="P", behaves={"buys": "both"}), "too_few", []),
    ],
)
def test_a_share_that_cannot_be_measured_says_why(persona, reason, missing):
    rows = seen(("a", "buys", "both"), ("b", "buys", "online"))
    assigned = assign_profiles(rows, [persona])
    row = share_profiles(rows, assigned, personas=[persona], everybody=5, minimum=3).row(0, named=True)
    assert (row["reason"], row["missing"], row["value"], row["profiles"]) == (reason, missing, None, 5)
    assert share_profiles(rows.clear(), assigned, personas=[WEB], everybody=0, minimum=3)["reason"][0] == "no_profiles"


def test_a_share_is_of_those_of_whom_the_rule_is_known_with_wilsons_interval():
    rows = seen(*((f"p{number}", "buys", "online" if number < 7 else "offline") for number in range(20)),
                ("x", "device", "mobile"))  # fmt: skip
    row = share_profiles(rows, assign_profiles(rows, [WEB]), personas=[WEB], everybody=21, minimum=3).row(0, named=True)
    assert (row["n"], row["of"], row["profiles"], row["value"]) == (7, 20, 21, 0.35)
    assert (row["low"], row["high"]) == pytest.approx(stats.binomtest(7, 20).proportion_ci(method="wilson"), abs=1e-8)


def test_channels_are_held_against_what_was_declared():
    told = pl.DataFrame({"persona": ["web", "web"], "person": ["P1", "P2"], "touchpoint": ["news", "page"]})
    met = pl.DataFrame(
        {"persona": ["web"] * 4, "profile_id": list("abcd"), "touchpoint": ["till", "till", "page", "page"]}
    )
    names = {"news": "email", "page": "website", "till": "store"}
    wanted = Persona(id="web", name="Web", channels=("website", "phone"))
    found = compare_channels([wanted], told, met, names=names, minimum=3)
    assert found.select("channel", "state", "told", "told_of", "n", "of").rows() == [
        ("website", "both", 1, 2, 2, 4), ("phone", "declared", 0, 2, 0, 4), ("email", "used", 1, 2, 0, 4),
    ]  # fmt: skip
    assert compare_channels([wanted], told, met, names=names, minimum=2)["channel"].to_list()[-1] == "store"
    assert compare_channels([wanted], told, met, names=names, minimum=5)["value"].to_list() == [None] * 3


def test_where_a_persona_buys_says_when_its_rule_asked_for_it():
    rows = seen(("a", "buys", "online"), ("b", "buys", "online"), ("c", "buys", "both"), ("c", "collects", "yes"))
    picks = Persona(id="picks", name="Picks", buys="both", behaves={"collects": "yes"})
    found = compare_buying([WEB, picks], rows, assign_profiles(rows, [WEB, picks]), minimum=1)
    assert found.filter(pl.col("n") > 0).select("persona", "buys", "declared", "by_rule", "n", "of").rows() == [
        ("web", "online", True, True, 2, 2), ("picks", "both", True, False, 1, 1),
    ]  # fmt: skip


def test_the_persona_decides_which_touchpoints_are_on_its_map():
    def place(name: str, environment: str, channel: str = "") -> Touchpoint:
        return Touchpoint(id=name, label=name, environment=environment, channel=channel, stages=("purchase",))

    all_of = [
        place("page", "online", "website"),
        place("app", "online", "app"),
        place("till", "offline"),
        place("fair", "offline"),
    ]
    found = touchpoints_of(WEB, all_of, told={"fair": 1}, seen={"app": 2}, minimum=3)
    assert found.filter("on_map")["touchpoint"].to_list() == ["page", "fair"]
    more = touchpoints_of(WEB, all_of, told={}, seen={"app": 3}, minimum=3)
    assert more.filter("on_map")["touchpoint"].to_list() == ["page", "app"]
    anyone = Persona(id="all", name="All")
    assert touchpoints_of(anyone, all_of, told={}, seen={}, minimum=3)["on_map"].all()


def counts(n: int, of: int) -> pl.DataFrame:
    return pl.DataFrame([("reach", "decision", 0, n, of)], schema=COUNTS, orient="row")


def test_differences_of_shares_are_newcombes():
    row = place_beside({"web": counts(56, 70)}, {"web": counts(48, 80)}, minimum=3).row(0, named=True)
    a, b = (stats.binomtest(n, of).proportion_ci(method="wilson") for n, of in ((56, 70), (48, 80)))
    low = 0.2 - np.hypot(0.8 - a.low, b.high - 0.6)  # Newcombe (1998), method 10
    high = 0.2 + np.hypot(a.high - 0.8, 0.6 - b.low)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((low, high), abs=1e-8)
    assert (row["value"], row["rest"], row["difference"]) == (0.8, 0.6, 0.2)


@pytest.mark.parametrize(("own", "rest"), [((1, 2), (5, 9)), ((5, 9), (1, 2))])
def test_of_a_group_below_the_minimum_nothing_is_said(own, rest):
    row = place_beside({"web": counts(*own)}, {"web": counts(*rest)}, minimum=3).row(0, named=True)
    assert row["difference"] is None
    assert (row["value"] is None) == (own[1] < 3)
    assert (row["rest"] is None) == (rest[1] < 3)


def test_a_figure_that_only_the_others_have_counts_nobody():
    row = place_beside({"web": counts(0, 0).clear()}, {"web": counts(4, 8)}, minimum=3).row(0, named=True)
    assert (row["n"], row["of"], row["value"], row["rest"]) == (0, 0, None, 0.5)


def test_differences_of_means_agree_with_scipys_bootstrap():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.5, 1, 40), rng.normal(0, 1, 60)
    value, low, high = difference_of_means(a.tolist(), b.tolist())
    oracle = stats.bootstrap((a, b), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis), method="percentile",
                             n_resamples=20_000, rng=np.random.default_rng(1)).confidence_interval  # fmt: skip
    assert value == pytest.approx(a.mean() - b.mean())
    assert (low, high) == pytest.approx((oracle.low, oracle.high), abs=0.04)


def test_experience_is_compared_by_people_not_by_quotes():
    rows = [("web", "P1", -2.0)] * 9 + [("web", "P2", 2.0), ("shop", "P3", 1.0), ("shop", "P4", 1.0)]
    said = pl.DataFrame(rows, schema=["persona", "person", "valence"], orient="row").with_columns(stage=pl.lit("s"))
    found = compare_experience(said, personas=["web", "shop"], stages=["s"], minimum=2)
    assert found.select("persona", "n", "value", "rest", "difference").rows() == [
        ("web", 2, 0.0, 1.0, -1.0), ("shop", 2, 1.0, 0.0, 1.0),
    ]  # fmt: skip
    few = compare_experience(said, personas=["web", "shop"], stages=["s"], minimum=3)
    assert few.select("value", "rest", "difference").rows() == [(None,) * 3] * 2


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["online", "offline", "both"])), max_size=30))
def test_every_profile_has_one_persona_at_most_and_shares_never_exceed_one(pairs):
    rows = seen(*((who, "buys", value) for who, value in pairs)).unique() if pairs else seen().cast(pl.String)
    assigned = assign_profiles(rows, [WEB, SHOP])
    assert assigned["profile_id"].is_unique().all()
    found = share_profiles(rows, assigned, personas=[WEB, SHOP], everybody=99, minimum=1)
    assert (found["n"] <= found["of"]).all()


@pytest.fixture(scope="module")
def example() -> cj.Client:
    return cj.load_client(ROOT / "data" / "example")


@pytest.fixture(scope="module")
def findings(example) -> cj.Findings:
    return cj.gather_evidence(cj.read_sources(example), client=example, wave=example.wave_named(""))


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, language="en", findings=findings)


def test_the_share_of_a_persona_of_the_example_is_what_its_orders_say(journey, findings):
    orders = findings.tables.orders.filter(pl.col("profile_id").is_not_null() & (pl.col("status") != "cancelled"))
    sides: dict[str, set[str]] = {}
    for row in orders.iter_rows(named=True):
        sides.setdefault(row["profile_id"], set()).add(row["environment"])
    offline = sum(places == {"offline"} for places in sides.values())
    row = journey.people.shares.row(by_predicate=pl.col("persona") == "toucher", named=True)
    assert (row["n"], row["of"]) == (offline, len(sides))
    assert (row["low"], row["high"]) == pytest.approx(
        stats.binomtest(offline, len(sides)).proportion_ci(method="wilson"), abs=1e-8
    )


def test_touchpoints_that_the_comparer_never_meets_are_not_on_its_map(journey):
    off = journey.people.touchpoints.filter((pl.col("persona") == "comparer") & ~pl.col("on_map"))
    assert off["touchpoint"].to_list() == ["store", "collection"]


def test_traits_are_the_claims_of_a_persona(journey):
    own = journey.claims.claims.filter(pl.col("persona") != "all")
    assert sorted(journey.people.traits["claim_id"]) == sorted(own["claim_id"])
    assert own.height > 0


def test_the_card_draws_what_was_measured_in_every_language(example, findings, journey):
    for language in ("ca", "en", "es", "it", "ro"):
        words = cj.load_words(language)
        labels = label_client(example, words=words)
        tables = {name: getattr(journey.people, name) for name in PERSONA_TABLES}
        facts = PersonaFact.validate(list_facts(tables, labels=labels, who={}, words=words))
        assert cj.charts.persona_card(facts, words=words) is not None
    assert facts.filter(pl.col("kind") == "who")["n"].to_list() == [5, 5, 5]


@pytest.mark.parametrize("language", ["ca", "en", "es", "it", "ro"])
def test_the_page_shows_each_persona_declared_measured_and_side_by_side(example, findings, language):
    journey = cj.map_journey(example, language=language, findings=findings)
    data = cj.report.personas(journey).data
    assert len(data["entries"]) == 3
    assert all(entry["measured"]["share"][0]["detail"] for entry in data["entries"])
    assert len(data["beside"]["columns"]) == 4
    assert data["beside"]["entries"]
    html = cj.report.personas(journey)._repr_mimebundle_()["text/html"]
    assert "388" in html
    assert cj.report.travellers(journey).data["tiles"][3]["value"] == journey.words.number(624)


def test_a_persona_below_the_minimum_group_is_not_drawn_and_that_is_said(journey):
    few = pl.col("persona") == "toucher"
    hidden = journey.people.figures.with_columns(
        pl.when(~few).then(name).alias(name) for name in ("value", "low", "high", "difference")
    )
    people = dataclasses.replace(journey.people, figures=hidden)
    block = cj.report.personas(dataclasses.replace(journey, people=people)).data["beside"]
    assert block["columns"][1:] == ["The comparer", "The collector"]
    assert block["notes"][0] == "Not drawn, fewer than 3: The toucher"


def test_a_client_with_nothing_has_personas_of_whom_nothing_is_known(example, journey):
    empty = cj.Findings(Tables(), journey.evidence.clear(), journey.evidence.clear())
    touches = cj.journeys.place_touches(
        cj.journeys.split_sessions(cj.journeys.order_events(Tables().events)), client=example
    )
    words = cj.load_words("en")
    found = measure_people(empty.tables, touches, empty.evidence, MapClaim.create_empty(), client=example,
                           labels=label_client(example, words=words), words=words)  # fmt: skip
    assert found.shares["reason"].to_list() == ["no_profiles"] * 3
    assert found.figures["value"].is_null().all()
    assert no_people().shares.is_empty()


def test_the_order_of_rows_changes_nothing(example, findings, journey):
    shuffled = dataclasses.replace(
        findings.tables, orders=findings.tables.orders.sample(fraction=1, shuffle=True, seed=3)
    )
    again = cj.map_journey(example, language="en", findings=dataclasses.replace(findings, tables=shuffled)).people
    for name in PERSONA_TABLES:
        assert getattr(again, name).equals(getattr(journey.people, name)), name


def test_a_report_imports_neither_scipy_nor_scikit_learn():
    script = (
        "import sys, cjtools as cj; j = cj.map_journey(cj.load_client('data/example')); cj.report.personas(j);"
        "print(sorted({'scipy', 'sklearn'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["[]"]
