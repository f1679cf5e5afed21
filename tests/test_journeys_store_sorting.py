"""The sort by keys that hold only the first bits, and the numbers of acts: exact whatever the bits are."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.journeys.store import sorting
from cjtools.journeys.store.actbook import ActBook

hashes = st.integers(0, 7).map(lambda low: low) | st.integers(0, 2**56 - 1)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(hashes, st.integers(-(2**62), 2**62) | st.integers(0, 9)), max_size=60), st.integers(0, 200))
def test_the_sort_is_exact_where_its_key_has_no_room_for_all_bits(events, first):
    profile = np.array([(first << 56) | low for low, _ in events], np.uint64)
    at = np.array([moment for _, moment in events], np.int64)
    row, who, when = sorting.order_of(profile, at, 8)
    expected = np.lexsort((np.arange(len(at)), at, profile))
    assert row.tolist() == expected.tolist()
    assert (who.tolist(), when.tolist()) == (profile[expected].tolist(), at[expected].tolist())


def test_many_profiles_that_share_first_bits_are_told_apart():
    generator = np.random.default_rng(3)
    profile = generator.integers(0, 300, 20_000).astype(np.uint64)  # all the first bits are alike
    at = generator.integers(0, 10**15, 20_000)
    row, _, _ = sorting.order_of(profile, at, 8)
    assert row.tolist() == np.lexsort((np.arange(20_000), at, profile)).tolist()


def test_times_of_one_profile_that_share_first_bits_are_told_apart():
    generator = np.random.default_rng(4)
    at = np.concatenate([[2**61], generator.integers(0, 1000, 5_000)])
    row, _, _ = sorting.order_of(np.zeros(5_001, np.uint64), at, 8)
    assert row.tolist() == np.argsort(at, kind="stable").tolist()


def names_of(hashes: np.ndarray):
    """Return what gives the names of acts by their rows, from their hashes."""

    def names(found: np.ndarray) -> pl.DataFrame:
        events = pl.Series([f"{value:020}" for value in hashes[found].tolist()], dtype=pl.String)
        nothing = pl.lit(None, pl.String)
        return events.to_frame("event").with_columns(page=nothing, channel=nothing)

    return names


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(1, 6) | st.integers(1, 2**64 - 1), max_size=30), max_size=6))
def test_acts_have_one_number_each_however_their_hashes_collide(batches):
    book, numbers = ActBook(), []
    for batch in batches:
        hashes = np.array(batch, np.uint64)
        numbers += zip(batch, book.codes(hashes, names_of(hashes)).tolist(), strict=True)
    distinct = sorted({value for value, _ in numbers})
    assert len(set(numbers)) == len(distinct) == len({number for _, number in numbers})
    if distinct:
        acts, place = book.finish()
        assert acts.names["event"] == tuple(f"{value:020}" for value in distinct)
        assert {value: int(place[number]) for value, number in numbers} == {v: k for k, v in enumerate(distinct)}


def test_a_book_that_grows_keeps_its_numbers():
    book = ActBook()
    hashes = np.random.default_rng(1).integers(1, 2**63, 9_000).astype(np.uint64)
    before = book.codes(hashes[:500], names_of(hashes))
    book.codes(hashes, names_of(hashes))
    assert book.codes(hashes[:500], names_of(hashes)).tolist() == before.tolist()
    assert len(book.aside) > 0
