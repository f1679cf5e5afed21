"""The rows that are not used, and why: grouped for reading, and one by one for a spreadsheet."""

from __future__ import annotations

import polars as pl

from cjtools.inventory.describe import say_reason
from cjtools.inventory.tables import LeftOutGroup
from cjtools.tables import Tables
from cjtools.words import Words

EXAMPLES = 5


def group_left_out(tables: Tables) -> pl.DataFrame:
    """Return the rows that are not used by source, file and reason. Rows as inventory.tables.LeftOutGroup.

    >>> import cjtools as cj
    >>> group_left_out(cj.Tables()).height
    0
    """
    places = tables.sources.select("source_id", "source_file", of_rows="rows_in").with_row_index("place")
    groups = (
        tables.left_out.sort("source_row")
        .group_by("source_id", "source_file", "fate", "why")
        .agg(
            rows=pl.len().cast(pl.Int64),
            source_row=pl.col("source_row").first(),
            examples=pl.col("source_row").head(EXAMPLES),
        )
        .join(places, on=["source_id", "source_file"], how="left")
        .with_columns(of_rows=pl.max_horizontal("of_rows", "rows"))
        .sort("place", pl.col("fate").cast(pl.String), "why", descending=[False, True, False], nulls_last=True)
    )
    return LeftOutGroup.validate(groups.select(LeftOutGroup.column_names()), cast=True)


def list_left_out(tables: Tables, *, words: Words) -> pl.DataFrame:
    """Return every row that is not used, as a table to hand on: where it stands, what became of it, why.

    It holds no value of the row itself: the place leads whoever may see the file to it.
    """
    whys = tables.left_out["why"].unique().to_list()
    said = {why: say_reason(why, words=words) for why in whys}
    return tables.left_out.select(
        source="source_id",
        file="source_file",
        row="source_row",
        fate=pl.col("fate").cast(pl.String),
        reason="why",
        meaning=pl.col("why").replace_strict(said, default=None, return_dtype=pl.String),
    )
