"""What exports of social listening need before their columns are read: an id for each thing said."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.ids import APART, short_ids
from cjtools.sources.readers.prepare_shop import columns_named, with_cells


def meltwater(sheet: Sheet) -> Sheet:
    """Return Meltwater's mentions with an id made of the address and the sentence.

    One article or post is there once for each search and sentence that it was found by; the same sentence twice is one.
    """
    address = columns_named(sheet, "URL")
    if not address:
        return sheet
    there = pl.col(address[0]).str.strip_chars() != ""
    words = columns_named(sheet, "Hit Sentence", "Opening Text")
    keys = sheet.rows.select(pl.concat_str(*address, *words, separator=APART)).to_series()
    ids = pl.lit(short_ids(keys, prefix="m"))
    return with_cells(sheet, pl.when(there).then(ids).otherwise(pl.lit("")).alias("mention"))


PREPARE: Mapping[str, Callable[[Sheet], Sheet]] = {"meltwater": meltwater}
