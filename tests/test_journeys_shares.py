"""Shares of small tables are those of cjtools.intervals, to the last bit."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cjtools.intervals import wilson
from cjtools.journeys.shares import shares

totals = st.one_of(st.none(), st.integers(0, 10), st.integers(0, 2**40))


@given(st.lists(st.tuples(totals, st.floats(0, 1), st.booleans()), max_size=30), st.booleans())
@settings(max_examples=120, deadline=None)
def test_shares_are_what_the_expression_says(rows, whole):
    of = [total for total, _, _ in rows]
    n = [None if lacking or total is None else total * part for total, part, lacking in rows]
    kind = pl.Int64 if whole else pl.Float64
    frame = pl.DataFrame({"n": n, "of": of}, schema={"n": pl.Float64, "of": pl.Int64}).cast({"n": kind})
    expected = frame.select(wilson(pl.col("n"), pl.col("of")))
    assert_frame_equal(pl.DataFrame(shares(frame["n"], frame["of"])), expected, check_exact=True)
