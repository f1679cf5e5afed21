"""Agreement of coders and saturation, against worked values from the literature."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cjtools.text.agreement import cohen_kappa, krippendorff_alpha, saturation

# The reliability data of Krippendorff's own paper (2011, section E): four observers, twelve units, gaps.
OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}


def published() -> pl.DataFrame:
    rows = [
        (unit, coder, int(value))
        for coder, values in OBSERVERS.items()
        for unit, value in enumerate(values.split(), 1)
        if value != "."
    ]
    return pl.DataFrame(rows, schema=["unit", "coder", "value"], orient="row")


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_the_paper(level, alpha):
    found = krippendorff_alpha(published(), level=level)
    assert found.value == pytest.approx(alpha, abs=0.0006)
    assert (found.units, found.values, found.coders) == (11, 40, 4)


def test_alpha_is_undefined_where_nothing_could_differ():
    frame = pl.DataFrame({"unit": [1, 1, 2, 2], "coder": ["a", "b"] * 2, "value": ["x"] * 4})
    assert krippendorff_alpha(frame).value is None
    assert krippendorff_alpha(frame.head(1)).units == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abc"), st.integers(0, 3)), max_size=40))
def test_alpha_is_at_most_one_and_blind_to_order_and_names(rows):
    frame = pl.DataFrame(rows, schema={"unit": pl.Int64, "coder": pl.String, "value": pl.Int64}, orient="row")
    frame = frame.unique(["unit", "coder"], keep="first", maintain_order=True)
    alpha = krippendorff_alpha(frame).value
    turned = frame.reverse().with_columns(coder=pl.col("coder") + "x", value=-pl.col("value"))
    again = krippendorff_alpha(turned).value
    assert (alpha is None) == (again is None)
    if alpha is not None:
        assert alpha <= 1
        assert alpha == pytest.approx(again)


def test_kappa_is_that_of_the_textbook_table():
    # 50 units: both yes 20, only a 5, only b 10, both no 15: observed .70, expected .50, kappa .40.
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    rows = [
        (unit, coder, "x" if said else None)
        for unit, pair in enumerate(pairs)
        for coder, said in zip("ab", pair, strict=True)
    ]
    frame = pl.DataFrame(rows, schema={"unit": pl.Int64, "coder": pl.String, "code": pl.String}, orient="row")
    found = cohen_kappa(frame, code="x")
    assert found.value == pytest.approx(0.4)
    assert (found.units, found.observed) == (50, 0.7)


def test_kappa_needs_two_coders_and_counts_only_units_that_both_looked_at():
    frame = pl.DataFrame({"unit": [1, 2, 2], "coder": ["a", "a", "b"], "code": ["x", "x", "x"]})
    assert cohen_kappa(frame, code="x").units == 1
    assert cohen_kappa(frame.filter(pl.col("coder") == "a"), code="x").value is None


def test_saturation_counts_new_codes_in_the_order_of_coding():
    codes = pl.DataFrame({"doc_id": ["1", "1", "2", "3", "4", "5"], "code": ["a", "b", "c", "d", "a", "b"]})
    found = saturation(codes, documents=["1", "2", "3", "4", "5"], base=2, run=2)
    assert found.curve["new"].to_list() == [2, 1, 1, 0, 0]
    assert found.curve["share"].to_list() == pytest.approx([None, None, None, 1 / 3, 0.0])
    assert (found.base_codes, found.saturated_at) == (3, 5)


def test_a_document_without_codes_brings_none_and_an_empty_study_is_not_saturated():
    assert (
        saturation(pl.DataFrame(schema={"doc_id": pl.String, "code": pl.String}), documents=["1"]).saturated_at is None
    )
