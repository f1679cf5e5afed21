"""What reading large files costs, as a ratio to a bare polars scan of the same columns, in the same run.

    python benchmarks/sources.py [--rows 1000000] [--rounds 5] [--only csv]
    python benchmarks/sources.py --memory [--rows 1000000 10000000]

Both sides end in the same thing: a Parquet file on disk. The bare scan names the columns that our reader uses and does
nothing with them; ours types, checks, de-duplicates and joins them. Each round runs both once, interleaved, each in its
own process; medians are compared. `--memory` prints the highest resident memory of our side alone, by number of rows.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

START = 1_782_900_000_000_000  # 2026-07-01 10:00 UTC, in microseconds
BATCH = 250_000  # rows made at once
PAGES = 2_000
NAMES = ("page_view", "session_start", "user_engagement", "scroll", "view_item", "add_to_cart", "purchase")
TRAFFIC = (("google", "organic"), ("google", "cpc"), ("(direct)", "(none)"), ("facebook", "social"), ("news", "email"))


def flat_rows(first: int, rows: int) -> pl.DataFrame:
    """Return some rows of invented events: twenty to a person on average, a session of ten."""
    chance = np.random.default_rng(first)
    person = first // 20 + chance.integers(0, max(rows // 20, 1), rows)
    traffic = chance.integers(0, len(TRAFFIC), rows)
    return pl.DataFrame({
        "at": START + first * 700_000 + np.arange(rows) * 700_000 + chance.integers(0, 600_000, rows),
        "name": pl.Series(NAMES).gather(chance.integers(0, len(NAMES), rows)),
        "page": chance.integers(0, PAGES, rows),
        "person": person + 100_000_000,
        "session": 1_782_900_000 + 2 * np.arange(rows) // rows,
        "value": chance.integers(100, 20_000, rows),
        "known": chance.random(rows) < 0.05,
        "source": pl.Series([source for source, _ in TRAFFIC]).gather(traffic),
        "medium": pl.Series([medium for _, medium in TRAFFIC]).gather(traffic),
        "begins": chance.random(rows) < 0.1,
    }).with_columns(
        buys=pl.col("name") == "purchase", page=pl.format("https://shop.example/p/{}?ref=x", "page")
    )  # fmt: skip


def parameters(rows: pl.DataFrame) -> list[tuple[str, str, pl.Expr, pl.Expr | None]]:
    """Return the parameters of an event: key, kind of value, value, and when it has it (None: always)."""
    return [
        ("ga_session_id", "int_value", pl.col("session"), None),
        ("ga_session_number", "int_value", pl.lit(1), None),
        ("page_location", "string_value", pl.col("page"), None),
        ("page_title", "string_value", pl.format("Product {}", pl.col("value")), None),
        ("page_referrer", "string_value", pl.lit("https://shop.example/"), None),
        ("engagement_time_msec", "int_value", pl.col("value"), None),
        ("session_engaged", "string_value", pl.lit("1"), None),
        ("batch_ordering_id", "int_value", pl.lit(1), None),
        ("source", "string_value", pl.col("source"), pl.col("begins")),
        ("medium", "string_value", pl.col("medium"), pl.col("begins")),
        ("currency", "string_value", pl.lit("EUR"), pl.col("buys")),
    ]


def ndjson_lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as `bq extract` writes them: whole numbers as texts, what is null left out."""
    params = []
    for key, kind, value, when in parameters(rows):
        head = f'{{"key":"{key}","value":{{"{kind}":"'
        text = pl.concat_str(pl.lit(head), value.cast(pl.String), pl.lit('"}}'))
        params.append(text if when is None else pl.when(when).then(text))
    buys = pl.concat_str(
        pl.lit(',"ecommerce":{"purchase_revenue":"'),
        pl.col("value") / 100,
        pl.lit('","transaction_id":"W'),
        "at",
        pl.lit('"}'),
    )
    return rows.select(
        pl.concat_str(
            pl.lit('{"event_date":"20260701","event_timestamp":"'), "at",
            pl.lit('","event_name":"'), "name",
            pl.lit('","event_params":['), pl.concat_str(params, separator=",", ignore_nulls=True),
            pl.lit('],"user_pseudo_id":"'), "person", pl.lit(".1782900000\""),
            pl.when("known").then(pl.concat_str(pl.lit(',"user_id":"C'), "person", pl.lit('"'))).otherwise(pl.lit("")),
            pl.lit(
                ',"privacy_info":{"analytics_storage":"Yes","ads_storage":"Yes","uses_transient_token":"No"}'
                ',"device":{"category":"mobile","operating_system":"Android","language":"ca-es"'
                ',"web_info":{"browser":"Chrome","hostname":"shop.example"}}'
                ',"geo":{"city":"Girona","country":"Spain","region":"Catalonia"}'
                ',"traffic_source":{"name":"(direct)","medium":"(none)","source":"(direct)"}'
                ',"stream_id":"1","platform":"WEB"'
            ),
            pl.when(pl.col("buys")).then(buys).otherwise(pl.lit("")),
            pl.lit("}"),
        )
    )  # fmt: skip


