"""The SQL that flattens GA4's export in a warehouse, filled with names and days that were checked first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from importlib import resources
from string import Template

from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any

NAME = r"[A-Za-z_][A-Za-z0-9_]{0,254}"

# What a table may be called, and how that reads in a message. Nothing else gets into the SQL, so nothing has to be
# escaped there. A project of BigQuery may have hyphens, and a domain before it.
DIALECTS = {
    "bigquery": (
        rf"(?:[a-z0-9.-]{{1,63}}:)?[a-z][a-z0-9-]{{4,28}}[a-z0-9]\.{NAME}\.{NAME}",
        "project.dataset.events, whose daily tables are events_YYYYMMDD",
    ),
    "snowflake": (rf"{NAME}(?:\.{NAME}){{0,2}}", "database.schema.table, of letters, digits and _"),
    "spark": (rf"{NAME}(?:\.{NAME}){{0,2}}", "catalog.schema.table, of letters, digits and _"),
}


def ga4_query(dialect: str, *, table: str, first: dt.date, last: dt.date) -> str:
    """Return the SQL that takes the flat events of some days, both inclusive, out of a warehouse.

    `dialect` is one of DIALECTS. Raises ParameterError with everything that is wrong: an unknown dialect, a table
    whose name holds anything but names and dots, days in the wrong order.

    >>> sql = ga4_query("bigquery", table="acme-web.analytics_1.events",
    ...                 first=dt.date(2026, 7, 1), last=dt.date(2026, 9, 30))
    >>> print(sql[sql.index("FROM `"):])
    FROM `acme-web.analytics_1.events_*`
    WHERE _TABLE_SUFFIX BETWEEN '20260701' AND '20260930'
    """
    raise_if_any(ParameterError, "this query", list(query_faults(dialect, table, first, last)))
    text = (resources.files("cjtools.journeys.warehouse") / f"ga4_{dialect}.sql").read_text("utf-8")
    return Template(text).substitute(table=table, first=f"{first:%Y%m%d}", last=f"{last:%Y%m%d}")


def query_faults(dialect: str, table: str, first: dt.date, last: dt.date) -> Iterator[Fault]:
    """Yield what is wrong with the parameters of a query."""
    if dialect not in DIALECTS:
        yield Fault("dialect", f"{cut(dialect)} is none of the dialects", nearest(dialect, DIALECTS))
    elif not re.fullmatch(DIALECTS[dialect][0], table):
        yield Fault("table", f"{cut(table)} is no name of a table", DIALECTS[dialect][1])
    if last < first:
        yield Fault("last", f"{last} is before {first}", "the last day, itself included")
