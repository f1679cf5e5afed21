"""polars, written with care: one stable sort by user and time, then shifts and filters on codes, work shared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import credit
import polars as pl

from ways import ALL, COLUMNS, DAY, FUNNEL, LEVELS, MONTH, PAUSE, STEPS, TOP_PAGES, TOP_PATHS, WEEK, WITH_STAGE, fold
from ways.stages import STAGES, stage

Answer = dict[str, list[list[object]]]
U, S = pl.col("u"), pl.col("s")


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"polars": pl.__version__}


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def new(*columns: str) -> pl.Expr:
    """Return whether a row differs from the row before in any of the columns; true in the first row."""
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in columns) | (
        pl.int_range(pl.len()) == 0
    )


def rows_of(frame: pl.DataFrame) -> list[list[object]]:
    """Return the rows of a small table, sorted by all their columns but floats."""
    return [
        list(row) for row in frame.sort([name for name in frame.columns if not frame[name].dtype.is_float()]).rows()
    ]


@dataclass(eq=False)
class Sorted:
    """The events in order; what several operations use is computed once."""

    d: pl.DataFrame  # u, t, event, page, channel (as they are needed), s, n; one row an event
    what: str

    @cached_property
    def staged(self) -> pl.DataFrame:
        """Events that have a stage."""
        return self.d.filter(pl.col("stage").is_not_null()).select("u", "t", "s", "stage", "t0")

    @cached_property
    def collapsed(self) -> pl.DataFrame:
        """The first event of each run of one stage of a user."""
        return self.staged.filter(new("u", "stage"))

    @cached_property
    def paged(self) -> pl.DataFrame:
        """Events that have a page."""
        return self.d.filter(pl.col("page").is_not_null()).select("u", "s", "page")

    @cached_property
    def users(self) -> int:
        """How many there are."""
        return int(self.d["u"][-1]) + 1


def prepare(folder: Path, what: str, threads: int) -> Sorted:
    """Return the events sorted and coded, without exact duplicates."""
    columns = ["user_id", "ts", "event", "page", "channel", *(["revenue"] if "K" in what else [])]
    d = pl.read_parquet(sorted(folder.glob("events-*.parquet")), columns=columns)
    enums = {name: pl.Enum(d[name].unique().drop_nulls().sort()) for name in ("event", "page", "channel")}
    d = d.with_columns(pl.col("ts").dt.epoch("ms"), *(pl.col(name).cast(enum) for name, enum in enums.items()))
    d = d.sort("user_id", "ts", maintain_order=True)
    d = d.with_columns(u=(pl.col("user_id") != pl.col("user_id").shift()).fill_null(value=False).cum_sum())
    d = without_duplicates(d.drop("user_id").rename({"ts": "t"}))
    if set(what) & set(WITH_STAGE):
        acts = d.select("event", "page").unique()
        text = acts.select(pl.col("event", "page").cast(pl.String)).select(stage=stage().cast(pl.Enum(STAGES)))
        d = d.join(acts.hstack(text), on=["event", "page"], how="left", nulls_equal=True, maintain_order="left")
    opens = new("u")
    begins = opens | (pl.col("t").diff() > PAUSE).fill_null(value=False)
    d = d.with_columns(s=begins.cum_sum() - 1, t0=pl.when(opens).then("t").forward_fill())
    return Sorted(d, what)


def without_duplicates(d: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, of exact duplicates the first: only rows that tie with a neighbour are looked at."""
    same = (U.shift() == U) & (pl.col("t") == pl.col("t").shift())
    d = d.with_columns(tie=(same | same.shift(-1)).fill_null(value=False)).with_row_index("row")
    tied = d.filter("tie")
    again = tied.filter(~tied.select(pl.struct("u", "t", "event", "page", "channel").is_first_distinct()).to_series())[
        "row"
    ]
    kept = pl.Series([True]).new_from_index(0, d.height).scatter(again, False) if len(again) else None
    return (d if kept is None else d.filter(kept)).drop("tie", "row")


def ask(state: Sorted, op: str) -> Answer:
    """Return the answer to one operation."""
    return OPS[op](state)


def sessions(state: Sorted) -> Answer:
    """A."""
    first = state.d.with_row_index("row").filter(new("s")).select(
        "channel", events=pl.col("row").shift(-1, fill_value=state.d.height).cast(pl.Int64) - pl.col("row")
    )  # fmt: skip
    return {
        "sessions": rows_of(first.group_by(pl.col("channel").cast(pl.String)).agg(pl.len(), pl.col("events").sum()))
    }


