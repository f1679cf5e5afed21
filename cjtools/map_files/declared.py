"""Which table of which part of the map is declared where, and what a value of a column looks like in JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import dataframely as dy
import polars as pl

from cjtools.claims import CLAIM_TABLES, Claims
from cjtools.journey_map import JourneyMap
from cjtools.journey_tables import JOURNEY_TABLES
from cjtools.lanes.journeys import Journeys
from cjtools.lanes.people import People
from cjtools.map_tables import MAP_TABLES, Evidence
from cjtools.personas.tables import PERSONA_TABLES, PersonaFact
from cjtools.remarks.standing import Remarks
from cjtools.remarks.tables import MapRemark
from cjtools.tables import Source

Table = type[dy.Schema]

# The parts of the map that hold tables, each with the declarations of its tables.
PARTS: dict[type, Mapping[str, Table]] = {
    JourneyMap: {**MAP_TABLES, "sources": Source, "evidence": Evidence},
    Journeys: JOURNEY_TABLES,
    Claims: CLAIM_TABLES,
    People: {**PERSONA_TABLES, "facts": PersonaFact},
    Remarks: {"rows": MapRemark},
}


def plain(value: object) -> Any:
    """Return a value as JSON can hold it: days and moments in ISO 8601, decimals as text so that no digit is lost.

    >>> plain([dt.date(2026, 7, 1), Decimal("1.10"), None, 2])
    ['2026-07-01', '1.10', None, 2]
    """
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def typed(value: Any, dtype: pl.DataType) -> Any:
    """Return a value of JSON as a column of this type holds it.

    >>> typed("2026-07-01", pl.Date()), typed(None, pl.Date()), typed(["a"], pl.List(pl.String))
    (datetime.date(2026, 7, 1), None, ['a'])
    """
    if value is None:
        return None
    if isinstance(dtype, pl.List):
        return [typed(item, as_type(dtype.inner)) for item in value]
    if isinstance(dtype, pl.Struct):
        return {field.name: typed(value[field.name], as_type(field.dtype)) for field in dtype.fields}
    if isinstance(dtype, pl.Date):
        return dt.date.fromisoformat(value)
    if isinstance(dtype, pl.Datetime):
        return dt.datetime.fromisoformat(value)
    if isinstance(dtype, pl.Decimal):
        return Decimal(value)
    if isinstance(dtype, pl.Float64):
        return float(value)
    return value


def as_type(dtype: Any) -> Any:
    """Return a type of polars that may have been given as a class."""
    return dtype() if isinstance(dtype, type) else dtype
