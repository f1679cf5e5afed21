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
# What an objective can be measured by, beside the id of a survey question.
METRICS = ("stage_conversion", "experience", "net_sentiment", "nps", "ces", "csat")

Language = Literal["ca", "en", "es", "it", "ro"]
Audience = Literal["team", "client", "executive"]
Environment = Literal["online", "offline"]
Kind = Literal["mentions", "reviews", "events", "orders", "observations", "answers", "tickets", "profiles"]
Band = Literal["before", "during", "after"]
Lane = Literal[
    "customer_question", "information", "objectives", "touchpoints", "steps", "needs", "experience", "moments", "pains",
    "gains", "emotions", "questions", "quotes", "behaviour", "social", "crosscheck", "factors", "opportunities",
    "actions", "suggestions", "research", "coverage", "front", "back", "support",
]  # fmt: skip
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
    """[report]: for whom, by which notebook, and which lanes of the map are left out."""

    audience: Audience = "team"
    notebook: str = "journey_map"
    lanes_off: tuple[Lane, ...] = ()


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
    # The rule for profiles, where it is not the one for participants: over what is observed of them.
    behaves: dict[str, str | int | bool | tuple[str | int | bool, ...]] = {}


class Touchpoint(Section):
    """[[touchpoints]]: where an interaction happens, with its bindings to pages, events, channels, terms and codes.

    `moment_of_truth` marks where people decide to stay. `front`, `back` and `support` are what the client does there
    in sight of the customer, out of sight, and what both need: the lines of a service blueprint.
    """

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
    moment_of_truth: bool = False
    front: Label = ""
    back: Label = ""
    support: Label = ""


class Objective(Section):
    """[[objectives]]: what the client wants at a stage; refused without metric, target and date."""

    stage: str
    statement: Label
    metric: Annotated[str, Field(min_length=1)]
    baseline: Annotated[float, Field(allow_inf_nan=False)]
    target: Annotated[float, Field(allow_inf_nan=False)]
    due: dt.date

    @model_validator(mode="after")
    def has_a_way(self) -> Objective:
        """Refuse a target that is the baseline: no way leads there."""
        if self.target == self.baseline:
            raise ValueError(f"target and baseline are both {self.target:g}: there is no way to measure")
        return self


class Opportunity(Section):
    """[[opportunities]]: what the client could do better, and the claims, touchpoint and stage that it rests on."""

    id: Identifier
    title: Label
    kind: Literal["product", "content", "service", "process", "channel"]
    stage: str
    touchpoint: str | None = None
    claims: tuple[str, ...] = ()
    effort: Literal["low", "medium", "high"] | None = None
    owner: str = ""
    status: Literal["idea", "planned", "doing", "done", "dropped"] = "idea"


class Action(Section):
    """[[actions]]: what is done about an opportunity: content, for whom, where, until when, measured by what."""

    opportunity: Identifier | None = None
    stage: str
    segment: str = ""
    content: Label
    due: dt.date
    metric: Annotated[str, Field(min_length=1)]
    owner: str = ""
    status: Literal["planned", "doing", "done", "dropped"] = "planned"


class OpportunityScore(Section):
    """[opportunity_score]: how a survey's importance and satisfaction are read; sources differ on the cut-offs.

    An answer counts from `top` of its scale on (4 of 5 is 0.75); from `solid` (of 20) on it is an opportunity.
    """

    top: Annotated[float, Field(gt=0, le=1)] = 0.75
    solid: Annotated[float, Field(ge=0, le=20)] = 10
    strong: Annotated[float, Field(ge=0, le=20)] = 15


class PlannedStep(Section):
    """[[planned]]: one step of the journey as a workshop planned it, in its order."""

    stage: str
    touchpoint: str
    label: Label = ""


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


Pattern = Literal[
    "ropo",
    "click_collect",
    "try_buy",
    "repeat_buyers",
    "webrooming",
    "showrooming",
    "return_same_route",
    "return_other_route",
    "abandoned_cart",
    "abandoned_checkout",
    "newsletter_first_purchase",
    "campaign_purchase",
]


class PatternAnswer(Section):
    """[[patterns.answers]]: the answers to a survey question by which people tell of a pattern."""

    pattern: Pattern
    question: Identifier
    values: Annotated[tuple[str, ...], Field(min_length=1)]


class PatternSection(Section):
    """[patterns]: the windows in days, and the interview codes and survey answers by which people tell of a pattern."""

    window_days: Annotated[int, Field(ge=1)] = 30
    abandoned_days: Annotated[int, Field(ge=1)] = 7
    message_days: Annotated[int, Field(ge=1)] = 30
    other_windows: tuple[Annotated[int, Field(ge=1)], ...] = (1, 7, 14)
    codes: dict[Pattern, tuple[str, ...]] = {}
    answers: tuple[PatternAnswer, ...] = ()


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
    opportunities: tuple[Opportunity, ...] = ()
    opportunity_score: OpportunityScore = OpportunityScore()
    actions: tuple[Action, ...] = ()
    planned: tuple[PlannedStep, ...] = ()
    sources: tuple[SourceSection, ...] = ()
    privacy: Privacy = Privacy()
    report: ReportSection = ReportSection()
    text: TextSection = TextSection()
    claims: ClaimsSection = ClaimsSection()
    patterns: PatternSection = PatternSection()