def stages(state: Sorted) -> Answer:
    """B."""
    return {"stages": named(state.staged["stage"].value_counts(), "stage")}


def named(counts: pl.DataFrame, *columns: str) -> list[list[object]]:
    """Return rows with names for codes."""
    return rows_of(counts.with_columns(pl.col(columns).cast(pl.String)))


def paths(state: Sorted) -> Answer:
    """C."""
    c = state.collapsed
    lengths = c["u"].rle().struct.field("len").value_counts()
    firsts = [
        [name, one.height, one.select((pl.col("t") - pl.col("t0")).sum()).item()]
        for name in STAGES
        if (one := c.filter(pl.col("stage") == name).filter(new("u"))).height
    ]
    return {"lengths": rows_of(lengths), "firsts": firsts}


def transitions(state: Sorted) -> Answer:
    """D."""
    pages = pairs(state.paged, "page").sort("n", "source", "target", descending=[True, False, False]).head(TOP_PAGES)
    return {
        "stages": named(pairs(state.staged, "stage"), "source", "target"),
        "pages": named(pages, "source", "target"),
    }


def pairs(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return how often one value follows another: source, target, n."""
    kind, wide = frame[column].dtype, 1 << 16
    code = pl.col(column).to_physical().cast(pl.UInt32)
    packed = frame.select(pair=pl.when(U.shift() == U).then(code.shift() * wide + code)).drop_nulls()
    counts = packed["pair"].value_counts(name="n")
    ends = {"source": pl.col("pair") // wide, "target": pl.col("pair") % wide}
    narrow = frame[column].to_physical().dtype
    return counts.select(*(code.cast(narrow).cat.to(kind).alias(name) for name, code in ends.items()), "n")


def funnel(state: Sorted) -> Answer:
    """E: the latest start that leads to each event; starts never fall, so the last one filled forward is the latest."""
    f = state.staged.filter(pl.col("stage").is_in(list(FUNNEL)))
    closed, opened = [], []
    start = pl.when(pl.col("stage") == FUNNEL[0]).then("t")
    for level, name in enumerate(FUNNEL):
        opened.append([name, f.filter(pl.col("stage") == name).select(new("u").sum()).item()])
        if level:
            near = (pl.col("whose") == U) & (pl.col("t") - pl.col("start") <= WEEK)
            start = pl.when((pl.col("stage") == name) & near).then("start")
        f = f.with_columns(reached=start)
        closed.append([name, f.filter(pl.col("reached").is_not_null()).select(new("u").sum()).item()])
        whose = pl.when(pl.col("reached").is_not_null()).then("u").forward_fill()
        f = f.with_columns(start=pl.col("reached").forward_fill(), whose=whose)
    return {"closed": closed, "open": opened}


def exits(state: Sorted) -> Answer:
    """F."""
    last = state.paged.filter(S.ne_missing(S.shift(-1)))
    counts = (
        state.paged["page"]
        .value_counts(name="views")
        .join(last["page"].value_counts(name="exits"), on="page", how="left")
    )
    return {"exits": named(counts.fill_null(0), "page")}


def steps(state: Sorted) -> Answer:
    """G."""
    row = pl.int_range(pl.len())
    place = (row - pl.when(new("u")).then(row).forward_fill() + 1).alias("place")
    near = state.d.select(place, "event").filter(pl.col("place") <= STEPS)
    cells = near.group_by("place", "event").len().with_columns(pl.col("event").cast(pl.String))
    return {"steps": fold(cells.rows(), state.users)}


def times(state: Sorted) -> Answer:
    """H."""
    seconds = pl.col("t").diff() / 1000
    moves = state.collapsed.select(
        source=pl.when(U.shift() == U).then(pl.col("stage").shift()), target="stage", x=seconds
    )
    found = moves.drop_nulls().group_by("source", "target").agg(
        pl.len(), *(pl.col("x").quantile(level, "linear").alias(str(level)) for level in LEVELS)
    )  # fmt: skip
    return {"times": named(found, "source", "target")}


def attribution(state: Sorted) -> Answer:
    """I: a session is a touch; one with a purchase converts and ends the journey."""
    buys = state.d.filter(pl.col("event") == "purchase")["s"].unique()
    t = state.d.filter(new("s")).select("u", "channel", won=S.is_in(buys.implode()))
    t = t.with_columns(j=(new("u") | pl.col("won").shift().fill_null(value=False)).cum_sum() - 1)
    sizes = t["j"].rle().struct.field("len")
    last = t["j"].ne_missing(t["j"].shift(-1))
    t = t.with_columns(length=sizes.gather(t["j"]), won=t.filter(last)["won"].gather(t["j"]), first=new("j"), last=last)
    row = pl.int_range(pl.len())
    t = t.with_columns(place=row - pl.when("first").then(row).forward_fill(), channel=pl.col("channel").cast(pl.String))
    touches = t.filter("won").group_by("channel", "place", "length").len()
    ends = t.filter("last").group_by("channel", "won").len()
    moves = [
        *t.filter("first").group_by(pl.lit(credit.START), "channel").len().rows(),
        *t.select(source=pl.when(~pl.col("first")).then(pl.col("channel").shift()), target="channel").drop_nulls()
        .group_by("source", "target").len().rows(),
        *((channel, credit.WON if won else credit.LOST, n) for channel, won, n in ends.rows()),
    ]  # fmt: skip
    bits = pl.col("channel").cast(pl.Enum(sorted(t["channel"].unique()))).to_physical().cast(pl.Int64)
    sets = (
        t.filter("won")
        .group_by("j")
        .agg(mask=pl.lit(2, pl.Int64).pow(bits).cast(pl.Int64).bitwise_or())
        .group_by("mask")
        .len()
    )
    names = sorted(t["channel"].unique())
    groups = [(frozenset(name for bit, name in enumerate(names) if mask >> bit & 1), n) for mask, n in sets.rows()]
    return {"credit": [*credit.by_rules(touches.rows()), *credit.markov(moves), *credit.shapley(groups)]}


def top_paths(state: Sorted) -> Answer:
    """J."""
    letters = pl.col("stage").to_physical().cast(pl.String)
    runs = state.staged.filter(new("s", "stage")).select("s", letter=letters)
    counts = runs.group_by("s", maintain_order=True).agg(pl.col("letter").str.join())["letter"].value_counts(name="n")
    # The order of stages is that of their letters, and a path that begins another comes before it, as in the names.
    top = counts.sort("n", "letter", descending=[True, False]).head(TOP_PATHS)
    return {"paths": [[">".join(STAGES[int(letter)] for letter in path), n] for path, n in top.rows()]}


def days(state: Sorted) -> Answer:
    """K."""
    cents = (pl.col("revenue") * 100).round().cast(pl.Int64)
    d = state.d.select("u", cents.alias("cents"), day=pl.col("t") // DAY).with_columns(fresh=new("u", "day"))
    return {"days": rows_of(d.group_by("day").agg(pl.len(), pl.col("fresh").sum(), pl.col("cents").sum()))}


def patterns(state: Sorted) -> Answer:
    """L."""
    names = ["store_purchase", "view_item", "purchase_pickup", "store_pickup", "purchase", "store_try"]
    f = state.d.filter(pl.col("event").is_in(names)).select("u", "t", "event", "channel")
    f = f.with_columns(
        before("view_item", "seen", "channel"), before("store_try", "tried"), before("store_pickup", "got", back=True)
    )
    shop, pickup, online = (
        f.filter(pl.col("event") == name) for name in ("store_purchase", "purchase_pickup", "purchase")
    )
    ropo = shop.filter(near("seen", MONTH))
    collected = pickup.filter(near("got", WEEK))
    tried = online.filter(near("tried", MONTH))
    by_channel = ropo.select(channel=pl.col("seen").struct.field("channel")).group_by("channel").len()
    shares = [("click_collect", collected, pickup), ("ropo", ropo, shop), ("try_buy", tried, online)]
    return {
        "ropo": named(by_channel, "channel"),
        "patterns": [[name, part.height, whole.height] for name, part, whole in shares],
    }


def before(event: str, name: str, *more: str, back: bool = False) -> pl.Expr:
    """Return user, time and more of the nearest such event before each row (or after)."""
    found = pl.when(pl.col("event") == event).then(pl.struct("u", "t", *more))
    return (found.backward_fill() if back else found.forward_fill()).alias(name)


def near(name: str, window: int) -> pl.Expr:
    """Return whether the found event is the same user's and within the window."""
    found = pl.col(name).struct
    return ((found.field("u") == U) & ((pl.col("t") - found.field("t")).abs() <= window)).fill_null(value=False)


OPS = dict(
    zip(
        ALL,
        (sessions, stages, paths, transitions, funnel, exits, steps, times, attribution, top_paths, days, patterns),
        strict=True,
    )
)
assert set(COLUMNS) == set(OPS)
