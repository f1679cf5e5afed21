"""Segments that behaviour suggests: planted groups are found, in shuffled data there is no structure."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.metrics import adjusted_rand_score

import cjtools as cj
from cjtools.personas.segments.features import profile_features, telling
from cjtools.personas.segments.stability import chosen, stability, standardised
from cjtools.personas.segments.suggest import group_features, named
from cjtools.tables import Tables

SIZES = (80, 60, 40)


def planted(seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Three kinds of profiles, told apart by five features together, and who is of which."""
    rng = np.random.default_rng(seed)
    kind = np.repeat([0, 1, 2], SIZES)
    centres = np.array([[0, 0, 0, 4, 0], [4, 0, 4, 0, 0], [0, 4, 4, 4, 4]])
    values = centres[kind] + rng.normal(0, 0.8, (len(kind), 5))
    names = ["a.1", "b", "c", "d", "e"]
    frame = pl.DataFrame(values, schema=names).with_columns(
        profile_id=pl.Series([f"p{number:03}" for number in range(len(kind))])
    )
    return frame, kind


def shuffled(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return frame.with_columns(
        pl.Series(name, rng.permutation(frame[name].to_numpy())) for name in frame.columns if name != "profile_id"
    )


WILSON = stats.binomtest(80, 180).proportion_ci(method="wilson")


@pytest.mark.parametrize("seed", range(2))
def test_planted_groups_are_found(seed):
    frame, kind = planted(seed)
    found = group_features(frame, minimum=3, seed=seed)
    assert found.found
    assert found.segments["n"].to_list() == list(SIZES)
    assert adjusted_rand_score(kind, found.members.sort("profile_id")["segment"].to_list()) > 0.95
    row = found.segments.row(0, named=True)
    assert (row["low"], row["high"]) == pytest.approx(tuple(WILSON), abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_in_shuffled_data_no_structure_is_found(seed):
    found = group_features(shuffled(planted(seed)[0], seed + 50), minimum=3, seed=seed)
    assert not found.found
    assert not found.counts["chosen"].any()
    assert found.segments.is_empty()
    assert found.facts.is_empty()


@pytest.mark.parametrize("seed", range(1))
def test_in_noise_no_structure_is_found(seed):
    values = np.random.default_rng(seed).normal(size=(200, 6))
    frame = pl.DataFrame(values, schema=list("abcdef")).with_columns(profile_id=pl.int_range(200).cast(pl.String))
    assert not group_features(frame, minimum=3, seed=seed).found


def test_the_same_seed_gives_the_same_segments_in_any_order_of_rows():
    frame, _ = planted(1)
    first, again = (
        group_features(rows, minimum=3, seed=9) for rows in (frame, frame.sample(fraction=1, shuffle=True, seed=2))
    )
    for name in ("counts", "segments", "facts", "members"):
        assert getattr(first, name).equals(getattr(again, name)), name


def test_facts_are_counts_of_profiles_with_what_sets_them_apart():
    frame, kind = planted(2)
    found = group_features(frame, minimum=3, seed=1)
    row = found.facts.row(0, named=True)
    having = frame[row["feature"]] > frame[row["feature"]].median()
    inside = pl.Series(kind == 0)
    assert (row["segment"], row["n"], row["of"]) == ("S1", int((having & inside).sum()), 80)
    assert (row["rest_n"], row["rest_of"]) == (int((having & ~inside).sum()), 100)
    assert row["more"] == (row["difference"] > 0)
    assert (found.facts["difference_low"] * found.facts["difference_high"] > 0).all()


def test_a_segment_smaller_than_the_minimum_group_has_no_share_and_no_facts():
    found = group_features(planted(0)[0], minimum=50, seed=0)
    assert found.segments["value"].is_null().to_list() == [False, False, True]
    assert "S3" not in found.facts["segment"]


def test_too_few_profiles_are_not_grouped():
    found = group_features(planted(0)[0].head(30), minimum=3, seed=0)
    assert (found.found, found.counts.height, found.profiles) == (False, 0, 30)


def test_a_number_of_groups_must_be_clearly_above_all_shuffled_data():
    rows = [(2, 0.95, 0.5, 0.9), (3, 0.65, 0.1, 0.2), (4, 0.9, 0.3, 0.8)]
    assert chosen(rows)["clear"].to_list() == [False, False, True]
    assert chosen(rows)["chosen"].to_list() == [False, False, True]
    assert not chosen(rows[:2])["chosen"].any()


def test_stability_of_groups_far_apart_is_one_and_of_too_few_rows_nothing():
    far = np.repeat([[0.0, 0.0], [50.0, 50.0]], 20, axis=0)
    assert stability(far, 2, seed=1) == 1.0
    assert stability(far[:3], 2, seed=1) == 0.0


def test_features_of_one_kind_do_not_outweigh_the_others():
    frame = pl.DataFrame({"profile_id": ["x", "y"], **{f"stage.{n}": [0.0, 1.0] for n in range(8)}, "loop": [0.0, 1.0]})
    spread = standardised(frame).std(axis=0)
    assert (spread[:8] ** 2).sum() == pytest.approx(2.0)
    assert spread[8] == pytest.approx(1.0)


def test_labels_go_by_size_then_by_the_first_profile():
    assert named(np.array([1, 0, 0, 1, 2])).to_list() == ["S1", "S2", "S2", "S1", "S3"]


def test_a_feature_that_nearly_everybody_has_tells_nobody_apart():
    frame = pl.DataFrame({"profile_id": [str(n) for n in range(200)], "x": [1.0] * 199 + [0.0], "y": [0.0, 1.0] * 100})
    assert telling(frame).columns == ["profile_id", "y"]


@pytest.fixture(scope="module")
def example() -> cj.Client:
    return cj.load_client(Path(__file__).parents[1] / "data" / "example")


@pytest.fixture(scope="module")
def findings(example) -> cj.Findings:
    return cj.gather_evidence(cj.read_sources(example), client=example, wave=example.wave_named(""))


def test_features_are_those_of_the_profile(example, findings):
    rows = profile_features(findings.tables, findings.touches, client=example)
    one = rows.filter(pl.col("collects") == 1).row(0, named=True)
    own = findings.touches.filter((pl.col("profile_id") == one["profile_id"]) & (pl.col("activity") != "arrival"))
    assert (one["acts"], one["visits"]) == (own.height, own["session"].n_unique())
    bought = findings.tables.orders.filter(pl.col("profile_id") == one["profile_id"])
    assert bought["pickup"].any()
    assert one["loop"] == float(bought.height > 1)
    assert rows.height == findings.touches["profile_id"].n_unique()


def test_the_view_tells_what_was_found_and_how_surely(example, findings):
    journey = cj.map_journey(example, language="ca", findings=findings)
    found = cj.personas.suggest_segments(findings.tables, findings.touches, client=example, seed=1)
    data = cj.report.segments(journey, found).data
    assert found.found
    assert len(data["groups"]) == found.segments.height
    assert data["block"]["entries"]
    nothing = dataclasses.replace(found, found=False, segments=found.segments.clear(), facts=found.facts.clear())
    assert cj.report.segments(journey, nothing).data["verdict"].startswith("No s'ha trobat cap estructura")
    empty = cj.personas.suggest_segments(Tables(), findings.touches.clear(), client=example, seed=1)
    assert (empty.found, empty.profiles) == (False, 0)
    assert cj.report.segments(journey, empty).data["verdict"] == journey.words.of("personas", "too_few_profiles")
