"""Groups of paths: by what is known of them, by what they did; with the rest, and told where they overlap."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from test_journeys_attribution import events, walk_from

from cjtools.errors import ParameterError
from cjtools.journeys.segments import (
    MISSING,
    REST,
    equal_exposure,
    event_segments,
    in_segment,
    length_segments,
    rest_of,
    segment_sizes,
    static_segments,
    step_segments,
)
from cjtools.journeys.walks import Walk, walk_of

ECOM = SHARED / "oracles" / "ecom.csv.gz"


@pytest.mark.skipif(not ECOM.is_file(), reason="../shared/oracles is not here")
def test_levels_that_overlap_are_shares_of_all_users():
    # defects.json, segment-overlap: the sizes add to 1410 for 600 users.
    rows = pl.read_csv(ECOM, try_parse_dates=True).with_row_index("row")
    walk = walk_of(rows, path="user_id", at="timestamp", step="event", order=["row"])
    levels = rows.sort("user_id", "timestamp", "row")["user_lifecycle"]
    sizes = segment_sizes(event_segments(walk, levels))
    assert sizes["n"].sum() == 1410
    assert sizes["of"].unique().to_list() == [600]
    assert (sizes["also"] > 0).any()
    assert sizes["share"].to_list() == [round(n / 600, 9) for n in sizes["n"]]


def walk_in_time() -> Walk:
    return walk_from([(1, 1, "Ads"), (1, 2, "Email"), (2, 3, "Ads"), (3, 9, "Social")])


def test_segments_by_what_is_known_and_what_was_done():
    walk = walk_in_time()
    known = static_segments(walk, {"1": "new", "2": None})
    assert known["segment"].to_list() == ["new", MISSING, MISSING]
    assert step_segments(walk, ["Ads", "Email"]).rows() == [(0, "Ads"), (0, "Email"), (1, "Ads"), (2, REST)]
    assert length_segments(walk, [2]).rows() == [(0, "2+"), (1, "1–1"), (2, "1–1")]
    assert in_segment(walk, known, MISSING).path.tolist() == [1, 2]
    assert rest_of(walk, known, MISSING).path.tolist() == [0, 0]


def test_a_level_that_nobody_is_in_is_refused():
    with pytest.raises(ParameterError, match="nobody is in 'nwe'; did you mean 'new'"):
        in_segment(walk_in_time(), static_segments(walk_in_time(), {"1": "new"}), "nwe")


def test_paths_are_watched_equally_long():
    cut = equal_exposure(walk_in_time(), length=1, until=10)
    assert (cut.path.tolist(), cut.at.tolist()) == ([0, 0, 1], [1, 2, 3])


@settings(deadline=None, max_examples=60)
@given(events, st.sampled_from(["Ads", "Email"]))
def test_a_level_and_its_rest_are_everybody(rows, name):
    walk = walk_from(rows)
    segments = step_segments(walk, [name])
    if name in segments["segment"]:
        part, rest = in_segment(walk, segments, name), rest_of(walk, segments, name)
        assert len(part) + len(rest) == len(walk)
        assert not set(part.path) & set(rest.path)
