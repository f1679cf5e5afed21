"""DuckDB SQL, written with care: one staged table of coded columns with one window pass, rules once a distinct act.

The staged table has no exact duplicates: in the order of the window they are neighbours with one event_id. Users are
their 64-bit hashes, names are ENUMs (in the order of the names). Sums are cast back to BIGINT, where DuckDB makes
HUGEINT of them.
"""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import credit
import duckdb

from ways import DAY, FUNNEL, LEVELS, MONTH, PAUSE, STEPS, TOP_PAGES, TOP_PATHS, WEEK, WITH_STAGE, fold

RULES = tomllib.loads(Path(__file__).resolve().parent.with_name("rules.toml").read_text("utf-8"))
STAGES = tuple(sorted(RULES["stages"]))
Answer = dict[str, list[list[object]]]
ORDERED = "(PARTITION BY u ORDER BY t, id)"


@dataclass(eq=False)
class Staged:
    """A connection whose tables are made when they are first needed."""

    db: duckdb.DuckDBPyConnection
    scratch: tempfile.TemporaryDirectory[str]
    made: set[str] = field(default_factory=set)

    def rows(self, sql: str, *needs: str) -> list[list[object]]:
        """Return the rows of a query, once the tables that it needs are there."""
        for name in needs:
            if name not in self.made:
                self.db.execute(f"CREATE TEMP TABLE {name} AS {TABLES[name]}")
                self.made.add(name)
        return [list(row) for row in self.db.execute(sql).fetchall()]


def versions() -> dict[str, str]:
    """Return what runs."""
    return {"duckdb": duckdb.__version__}


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def fits(rule: dict[str, str]) -> str:
    """Return a rule as a condition."""
    if "event" in rule:
        return f"event = '{rule['event']}'"
    if "page" in rule:
        return f"page = '{rule['page']}'"
    return f"starts_with(page, '{rule['prefix']}')" if "prefix" in rule else f"regexp_matches(page, '{rule['regex']}')"


def prepare(folder: Path, what: str, threads: int) -> Staged:
    """Return a connection with the staged table: only the columns that the operations need."""
    scratch = tempfile.TemporaryDirectory()
    config = {"threads": threads, "temp_directory": scratch.name, "preserve_insertion_order": False}
    db = duckdb.connect(config=config)
    source = f"read_parquet('{folder}/events-*.parquet')"
    for name in ("event", "page", "channel"):
        db.execute(
            f"CREATE TYPE {name}s AS ENUM (SELECT DISTINCT {name} FROM {source} WHERE {name} IS NOT NULL ORDER BY ALL)"
        )
    db.execute(f"CREATE TYPE stages AS ENUM {STAGES}")
    columns, join = ["hash(user_id) AS u", "epoch_ms(ts) AS t", "event_id AS id"], ""
    columns += [f"r.{name}::{name}s AS {name}" for name in sorted(reads(what))]
    if set(what) & set(WITH_STAGE):
        chain = " ".join(f"WHEN {fits(rule)} THEN '{rule['stage']}'" for rule in RULES["rules"])
        # Nulls join by a text that no page has: an equality join is hashed, IS NOT DISTINCT FROM may not be.
        db.execute(
            f"CREATE TEMP TABLE acts AS SELECT event, coalesce(page, '') AS key, (CASE {chain} END)::stages AS stage "
            f"FROM (SELECT DISTINCT event, page FROM {source})"
        )
        join = "JOIN acts a ON a.event = r.event AND a.key = coalesce(r.page, '')"
        columns.append("a.stage")
    if "K" in what:
        columns.append("round(revenue * 100)::BIGINT AS cents")
    place = ", row_number() OVER w AS place" if "G" in what else ""
    gap = f"coalesce(t - lag(t) OVER w > {PAUSE}, true)"
    db.execute(
        f"CREATE TEMP TABLE e AS WITH raw AS (SELECT {', '.join(columns)} FROM {source} r {join}), "
        "kept AS (SELECT * FROM raw QUALIFY id IS DISTINCT FROM lag(id) OVER "
        f"{ORDERED}), marked AS (SELECT *, {gap} AS begins{place} FROM kept WINDOW w AS {ORDERED}) "
        f"SELECT *, sum(begins::INT) OVER {ORDERED}::INT AS s FROM marked"
    )
    return Staged(db, scratch)


def reads(what: str) -> set[str]:
    """Return the columns of names that the staged table keeps."""
    wanted = {
        "A": ["channel"],
        "D": ["page"],
        "F": ["page"],
        "G": ["event"],
        "I": ["event", "channel"],
        "L": ["event", "channel"],
    }
    return {name for op in what for name in wanted.get(op, [])}


