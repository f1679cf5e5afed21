"""What the machine did for this map: of how many texts, how, how well, and whether it counts."""

from __future__ import annotations

import polars as pl

from cjtools.map_tables import MapAccuracy, MapMachine
from cjtools.tables import shape_of
from cjtools.text.measured import sentiment_scores

# In the order of the page; "evidence" says how much of the map rests on all of them.
ORDER = ("language", "copy", "sentiment", "touchpoint", "stage", "type", "factor", "evidence")


def tell_machine(machine: pl.DataFrame, evidence: pl.DataFrame) -> pl.DataFrame:
    """Return what the machine did (tables.Machine), in a fixed order; nothing when it did nothing.

    The last row, "evidence", counts what was said in this wave: how much of it has a code or a valence by the machine.
    """
    if machine.is_empty():
        return MapMachine.create_empty()
    said = evidence.filter((pl.col("basis") == "reported") & pl.col("text").is_not_null())
    by_machine = said.filter(pl.col("method") == "model").height
    rows = [*machine.iter_rows(), ("evidence", None, by_machine, said.height, None, None, True)]
    names = [name for name in MapMachine.column_names() if name != "position"]
    told = pl.DataFrame(rows, schema={name: shape_of(MapMachine)[name] for name in names}, orient="row")
    place = pl.col("kind").replace_strict({name: number for number, name in enumerate(ORDER)}, return_dtype=pl.Int64)
    return MapMachine.validate(told.with_columns(position=place).sort("position"), cast=True)


def tell_accuracy(machine: pl.DataFrame) -> pl.DataFrame:
    """Return the measured macro-F1 of the estimate of sentiment by language; no row where none was measured."""
    methods = machine.filter(pl.col("kind") == "sentiment")["method"].to_list()
    rows = [row for method in methods for row in sorted(sentiment_scores(method).items())]
    return MapAccuracy.validate(pl.DataFrame(rows, schema=shape_of(MapAccuracy), orient="row"), cast=True)
