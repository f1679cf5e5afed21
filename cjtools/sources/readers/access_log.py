"""Logs of web servers: requests for pages as acts of rough visitors; files, errors and programs told apart.

Nobody is known in a log. A visitor is an address with its browser on one day, as a keyed hash: people behind one
address are one, and one who changes networks is several. No address goes further than this file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.files import Opened, fault_of, open_file
from cjtools.sources.opening.sheets import cut_to_character
from cjtools.sources.parsing.bots import NO_AGENT, bot_reasons
from cjtools.sources.parsing.ids import APART, pseudonyms
from cjtools.sources.parsing.profiles import key_faults
from cjtools.sources.parsing.traffic import host_of
from cjtools.sources.reader import Reader, read_each, zone_of
from cjtools.sources.readers.log_lines import decode_log, known, log_times, read_lines
from cjtools.sources.readers.web_events import WebFile, web_tables
from cjtools.tables import Tables

PAUSE = dt.timedelta(minutes=30)  # journeys.sessions.TIMEOUT
MOST_BROKEN = 0.05  # of the lines: more, and the file is no log that is known here
SHOWN = 3
BINARY = (b"PK\x03\x04", b"PAR1", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")


@dataclass(frozen=True)
class Log:
    """The requests of one file, typed, with `why` for those that are no view of a page."""

    opened: Opened
    encoding: str
    rows: pl.DataFrame
    notes: dict[str, int | bool]


def detect(file: Path, head: bytes) -> float:
    """Say how sure it is: whether the whole lines among the first ones fit a dialect."""
    if head.startswith(BINARY):
        return 0.0
    whole = head if len(head) < 65536 else head[: head.rfind(b"\n") + 1]
    text, _, _ = decode_log(Opened("", cut_to_character(whole), ""), None)
    lines = read_lines("\n".join(text.split("\n")[:100]))
    if lines.is_empty():
        return 0.97 if "#Fields:" in text and "cs-uri" in text else 0.0
    fits = lines["dialect"].is_not_null().mean()
    return 0.97 if isinstance(fits, float) and fits >= 0.8 else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int) -> Tables:
    """Return the views of pages and the downloads of some logs, all files together.

    Rows are requests; lines that are blank or begin with # are none. Left out are files of pages (static_file), what is
    no GET (not_a_page_view), what failed (error), what sent the browser elsewhere (redirect), what programs read
    (machine_file), and lines that fit no dialect (broken_line). Raises SourceError when too many of these are.
    """
    raise_if_any(SourceError, section.path, list(key_faults(section, [])))
    logs = read_each(files, section.path, lambda file: read_log(open_file(file, client), section, client))
    rows = pl.concat([log.rows.with_columns(source_file=pl.lit(log.opened.name)) for log in logs])
    rows = with_visitors(rows.with_row_index("at"), zone_of(section, client), salt=client.client.id)
    own = own_hosts(rows, section)
    told = [WebFile(log.opened.name, log.opened.sha256, log.encoding, None, log.notes) for log in logs]
    return web_tables(rows, told, section=section, client=client, order=order, form="access_log", own_hosts=own)


def read_log(opened: Opened, section: SourceSection, client: Client) -> Log:
    """Return the requests of one file. Raises SourceError when too many lines fit no dialect."""
    if opened.data.startswith(BINARY):
        raise fault_of(opened.name, "this is no text", "the log of a web server, plain or .gz")
    text, encoding, escaped = decode_log(opened, section.encoding)
    lines = read_lines(text)
    times = log_times(lines["time"], zone_of(section, client))
    rows = requests(lines.with_columns(timestamp=times))
    broken = rows.filter(pl.col("why") == "broken_line")
    if broken.height == rows.height > 0 or (broken.height > 1 and broken.height > rows.height * MOST_BROKEN):
        raise SourceError(opened.name, list(broken_faults(opened.name, broken, rows.height)))
    if rows.is_empty() and not text.strip():
        raise fault_of(opened.name, f"the file is empty ({len(opened.data)} bytes)", "the log of a web server")
    return Log(opened, encoding, rows, dict(notes(rows, escaped)))


def broken_faults(name: str, broken: pl.DataFrame, lines: int) -> Iterator[Fault]:
    """Yield the first lines that fit no dialect, and how many there are."""
    yield Fault(name, f"{broken.height} of {lines} lines fit no known form of a web server's log")
    for row, text in broken.head(SHOWN).select("source_row", "text").iter_rows():
        step = "an Apache, nginx, IIS, S3, CloudFront, HAProxy or JSON log; the README lists them"
        yield Fault(f"{name} line {row}", f"{cut(text)} fits no form", step)


def requests(lines: pl.DataFrame) -> pl.DataFrame:
    """Return lines as requests of WEB's names, with `why` for those that are no view of a page."""
    asked = pl.col("request").str.extract_groups(r"^(?<method>[A-Z][A-Z-]+)\s+(?<path>\S.*?)(?:\s+HTTP/[\d.]+)?\s*$")
    rows = lines.with_columns(
        method=pl.coalesce(pl.col("method").str.to_uppercase(), asked.struct.field("method")),
        path=pl.coalesce("path", asked.struct.field("path")),
    )
    query = pl.when(~pl.col("query").is_in(["", "-"])).then(
        pl.concat_str(pl.lit("?"), pl.col("query").str.strip_prefix("?"))
    )
    ident = pl.when(pl.col("ident").str.contains(r"[A-Za-z]\.[A-Za-z]|^localhost")).then("ident")
    bare = pl.col("path").str.contains(r"^[\w-]+(?:\.[\w-]+)+(?::\d+)?/")  # a host and its path
    rows = rows.with_columns(path=pl.when(bare).then(pl.lit("https://") + pl.col("path")).otherwise("path"))
    rows = rows.with_columns(
        address=pl.concat_str("path", query.fill_null("")),
        client=pl.col("address").str.replace(r",.*$", "").str.replace(r"^(\d+\.\d+\.\d+\.\d+):\d+$", "${1}"),
        hostname=pl.coalesce(pl.when(~pl.col("host").is_in(["", "-"])).then("host"), ident)
        .str.to_lowercase()
        .str.replace(r":\d+$", ""),
        referrer=pl.when(pl.col("referrer") != "-").then("referrer"),
        event_name=pl.col("method").fill_null("request"),
        user_agent="agent",
    )
    rows = rows.with_columns(
        ending=pl.col("path").str.extract(r"^[^?#]*\.([A-Za-z0-9]{1,11})(?:[?#;].*)?$").str.to_lowercase()
    )
    downloads = pl.col("ending").is_in(known()["endings"]["download"])
    return rows.with_columns(
        activity=pl.when(downloads).then(pl.lit("file_download")).otherwise(pl.lit("page_view")), why=why()
    ).drop("host", "ident", "request", "query", "time", "agent")