TABLES = {
    # Events with a stage, and the stage and session of the one before.
    "st": "SELECT u, t, id, s, stage, lag(stage) OVER w AS prior, lag(s) OVER w AS prior_s FROM e "
    f"WHERE stage IS NOT NULL WINDOW w AS {ORDERED}",
    "co": f"SELECT u, t, stage, prior, lag(t) OVER {ORDERED} AS prior_t FROM st WHERE stage IS DISTINCT FROM prior",
    "pg": f"SELECT u, page, lag(page) OVER w AS prior, lead(s) OVER w IS DISTINCT FROM s AS last FROM e "
    f"WHERE page IS NOT NULL WINDOW w AS {ORDERED}",
    "us": "SELECT u, min(t) AS t0 FROM e GROUP BY u",
}


def ask(state: Staged, op: str) -> Answer:
    """Return the answer to one operation."""
    return OPS[op](state)


def sessions(state: Staged) -> Answer:
    """A."""
    sql = (
        "SELECT channel::VARCHAR, count(*), sum(events)::BIGINT FROM (SELECT arg_min(channel, (t, id)) AS channel, "
        "count(*) AS events FROM e GROUP BY u, s) GROUP BY 1 ORDER BY 1"
    )
    return {"sessions": state.rows(sql)}


def stages(state: Staged) -> Answer:
    """B."""
    return {
        "stages": state.rows("SELECT stage::VARCHAR, count(*) FROM e WHERE stage IS NOT NULL GROUP BY 1 ORDER BY 1")
    }


def paths(state: Staged) -> Answer:
    """C."""
    lengths = "SELECT n, count(*) FROM (SELECT count(*) AS n FROM co GROUP BY u) GROUP BY 1 ORDER BY 1"
    firsts = (
        "SELECT stage::VARCHAR, count(*), sum(t - t0)::BIGINT FROM "
        "(SELECT u, stage, min(t) AS t FROM co GROUP BY u, stage) JOIN us USING (u) GROUP BY 1 ORDER BY 1"
    )
    return {"lengths": state.rows(lengths, "st", "co"), "firsts": state.rows(firsts, "us")}


def transitions(state: Staged) -> Answer:
    """D."""
    pair = (
        "SELECT prior::VARCHAR AS source, {0}::VARCHAR AS target, count(*) AS n FROM {1} WHERE prior IS NOT NULL "
        "GROUP BY ALL"
    )
    pages = (
        f"SELECT * FROM ({pair.format('page', 'pg')} ORDER BY n DESC, source, target LIMIT {TOP_PAGES}) ORDER BY ALL"
    )
    both = f"{pair.format('stage', 'st')} ORDER BY ALL"
    return {"stages": state.rows(both, "st"), "pages": state.rows(pages, "pg")}


def funnel(state: Staged) -> Answer:
    """E: the latest start that leads to each event; starts never fall, so the highest one so far is the latest."""
    names = ", ".join(f"'{name}'" for name in FUNNEL)
    first = f"CASE WHEN stage = '{FUNNEL[0]}' THEN t END AS s0"
    sql = f"WITH f0 AS (SELECT u, t, id, stage, {first} FROM st WHERE stage IN ({names}))"
    for level, name in enumerate(FUNNEL[1:], 1):
        before = f"max(s{level - 1}) OVER w"
        hit = f"CASE WHEN stage = '{name}' AND t - {before} <= {WEEK} THEN {before} END AS s{level}"
        sql += f", f{level} AS (SELECT *, {hit} FROM f{level - 1} WINDOW w AS {ORDERED})"
    closed = ", ".join(f"count(DISTINCT CASE WHEN s{level} IS NOT NULL THEN u END)" for level in range(len(FUNNEL)))
    opened = ", ".join(f"count(DISTINCT CASE WHEN stage = '{name}' THEN u END)" for name in FUNNEL)
    row = state.rows(f"{sql} SELECT {closed}, {opened} FROM f{len(FUNNEL) - 1}", "st")[0]
    pairs = [[name, n] for name, n in zip(FUNNEL * 2, row, strict=True)]
    return {"closed": pairs[: len(FUNNEL)], "open": pairs[len(FUNNEL) :]}


def exits(state: Staged) -> Answer:
    """F."""
    return {"exits": state.rows("SELECT page::VARCHAR, count(*), count_if(last) FROM pg GROUP BY 1 ORDER BY 1", "pg")}


def steps(state: Staged) -> Answer:
    """G."""
    cells = state.rows(f"SELECT place, event::VARCHAR, count(*) FROM e WHERE place <= {STEPS} GROUP BY ALL")
    return {"steps": fold(cells, state.rows("SELECT count(*) FROM e WHERE place = 1")[0][0])}


