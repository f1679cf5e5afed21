"""What people did on their way: the same quantity has one value, nothing is lost, totals are never made into paths."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import EXAMPLE, MINIMAL, ROOT
from test_journeys import DAY
from test_page_views import plain

import cjtools as cj
from cjtools.journey_tables import JOURNEY_TABLES
from cjtools.journeys.caveats import CAVEATS
from cjtools.journeys.patterns import PATTERNS
from cjtools.journeys.walks import OTHERS, walk_of
from cjtools.journeys.wave_frame import frame_of
from cjtools.lanes.returned import STATES, stand_at_end
from cjtools.report import views
from cjtools.report.views.journey_blocks import BLOCKS
from cjtools.settings import LANGUAGES
from cjtools.words import load_words


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings)


def html_of(name: str, journey: cj.JourneyMap) -> str:
    return plain(getattr(views, name)(journey)._repr_mimebundle_()["text/html"])


def test_every_table_is_as_declared(journey):
    for name, table in JOURNEY_TABLES.items():
        assert table.is_valid(getattr(journey.journeys, name)), name


def test_an_exit_rate_is_the_same_wherever_it_stands(journey):
    found = journey.journeys.visits.filter(measure="exit_session").select("touchpoint", "n", "of", "value")
    known = journey.behaviour.filter(metric="exit_rate", scope="touchpoint").sort("name")
    assert found.sort("touchpoint").rows() == known.select("name", "numerator", "denominator", "value").rows()
    site = journey.behaviour.filter(scope="all", metric="exit_rate")
    assert journey.journeys.visits.filter(measure="exit_session")["base"].unique().to_list() == site["value"].to_list()


def test_a_stage_has_as_many_profiles_in_the_funnel_as_in_the_drop_off(journey):
    funnel = journey.journeys.funnel.filter(form="open", share_of="all").select("stage", "n", "value")
    known = journey.drop_off.filter("instrumented").select("stage", "profiles", "of_all")
    assert funnel.rows() == known.rows()


def test_who_did_not_go_on_did_something_else_or_nothing(journey):
    dropped = journey.journeys.funnel.filter(form="open", share_of="prior").select("place", "dropped").drop_nulls()
    instead = journey.journeys.instead.group_by(place=pl.col("place") + 1).agg(dropped=pl.col("n").sum()).sort("place")
    assert dropped.rows() == instead.rows()


def test_every_way_and_every_move_is_counted(journey):
    tables = journey.journeys
    assert tables.paths["n"].sum() == tables.paths["of"][0] == tables.profiles
    assert tables.paths["labels"][-1].to_list() == [OTHERS]
    sums = tables.moves.group_by("source_place").agg(n=pl.col("n").sum(), of=pl.col("of").first()).sort("source_place")
    assert sums["n"].to_list() == sums["of"].to_list()
    assert tables.moves.filter(pl.col("source").is_null())["n"].sum() == tables.profiles
    assert tables.standing["n"].sum() == tables.profiles


@pytest.mark.parametrize(
    "model", ["first", "last", "last_non_direct", "linear", "position", "time_decay", "markov", "shapley"]
)
def test_every_model_divides_the_same_purchases(journey, findings, model):
    given = journey.journeys.credits.filter(model=model)
    bought = findings.touches.filter(pl.col("activity").is_in(["purchase", "pos_purchase"]))["order_id"].n_unique()
    assert given["of"].unique().to_list() == [bought]
    assert given["conversions"].sum() == pytest.approx(bought, abs=1e-6)
    assert given["value"].sum() == pytest.approx(1, abs=1e-6)


def test_times_count_those_who_have_not_come(journey):
    times = journey.journeys.times
    assert (times["n"] == times["came"] + times["censored"]).all()
    assert times.filter(pl.col("came") * 2 < pl.col("n"))["median"].null_count() >= 1
    assert set(times["kind"]) == {"between", "first", "again", "wait"}


def test_new_measures_are_evidence_with_their_number(findings):
    rows = findings.evidence.filter(pl.col("basis") == "observed")
    assert {"entry_rate", "bounce_rate", "back_and_forth", "stage_conversion", "time_to_next", "ropo"} <= set(
        rows["metric"]
    )
    assert rows["n"].null_count() == 0
    assert rows.filter(pl.col("metric") == "ropo").select("stage", "family", "n").row(0) == (
        "purchase",
        "orders",
        550.0,
    )


def test_a_figure_of_too_few_has_no_value_and_keeps_its_counts(example, findings):
    strict = example.model_copy(update={"privacy": example.privacy.model_copy(update={"minimum_group": 600})})
    tables = cj.map_journey(strict, findings=findings).journeys
    assert (
        tables.funnel.filter(pl.col("of") < 600)["value"].null_count()
        == tables.funnel.filter(pl.col("of") < 600).height
    )
    assert tables.paths["labels"].to_list() == [[OTHERS]]
    assert tables.all_patterns.filter(pl.col("denominator") < 600)["value"].drop_nulls().is_empty()


def test_a_caution_stands_where_its_number_stands(journey):
    data = {name: block(journey) for name, block in BLOCKS.items()}
    assert [row["level"] for row in data["durations"]["cautions"]].count("warn") == 4
    assert any("36%" in row["text"] for row in data["durations"]["cautions"])
    assert data["stage_moves"]["cautions"] == []
    assert "orders: 116 of 567 acts (20%) belong to no profile" in html_of("journeys", journey)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_caution_state_pattern_and_block_has_its_word(language):
    words = load_words(language)
    own = [f"caveat_{name}" for name in CAVEATS] + [f"state_{name}" for name in STATES]
    own += [f"by_{name}" for name in ("channel", "campaign", "route", "window", "interview", "survey")]
    own += [f"unit_{name}" for name in {*PATTERNS.values(), "people"}]
    assert [key for key in own if not words.has("journeys", key)] == []
    shown = [f"pattern_{name}" for name in PATTERNS] + [f"section_{name}" for name in (*BLOCKS, "followed", "journeys")]
    assert [key for key in shown if not words.has("words", key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*BLOCKS, "followed", "journeys"])
def test_every_section_is_whole_with_and_without_journeys(example, findings, name, language):
    whole = cj.map_journey(example, findings=findings, language=language)
    for each in (whole, dataclasses.replace(whole, journeys=type(whole.journeys)(**nothing(whole)))):
        view = getattr(views, name)(each)
        assert json.loads(json.dumps(view.data)) == view.data
        assert "{" not in html_of(name, each)


def nothing(journey: cj.JourneyMap) -> dict[str, object]:
    """Return the journeys of nobody, field by field."""
    empty = {name: table.create_empty() for name, table in JOURNEY_TABLES.items()}
    counts = dict.fromkeys(("profiles", "sessions", "acts", "purchases", "joined"), 0)
    return {**empty, **counts, "totals_only": False, "windows": journey.journeys.windows}


REPORT = """# ----------------------------------------
# Pages and screens: Page path and screen class
# ----------------------------------------
# Start date: 20260701
# End date: 20260930
Page path and screen class,Views,Active users,Average engagement time per active user,Bounce rate
/,1000,400,30,0.4
/p/lamp,500,200,60,0.1
/checkout/pay,300,90,60,0.2
/elsewhere,200,45,20,0.7
"""
SOURCE = '\n[[sources]]\nid = "ga4"\npath = "report.csv"\nformat = "ga4_report"\n'


@pytest.fixture
def totals(tmp_path: Path) -> cj.Client:
    """A client whose only source is a report of totals."""
    (tmp_path / "client.toml").write_text(MINIMAL + SOURCE, encoding="utf-8")
    (tmp_path / "report.csv").write_text(REPORT, encoding="utf-8")
    return cj.load_client(tmp_path)


def test_totals_are_put_together_by_stage_as_their_kind_allows(totals):
    tables = cj.map_journey(totals).journeys
    assert (tables.profiles, tables.totals_only) == (0, True)
    found = tables.stage_totals.select("stage", "metric", "kind", "value", "share", "low", "high").rows()
    assert found == [
        ("consideration", "average_engagement_time", "rate", 40.0, None, None, None),
        ("consideration", "bounce_rate", "apart", None, None, None, None),
        ("consideration", "users", "people", None, None, 400.0, 600.0),
        ("consideration", "views", "sum", 1500.0, pytest.approx(5 / 6), None, None),
        ("decision", "average_engagement_time", "rate", 60.0, None, None, None),
        ("decision", "bounce_rate", "rate", 0.2, None, None, None),
        ("decision", "users", "sum", 90.0, 1.0, None, None),
        ("decision", "views", "sum", 300.0, pytest.approx(1 / 6), None, None),
    ]


@pytest.mark.parametrize(
    ("language", "refusal"),
    [
        ("en", "Not said, because it needs the acts of each visitor"),
        ("ca", "No es diu, perquè caldrien les interaccions"),
    ],
)
def test_totals_are_never_made_into_paths_and_the_page_says_so(totals, language, refusal):
    journey = cj.map_journey(totals, language=language)
    said = html_of("journeys", journey)
    assert refusal in said
    assert all(getattr(journey.journeys, name).is_empty() for name in ("funnel", "times", "paths", "moves", "credits"))
    assert "Kaplan" not in said
    assert "1,500" in said or "1.500" in said


def test_totals_of_a_stage_stand_on_the_map_and_are_evidence_of_their_touchpoint(totals):
    found = cj.gather_evidence(cj.read_sources(totals), client=totals, wave=totals.wave)
    rows = found.evidence.filter(pl.col("metric") == "views").sort("value")
    assert rows.select("touchpoint", "stage", "value", "basis").rows() == [
        (None, None, 200.0, "aggregate"), ("checkout", "decision", 300.0, "aggregate"),
        ("website", "consideration", 500.0, "aggregate"), ("website", "consideration", 1000.0, "aggregate"),
    ]  # fmt: skip
    lanes = {row["key"]: row["cells"] for row in views.matrix(cj.map_journey(totals, findings=found)).data["lanes"]}
    cell = lanes["behaviour"][2]
    assert {"label": "Page views", "value": "300", "detail": "17%", "definition": "stage_total"} in [
        *cell["entries"], *cell["more"],
    ]  # fmt: skip


def test_the_same_visits_by_several_dimensions_are_added_once(totals):
    by_device = REPORT.replace("class,Views", "class,Device category,Views").replace("/,1000", "/,mobile,1000")
    by_device = by_device.replace("/p/lamp,", "/p/lamp,mobile,").replace("/checkout/pay,", "/checkout/pay,mobile,")
    (totals.folder / "report.csv").write_text(
        REPORT + "\n" + by_device.replace("/elsewhere,", "/elsewhere,mobile,"), "utf-8"
    )
    views_of = cj.map_journey(totals).journeys.stage_totals.filter(metric="views")
    assert views_of.select("stage", "value").rows() == [("consideration", 1500.0), ("decision", 300.0)]


def test_a_report_with_journeys_does_not_pay_for_scipy():
    script = "import sys, cjtools as cj; cj.map_journey(cj.load_client('data/example')); print('scipy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False"]


def test_the_order_of_the_events_changes_no_table(example, findings, journey):
    shuffled = findings.tables.events.collect().sample(fraction=1, shuffle=True, seed=7).lazy()
    tables = dataclasses.replace(findings.tables, events=shuffled)
    touches = cj.journeys.place_touches(cj.journeys.split_sessions(cj.journeys.order_events(shuffled)), client=example)
    again = cj.map_journey(example, findings=dataclasses.replace(findings, tables=tables, touches=touches)).journeys
    for name in JOURNEY_TABLES:
        assert getattr(again, name).equals(getattr(journey.journeys, name)), name


def sections(notebook: Path) -> dict[str, object]:
    """Return the data of the views of an executed notebook by cell."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return {
        cell["id"]: data["application/vnd.cjtools.view+json"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "application/vnd.cjtools.view+json" in (data := output.get("data", {}))
    }


