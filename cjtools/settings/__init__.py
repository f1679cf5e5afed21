"""The sections of client.toml: which keys there are, of which kind, with which defaults."""

from __future__ import annotations

from cjtools.settings.inputs import Lookup, Metric, Period, Question, SourceSection
from cjtools.settings.patterns import Pattern, PatternAnswer, PatternSection
from cjtools.settings.plan import (
    Action,
    Objective,
    Opportunity,
    OpportunityScore,
    Persona,
    PlannedStep,
    Stage,
    StageEntry,
    Stages,
    Touchpoint,
)
from cjtools.settings.values import (
    AUDIENCES,
    LANGUAGES,
    METRICS,
    OTHER,
    RESERVED,
    Audience,
    Band,
    Environment,
    Identifier,
    Kind,
    Label,
    Lane,
    Language,
    Section,
    known_zone,
    label,
)
from cjtools.settings.work import (
    About,
    BatchSection,
    Change,
    ClaimsSection,
    MapSection,
    Privacy,
    ReportSection,
    TextSection,
    Wave,
)

__all__ = [
    "AUDIENCES", "LANGUAGES", "METRICS", "OTHER", "RESERVED", "About", "Action", "Audience", "Band", "BatchSection",
    "Change", "ClaimsSection", "Environment", "Identifier", "Kind", "Label", "Lane", "Language", "Lookup", "MapSection",
    "Metric", "Objective", "Opportunity", "OpportunityScore", "Pattern", "PatternAnswer", "PatternSection",
    "Period", "Persona", "PlannedStep", "Privacy", "Question", "ReportSection", "Section", "Settings",
    "SourceSection", "Stage", "StageEntry", "Stages", "TextSection", "Touchpoint", "Wave", "known_zone",
    "label",
]  # fmt: skip


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
    changes: tuple[Change, ...] = ()
    sources: tuple[SourceSection, ...] = ()
    privacy: Privacy = Privacy()
    report: ReportSection = ReportSection()
    batch: BatchSection = BatchSection()
    text: TextSection = TextSection()
    claims: ClaimsSection = ClaimsSection()
    patterns: PatternSection = PatternSection()
