"""polars as it is written at first: each operation from the files, the rules on every row, windows by `over`."""

from __future__ import annotations

from pathlib import Path

import credit
import polars as pl

from ways import ALL, DAY, FUNNEL, LEVELS, MONTH, PAUSE, STEPS, TOP_PAGES, TOP_PATHS, WEEK, fold
from ways.careful import Answer, named, rows_of
from ways.stages import stage

USER = "user_id"


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"polars": pl.__version__}


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def prepare(folder: Path, what: str, threads: int) -> pl.LazyFrame:
    """Return the events without exact duplicates, in order: nothing is read yet."""
    events = pl.scan_parquet(folder / "events-*.parquet").drop("session_id", "device").unique()
    return events.sort(USER, "ts", "event_id").with_columns(t=pl.col("ts").dt.epoch("ms"))


def ask(events: pl.LazyFrame, op: str) -> Answer:
    """Return the answer to one operation."""
    return OPS[op](events)


def with_sessions(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the events with the number of their session within the user."""
    gap = pl.col("t").diff().over(USER)
    return events.with_columns(begins=(gap > PAUSE).fill_null(value=True)).with_columns(
        s=pl.col("begins").cum_sum().over(USER)
    )


def with_stages(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the events that have a stage, with it."""
    return events.with_columns(stage=stage()).filter(pl.col("stage").is_not_null())


def collapsed(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return the first event of each run of one stage of a user."""
    return with_stages(events).filter(pl.col("stage").ne_missing(pl.col("stage").shift().over(USER)))


def sessions(events: pl.LazyFrame) -> Answer:
    """A."""
    each = with_sessions(events).group_by(USER, "s", maintain_order=True).agg(pl.col("channel").first(), pl.len())
    return {"sessions": rows_of(each.group_by("channel").agg(pl.len().alias("n"), pl.col("len").sum()).collect())}


def stages(events: pl.LazyFrame) -> Answer:
    """B."""
    return {"stages": rows_of(with_stages(events).group_by("stage").len().collect())}


def paths(events: pl.LazyFrame) -> Answer:
    """C."""
    c = collapsed(events.with_columns(t0=pl.col("t").min().over(USER)))
    lengths = c.group_by(USER).len().group_by("len").agg(n=pl.len()).collect()
    firsts = c.group_by(USER, "stage").agg(pl.col("t").min(), pl.col("t0").first())
    firsts = firsts.group_by("stage").agg(pl.len(), (pl.col("t") - pl.col("t0")).sum())
    return {"lengths": rows_of(lengths), "firsts": rows_of(firsts.collect())}


def pairs(frame: pl.LazyFrame, column: str) -> pl.DataFrame:
    """Return how often one value follows another: source, target, n."""
    before = frame.select(source=pl.col(column).shift().over(USER), target=column).drop_nulls()
    return before.group_by("source", "target").agg(n=pl.len()).collect()


def transitions(events: pl.LazyFrame) -> Answer:
    """D."""
    pages = pairs(events.filter(pl.col("page").is_not_null()), "page")
    top = pages.sort("n", "source", "target", descending=[True, False, False]).head(TOP_PAGES)
    return {"stages": rows_of(pairs(with_stages(events), "stage")), "pages": rows_of(top)}


def funnel(events: pl.LazyFrame) -> Answer:
    """E."""
    f = with_stages(events).filter(pl.col("stage").is_in(list(FUNNEL)))
    f = f.with_columns(s0=pl.when(pl.col("stage") == FUNNEL[0]).then("t"))
    for level, name in enumerate(FUNNEL[1:], 1):
        start = pl.col(f"s{level - 1}").forward_fill().over(USER)
        near = (pl.col("stage") == name) & (pl.col("t") - start <= WEEK)
        f = f.with_columns(pl.when(near).then(start).alias(f"s{level}"))
    levels = [pl.col(f"s{level}").is_not_null().any().alias(name) for level, name in enumerate(FUNNEL)]
    closed = f.group_by(USER).agg(levels).select(pl.col(FUNNEL).sum()).collect().row(0)
    opened = f.group_by(USER).agg((pl.col("stage") == name).any().alias(name) for name in FUNNEL)
    seen = opened.select(pl.col(FUNNEL).sum()).collect().row(0)
    pair = [[[name, n] for name, n in zip(FUNNEL, row, strict=True)] for row in (closed, seen)]
    return {"closed": pair[0], "open": pair[1]}


def exits(events: pl.LazyFrame) -> Answer:
    """F."""
    p = with_sessions(events).filter(pl.col("page").is_not_null())
    p = p.with_columns(last=pl.col("s").ne_missing(pl.col("s").shift(-1).over(USER)))
    return {"exits": rows_of(p.group_by("page").agg(pl.len(), pl.col("last").sum()).collect())}


def steps(events: pl.LazyFrame) -> Answer:
    """G."""
    placed = events.select(USER, "event", place=pl.int_range(1, pl.len() + 1).over(USER))
    cells = placed.filter(pl.col("place") <= STEPS).group_by("place", "event").len().collect()
    return {"steps": fold(cells.rows(), events.select(pl.col(USER).n_unique()).collect().item())}


def times(events: pl.LazyFrame) -> Answer:
    """H."""
    moves = collapsed(events).select(
        source=pl.col("stage").shift().over(USER), target="stage", x=pl.col("t").diff().over(USER) / 1000
    )
    levels = [pl.col("x").quantile(level, "linear").alias(str(level)) for level in LEVELS]
    return {"times": rows_of(moves.drop_nulls().group_by("source", "target").agg(pl.len(), *levels).collect())}


def attribution(events: pl.LazyFrame) -> Answer:
    """I."""
    each = with_sessions(events).group_by(USER, "s", maintain_order=True).agg(
        pl.col("channel").first(), won=(pl.col("event") == "purchase").any()
    )  # fmt: skip
    journey = [USER, "j"]
    each = each.with_columns(j=pl.col("won").shift(fill_value=False).cum_sum().over(USER)).with_columns(
        place=pl.int_range(pl.len()).over(journey),
        length=pl.len().over(journey),
        before=pl.col("channel").shift().over(journey),
    )
    t = each.with_columns(pl.col("won").any().over(journey)).collect()
    touches = t.filter("won").group_by("channel", "place", "length").len()
    ends = t.filter(pl.col("place") == pl.col("length") - 1).group_by("channel", "won").len()
    moves = [
        *t.group_by(pl.col("before").fill_null(credit.START), "channel").len().rows(),
        *((channel, credit.WON if won else credit.LOST, n) for channel, won, n in ends.rows()),
    ]
    sets = t.filter("won").group_by(journey).agg(pl.col("channel").unique().sort()).group_by("channel").len()
    groups = [(frozenset(names), n) for names, n in sets.rows()]
    return {"credit": [*credit.by_rules(touches.rows()), *credit.markov(moves), *credit.shapley(groups)]}


def top_paths(events: pl.LazyFrame) -> Answer:
    """J."""
    staged = with_stages(with_sessions(events))
    runs = staged.filter(pl.col("stage").ne_missing(pl.col("stage").shift().over(USER, "s")))
    counts = runs.group_by(USER, "s", maintain_order=True).agg(pl.col("stage")).group_by("stage").len().collect()
    ranked = sorted(((-n, path) for path, n in counts.rows()))[:TOP_PATHS]
    return {"paths": [[">".join(path), -n] for n, path in ranked]}


def days(events: pl.LazyFrame) -> Answer:
    """K."""
    cents = (pl.col("revenue") * 100).round().cast(pl.Int64).sum()
    by_day = events.group_by(day=pl.col("t") // DAY).agg(pl.len(), pl.col(USER).n_unique(), cents)
    return {"days": rows_of(by_day.collect())}


def patterns(events: pl.LazyFrame) -> Answer:
    """L."""

    def nearest(event: str, column: str) -> pl.Expr:
        found = pl.when(pl.col("event") == event).then(column)
        return (found.backward_fill() if event == "store_pickup" else found.forward_fill()).over(USER)

    f = events.with_columns(
        seen=nearest("view_item", "t"), way=nearest("view_item", "channel"), tried=nearest("store_try", "t"),
        got=nearest("store_pickup", "t"),
    )  # fmt: skip
    f = f.filter(pl.col("event").is_in(["store_purchase", "purchase_pickup", "purchase"])).collect()
    shares = {
        "click_collect": ("purchase_pickup", pl.col("got") - pl.col("t") <= WEEK),
        "ropo": ("store_purchase", pl.col("t") - pl.col("seen") <= MONTH),
        "try_buy": ("purchase", pl.col("t") - pl.col("tried") <= MONTH),
    }
    parts = {name: f.filter(pl.col("event") == event) for name, (event, _) in shares.items()}
    rows = [[name, parts[name].filter(near).height, parts[name].height] for name, (_, near) in shares.items()]
    return {"ropo": named(parts["ropo"].filter(shares["ropo"][1]).group_by("way").len(), "way"), "patterns": rows}


OPS = dict(
    zip(
        ALL,
        (sessions, stages, paths, transitions, funnel, exits, steps, times, attribution, top_paths, days, patterns),
        strict=True,
    )
)
