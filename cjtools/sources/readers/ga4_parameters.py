"""The parameters of GA4's events: of a list of keys and values, one text column for each key that is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

PARAMETERS = (
    "page_location",
    "ga_session_id",
    "traffic_type",
    "source",
    "medium",
    "campaign",
    "currency",
    "transaction_id",
    "gclid",
)
VALUES = ("string_value", "int_value", "float_value", "double_value")
LISTS = pl.List(pl.Struct({"key": pl.String, "value": pl.Struct(dict.fromkeys(VALUES, pl.String))}))

# Parameters as JSON, as polars writes it, without escapes and with one value at most: what patterns can read.
NAME = '"(?:string|int|float|double)_value"'
NULL = f"{NAME}: null"
VALUE = rf'{NAME}: (?:"[^"\\]*"|[-0-9tf][^",{{}}\[\]\\]*)'
ITEM = rf'\{{"key": "[^"\\]*", "value": (?:null|\{{(?:(?:{NULL}, )*(?:{NULL}|{VALUE})(?:, {NULL})*)?\}})\}}'
SIMPLE = rf"^\[(?:{ITEM}(?:, {ITEM})*)?\]$"


def parameters_of(lists: pl.Series) -> pl.DataFrame:
    """Return the wanted parameters, one text column each, named param_<key>: of a key the first value.

    In some Parquet BigQuery wraps the lists into records: {list: [{element: {…}}]}.
    """
    if lists.null_count() == len(lists):
        return no_parameters(len(lists))
    if isinstance(lists.dtype, pl.Struct):
        lists = lists.struct.field("list")
    records = lists.explode(empty_as_null=False, keep_nulls=False)
    if [field.name for field in records.dtype.fields] == ["element"]:  # type: ignore[attr-defined]
        records = records.struct.field("element")
    owners = np.repeat(np.arange(len(lists), dtype=np.uint32), lists.list.len().fill_null(0).to_numpy())
    keys, values = records.struct.field("key"), records.struct.field("value")
    given = [field.name for field in getattr(values.dtype, "fields", [])]
    kinds = [values.struct.field(name) for name in VALUES if name in given]
    filled = [kind for kind in kinds if kind.null_count() < len(kind)]
    # Numbers in the place of keys: what is none of the wanted ones has a number beyond them.
    numbers = (
        keys.cast(pl.String).cast(pl.Enum(PARAMETERS), strict=False).to_physical().fill_null(len(PARAMETERS)).to_numpy()
    )
    return pl.DataFrame([
        value_of(np.flatnonzero(numbers == number), filled, owners, rows=len(lists)).alias(f"param_{key}")
        for number, key in enumerate(PARAMETERS)
    ])  # fmt: skip


def no_parameters(rows: int) -> pl.DataFrame:
    """Return the parameters of rows that have none."""
    return pl.DataFrame(schema={f"param_{key}": pl.String for key in PARAMETERS}).clear(rows)


def simple_parameters(texts: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    r"""Return the parameters of lists that are written as JSON, and which of them are not simple: not to be believed.

    >>> found, others = simple_parameters(pl.Series(['[{"key": "source", "value": {"string_value": "a"}}]', "[]", "?"]))
    >>> found["param_source"].to_list(), others.to_list()
    (['a', None, None], [2])
    """
    found = texts.alias("text").to_frame().select(value_in_text(key).alias(f"param_{key}") for key in PARAMETERS)
    return found, (~texts.str.contains(SIMPLE)).fill_null(False).arg_true()


def value_in_text(key: str) -> pl.Expr:
    """Return the value of a key in a simple list: a text without its quotes, or a number as it stands."""
    head = rf'\{{"key": "{key}", "value": \{{(?:{NULL}, )*{NAME}: '
    return pl.col("text").str.extract(head + r'("[^"]*"|[-0-9tf][^",}]*)').str.strip_chars('"')


def value_of(
    places: npt.NDArray[np.int64], kinds: Sequence[pl.Series], owners: npt.NDArray[np.uint32], *, rows: int
) -> pl.Series:
    """Return the values that stand at some places, each in the row that owns it: of several the first."""
    at = pl.Series(places)
    given = [values.cast(pl.String) for kind in kinds if (values := kind.gather(at)).null_count() < len(at)]
    if not given:
        return pl.repeat(None, rows, dtype=pl.String, eager=True)
    texts = given[0] if len(given) == 1 else pl.select(pl.coalesce(given)).to_series()
    own = owners[places]
    if texts.has_nulls():
        there = texts.is_not_null()
        own, texts = own[there.to_numpy()], texts.filter(there)
    if len(own) == rows and np.array_equal(own, np.arange(rows, dtype=np.uint32)):
        return texts
    source = np.full(rows, len(texts), np.uint32)
    source[own[::-1]] = np.arange(len(texts), dtype=np.uint32)[::-1]
    return pl.concat([texts, pl.Series([None], dtype=pl.String)]).gather(pl.Series(source))
