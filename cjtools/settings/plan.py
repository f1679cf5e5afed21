"""The sections of client.toml on what the consultant declares: stages, personas, touchpoints, objectives, plans."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cjtools.settings.values import Band, Environment, Identifier, Label, Section


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
    """[[personas]]: an archetype, declared by the researcher.

    `touchpoints` are those on its map; left out, they follow from `channels`, and those from where it `buys`.
    """

    id: Identifier
    name: Label
    who: Label = ""
    needs: Label = ""
    help: Label = ""
    channels: tuple[str, ...] = ()
    touchpoints: tuple[str, ...] = ()
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