def test_the_notebook_of_journeys_gives_every_block_in_no_other_form_than_the_kits_own(tmp_path):
    made = cj.report.make_report(EXAMPLE, notebook="journeys", out=tmp_path).with_suffix(".ipynb")
    assert {"followed", *(name.replace("_", "-") for name in BLOCKS)} <= set(sections(made))
    allowed = {"application/vnd.cjtools.view+json", "application/vnd.vegalite.v5+json", "text/html", "text/plain"}
    cells = json.loads(made.read_text("utf-8"))["cells"]
    given = {kind for cell in cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert given <= allowed


def test_everybody_stands_somewhere_on_the_last_day(example):
    seen = {"a": [5, 40], "b": [40], "c": [38], "d": [20], "e": [36, 40], "f": [1], "g": [20, 40], "h": [1, 39]}
    rows = [(who, DAY + dt.timedelta(days=day), "x") for who, days in seen.items() for day in days]
    frame = pl.DataFrame(rows, schema=["path", "at", "step"], orient="row")
    walk = walk_of(frame, path="path", at="at", step="step")
    empty = pl.DataFrame(schema={"stage": pl.String, "activity": pl.String})
    stands = stand_at_end(walk, frame_of(empty, client=example, wave=example.wave), minimum=1)
    assert dict(stands.select("state", "n").iter_rows()) == {
        "new": 1, "current": 1, "reactivated": 1, "resurrected": 1, "at_risk_week": 2, "at_risk_month": 1, "dormant": 1,
    }  # fmt: skip
