"""Tables as CSV for spreadsheets: no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io

import polars as pl

# How a formula may begin; the last four are what some spreadsheets take for the first ones.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_csv(frame: pl.DataFrame, *, header: bool = True) -> str:
    r"""Return a table as CSV for spreadsheets: lists joined, and no text that a spreadsheet takes for a formula.

    >>> as_csv(pl.DataFrame({"a": ["=1+1", None], "b": [-1.5, 2.0]}))
    "a,b\n'=1+1,-1.5\n,2.0\n"
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow([as_cell(name) for name in frame.columns])
    writer.writerows([[as_cell(value) for value in row] for row in frame.iter_rows()])
    return out.getvalue()


def as_cell(value: object) -> object:
    """Return one value of a CSV file.

    >>> as_cell(["a", "b"]), as_cell("-3"), as_cell(-3)
    ('a; b', "'-3", -3)
    """
    if isinstance(value, list):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str):
        # A bare carriage return is not quoted, and would begin a row of its own.
        text = f"'{value}" if value.startswith(FORMULA) else value
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else value
