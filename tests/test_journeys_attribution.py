"""Credit by rule: the numbers of other systems, sums that hold whatever the data, the same in parts as whole."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from conftest import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.errors import ParameterError
from cjtools.intervals import Z
from cjtools.journeys.attribution import KEYS, MODELS, PARTS, count_credits, give_credit
from cjtools.journeys.touch_paths import TouchPaths, touch_paths, touch_paths_of_table
from cjtools.journeys.walks import DAY, Walk, buckets, merge, walk_of

ORACLE = SHARED / "oracles" / "markov_attribution.json"
# The same ground by hand, for where the oracle is not: conversions, lost and value of three paths.
TABLE = pl.DataFrame(
    {
        "path": [["A", "B", "C"], ["A", "C"], ["B"]],
        "conversions": [1, 2, 1],
        "lost": [1, 1, 3],
        "value": [10, 20, 5],
    }
)

events = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 30), st.sampled_from(["Ads", "Email", "Direct", "Social", "order"])),
    max_size=60,
)


def walk_from(rows: list[tuple[int, int, str]]) -> Walk:
    frame = pl.DataFrame(rows, schema={"who": pl.Int64, "at": pl.Int64, "channel": pl.String}, orient="row")
    return walk_of(frame.with_row_index("row"), path="who", at="at", step="channel", order=["row"])


def table_of_oracle() -> pl.DataFrame:
    rows = json.loads(ORACLE.read_text("utf-8"))["rows"]
    return pl.DataFrame(rows).rename({"conv": "conversions", "null": "lost"})


def credits_of(paths: TouchPaths, model: str, column: str = "conversions") -> dict[str | None, float]:
    rows = give_credit(count_credits(paths), models=[model])
    return dict(rows.select("channel", column).iter_rows())


@pytest.mark.skipif(not ORACLE.is_file(), reason="../shared/oracles is not here")
@pytest.mark.parametrize("model", ["first", "last", "linear"])
@pytest.mark.parametrize(("column", "ending"), [("conversions", ""), ("value", "_value")])
def test_rules_give_what_channelattribution_gives(model, column, ending):
    name = {"first": "first_touch", "last": "last_touch", "linear": "linear"}[model] + ending
    expected = json.loads(ORACLE.read_text("utf-8"))["heuristics"][name]
    assert credits_of(touch_paths_of_table(table_of_oracle()), model, column) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {"A": 3, "B": 1, "C": 0}),
        ("last", {"A": 0, "B": 1, "C": 3}),
        ("linear", {"A": 1 / 3 + 1, "B": 1 / 3 + 1, "C": 1 / 3 + 1}),
        ("position", {"A": 1.4, "B": 1.2, "C": 1.4}),
        ("last_non_direct", {"A": 0, "B": 1, "C": 3}),
        ("time_decay", {"A": 1 / 3 + 1, "B": 1 / 3 + 1, "C": 1 / 3 + 1}),
    ],
)
def test_rules_by_hand(model, expected):
    assert credits_of(touch_paths_of_table(TABLE), model) == pytest.approx(expected, abs=1e-8)


def test_direct_gets_credit_only_when_nothing_else_came():
    rows = [(1, 1, "Email"), (1, 2, "Direct"), (1, 3, "order"), (2, 1, "Direct"), (2, 2, "Direct"), (2, 3, "order")]
    assert credits_of(touch_paths(walk_from(rows), conversion="order"), "last_non_direct") == {"Direct": 1, "Email": 1}


def test_credit_halves_with_the_half_life():
    rows = [(1, 0, "Ads"), (1, 7 * DAY, "Email"), (1, 14 * DAY, "Social"), (1, 15 * DAY, "order")]
    found = credits_of(touch_paths(walk_from(rows), conversion="order"), "time_decay")
    assert found == pytest.approx({"Ads": 1 / 7, "Email": 2 / 7, "Social": 4 / 7}, abs=1e-8)


def test_a_conversion_ends_a_journey_and_the_rest_is_lost():
    rows = [(1, 1, "Ads"), (1, 2, "order"), (1, 3, "Email"), (1, 4, "order"), (1, 5, "Social")]
    paths = touch_paths(walk_from(rows), conversion="order", value=np.array([0, 700, 0, 300, 9]))
    assert (paths.conversions.tolist(), paths.lost.tolist()) == ([1, 1, 0], [0, 0, 1])
    assert credits_of(paths, "last", "value") == {"Ads": 700, "Email": 300, "Social": 0}


def test_the_far_edge_of_the_lookback_is_in():
    rows = [(1, 1, "Ads"), (1, 2, "Email"), (1, 12, "order")]
    assert credits_of(touch_paths(walk_from(rows), conversion="order", lookback=10), "first") == {"Email": 1}


def test_a_conversion_without_a_touch_has_its_own_row():
    paths = touch_paths(walk_from([(1, 1, "order"), (2, 1, "Ads"), (2, 2, "order")]), conversion="order")
    for model in MODELS:
        assert credits_of(paths, model) == {"Ads": 1, None: 1}


def test_shares_carry_their_n_and_interval():
    row = give_credit(count_credits(touch_paths_of_table(TABLE)), models=["last"]).row(0, named=True)
    assert (row["conversions"], row["of"], row["share"], row["low"]) == (0, 4, 0, 0)
    assert row["high"] == pytest.approx(Z * Z / (4 + Z * Z), abs=1e-8)


def test_no_conversion_at_all_gives_no_share():
    rows = give_credit(count_credits(touch_paths(walk_from([(1, 1, "Ads")]), conversion="order")), models=["first"])
    assert rows.select("channel", "conversions", "of", "share").rows() == [("Ads", 0, 0, None)]


def test_no_events_give_no_rows():
    assert give_credit(count_credits(touch_paths(walk_from([]), conversion="order"))).is_empty()


def test_a_channel_that_is_called_like_an_end_is_refused():
    with pytest.raises(ParameterError) as error:
        touch_paths(walk_from([(1, 1, "(start)"), (1, 2, "(null)")]), conversion="order")
    assert str(error.value) == (
        "channels cannot be used: 2 faults\n"
        "  (null): a channel of this name cannot be told from an end of the path; rename it\n"
        "  (start): a channel of this name cannot be told from an end of the path; rename it"
    )


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError, match="did you mean 'linear'"):
        give_credit(count_credits(touch_paths_of_table(TABLE)), models=["linaer"])
    with pytest.raises(ParameterError, match=r"expected 0 to 0\.5"):
        give_credit(count_credits(touch_paths_of_table(TABLE)), ends=0.6)


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 40))
def test_credits_add_up_to_the_conversions(rows, half_life):
    walk = walk_from(rows)
    amounts = np.arange(len(walk), dtype=np.int64)
    paths = touch_paths(walk, conversion="order", value=amounts)
    partials = count_credits(paths, half_life=half_life)
    given_credit = give_credit(partials).group_by("model").agg(pl.col("conversions", "value").sum())
    for _, conversions, value in given_credit.iter_rows():
        assert conversions == pytest.approx(paths.conversions.sum(), abs=1e-6)
        assert value == pytest.approx(paths.value.sum(), abs=1e-6)
    assert partials["decay"].sum() == paths.conversions.sum() * PARTS
    assert paths.conversions.sum() == sum(channel == "order" for _, _, channel in rows)


@settings(deadline=None, max_examples=60)
@given(events, st.integers(1, 8))
def test_parts_merge_to_the_whole(rows, count):
    walk = walk_from(rows)
    whole = count_credits(touch_paths(walk, conversion="order", lookback=9), half_life=3)
    parts = [
        count_credits(touch_paths(part, conversion="order", lookback=9), half_life=3) for part in buckets(walk, count)
    ]
    assert merge(parts, by=KEYS).equals(whole)
    assert give_credit(merge(parts, by=KEYS)).equals(give_credit(whole))


@settings(deadline=None, max_examples=60)
@given(events.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))))
def test_the_order_of_rows_does_not_matter(case):
    rows, order = case
    frame = pl.DataFrame(rows, schema={"who": pl.Int64, "at": pl.Int64, "channel": pl.String}, orient="row")
    frame = frame.with_row_index("row")
    walks = [walk_of(each, path="who", at="at", step="channel", order=["row"]) for each in (frame, frame[list(order)])]
    one, other = (give_credit(count_credits(touch_paths(walk, conversion="order"))) for walk in walks)
    assert one.equals(other)


@pytest.mark.skipif(not ORACLE.is_file(), reason="../shared/oracles is not here")
def test_the_shop_of_retentioneering_keeps_its_conversions():
    shop = pl.read_csv(SHARED / "oracles" / "ecom.csv.gz", try_parse_dates=True).with_row_index("row")
    first = shop.unique("session_id", keep="first", maintain_order=True).with_columns(step="acquisition_channel")
    bought = shop.filter(pl.col("event") == "purchase").with_columns(step=pl.lit("purchase"))
    steps = pl.concat([first, bought])
    walk = walk_of(steps, path="user_id", at="timestamp", step="step", order=["row"])
    partials = count_credits(touch_paths(walk, conversion="purchase"), direct="direct")
    sums = give_credit(partials).group_by("model").agg(pl.col("conversions").sum().round(6))
    assert set(sums["conversions"]) == {bought.height}
    parts = [count_credits(touch_paths(part, conversion="purchase"), direct="direct") for part in buckets(walk, 64)]
    assert merge(parts, by=KEYS).equals(partials)
