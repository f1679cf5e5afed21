"""The sections of client.toml on the work itself: whose map, which wave, for whom, with which limits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cjtools.settings.values import RESERVED, Audience, Identifier, Label, Lane, Language, Section, known_zone


class About(Section):
    """[client]: who commissions the map."""

    id: Identifier
    name: Annotated[str, Field(min_length=1)]
    language: Language = "en"
    timezone: str = "UTC"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    contact: str = ""
    status: Literal["draft", "in_review", "approved", "superseded"] = "draft"
    review_due: dt.date | None = None

    @field_validator("id")
    @classmethod
    def can_be_a_folder(cls, value: str) -> str:
        """Refuse names that some system keeps for itself."""
        if value in RESERVED:
            raise ValueError(f"{value!r} is a device name on Windows and cannot be a folder")
        return value

    @field_validator("timezone")
    @classmethod
    def is_a_zone(cls, value: str) -> str:
        """Refuse what is no IANA time zone."""
        return known_zone(value)


class MapSection(Section):
    """[map]: what the map is for."""

    objective: str = ""
    products: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    scenario: str = ""
    goal: str = "purchase"
    state: Literal["current", "planned"] = "current"


class Change(Section):
    """[[changes]]: what was changed on the map since it was first shown: a line of its change log."""

    on: dt.date
    text: Label
    by: str = ""


class Wave(Section):
    """[wave], or one of [[waves]]: a period of evidence, both days inclusive."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")] = ""
    from_: dt.date = Field(alias="from")
    to: dt.date
    previous: str = ""

    @model_validator(mode="after")
    def runs_forward(self) -> Wave:
        """Refuse a wave that ends before it begins."""
        if self.to < self.from_:
            raise ValueError(f"the wave ends ({self.to}) before it begins ({self.from_})")
        return self

    @property
    def name(self) -> str:
        """The name of its folder: the id, or the two days."""
        return self.id or f"{self.from_}_{self.to}"


class Privacy(Section):
    """[privacy]: what may be shown."""

    minimum_group: Annotated[int, Field(ge=1)] = 3
    quotes: Literal["none", "consented", "all"] = "consented"
    retention_months: Annotated[int, Field(ge=1)] | None = None


class ReportSection(Section):
    """[report]: for whom, by which notebook, and which lanes of the map are left out."""

    audience: Audience = "team"
    notebook: str = "journey_map"
    lanes_off: tuple[Lane, ...] = ()


class BatchSection(Section):
    """[batch]: what the kernel of one report may use before it is ended."""

    memory_mb: Annotated[int, Field(ge=256)] = 4096
    minutes: Annotated[int, Field(ge=1)] = 60


class TextSection(Section):
    """[text]: how texts are understood, and by what names people call the client and its competitors.

    `duplicates = "exact"` leaves near-copies of public texts as voices of their own. The machine's codes of the kinds
    in `machine_codes` count on the map where the client's own agreement allows it, and never else. `annotator` names
    another model, installed as an entry point of "cjtools.annotators": no text leaves the machine unless it does.
    """

    encoder: Literal["small", "e5"] = "small"
    sentiment: Literal["model", "lexicon", "none"] = "model"
    duplicates: Literal["near", "exact"] = "near"
    brand: tuple[str, ...] = ()
    competitors: dict[Identifier, tuple[str, ...]] = {}
    machine_codes: tuple[Literal["stage", "type", "factor"], ...] = ()
    annotator: str = ""


class ClaimsSection(Section):
    """[claims]: when the evidence of a claim is old: more days before the end of the wave than `review_days`."""

    review_days: Annotated[int, Field(ge=1)] = 180
