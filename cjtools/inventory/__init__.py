"""What was read: sources, periods, coverage, joins, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.inventory.coverage import family_coverage, source_coverage
from cjtools.inventory.describe import describe_sources, say_flag, say_reason
from cjtools.inventory.left_out import group_left_out, list_left_out
from cjtools.inventory.matches import match_rates
from cjtools.inventory.periods import source_periods, source_spans
from cjtools.inventory.tables import INVENTORY_TABLES
from cjtools.privacy import known_audience
from cjtools.provenance import made_from
from cjtools.settings import Wave
from cjtools.sources import read_sources
from cjtools.tables import Tables
from cjtools.words import Words, load_words

__all__ = [
    "INVENTORY_TABLES",
    "Inventory",
    "describe_sources",
    "family_coverage",
    "group_left_out",
    "list_left_out",
    "match_rates",
    "say_flag",
    "say_reason",
    "source_coverage",
    "source_periods",
    "source_spans",
    "take_inventory",
]


@dataclass(frozen=True)
class Inventory:
    """What was read of a client, as tables (inventory/tables.py declares them), with the words to show it in.

    `sources` is the table of sources itself; `rows_left_out` has a line for every row that is not used.
    """

    client_id: str
    client_name: str
    wave: Wave
    audience: str
    words: Words
    sources: pl.DataFrame
    lines: pl.DataFrame
    periods: pl.DataFrame
    spans: pl.DataFrame
    coverage: pl.DataFrame
    families: pl.DataFrame
    matches: pl.DataFrame
    left_out: pl.DataFrame
    rows_left_out: pl.DataFrame
    provenance: Mapping[str, object]


def take_inventory(
    client: Client, *, wave: str = "", language: str = "", audience: str = "", tables: Tables | None = None
) -> Inventory:
    """Return what was read of a client: everything that its files hold, whatever the wave; the wave is only marked.

    Empty words mean what client.toml says. `tables` (from read_sources or check_sources) may be given when they are
    read already; else the client's files are read. Raises ParameterError for a language or audience that does not
    exist, ClientError for a wave that does not, SourceError with every fault of every file.

    >>> from cjtools.client import load_client
    >>> take_inventory(load_client("data/example")).periods["rhythm"].to_list()
    ['sparse', 'daily', 'daily', 'daily', 'daily', 'daily', 'sparse', 'daily', 'sparse']
    """
    words = load_words(language or client.client.language)
    audience = known_audience(audience or client.report.audience)
    period = client.wave_named(wave)
    read = read_sources(client) if tables is None else tables
    return Inventory(
        client_id=client.client.id,
        client_name=client.client.name,
        wave=period,
        audience=audience,
        words=words,
        sources=read.sources,
        lines=describe_sources(read.sources, words=words),
        periods=source_periods(read, wave=period),
        spans=source_spans(read),
        coverage=source_coverage(read, client=client),
        families=family_coverage(read.sources),
        matches=match_rates(read, client=client),
        left_out=group_left_out(read),
        rows_left_out=list_left_out(read, words=words),
        provenance=made_from(client, read.sources, wave=period.name, language=words.language, audience=audience),
    )