def why() -> pl.Expr:
    """Return why a request is no view of a page, the first reason that holds; null when it is one."""
    endings, status = known()["endings"], pl.col("status").cast(pl.Int64, strict=False)
    machine = pl.col("path").str.contains(f"(?i)^[^?#]*/(?:{known()['machine']['paths']})")
    reasons = (
        ("broken_line", pl.col("dialect").is_null() | pl.col("timestamp").is_null()),
        ("static_file", pl.col("ending").is_in(endings["static"])),
        ("not_a_page_view", pl.col("path").is_null() | (pl.col("method") != "GET")),
        ("error", (status >= 400) | (status < 200)),
        ("redirect", (status >= 300) & (status != 304)),
        ("machine_file", pl.col("ending").is_in(endings["machine"]) | machine),
    )
    return pl.coalesce(
        *(pl.when(holds.fill_null(False)).then(pl.lit(name)) for name, holds in reasons), pl.lit(None, pl.String)
    )


def notes(rows: pl.DataFrame, escaped: int) -> Iterator[tuple[str, int | bool]]:
    """Yield what was counted in all requests of a file, whatever became of them."""
    reasons = bot_reasons(rows["user_agent"])
    yield "rough_sessions", rows.height > 0
    yield "addresses", rows["client"].drop_nulls().n_unique()
    yield "user_agents", rows["user_agent"].drop_nulls().n_unique()
    yield "bot_requests", int((reasons.is_not_null() & (reasons != NO_AGENT)).sum())
    yield "no_user_agent_requests", int((reasons == NO_AGENT).sum())
    yield "user_agents_not_logged", rows["user_agent"].null_count() == rows.height > 0
    yield "lines_with_escaped_bytes", escaped
    for name, count in rows["dialect"].drop_nulls().value_counts().iter_rows():
        yield f"dialect_{name}", count


def with_visitors(rows: pl.DataFrame, zone: str, *, salt: str) -> pl.DataFrame:
    """Return requests with a rough visitor, and a session that ends with a pause of half an hour."""
    day = pl.col("timestamp").dt.convert_time_zone(zone).dt.date().cast(pl.String)
    known_client = ~pl.col("client").is_in(["", "-"])
    visitor = pl.when(known_client).then(
        pl.concat_str("client", pl.col("user_agent").fill_null(""), day, separator=APART)
    )
    rows = rows.with_columns(visitor=visitor)
    rows = rows.with_columns(pseudo_id=pseudonyms(rows["visitor"], salt=salt)).drop("client", "visitor")
    views = rows.filter(pl.col("why").is_null() & pl.col("pseudo_id").is_not_null()).sort(
        "pseudo_id", "timestamp", "at"
    )
    later = (pl.col("timestamp").diff() > PAUSE).fill_null(False).cast(pl.Int64).cum_sum().over("pseudo_id")
    sessions = views.select("at", session_id=pl.concat_str("pseudo_id", pl.lit("/"), later))
    return rows.join(sessions, on="at", how="left", maintain_order="left")


def own_hosts(rows: pl.DataFrame, section: SourceSection) -> list[str]:
    """Return the shop's own hosts: as client.toml's constants say, else the one that sends most requests for files.

    Pictures and styles are asked for by the pages themselves: the host that they name as their referrer is the shop's.
    """
    if "hostname" in section.constants:
        return [section.constants["hostname"]]
    asking = rows.filter(pl.col("why") == "static_file").select(host=host_of(pl.col("referrer"))).drop_nulls()
    counts = asking["host"].value_counts(name="count").sort("count", "host", descending=[True, False])
    return counts["host"].head(1).to_list()


READER = Reader("access_log", "web", detect, read)