def nested_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as BigQuery writes them to Parquet."""
    kinds = {"string_value": pl.String, "int_value": pl.Int64, "float_value": pl.Float64, "double_value": pl.Float64}

    def parameter(key: str, kind: str, value: pl.Expr) -> pl.Expr:
        values = [(value if name == kind else pl.lit(None)).cast(of).alias(name) for name, of in kinds.items()]
        return pl.struct(key=pl.lit(key), value=pl.struct(values))

    params = [
        parameter(key, kind, value) if when is None else pl.when(when).then(parameter(key, kind, value))
        for key, kind, value, when in parameters(rows)
    ]
    buys = pl.col("buys")
    return rows.select(
        event_date=pl.lit("20260701"),
        event_timestamp="at",
        event_name="name",
        event_params=pl.concat_list(params).list.drop_nulls(),
        user_pseudo_id=pl.format("{}.1782900000", "person"),
        user_id=pl.when("known").then(pl.format("C{}", "person")),
        privacy_info=pl.struct(analytics_storage=pl.lit("Yes"), ads_storage=pl.lit("Yes")),
        device=pl.struct(category=pl.lit("mobile"), operating_system=pl.lit("Android"), language=pl.lit("ca-es")),
        geo=pl.struct(city=pl.lit("Girona"), country=pl.lit("Spain"), region=pl.lit("Catalonia")),
        ecommerce=pl.struct(
            purchase_revenue=pl.when(buys).then(pl.col("value") / 100),
            transaction_id=pl.when(buys).then(pl.format("W{}", "at")),
        ),
    )


def table_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as a tool's table of events."""
    return rows.select(
        id=pl.format("e{}", "at"),
        when=pl.from_epoch("at", "us").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ"),
        what="name",
        who=pl.format("C{}", "person"),
        visit="session",
        url="page",
        source="source",
        medium="medium",
        order=pl.when("buys").then(pl.format("W{}", "at")),
        paid=pl.when("buys").then(pl.col("value") / 100),
        note=pl.when("begins").then(pl.lit('came back, "again"')),
    )


WRITERS: Mapping[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "ndjson": ("events.ndjson", ndjson_lines),
    "parquet": ("events.parquet", nested_rows),
    "csv": ("events.csv", table_rows),
}
HEAD = '[client]\nid = "bench"\nname = "Benchmark"\n[wave]\nfrom = 2026-01-01\nto = 2027-12-31\n'
GA4 = '[[sources]]\nid = "web"\npath = "{name}"\nformat = "ga4_bigquery"\n'
TABLE = """[[sources]]
id = "web"
path = "{name}"
format = "table"
kind = "events"
[sources.mapping]
event_id = "id"
timestamp = "when"
event_name = "what"
profile = "who"
session_id = "visit"
page = "url"
source = "source"
medium = "medium"
order_id = "order"
value = "paid"
"""


