"""What was read of a client, file by file, as text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Through the package, whose names load when first used: `cjtools report` must not pay for polars to say what is wrong.
import cjtools as cj
from cjtools.client import Client, load_client
from cjtools.commands.progress import progress_over
from cjtools.errors import Fault

HEADINGS = ("file", "format", "rows in", "used", "rejected", "merged", "period", "flags")


def check_client(folder: str | Path) -> tuple[str, list[Fault]]:
    """Return the account of a client's sources, and every fault of its files.

    Raises ClientError with all faults of client.toml itself; a file that cannot be read is a fault of the account.
    """
    client = load_client(folder)
    cj.load_rules(client.folder)
    with progress_over(None, what="reading"):
        tables, faults = cj.check_sources(client)
    rows = [source_line(row) for row in tables.sources.sort("source_id", "source_file").to_dicts()]
    parts = [f"{client.client.name} · {client.wave.name} · cjtools {cj.__version__}", ""]
    nothing = (
        "no file could be read" if client.sources else "no file was read; name your files as [[sources]] in client.toml"
    )
    parts += table(rows) if rows else [nothing]
    parts += ["", *totals(client, tables)]
    forgotten = cj.unlisted_files(client)
    if forgotten:
        parts += ["", "in the folder, but named by no source: " + ", ".join(forgotten)]
    count = len(faults)
    parts += ["", f"{count} fault{'' if count == 1 else 's'}" + (":" if faults else "")]
    return "\n".join([*parts, *(f"  {fault}" for fault in faults)]), faults


def source_line(row: dict[str, Any]) -> tuple[str, ...]:
    """Return one file as texts."""
    period = "" if row["period_from"] is None else f"{row['period_from']} – {row['period_to']}"
    counts = (f"{row[key]:,}" for key in ("rows_in", "rows_used", "rows_rejected", "rows_merged"))
    return (row["source_file"], row["format"], *counts, period, ", ".join(row["flags"]))


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the files as aligned lines, numbers to the right; the last column is not padded."""
    everything = [HEADINGS, *rows]
    widths = [max(len(row[column]) for row in everything) for column in range(len(HEADINGS) - 1)]
    lines = [
        "  ".join(
            row[column].rjust(width) if 2 <= column <= 5 else row[column].ljust(width)
            for column, width in enumerate(widths)
        )
        + f"  {row[-1]}"
        for row in everything
    ]
    rule = "─" * min(max(map(len, lines)), shutil.get_terminal_size((120, 24)).columns)
    return [lines[0].rstrip(), rule, *(line.rstrip() for line in lines[1:])]


def totals(client: Client, tables: Any) -> list[str]:
    """Return the sum of rows, and how many rows of each table there are."""
    sources = tables.sources
    rows_in, used, rejected, merged = (
        int(sources[name].sum()) for name in ("rows_in", "rows_used", "rows_rejected", "rows_merged")
    )
    counts = {
        name: getattr(tables, name).height
        for name in ("quotes", "codings", "participants", "events", "orders", "answers", "observations")
    }
    joined = match_line(tables)
    return [
        f"rows in {rows_in:,} = used {used:,} + rejected {rejected:,} + merged {merged:,}",
        " · ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "nothing in any table",
        *([joined] if joined else []),
    ]


def match_line(tables: Any) -> str:
    """Return how many orders carry a profile, and how many of those profiles the events know."""
    orders = tables.orders
    if orders.is_empty():
        return ""
    known = orders.filter(orders["profile_id"].is_not_null())
    events = tables.events
    browsing = events.filter(events["page"].is_not_null()).select("profile_id").unique()
    seen = known.join(browsing, on="profile_id", how="semi")
    return f"orders with a profile {known.height:,} of {orders.height:,}; of those, seen on the site {seen.height:,}"
