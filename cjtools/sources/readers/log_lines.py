"""The lines of a web server's log as requests: each by the dialect that fits it, JSON and W3C by their own names."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

import polars as pl

from cjtools.sources.opening.files import BOMS, Opened, known_encoding
from cjtools.sources.opening.records import flatten
from cjtools.sources.parsing.times import parse_times
from cjtools.sources.parsing.traffic import mapped

PARTS = ("address", "host", "ident", "time", "request", "method", "path", "query", "status", "referrer", "agent")
REQUESTS = pl.Schema({
    "source_row": pl.Int64(), "text": pl.String(), "dialect": pl.String(), **dict.fromkeys(PARTS, pl.String())
})  # fmt: skip
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: f"{number:02}" for number, name in enumerate(NAMES, start=1)}
APACHE = (
    r"^(?<day>\d{1,2})/(?<month>[A-Z][a-z]{2})/(?<year>\d{4})[: ](?<clock>\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)"
    r"\s*(?<offset>[+-]\d{2}:?\d{2}|Z)?$"
)
EPOCH = r"^\d{10}(?:\.\d+)?$|^\d{13}$|^\d{16}$|^\d{19}$"
HEX_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Dialect:
    """One way of writing a request on a line; `zone` where its times are always in that one."""

    name: str
    pattern: str
    zone: str | None = None


@cache
def known() -> Mapping[str, Any]:
    """Return what access_log.toml says."""
    return tomllib.loads((resources.files("cjtools.sources.readers") / "access_log.toml").read_text("utf-8"))


@cache
def dialects() -> tuple[Dialect, ...]:
    """Return the dialects that a pattern reads, in the order in which they are tried."""
    parts = known()["parts"]

    def whole(pattern: str) -> str:
        return re.sub(r"<<(\w+)>>", lambda match: parts[match[1]], pattern)

    return tuple(
        Dialect(each["name"], "(?x)" + whole(each["pattern"]), each.get("zone")) for each in known()["dialects"]
    )


def decode_log(opened: Opened, declared: str | None) -> tuple[str, str, int]:
    r"""Return the text of a log, its encoding, and how many lines hold bytes that are none of its characters.

    A request may hold any bytes, in any encoding: those that are not UTF-8 are written as \xA7, never guessed.
    """
    data, encoding = opened.data, known_encoding(opened.name, declared) if declared else "utf-8"
    for mark, name in BOMS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return data.decode(encoding), encoding, 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "backslashreplace")
        strict = data.decode(encoding, "ignore")
        return text, encoding, sum(a != b for a, b in zip(text.split("\n"), strict.split("\n"), strict=False))


def read_lines(text: str) -> pl.DataFrame:
    """Return one row of REQUESTS for each line that is blank nor a remark; `dialect` is null if none fits."""
    frame = pl.DataFrame({"text": pl.Series(text.split("\n"), dtype=pl.String)}).with_row_index("source_row", offset=1)
    frame = frame.with_columns(
        pl.col("source_row").cast(pl.Int64), pl.col("text").str.strip_chars_end("\r").str.strip_chars_start(" \ufeff")
    )
    remark = pl.col("text").str.starts_with("#")
    block = pl.col("text").str.starts_with("#Fields:").cast(pl.Int32).cum_sum()
    frame = frame.with_columns(block=block).filter(pl.col("text").str.strip_chars() != "")
    lines = frame.filter(~remark)
    lines = lines.with_columns(unwrapped(pl.col("text")))
    as_json = lines.filter(pl.col("text").str.starts_with("{"))
    plain = lines.filter(~pl.col("text").str.starts_with("{"))
    parts = [
        from_json(as_json),
        *from_w3c(plain.filter(pl.col("block") > 0), frame.filter(remark)),
        *from_patterns(plain.filter(pl.col("block") == 0)),
    ]
    return pl.concat([requests(part) for part in parts]).sort("source_row")


def unwrapped(text: pl.Expr) -> pl.Expr:
    """Return the line of a log that Docker has put into JSON of its own; another as it is."""
    inner = pl.when(text.str.starts_with('{"log":')).then(text.str.json_path_match("$.log"))
    return inner.str.strip_chars_end("\r\n").fill_null(text).alias("text")


def requests(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with every column of REQUESTS."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in REQUESTS.items()
    )


def from_patterns(lines: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the lines that each dialect reads, then those that none does."""
    for each in dialects():
        if lines.is_empty():
            return
        read = lines.with_columns(pl.col("text").str.extract_groups(each.pattern).alias("parts"))
        fits = pl.col("parts").struct.field("time").is_not_null()
        found = read.filter(fits).unnest("parts").with_columns(dialect=pl.lit(each.name))
        yield found.with_columns(in_utc(pl.col("time"))) if each.zone == "UTC" else found
        lines = read.filter(~fits).drop("parts")
    yield lines


def in_utc(time: pl.Expr) -> pl.Expr:
    """Return a time with the mark of UTC, where it has no other."""
    return pl.when(time.str.contains(r"(Z|[+-]\d{2}:?\d{2})$")).then(time).otherwise(time + "Z")


