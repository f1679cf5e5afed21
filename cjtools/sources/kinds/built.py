"""What a kind of table makes of its rows, and what became of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cjtools.errors import Fault


@dataclass(frozen=True)
class Built:
    """Declared tables by their names.

    `fates` holds source_file, source_row, fate (used, rejected, merged) and why, a row each.
    `notes` are counted flags by file that concern no row's fate.
    """

    tables: Mapping[str, pl.DataFrame]
    fates: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)
    notes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def with_fate(rows: pl.DataFrame, *needed: str) -> pl.DataFrame:
    """Return rows with `fate` and `why`: one that lacks a needed value is rejected, as 'no_<name>'."""
    why = pl.coalesce(
        *(pl.when(pl.col(name).is_null()).then(pl.lit(f"no_{name}")) for name in needed), pl.lit(None, pl.String)
    )
    return rows.with_columns(why=why).with_columns(
        fate=pl.when(pl.col("why").is_null()).then(pl.lit("used")).otherwise(pl.lit("rejected"))
    )


def fates_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what became of each row."""
    return rows.select("source_file", "source_row", "fate", "why")


def used(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are used."""
    return rows.filter(pl.col("fate") == "used")


def merge_rows(rows: pl.DataFrame, copies: pl.Expr, why: str) -> pl.DataFrame:
    """Return rows where the used ones for which `copies` holds are merged into the ones before them."""
    hit = (pl.col("fate") == "used") & copies.fill_null(False)
    return rows.with_columns(
        fate=pl.when(hit).then(pl.lit("merged")).otherwise("fate"),
        why=pl.when(hit).then(pl.lit(why)).otherwise("why"),
    )
