"""The map: what each stage, touchpoint and persona looks like in the evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from cjtools.claims import Claims, claims_of
from cjtools.claims.earlier import claims_before
from cjtools.client import Client, in_language
from cjtools.crosscheck import Rules, check_touchpoints, load_crosscheck
from cjtools.evidence import Findings, gather_evidence
from cjtools.journeys.exits import page_views
from cjtools.lanes.asked import answers_by_role, score_asked
from cjtools.lanes.backlog import find_unexpected, list_backlog
from cjtools.lanes.behaviour import measure_behaviour, measure_drop_off, whole_patterns
from cjtools.lanes.coverage import cover_stages, list_questions
from cjtools.lanes.crossing import cross_touchpoints
from cjtools.lanes.experience import score_experience
from cjtools.lanes.journeys import Journeys, follow_journeys, no_journeys
from cjtools.lanes.labels import Labels, label_client
from cjtools.lanes.machine import tell_accuracy, tell_machine
from cjtools.lanes.objectives import measure_objectives
from cjtools.lanes.opportunities import join_opportunities, list_actions
from cjtools.lanes.people import People, measure_people, no_people
from cjtools.lanes.planned import compare_expected, compare_planned
from cjtools.lanes.sentiment import count_sentiment
from cjtools.lanes.small_groups import without_small
from cjtools.lanes.statements import draft_statements, rank_opportunities, select_quotes
from cjtools.lanes.surveys import score_surveys
from cjtools.lanes.totals import total_sources
from cjtools.map_tables import MAP_TABLES, checked
from cjtools.personas import measure_personas
from cjtools.plan_tables import MapAction, MapBacklog, MapExpectation, MapPlanned, MapTouchpointStage, MapUnexpected
from cjtools.privacy import known_audience, unnamed_files
from cjtools.provenance import made_from
from cjtools.remarks import Remarks, no_remarks, remarks_of
from cjtools.settings import Wave
from cjtools.sources import read_sources
from cjtools.tables import shape_of
from cjtools.text.translations import translations_of
from cjtools.text.understand import understand
from cjtools.words import Words, load_words


@dataclass(frozen=True)
class Header:
    """Who the map is for, what it is about, and what it rests on."""

    client_id: str
    client_name: str
    wave: str
    period_from: dt.date
    period_to: dt.date
    language: str
    audience: str
    objective: str
    products: tuple[str, ...]
    segments: tuple[str, ...]
    scenario: str
    goal: str
    state: str
    status: str
    contact: str
    review_due: dt.date | None
    minimum_group: int
    evidence_line: str
    lanes_off: tuple[str, ...] = ()
    changes: tuple[tuple[dt.date, str, str], ...] = ()


@dataclass(frozen=True)
class JourneyMap:
    """A journey map as tables (the columns of each are declared in map_tables.py), with the words to show it in."""

    header: Header
    words: Words
    stages: pl.DataFrame
    personas: pl.DataFrame
    touchpoints: pl.DataFrame
    statements: pl.DataFrame
    quotes: pl.DataFrame
    experience: pl.DataFrame
    sentiment: pl.DataFrame
    behaviour: pl.DataFrame
    drop_off: pl.DataFrame
    patterns: pl.DataFrame
    verdicts: pl.DataFrame
    opportunities: pl.DataFrame
    questions: pl.DataFrame
    coverage: pl.DataFrame
    surveys: pl.DataFrame
    totals: pl.DataFrame
    objectives: pl.DataFrame
    machine: pl.DataFrame
    accuracy: pl.DataFrame
    sources: pl.DataFrame
    evidence: pl.DataFrame
    provenance: Mapping[str, object]
    actions: pl.DataFrame = field(default_factory=MapAction.create_empty)
    planned: pl.DataFrame = field(default_factory=MapPlanned.create_empty)
    expectations: pl.DataFrame = field(default_factory=MapExpectation.create_empty)
    research_backlog: pl.DataFrame = field(default_factory=MapBacklog.create_empty)
    unexpected: pl.DataFrame = field(default_factory=MapUnexpected.create_empty)
    touchpoint_stages: pl.DataFrame = field(default_factory=MapTouchpointStage.create_empty)
    journeys: Journeys = field(default_factory=no_journeys)
    claims: Claims | None = None
    people: People = field(default_factory=no_people)
    before: JourneyMap | None = None
    remarks: Remarks = field(default_factory=no_remarks)

    @property
    def moments(self) -> pl.DataFrame:
        """The moments of truth, as charts.experience_curve takes them."""
        decisive = self.touchpoints.filter(pl.col("main") & pl.col("moment_of_truth"))
        return decisive.select("stage", "touchpoint", "label")


def map_journey(
    client: Client,
    *,
    wave: str = "",
    previous: str = "",
    language: str = "",
    audience: str = "",
    findings: Findings | None = None,
    findings_before: Findings | None = None,
) -> JourneyMap:
    """Return the journey map of a client for one wave, in one language, for one audience.

    Empty words mean what client.toml says. `previous` names the wave to compare with; its map, without paths of people
    and personas, is `before`. `findings` (from gather_evidence) may be given to draw several maps of what was read
    once; then `before` is drawn of `findings_before` only. Else the client's files are read, once for both. Raises
    ParameterError for a language or audience that does not exist, ClientError for a wave that does not, SourceError
    with every fault of every file, ReportError where a number, quote or n in a claim differs from what it refers to.

    >>> from cjtools.client import load_client
    >>> journey = map_journey(load_client("data/example"), language="ca")
    >>> journey.stages["label"].to_list()[:2]
    ['Consciència', 'Consideració']
    """
    words = load_words(language or client.client.language)
    audience = known_audience(audience or client.report.audience)
    period = client.wave_named(wave)
    earlier = client.wave_before(period, previous)
    rules = load_crosscheck(client.folder)
    if findings is None:
        tables = understand(read_sources(client), client=client)
        findings = gather_evidence(tables, client=client, wave=period)
        findings_before = gather_evidence(tables, client=client, wave=earlier) if earlier else None
    drawn = draw_map(findings, client=client, wave=period, words=words, audience=audience, rules=rules)
    claims = claims_of(drawn, client)
    heard = (findings.tables, findings.touches, findings.evidence, claims.claims)
    labels = label_client(client, words=words)
    people = measure_people(*heard, client=client, labels=labels, words=words)
    now = replace(drawn, claims=claims, people=people, remarks=remarks_of(drawn, client))
    if earlier is None or findings_before is None:
        return now
    before = draw_map(findings_before, client=client, wave=earlier, words=words, audience=audience, rules=rules)
    return replace(now, before=replace(before, claims=claims_before(before, findings_before, now, client)))


def draw_map(found: Findings, *, client: Client, wave: Wave, words: Words, audience: str, rules: Rules) -> JourneyMap:
    """Return the map of what was found in a wave, without claims and what is measured of personas."""
    labels = label_client(client, words=words)
    journeys = follow_journeys(found.tables, found.touches, client=client, wave=wave, labels=labels)
    frames = draw_lanes(
        found, client=client, labels=labels, words=words, audience=audience, rules=rules, journeys=journeys
    )
    return JourneyMap(
        header=head(client, wave=wave, words=words, audience=audience, line=evidence_line(found, frames, words=words)),
        words=words,
        sources=found.tables.sources if audience == "team" else unnamed_files(found.tables.sources),
        evidence=found.evidence,
        provenance=made_from(client, found.tables.sources, wave=wave.name, language=words.language, audience=audience),
        journeys=journeys if audience == "team" else without_small(journeys, minimum=client.privacy.minimum_group),
        claims=None,
        people=no_people(),
        before=None,
        remarks=no_remarks(),
        **{name: checked(name, frame) for name, frame in frames.items()},
    )


def draw_lanes(
    found: Findings,
    *,
    client: Client,
    labels: Labels,
    words: Words,
    audience: str,
    rules: Rules,
    journeys: Journeys,
) -> dict[str, pl.DataFrame]:
    """Return every table of the map by name."""
    minimum = client.privacy.minimum_group
    said = found.evidence.filter(pl.col("basis") == "reported")
    interviews = said.filter(pl.col("family") == "interview")
    public = said.filter(pl.col("family").is_in(["mention", "review"]))
    seen = set(found.touches["touchpoint"].drop_nulls().unique())
    frames = {
        "experience": score_experience(interviews, labels=labels, minimum=minimum),
        "touchpoint_stages": cross_touchpoints(interviews, client=client, labels=labels, minimum=minimum),
        "sentiment": count_sentiment(public, labels=labels, minimum=minimum),
        "behaviour": measure_behaviour(found.touches, touchpoints=client.touchpoints, labels=labels, minimum=minimum),
        "drop_off": measure_drop_off(found.touches, journey=client.journey, labels=labels, minimum=minimum),
        "patterns": whole_patterns(journeys.all_patterns),
        "surveys": score_surveys(found.tables.answers, minimum=minimum),
        "totals": total_sources(found.tables, client=client, minimum=minimum),
        "quotes": select_quotes(
            found.evidence,
            labels=labels,
            audience=audience,
            allowed=client.privacy.quotes,
            translations=translations_of(client, found.tables.quotes),
            own=client.client.language,
        ),
        "verdicts": check_touchpoints(
            found.evidence, client=client, labels=labels.touchpoints, instrumented=seen, rules=rules
        ),
        "machine": tell_machine(found.tables.machine, found.evidence),
        "accuracy": tell_accuracy(found.tables.machine),
    }
    frames["statements"] = draft_statements(interviews, quotes=frames["quotes"], labels=labels)
    asked = answers_by_role(found.tables.answers, client=client)
    frames["opportunities"] = join_opportunities(
        rank_opportunities(
            frames["statements"], interviews=interviews, verdicts=frames["verdicts"], labels=labels, minimum=minimum
        ),
        score_asked(asked, top=client.opportunity_score.top, minimum=minimum),
        client=client, labels=labels, language=words.language, heard=people_at(interviews, "stage"),
    )  # fmt: skip
    frames["actions"] = list_actions(client, labels=labels, language=words.language)
    frames["expectations"] = compare_expected(interviews, asked, client=client, labels=labels, minimum=minimum)
    frames["planned"] = compare_planned(
        found.touches, client=client, labels=labels, language=words.language, minimum=minimum
    )
    frames["unexpected"] = find_unexpected(
        found.tables.codings, found.evidence, client=client, minimum=minimum, language=words.language
    )
    frames["objectives"] = measure_objectives(frames, client=client, labels=labels, language=words.language)
    frames["coverage"] = cover_stages(
        found.evidence, frames["drop_off"], tables=found.tables, client=client, labels=labels
    )
    frames["questions"] = list_questions(
        frames["coverage"], frames["verdicts"], frames["experience"], client=client, labels=labels
    )
    frames["research_backlog"] = list_backlog(frames["questions"], frames["unexpected"], labels=labels, words=words)
    heard = interviews.select("person", "persona", "language").unique().sort("person", "persona", "language")
    frames["personas"] = measure_personas(heard, client=client, language=words.language)
    frames["stages"] = list_stages(client, interviews, public, frames["drop_off"], labels=labels, words=words)
    frames["touchpoints"] = list_touchpoints(client, interviews, public, found.touches, labels=labels)
    if audience != "team":
        withhold(frames, minimum=minimum)
    return frames


def withhold(frames: dict[str, pl.DataFrame], *, minimum: int) -> None:
    """Leave out, for readers outside the team, statements and counts of fewer people than the minimum group.

    A verdict names only the items that such readers may read.
    """
    enough = pl.col("people") >= minimum
    frames["statements"] = frames["statements"].filter(enough)
    counts = ("pain_people", "goal_people", "heard")
    some = {name: pl.when((pl.col(name) == 0) | (pl.col(name) >= minimum)).then(pl.col(name)) for name in counts}
    quoted = frames["quotes"]["evidence_id"].to_list()
    readable = pl.col("evidence").list.eval(pl.element().filter(pl.element().is_in(quoted)))
    frames["verdicts"] = frames["verdicts"].with_columns(**some, evidence=readable)
    for name in ("questions", "research_backlog"):
        told = pl.when((pl.col("n") == 0) | (pl.col("n") >= minimum)).then("n").alias("n")
        frames[name] = frames[name].with_columns(told)
    frames["patterns"] = frames["patterns"].filter((pl.col("numerator") == 0) | (pl.col("numerator") >= minimum))
    # What the client declared, and nobody in the interviews raised, tells of no small group.
    kept = frames["opportunities"].filter(enough | (pl.col("people") == 0))
    frames["opportunities"] = kept.with_columns(rank=pl.int_range(1, pl.len() + 1).cast(pl.Int64))


def people_at(frame: pl.DataFrame, column: str) -> dict[str, int]:
    """Return how many distinct people stand at each value of a column."""
    counts = frame.filter(pl.col(column).is_not_null()).group_by(column).agg(n=pl.col("person").n_unique()).sort(column)
    return dict(counts.iter_rows())


def list_stages(
    client: Client,
    interviews: pl.DataFrame,
    public: pl.DataFrame,
    drop_off: pl.DataFrame,
    *,
    labels: Labels,
    words: Words,
) -> pl.DataFrame:
    """Return the stages in order with what the customer asks there and how many people were heard and seen."""
    heard, voices = people_at(interviews, "stage"), people_at(public.filter("voice"), "stage")
    profiles = dict(drop_off.select("stage", "profiles").iter_rows())
    own = client.client.language
    rows = [
        {
            "stage": row.id,
            "position": place,
            "band": row.band,
            "label": labels.stages[row.id],
            "question": in_language(row.question, words.language, own),
            "information": in_language(row.information, words.language, own),
            "participants": heard.get(row.id, 0),
            "voices": voices.get(row.id, 0),
            "profiles": profiles.get(row.id, 0),
        }
        for place, row in enumerate(client.journey)
    ]
    return pl.DataFrame(rows, schema=shape_of(MAP_TABLES["stages"]))


def list_touchpoints(
    client: Client, interviews: pl.DataFrame, public: pl.DataFrame, touches: pl.DataFrame, *, labels: Labels
) -> pl.DataFrame:
    """Return a row for each touchpoint and stage it belongs to; counts are of the touchpoint as a whole."""
    heard, voices = people_at(interviews, "touchpoint"), people_at(public.filter("voice"), "touchpoint")
    sessions = dict(
        touches.filter(pl.col("touchpoint").is_not_null())
        .group_by("touchpoint")
        .agg(n=pl.col("session").n_unique())
        .sort("touchpoint")
        .iter_rows()
    )
    rows = [
        {
            "touchpoint": row.id,
            "stage": stage,
            "main": stage == row.stages[0],
            "position": place,
            "label": labels.touchpoints[row.id],
            "environment": row.environment,
            "owner": row.owner,
            "kind": row.kind,
            "channel": row.channel,
            "terminal": row.terminal,
            "participants": heard.get(row.id, 0),
            "voices": voices.get(row.id, 0),
            "sessions": sessions.get(row.id),
            "moment_of_truth": row.moment_of_truth,
            **{
                line: in_language(getattr(row, line), labels.language, client.client.language) or None
                for line in ("front", "back", "support")
            },
        }
        for place, row in enumerate(client.touchpoints)
        for stage in row.stages
    ]
    return pl.DataFrame(rows, schema=shape_of(MAP_TABLES["touchpoints"]))


def head(client: Client, *, wave: Wave, words: Words, audience: str, line: str) -> Header:
    """Return the header of the map."""
    about, purpose = client.client, client.map
    return Header(
        client_id=about.id,
        client_name=about.name,
        wave=wave.name,
        period_from=wave.from_,
        period_to=wave.to,
        language=words.language,
        audience=audience,
        objective=purpose.objective,
        products=purpose.products,
        segments=purpose.segments,
        scenario=purpose.scenario,
        goal=purpose.goal,
        state=purpose.state,
        status=about.status,
        contact=about.contact,
        review_due=about.review_due,
        minimum_group=client.privacy.minimum_group,
        evidence_line=line,
        lanes_off=client.report.lanes_off,
        changes=tuple(
            (row.on, in_language(row.text, words.language, about.language), row.by) for row in client.changes
        ),
    )


def evidence_line(found: Findings, frames: Mapping[str, pl.DataFrame], *, words: Words) -> str:
    """Return what the map rests on, in one line: people, voices, sessions, orders, totals, and what is missing."""
    said = found.evidence.filter(pl.col("basis") == "reported")
    interviews = said.filter(pl.col("family") == "interview")
    spoken = "/".join(interviews["language"].drop_nulls().unique().sort())
    overall = frames["sentiment"].filter(pl.col("scope") == "all")
    counts = [
        ("interviews", interviews["person"].n_unique(), f" {spoken}"),
        ("mentions", int(overall["n"].sum()), ""),
        ("answers", found.tables.answers["response_id"].n_unique(), ""),
        ("sessions", page_views(found.touches)["session"].n_unique(), ""),
        ("orders", found.tables.orders.height, ""),
        ("totals_files", found.tables.sources.filter(pl.col("kind") == "observations").height, ""),
    ]
    parts = [words.count(name, number) + tail for name, number, tail in counts if number]
    if not parts and found.evidence.is_empty():
        return words["no_evidence_at_all"]
    silent = frames["drop_off"].filter(pl.col("profiles") == 0).height
    if silent:
        parts.append(words.count("stages_without_behaviour", silent))
    return " · ".join(parts)