def from_w3c(lines: pl.DataFrame, remarks: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the lines below each #Fields as it names them; the day of #Date where the fields have none."""
    for (number,), block in lines.group_by("block", maintain_order=True):
        heads = remarks.filter(pl.col("block") == number)["text"]
        names = heads.filter(heads.str.starts_with("#Fields:")).item().split()[1:]
        days = (
            remarks.filter(pl.col("block") <= number)["text"].str.extract(r"^#Date:\s*(\d{4}-\d\d-\d\d)").drop_nulls()
        )
        yield w3c_block(block, names, days.last() if len(days) else None)  # type: ignore[arg-type]


def w3c_block(lines: pl.DataFrame, names: Sequence[str], day: str | None) -> pl.DataFrame:
    """Return the lines of one block; blanks within a value are written as + or %20, or it stands in quotes."""
    tabbed = lines["text"].str.contains("\t").any()
    cell, gap = (r"[^\t]*", r"\t") if tabbed else (r'(?:"[^"]*"|\S+)', " +")
    places = {
        part: next((names.index(name) for name in wanted if name in names), None)
        for part, wanted in known()["w3c"].items()
    }
    groups = {place: part for part, place in places.items() if place is not None}
    if "clock" not in groups.values() or "path" not in groups.values():
        return lines
    pattern = gap.join(f"(?P<{groups[place]}>{cell})" if place in groups else cell for place in range(len(names)))
    read = lines.with_columns(pl.col("text").str.extract_groups(f"^{pattern}\\s*$").alias("parts"))
    rows = read.unnest("parts")
    rows = rows.with_columns(pl.col(name).str.strip_chars('"') for name in groups.values())
    date = pl.col("date") if "date" in rows.columns else pl.lit(day, pl.String)
    moment = pl.concat_str(date, pl.lit(" "), "clock")
    rows = rows.with_columns(
        time=moment if "time-local" in names and "time" not in names else in_utc(moment),
        dialect=pl.when(pl.col("clock").is_not_null()).then(pl.lit("w3c")),
    )
    return rows.with_columns(
        mapped(rows[name], lambda value: without_signs(value, tabbed=bool(tabbed)))
        for name in ("agent", "referrer")
        if name in rows.columns
    )


def without_signs(value: str, *, tabbed: bool) -> str:
    """Return a value of W3C's form as the browser sent it.

    >>> without_signs("Mozilla/5.0+(X11;+Linux)", tabbed=False), without_signs("Mozilla/5.0%2520(X11)", tabbed=True)
    ('Mozilla/5.0 (X11; Linux)', 'Mozilla/5.0 (X11)')
    """
    if tabbed or "%20" in value:
        return unquote(unquote(value)) if "%25" in value else unquote(value)
    return value if " " in value else value.replace("+", " ")


def from_json(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of JSON by the names that servers and people give their fields."""
    rows = [from_object(text) for text in lines["text"]]
    parts = pl.DataFrame(rows, schema={"dialect": pl.String(), **dict.fromkeys(PARTS, pl.String())})
    if parts["agent"].null_count() < parts.height:  # the log tells user agents: who has none sent none
        parts = parts.with_columns(pl.when(pl.col("dialect").is_not_null()).then(pl.col("agent").fill_null("")))
    return pl.concat([lines.select("source_row", "text"), parts], how="horizontal")


def from_object(text: str) -> dict[str, str | None]:
    r"""Return the parts of a request in a JSON object; none when it is broken. nginx writes odd bytes as \xA7."""
    try:
        value = json.loads(HEX_ESCAPE.sub(r"\1\\u00\2", text))
    except (ValueError, RecursionError):
        return {}
    flat = dict(flatten(value)) if isinstance(value, dict) else {}
    parts = {
        part: next((flat[name] for name in names if name in flat), None) for part, names in known()["json"].items()
    }
    others = [name for name in ("status", "address", "method", "agent") if parts[name] is not None]
    if parts["time"] is None or (parts["path"] or parts["request"]) is None or len(others) < 2:
        return {}
    return {**parts, "dialect": "json"}


def log_times(texts: pl.Series, zone: str) -> pl.Series:
    """Return the moments of times as logs write them; those without an offset are in `zone`.

    >>> texts = pl.Series(["10/Feb/2012:16:42:07 -0500", "2012-04-01 00:00:13Z", "1507167062421"])
    >>> [f"{moment:%d %H:%M:%S}" for moment in log_times(texts, "UTC")]
    ['10 21:42:07', '01 00:00:13', '05 01:31:02']
    """
    apache = texts.str.extract_groups(APACHE).struct.unnest()
    month = pl.col("month").replace_strict(MONTHS, default=None, return_dtype=pl.String)
    form, offset = "{}-{}-{}T{}{}", pl.col("offset").fill_null("")
    iso = apache.select(pl.format(form, "year", month, pl.col("day").str.zfill(2), "clock", offset)).to_series()
    digits = pl.col("time").str.replace(".", "", literal=True) + "0" * 9
    seconds = pl.from_epoch(digits.str.slice(0, 16).cast(pl.Int64, strict=False), "us").dt.replace_time_zone("UTC")
    epoch = texts.to_frame("time").select(pl.when(pl.col("time").str.contains(EPOCH)).then(seconds)).to_series()
    written = parse_times(iso.zip_with(iso.is_not_null(), texts), form=None, zone=zone).moment
    return epoch.zip_with(epoch.is_not_null(), written)
