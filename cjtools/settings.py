"""The sections of client.toml: which keys there are, of which kind, with which defaults."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, field_validator, model_validator

from cjtools.errors import cut, nearest

LANGUAGES = ("ca", "en", "es", "it", "ro")
OTHER = "other"  # a language that is none of the kit's
AUDIENCES = ("team", "client", "executive")

Language = Literal["ca", "en", "es", "it", "ro"]
Audience = Literal["team", "client", "executive"]
Environment = Literal["online", "offline"]
Kind = Literal["mentions", "reviews", "events", "orders", "observations", "answers", "tickets", "profiles"]
Band = Literal["before", "during", "after"]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

# Names that Windows keeps for devices: a folder of that name cannot be made there.
RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


def label(value: Any) -> str | dict[str, str]:
    """Check a label: one text for every language, or a table of texts by language."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise ValueError(f'found {cut(value)}; a text, or a table of texts such as {{ en = "Shop", ca = "Botiga" }}')
    for code, text in value.items():
        if code not in LANGUAGES:
            raise ValueError(f"{cut(code)} is not a language of the kit; {nearest(code, LANGUAGES)}")
        if not isinstance(text, str):
            raise ValueError(f"found {cut(text)} under {code!r}; a text")
    return value


Label = Annotated[str | dict[str, str], PlainValidator(label)]


def known_zone(value: str) -> str:
    """Return the name of a time zone, or say which one was meant."""
    zones = zoneinfo.available_timezones()
    if value not in zones:
        hint = nearest(value, sorted(zones))
        raise ValueError(
            f"{cut(value)} is not an IANA time zone; {hint if hint.startswith('did') else 'such as Europe/Madrid'}"
        )
    return value


class Section(BaseModel):
    """A table of client.toml: unknown keys are faults, values never change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


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
    """[report]: for whom, by which notebook."""

    audience: Audience = "team"
    notebook: str = "journey_map"


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


class Stage(Section):
    """One ordered part of the journey."""

    id: Identifier
    band: Band
    label: Label = ""
    question: Label = ""
    information: Label = ""
    entry: tuple[str, ...] = ()
    exit: tuple[str, ...] = ()


class StageEntry(Section):
    """[[stages.stage]]: a stage of one's own, or what is said of a named model's stage."""

    id: Identifier
    band: Band | None = None
    label: Label = ""
    question: Label = ""
    information: Label = ""
    entry: tuple[str, ...] = ()
    exit: tuple[str, ...] = ()


class Stages(Section):
    """[stages]: a named model, or one's own list."""

    model: Literal["four", "five", "six", "before_during_after"] | None = None
    stage: tuple[StageEntry, ...] = ()


class Persona(Section):
    """[[personas]]: an archetype, declared by the researcher."""

    id: Identifier
    name: Label
    who: Label = ""
    needs: Label = ""
    help: Label = ""
    channels: tuple[str, ...] = ()
    buys: Literal["online", "offline", "both"] | None = None
    rule: dict[str, str | int | bool | tuple[str | int | bool, ...]] = {}


class Touchpoint(Section):
    """[[touchpoints]]: where an interaction happens, with its bindings to pages, events, channels, terms and codes."""

    id: Identifier
    label: Label
    channel: str = ""
    environment: Environment
    owner: Literal["brand", "partner", "customer", "independent"] = "brand"
    kind: str = ""
    stages: Annotated[tuple[str, ...], Field(min_length=1)]
    pages: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    terminal: bool = False


class Objective(Section):
    """[[objectives]]: what the client wants at a stage; refused without metric, target and date."""

    stage: str
    statement: Label
    metric: str
    baseline: float
    target: float
    due: dt.date


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
    """One survey question of a source; `several` is what stands between several choices in one cell."""

    id: Identifier
    column: str
    instrument: Literal["nps", "csat", "ces", "other"] = "other"
    scale: tuple[float, float] | None = None
    several: str = ""
    stage: str | None = None
    touchpoint: str | None = None

    @model_validator(mode="after")
    def scale_is_known(self) -> Question:
        """Refuse a scored question without its scale."""
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


class Settings(Section):
    """client.toml as a whole."""

    client: About
    map: MapSection = MapSection()
    wave: Wave
    waves: tuple[Wave, ...] = ()
    stages: Stages = Stages(model="six")
    personas: tuple[Persona, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    objectives: tuple[Objective, ...] = ()
    sources: tuple[SourceSection, ...] = ()
    privacy: Privacy = Privacy()
    report: ReportSection = ReportSection()
    text: TextSection = TextSection()
