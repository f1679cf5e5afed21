"""The sections of client.toml on the sources: which files, how to read them, what their columns mean."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cjtools.settings.values import Identifier, Kind, Section, known_zone


class Period(Section):
    """A period that the file itself does not tell."""

    from_: dt.date = Field(alias="from")
    to: dt.date


class Metric(Section):
    """One column of totals that becomes an observation."""

    column: str
    unit: str = "count"
    n: str | None = None


class Question(Section):
    """One survey question of a source; `several` is what stands between several choices in one cell.

    `role` says what it asks of its touchpoint: how important it is, how satisfied people are, what they expected and
    how it was. It needs a touchpoint and a scale.
    """

    id: Identifier
    column: str
    instrument: Literal["nps", "csat", "ces", "other"] = "other"
    scale: tuple[float, float] | None = None
    several: str = ""
    stage: str | None = None
    touchpoint: str | None = None
    role: Literal["importance", "satisfaction", "expectation", "experience"] | None = None

    @model_validator(mode="after")
    def scale_is_known(self) -> Question:
        """Refuse a scored question without its scale, and a role without the touchpoint that it is of."""
        if self.role is not None and (self.touchpoint is None or self.scale is None):
            raise ValueError(f"a question of {self.role} needs its touchpoint and its scale, such as scale = [1, 5]")
        if self.instrument != "other" and self.scale is None:
            raise ValueError(f"a {self.instrument} question needs its scale, such as scale = [0, 10]")
        return self


class Lookup(Section):
    """[sources.lookup]: another table of the same folder that completes each row by a shared column.

    A row that finds nothing there is a fault, unless the table is `partial`.
    """

    path: str
    on: str
    partial: bool = False


class SourceSection(Section):
    """[[sources]]: one file or a pattern of files, and how to read it."""

    id: Identifier
    path: Annotated[str, Field(min_length=1)]
    format: str = "detect"
    kind: Kind | None = None
    timezone: str | None = None
    language: str | None = None
    currency: str | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    columns: tuple[str, ...] = ()
    quote: Literal['"', ""] = '"'
    decimal: Literal[".", ","] = "."
    date_format: str | None = None
    rating_scale: tuple[float, float] | None = None
    own_accounts: tuple[str, ...] = ()
    period: Period | None = None
    consent: str = ""
    keys: dict[str, Identifier] = {}
    touchpoint: str | None = None
    stage: str | None = None
    sheet: str | None = None
    records: str | None = None
    mapping: dict[str, str] = {}
    moments: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    dimensions: dict[str, str] = {}
    metrics: dict[str, Metric] = {}
    questions: tuple[Question, ...] = ()
    lookup: Lookup | None = None
    speakers: dict[str, Literal["participant", "interviewer", "other"]] = {}
    participant: str | None = None
    date: dt.date | None = None

    @field_validator("timezone")
    @classmethod
    def is_a_zone(cls, value: str | None) -> str | None:
        """Refuse what is no IANA time zone."""
        return value if value is None else known_zone(value)
