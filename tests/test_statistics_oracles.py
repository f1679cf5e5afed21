"""The statistics agree with statsmodels and krippendorff (numbers of a fixture) and with scipy and scikit-learn."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from claiming import evidence_of, item
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from cjtools.intervals import bootstrap_mean, net_promoter, net_share, newcombe, wilson
from cjtools.journeys.comparison import corrected
from cjtools.lanes.asked import score_asked
from cjtools.lanes.statements import pain_interval
from cjtools.text.agreement import cohen_kappa, krippendorff_alpha

ORACLES = tomllib.loads((Path(__file__).parent / "fixtures" / "oracles.toml").read_text("utf-8"))


def rows(name: str) -> list[dict]:
    return ORACLES[name]


@pytest.mark.parametrize("row", rows("wilson"), ids=lambda row: f"{row['k']}_{row['n']}")
def test_wilson_is_that_of_statsmodels_and_of_scipy(row):
    _, *ends = pl.DataFrame(row).select(wilson(pl.col("k"), pl.col("n"))).row(0)
    assert ends == pytest.approx([row["low"], row["high"]], abs=2e-9)
    assert ends == pytest.approx(list(stats.binomtest(row["k"], row["n"]).proportion_ci(method="wilson")), abs=2e-9)


@pytest.mark.parametrize(
    "row", rows("newcombe"), ids=lambda row: f"{row['n_a']}_{row['of_a']}_{row['n_b']}_{row['of_b']}"
)
def test_newcombe_is_that_of_statsmodels(row):
    names = ("n_a", "of_a", "n_b", "of_b")
    _, *ends = pl.DataFrame(row).select(newcombe(*map(pl.col, names))).row(0)
    assert ends == pytest.approx([row["low"], row["high"]], abs=2e-8)


@pytest.mark.parametrize("row", rows("net_promoter"), ids=lambda row: str(len(row["scores"])))
def test_the_variance_of_a_net_score_is_that_of_statsmodels(row):
    value, low, high = net_promoter(row["scores"])
    ends = [max(row["value"] - row["half"], -1), min(row["value"] + row["half"], 1)]
    assert [value, low, high] == pytest.approx([row["value"], *ends], abs=2e-9)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_the_variance_of_a_net_share_is_that_of_its_signs(positive, negative, neutral):
    signs = np.repeat([1.0, -1.0, 0.0], [positive, negative, neutral])
    net, low, high = net_share(positive=positive, negative=negative, total=len(signs))
    half = stats.norm.ppf(0.975) * signs.std() / len(signs) ** 0.5
    assert [net, low, high] == pytest.approx([signs.mean(), max(net - half, -1), min(net + half, 1)], abs=1e-8)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("row", rows("alpha"), ids=lambda row: f"{len(row['data'])}_coders")
def test_alpha_is_that_of_the_krippendorff_package(row, level):
    given_ = [
        (unit, f"c{coder}", value)
        for coder, values in enumerate(row["data"])
        for unit, value in enumerate(values)
        if value >= 0
    ]
    frame = pl.DataFrame(given_, schema={"unit": pl.Int64, "coder": pl.String, "value": pl.Int64}, orient="row")
    assert krippendorff_alpha(frame, level=level).value == pytest.approx(row[level], abs=1e-9)


@pytest.mark.parametrize("row", rows("kappa"), ids=lambda row: f"{row['both']}_{row['neither']}")
def test_kappa_is_that_of_statsmodels_and_of_scikit_learn(row):
    counts = (row["both"], row["first"], row["second"], row["neither"])
    pairs = [pair for pair, n in zip(((1, 1), (1, 0), (0, 1), (0, 0)), counts, strict=True) for _ in range(n)]
    codes = [
        (unit, coder, "x" if said else None)
        for unit, pair in enumerate(pairs)
        for coder, said in zip("ab", pair, strict=True)
    ]
    frame = pl.DataFrame(codes, schema={"unit": pl.Int64, "coder": pl.String, "code": pl.String}, orient="row")
    value = cohen_kappa(frame, code="x").value
    assert value == pytest.approx(row["value"], abs=1e-9)
    assert value == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)), abs=1e-9)


@pytest.mark.parametrize("row", rows("false_discovery"), ids=lambda row: str(len(row["p"])))
def test_false_discoveries_are_corrected_as_by_statsmodels_and_scipy(row):
    found = corrected(np.array(row["p"])).tolist()
    assert found == pytest.approx(row["q"], abs=1e-12)
    assert found == pytest.approx(stats.false_discovery_control(row["p"], method="bh").tolist(), abs=1e-12)


@pytest.mark.parametrize("n", [5, 15, 60])
def test_the_bootstrap_of_a_mean_is_near_that_of_scipy(n):
    values = np.random.default_rng(n).integers(-2, 3, n).astype(float)
    found = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(1))
    _, low, high = bootstrap_mean(values.tolist())
    assert (low, high) == pytest.approx(tuple(found.confidence_interval), abs=0.15)


def answered(importance: list[int | None], satisfaction: list[int | None]) -> pl.DataFrame:
    told = [
        {"touchpoint": "web", "role": role, "person": f"p{n:03}", "share": (value - 1) / 4, "evidence_id": f"{n}{role}"}
        for role, values in (("importance", importance), ("satisfaction", satisfaction))
        for n, value in enumerate(values)
        if value is not None
    ]
    return pl.DataFrame(told)


@pytest.mark.parametrize(("seed", "n"), [(1, 12), (2, 40), (3, 150)])
def test_the_interval_of_an_opportunity_is_near_scipys_bootstrap_over_respondents(seed, n):
    dice = np.random.default_rng(seed)
    important, satisfied = dice.integers(2, 6, n), dice.integers(1, 6, n)
    row = score_asked(answered(important.tolist(), satisfied.tolist()), top=0.75, minimum=3).to_dicts()[0]

    def score(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        high, content = 10 * (a >= 4).mean(axis=axis), 10 * (b >= 4).mean(axis=axis)
        return high + np.maximum(high - content, 0)

    found = stats.bootstrap(
        (important, satisfied), score, paired=True, vectorized=True, method="percentile", n_resamples=5000,
        rng=np.random.default_rng(7),
    )  # fmt: skip
    assert row["asked_score"] == pytest.approx(float(score(important, satisfied)))
    assert (row["low"], row["high"]) == pytest.approx(tuple(found.confidence_interval), abs=0.7)
    assert row["low"] <= row["asked_score"] <= row["high"]


def test_people_who_answered_one_of_the_two_questions_are_drawn_as_well():
    frame = answered([5, 5, 5, 5, 1, 1], [None, None, 5, 1, 1, 1])
    row = score_asked(frame, top=0.75, minimum=3).to_dicts()[0]
    assert (row["importance_n"], row["satisfaction_n"]) == (6, 4)
    assert 0 <= row["low"] < row["asked_score"] < row["high"] <= 20
    again = score_asked(frame.reverse(), top=0.75, minimum=3).to_dicts()[0]
    assert again == row


def test_the_interval_of_reach_times_severity_is_that_of_a_mean_over_those_who_were_asked():
    said = [("P1", -2.0), ("P1", -1.0), ("P2", -1.0), ("P3", 1.0), ("P4", None), ("P5", -2.0)]
    rows_ = [item(f"q{n}.product", person=person, valence=value, type="pain" if person != "P3" else "gain")
             for n, (person, value) in enumerate(said)]  # fmt: skip
    pains = {"stage": "consideration", "severity": 0.75, "evidence": [f"q{n}.product" for n in (0, 1, 2, 4, 5)]}
    frame = evidence_of(*rows_)
    wanted = bootstrap_mean([0.75, 0.5, 0.0, 0.75, 1.0])
    assert pain_interval(pains, frame, minimum=3) == wanted[1:]
    assert pain_interval(pains, frame, minimum=6) == (None, None)
