"""What period each source covers, day by day, and the days that are missing in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from cjtools.inventory.tables import SourcePeriod, SourceSpan
from cjtools.settings import Wave
from cjtools.tables import Tables, shape_of

DAY = dt.timedelta(days=1)
# A source with rows on at least half of its days is expected to have some on every day.
DENSE = 0.5

Days = tuple[dt.date, dt.date]
Run = tuple[str, dt.date, dt.date, int]


def source_periods(tables: Tables, *, wave: Wave | None = None) -> pl.DataFrame:
    """Return the period of each source: first and last day, days with rows, gaps.

    Rows as inventory.tables.SourcePeriod.

    >>> import cjtools as cj
    >>> source_periods(cj.Tables()).height
    0
    """
    days, spans = count_days(tables), source_spans(tables)
    families = dict(tables.sources.select("source_id", "family").unique("source_id", keep="first").iter_rows())
    rows = [
        period_of(source, place, families[source], days.filter(source_id=source), spans.filter(source_id=source), wave)
        for place, source in enumerate(tables.sources["source_id"].unique(maintain_order=True))
    ]
    return SourcePeriod.validate(pl.DataFrame(rows, schema=shape_of(SourcePeriod)), cast=True)


def period_of(
    source: str, place: int, family: str, days: pl.DataFrame, spans: pl.DataFrame, wave: Wave | None
) -> dict[str, object]:
    """Return the period of one source from its rows by day and its runs of days."""
    dated = days.filter(pl.col("day").is_not_null())
    gaps = spans.filter(pl.col("state") == "gap").sort("days", "first", descending=[True, False])
    longest = gaps.row(0, named=True) if gaps.height else {"first": None, "last": None, "days": 0}
    first, last = spans["first"].min(), spans["last"].max()
    length = (last - first).days + 1 if isinstance(first, dt.date) and isinstance(last, dt.date) else 0
    inside = (
        dated.filter(pl.col("day").is_between(wave.from_, wave.to))["rows"].sum() if wave and dated.height else None
    )
    return {
        "source_id": source,
        "position": place,
        "family": family,
        "rhythm": rhythm_of(dated["day"].to_list(), has_totals=(spans["state"] == "totals").any()),
        "first": first,
        "last": last,
        "days": length,
        "days_with": dated.height,
        "rows": int(days["rows"].sum()),
        "undated": int(days.filter(pl.col("day").is_null())["rows"].sum()),
        "in_wave": inside,
        "gaps": gaps.height,
        "longest_from": longest["first"],
        "longest_to": longest["last"],
        "longest_days": longest["days"],
    }


def rhythm_of(days: Sequence[dt.date], *, has_totals: bool) -> str:
    """Return whether a source has rows on most days, now and then, only as totals of periods, or without a day."""
    if not days:
        return "totals" if has_totals else "undated"
    return "daily" if len(days) >= DENSE * ((max(days) - min(days)).days + 1) else "sparse"


def count_days(tables: Tables) -> pl.DataFrame:
    """Return how many rows each source has on each day (source_id, day, rows); a null day is a row without a date.

    A row of a file counts once, whatever was made of it; of events each one. Totals of one day are that day's; totals
    of a longer period have no day and are left out here. The purchases that a table of orders proves are its own rows.
    """
    place = ["source_id", "source_file", "source_row"]
    bought = tables.orders.select("order_id", day="local_date")
    rows = [
        tables.profiles.select(*place, day=pl.lit(None, pl.Date)),
        tables.quotes.select(*place, day="local_date"),
        tables.orders.select(*place, day="local_date"),
        tables.order_lines.join(bought, on="order_id").select(*place, "day"),
        tables.answers.select(*place, day="local_date"),
        tables.observations.filter(pl.col("period_from").eq_missing(pl.col("period_to"))).select(
            *place, day="period_from"
        ),
    ]
    shops = tables.orders["source_id"].unique().to_list()
    acts = tables.events.filter(~pl.col("source_id").is_in(shops)).select("source_id", day="local_date")
    counts = [
        frame.group_by("source_id", "day").agg(rows=pl.len().cast(pl.Int64))
        for frame in (pl.concat(rows).unique().lazy(), acts)
    ]
    both = pl.concat(counts).group_by("source_id", "day").agg(pl.col("rows").sum())
    return both.collect(engine="streaming").sort("source_id", "day", nulls_last=True)


def source_spans(tables: Tables) -> pl.DataFrame:
    """Return the runs of days with rows, the gaps between them, and the periods of totals, source by source.

    Rows as inventory.tables.SourceSpan. Gaps are only told of where a day without rows means something: inside a source
    with rows on most days, and between two periods of totals.

    >>> import cjtools as cj
    >>> source_spans(cj.Tables()).height
    0
    """
    days = count_days(tables).filter(pl.col("day").is_not_null())
    periods = (
        tables.observations.select("source_id", "period_from", "period_to")
        .drop_nulls()
        .filter(pl.col("period_from") != pl.col("period_to"))
        .unique()
        .sort("source_id", "period_from", "period_to")
    )
    rows = [
        (source, place, state, first, last, (last - first).days + 1, count)
        for place, source in enumerate(tables.sources["source_id"].unique(maintain_order=True))
        for state, first, last, count in spans_of(
            dict(days.filter(source_id=source).select("day", "rows").iter_rows()),
            list(periods.filter(source_id=source).select("period_from", "period_to").iter_rows()),
        )
    ]
    return SourceSpan.validate(pl.DataFrame(rows, schema=shape_of(SourceSpan), orient="row"), cast=True)


def spans_of(days: dict[dt.date, int], periods: Sequence[Days]) -> list[Run]:
    """Return the runs of one source in their order: state, first day, last day, rows.

    >>> one, three, four = (dt.date(2026, 7, day) for day in (1, 3, 4))
    >>> [run[0] for run in spans_of({one: 5, three: 1, four: 1}, [])]
    ['rows', 'gap', 'rows']
    """
    if not days:
        return list(with_gaps([("totals", first, last, 0) for first, last in joined(periods)]))
    runs = [
        ("rows", first, last, sum(days[first + DAY * step] for step in range((last - first).days + 1)))
        for first, last in joined((day, day) for day in sorted(days))
    ]
    told = with_gaps(runs) if rhythm_of(list(days), has_totals=False) == "daily" else runs
    inside = (min(days), max(days))
    outside = [run for period in periods for run in beyond(period, inside)]
    return sorted(
        [*told, *(("totals", first, last, 0) for first, last in joined(sorted(outside)))], key=lambda run: run[1]
    )


def joined(periods: Iterable[Days]) -> Iterator[Days]:
    """Yield sorted periods with those that touch or overlap as one."""
    begun: Days | None = None
    for first, last in periods:
        if begun and first <= begun[1] + DAY:
            begun = (begun[0], max(begun[1], last))
            continue
        if begun:
            yield begun
        begun = (first, last)
    if begun:
        yield begun


def with_gaps(runs: Sequence[Run]) -> Iterator[Run]:
    """Yield runs and, between two of them, the days that neither has."""
    for place, run in enumerate(runs):
        if place:
            yield "gap", runs[place - 1][2] + DAY, run[1] - DAY, 0
        yield run


def beyond(period: Days, inside: Days) -> Iterator[Days]:
    """Yield the parts of a period that lie before or after the days that have rows of their own."""
    if period[0] < inside[0]:
        yield period[0], min(period[1], inside[0] - DAY)
    if period[1] > inside[1]:
        yield max(period[0], inside[1] + DAY), period[1]