def times(state: Staged) -> Answer:
    """H."""
    levels = ", ".join(map(str, LEVELS))
    sql = (
        f"SELECT prior::VARCHAR, stage::VARCHAR, count(*), quantile_cont((t - prior_t) / 1000, [{levels}]) FROM co "
        "WHERE prior IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return {"times": [[*row[:3], *row[3]] for row in state.rows(sql, "st", "co")]}


def attribution(state: Staged) -> Answer:
    """I: a session is a touch; one with a purchase converts and ends the journey."""
    state.db.execute(
        "CREATE TEMP TABLE touches AS WITH ss AS (SELECT u, s, arg_min(channel, (t, id)) AS channel, "
        "bool_or(event = 'purchase') AS won FROM e GROUP BY u, s), "
        "js AS (SELECT *, coalesce(sum(won::INT) OVER (PARTITION BY u ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING "
        "AND 1 PRECEDING), 0)::INT AS j FROM ss) "
        "SELECT u, j, s, channel, lag(channel) OVER w AS prior, row_number() OVER w - 1 AS place, "
        "count(*) OVER v AS length, bool_or(won) OVER v AS won "
        "FROM js WINDOW w AS (PARTITION BY u, j ORDER BY s), v AS (PARTITION BY u, j)"
    )
    touches = state.rows("SELECT channel::VARCHAR, place, length, count(*) FROM touches WHERE won GROUP BY ALL")
    moves = state.rows(
        f"SELECT coalesce(prior::VARCHAR, '{credit.START}'), channel::VARCHAR, count(*) FROM touches GROUP BY ALL "
        f"UNION ALL SELECT channel::VARCHAR, CASE WHEN won THEN '{credit.WON}' ELSE '{credit.LOST}' END, count(*) "
        "FROM touches WHERE place = length - 1 GROUP BY ALL"
    )
    names = [row[0] for row in state.rows("SELECT DISTINCT channel::VARCHAR FROM touches ORDER BY 1")]
    bits = " ".join(f"WHEN '{name}' THEN {1 << bit}" for bit, name in enumerate(names))
    sets = state.rows(
        f"SELECT mask, count(*) FROM (SELECT bit_or((CASE channel {bits} END)::BIGINT) AS mask FROM touches WHERE won "
        "GROUP BY u, j) GROUP BY 1"
    )
    groups = [(frozenset(name for bit, name in enumerate(names) if mask >> bit & 1), n) for mask, n in sets]
    return {
        "credit": [*credit.by_rules(map(tuple, touches)), *credit.markov(map(tuple, moves)), *credit.shapley(groups)]
    }


def top_paths(state: Staged) -> Answer:
    """J."""
    letters = " ".join(f"WHEN '{name}' THEN '{place}'" for place, name in enumerate(STAGES))
    sql = (
        f"SELECT path, count(*) AS n FROM (SELECT string_agg(CASE stage {letters} END, '' ORDER BY t, id) AS path "
        "FROM st WHERE stage IS DISTINCT FROM prior OR s IS DISTINCT FROM prior_s GROUP BY u, s) "
        f"GROUP BY path ORDER BY n DESC, path LIMIT {TOP_PATHS}"
    )
    return {"paths": [[">".join(STAGES[int(letter)] for letter in path), n] for path, n in state.rows(sql, "st")]}


def days(state: Staged) -> Answer:
    """K."""
    sql = (
        f"SELECT t // {DAY}, count(*), count(DISTINCT u), coalesce(sum(cents), 0)::BIGINT FROM e GROUP BY 1 ORDER BY 1"
    )
    return {"days": state.rows(sql)}


def patterns(state: Staged) -> Answer:
    """L."""
    last = "last_value(CASE WHEN event = '{0}' THEN {1} END IGNORE NULLS) OVER w AS {2}"
    nearest = [
        last.format("view_item", "t", "seen"),
        last.format("view_item", "channel", "way"),
        last.format("store_try", "t", "tried"),
    ]
    following = "first_value(CASE WHEN event = 'store_pickup' THEN t END IGNORE NULLS) OVER x AS got"
    state.db.execute(
        f"CREATE TEMP TABLE found AS SELECT t, event, {', '.join(nearest)}, {following} FROM e WHERE event IN "
        "('store_purchase', 'view_item', 'purchase_pickup', 'store_pickup', 'purchase', 'store_try') "
        "WINDOW w AS (PARTITION BY u ORDER BY t, id ROWS UNBOUNDED PRECEDING), "
        "x AS (PARTITION BY u ORDER BY t, id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
    )
    shares = (
        ("click_collect", f"got - t <= {WEEK}", "purchase_pickup"),
        ("ropo", f"t - seen <= {MONTH}", "store_purchase"),
        ("try_buy", f"t - tried <= {MONTH}", "purchase"),
    )
    rows = [
        [name, *state.rows(f"SELECT count(*) FILTER ({near}), count(*) FROM found WHERE event = '{event}'")[0]]
        for name, near, event in shares
    ]
    bought = f"event = 'store_purchase' AND {shares[1][1]}"
    ways = f"SELECT way::VARCHAR, count(*) FROM found WHERE {bought} GROUP BY 1 ORDER BY 1"
    return {"ropo": state.rows(ways), "patterns": rows}


OPS = dict(
    zip(
        "ABCDEFGHIJKL",
        (sessions, stages, paths, transitions, funnel, exits, steps, times, attribution, top_paths, days, patterns),
        strict=True,
    )
)