def make_client(folder: Path, kind: str, rows: int) -> Path:
    """Write a client with one file of invented events and return the file."""
    name, shape = WRITERS[kind]
    folder.mkdir(parents=True)
    (folder / "client.toml").write_text(HEAD + (TABLE if kind == "csv" else GA4).format(name=name), encoding="utf-8")
    parts = (shape(flat_rows(first, min(BATCH, rows - first))) for first in range(0, rows, BATCH))
    if kind == "parquet":
        for number, part in enumerate(parts):
            part.write_parquet(folder / f"part-{number:05}.parquet")
        pl.scan_parquet(folder / "part-*.parquet").sink_parquet(folder / name)
        for file in folder.glob("part-*.parquet"):
            file.unlink()
        return folder / name
    with (folder / name).open("wb") as stream:
        for number, part in enumerate(parts):
            if kind == "csv":
                part.write_csv(stream, include_header=number == 0)
            else:
                stream.write(("\n".join(part.to_series()) + "\n").encode())
    return folder / name


def read_bare(file: Path, kind: str) -> None:
    """Scan the columns that our reader uses and write them as Parquet, by polars alone."""
    from cjtools.sources.readers.ga4_export import SCHEMA

    if kind == "csv":
        names = ["id", "when", "what", "who", "visit", "url", "source", "medium", "order", "paid"]
        frame = pl.scan_csv(file, infer_schema=False).select(names)
    elif kind == "ndjson":
        frame = pl.scan_ndjson(file, schema=SCHEMA)
    else:
        there = pl.read_parquet_schema(file)
        frame = pl.scan_parquet(file).select([name for name in SCHEMA if name in there])
    frame.sink_parquet(file.parent / "bare.parquet")


def read_ours(file: Path, kind: str) -> None:
    """Read the client whose only source is the file, into its cache."""
    import cjtools as cj

    cj.read_sources(cj.load_client(file.parent))


def child(side: str, file: Path, kind: str) -> None:
    """Run one side once in this process and print its seconds and its highest resident memory, in MB."""
    import shutil

    import numpy.ma  # noqa: F401, as polars does when it first takes an array

    import cjtools.sources  # the imports are nobody's reading

    shutil.rmtree(file.parent / ".cache", ignore_errors=True)
    before = time.perf_counter(), time.process_time()
    {"ours": read_ours, "bare": read_bare}[side](file, kind)
    wall, cpu = time.perf_counter() - before[0], time.process_time() - before[1]
    # Of this process alone: getrusage would tell that of the parent, which made the file, when it is higher.
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak, "version": cjtools.__version__}))


def run(side: str, file: Path, kind: str) -> dict[str, float]:
    """Run one side in a process of its own."""
    command = [sys.executable, __file__, "--child", side, "--file", str(file), "--only", kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(kind: str, rows: int, rounds: int) -> str:
    """Return what one kind of file costs, ours to bare."""
    with tempfile.TemporaryDirectory() as folder:
        file = make_client(Path(folder) / "bench", kind, rows)
        size = file.stat().st_size / 2**20
        both = [(run("bare", file, kind), run("ours", file, kind)) for _ in range(rounds)]
    bare, ours = ([pair[side] for pair in both] for side in (0, 1))
    middle = {
        (side, what): statistics.median(row[what] for row in side_rows)
        for side, side_rows in (("bare", bare), ("ours", ours))
        for what in ("wall", "cpu", "peak")
    }
    ratio = statistics.median(our["wall"] / their["wall"] for their, our in both)
    work = statistics.median(our["cpu"] / their["cpu"] for their, our in both)
    return (
        f"{kind:8} {rows:>10,} rows {size:7,.0f} MB  bare {middle['bare', 'wall']:6.2f} s  ours "
        f"{middle['ours', 'wall']:6.2f} s  wall x{ratio:.2f}  CPU x{work:.2f}  peak {middle['bare', 'peak']:,.0f} / "
        f"{middle['ours', 'peak']:,.0f} MB"
    )


def main() -> None:
    """Print the ratios, or the memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=WRITERS)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", choices=["ours", "bare"])
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.file, given.only)
        return
    for kind in [given.only] if given.only else WRITERS:
        for rows in given.rows:
            if not given.memory:
                print(compare(kind, rows, given.rounds), flush=True)
                continue
            with tempfile.TemporaryDirectory() as folder:
                told = run("ours", make_client(Path(folder) / "bench", kind, rows), kind)
            print(f"{kind:8} {rows:>10,} rows  {told['wall']:7.2f} s  peak {told['peak']:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
