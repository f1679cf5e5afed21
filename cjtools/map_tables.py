"""The declared tables of the map: evidence first, then what is drawn from it."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from cjtools.plan_tables import PLAN_TABLES

# Everybody, where a table also has a row for each persona.
ALL = "all"

# Nearer to nothing than this, an experience score has no direction; beyond ±1 it is strong.
FLAT, STRONG = 0.25, 1.0


class Evidence(dy.Schema):
    """One item that can support, refute or qualify a claim; what was said, what was done, and totals, never mixed.

    `person` is the pseudonymous unit that counts once (participant, author, respondent). `valence` is −2 to +2:
    given by a person for interviews; for other texts from stars or the source's own sentiment (`method` "source"), else
    by the kit's estimate. `method` is "model" where the valence, or any code that counts, is the machine's.
    `value` with `low` and `high` (95 %) and `n` are there for metrics; `n` of a public text is its reach.
    `consent`: interviews as given; public texts and answers "internal": they may be read inside, not quoted outside.
    `voice` is false for a repost, which adds reach, not people.
    """

    evidence_id = dy.String(primary_key=True)
    basis = dy.Enum(["reported", "observed", "aggregate"])
    family = dy.Enum(["interview", "mention", "review", "survey", "web", "orders", "email", "search", "support"])
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    persona = dy.String(nullable=True)
    type = dy.String(nullable=True)
    valence = dy.Float64(nullable=True, min=-2, max=2)
    method = dy.Enum(["person", "rule", "model", "source", "none"])
    person = dy.String(nullable=True)
    text = dy.String(nullable=True)
    language = dy.String(nullable=True)
    verbatim = dy.Bool()
    consent = dy.Enum(["none", "internal", "report", "public"])
    voice = dy.Bool()
    said_on = dy.Date(nullable=True)
    platform = dy.String(nullable=True)
    metric = dy.String(nullable=True)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    n = dy.Float64(nullable=True)
    unit = dy.String(nullable=True)
    source_id = dy.String()
    source_file = dy.String()
    source_row = dy.Int64(nullable=True)


class MapStage(dy.Schema):
    """One stage a row, in order, with how many people were heard and seen there."""

    stage = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    band = dy.Enum(["before", "during", "after"])
    label = dy.String()
    question = dy.String()
    information = dy.String()
    participants = dy.Int64(min=0)
    voices = dy.Int64(min=0)
    profiles = dy.Int64(min=0)


class MapPersona(dy.Schema):
    """One persona a row: declared by the researcher, measured by the kit."""

    persona = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    name = dy.String()
    who = dy.String()
    needs = dy.String()
    help = dy.String()
    buys = dy.String(nullable=True)
    channels = dy.List(dy.String())
    participants = dy.Int64(min=0)
    languages = dy.List(dy.String())


class MapTouchpoint(dy.Schema):
    """One touchpoint and stage a row; `main` marks the stage that it belongs to first."""

    touchpoint = dy.String(primary_key=True)
    stage = dy.String(primary_key=True)
    main = dy.Bool()
    position = dy.Int64(min=0)
    label = dy.String()
    environment = dy.Enum(["online", "offline"])
    owner = dy.String()
    kind = dy.String()
    channel = dy.String()
    terminal = dy.Bool()
    participants = dy.Int64(min=0)
    voices = dy.Int64(min=0)
    sessions = dy.Int64(nullable=True, min=0)
    moment_of_truth = dy.Bool(nullable=True)
    front = dy.String(nullable=True)
    back = dy.String(nullable=True)
    support = dy.String(nullable=True)


class MapStatement(dy.Schema):
    """One statement of a cell: so many people said this kind of thing at this touchpoint.

    `people` distinct participants of `asked` (those who spoke of the stage at all); `persona` is "all" or one persona.
    `lane` is needs, pains, gains, questions, factors, suggestions, actions. A draft until a person accepts it.
    """

    statement_id = dy.String(primary_key=True)
    stage = dy.String()
    persona = dy.String()
    lane = dy.String()
    type = dy.String()
    touchpoint = dy.String(nullable=True)
    label = dy.String(nullable=True)
    rank = dy.Int64(min=1)
    people = dy.Int64(min=0)
    asked = dy.Int64(min=0)
    valence = dy.Float64(nullable=True)
    quote_id = dy.String(nullable=True)
    evidence = dy.List(dy.String())


class MapQuote(dy.Schema):
    """One text that may be shown to this audience, redacted, in its own language, with where it stands.

    `translation` is what translations.csv says it means, where its reader may need it, with its language and whether a
    human or a machine made it (`translated_by`); null where there is none.
    """

    evidence_id = dy.String(primary_key=True)
    family = dy.String()
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    touchpoint_label = dy.String(nullable=True)
    persona = dy.String(nullable=True)
    type = dy.String(nullable=True)
    valence = dy.Float64(nullable=True)
    method = dy.String()
    who = dy.String(nullable=True)
    text = dy.String()
    language = dy.String(nullable=True)
    translation = dy.String(nullable=True)
    translation_language = dy.String(nullable=True)
    translated_by = dy.String(nullable=True)
    verbatim = dy.Bool()
    said_on = dy.Date(nullable=True)
    platform = dy.String(nullable=True)
    source_id = dy.String()
    source_file = dy.String()
    source_row = dy.Int64(nullable=True)


class MapExperience(dy.Schema):
    """The experience score of a stage or touchpoint: mean within participant, then across, with its interval.

    `shown` is false below the minimum group; then value, low and high are null and `n` says why.
    """

    scope = dy.Enum(["stage", "touchpoint"], primary_key=True)
    name = dy.String(primary_key=True)
    persona = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    persona_label = dy.String()
    value = dy.Float64(nullable=True, min=-2, max=2)
    low = dy.Float64(nullable=True, min=-2, max=2)
    high = dy.Float64(nullable=True, min=-2, max=2)
    n = dy.Int64(min=0)
    shown = dy.Bool()


class MapSentiment(dy.Schema):
    """What public voices said of a stage or touchpoint: counts of distinct voices, net sentiment and its interval."""

    scope = dy.Enum(["stage", "touchpoint", "all"], primary_key=True)
    name = dy.String(primary_key=True)
    label = dy.String()
    positive = dy.Int64(min=0)
    neutral = dy.Int64(min=0)
    negative = dy.Int64(min=0)
    unscored = dy.Int64(min=0)
    n = dy.Int64(min=0)
    reach = dy.Int64(nullable=True)
    net = dy.Float64(nullable=True, min=-1, max=1)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)


class MapBehaviour(dy.Schema):
    """One behaviour figure of a touchpoint or stage: exits, views, visits, with numerator, denominator and interval."""

    scope = dy.Enum(["stage", "touchpoint", "all"], primary_key=True)
    name = dy.String(primary_key=True)
    label = dy.String()
    metric = dy.String(primary_key=True)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    numerator = dy.Float64(nullable=True)
    denominator = dy.Float64(nullable=True)
    unit = dy.String()
    definition = dy.String()


class MapDropOff(dy.Schema):
    """Profiles seen at a stage, and how many of them are seen at a later one, with both denominators."""

    stage = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    instrumented = dy.Bool()
    profiles = dy.Int64(min=0)
    went_on = dy.Int64(nullable=True)
    conversion = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    of_all = dy.Float64(nullable=True)


class MapPattern(dy.Schema):
    """One pattern of the journey as a share, with its window, its basis and how much of it could be joined at all."""

    pattern = dy.String(primary_key=True)
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    numerator = dy.Int64(min=0)
    denominator = dy.Int64(min=0)
    joined = dy.Int64(nullable=True, min=0)
    coverage = dy.Float64(nullable=True)
    window_days = dy.Int64(nullable=True)
    basis = dy.Enum(["observed", "reported"])


class MapVerdict(dy.Schema):
    """What behaviour, interviews and social say together of a touchpoint, by the rules of crosscheck.toml.

    `clicks` names the measure that tells many clicks, with its figures; null where behaviour is no many_clicks.
    `evidence` are the items that the verdict rests on. Outside the team counts of a few people are null, and only items
    that such readers may read are named.
    """

    touchpoint = dy.String(primary_key=True)
    stage = dy.String()
    position = dy.Int64(min=0)
    label = dy.String()
    behaviour = dy.String()
    interviews = dy.String()
    social = dy.String()
    verdict = dy.String()
    rule = dy.Int64(nullable=True)
    exit_rate = dy.Float64(nullable=True)
    exit_low = dy.Float64(nullable=True)
    exit_high = dy.Float64(nullable=True)
    exit_n = dy.Int64(nullable=True)
    baseline = dy.Float64(nullable=True)
    clicks = dy.String(nullable=True)
    clicks_value = dy.Float64(nullable=True)
    clicks_low = dy.Float64(nullable=True)
    clicks_high = dy.Float64(nullable=True)
    clicks_n = dy.Int64(nullable=True)
    clicks_baseline = dy.Float64(nullable=True)
    pain_people = dy.Int64(nullable=True, min=0)
    goal_people = dy.Int64(nullable=True, min=0)
    heard = dy.Int64(nullable=True, min=0)
    asked = dy.Int64(min=0)
    net = dy.Float64(nullable=True)
    voices = dy.Int64(min=0)
    evidence = dy.List(dy.String())


class MapOpportunity(dy.Schema):
    """What could be better, as the evidence says (`opportunity` null) or as the client declared it, joined to that.

    `basis` survey: score = importance + max(importance − satisfaction, 0), both 10 × the share of the answers at the
    top of the scale, of 0 to 20; `level` by the client's cut-offs. `basis` evidence: score = reach × severity, 0 to 1.
    The two are never mixed: those with a survey's score stand first. `low` and `high`: 95 % interval of the score, by
    bootstrap over those who answered, or who spoke of the stage; null where there are too few of them.
    """

    rank = dy.Int64(primary_key=True, min=1)
    opportunity = dy.String(nullable=True)
    title = dy.String(nullable=True)
    kind = dy.String(nullable=True)
    effort = dy.String(nullable=True)
    owner = dy.String(nullable=True)
    status = dy.String(nullable=True)
    claims = dy.List(dy.String(), nullable=True)
    basis = dy.Enum(["survey", "evidence"], nullable=True)
    importance = dy.Float64(nullable=True, min=0, max=10)
    satisfaction = dy.Float64(nullable=True, min=0, max=10)
    importance_n = dy.Int64(nullable=True, min=0)
    satisfaction_n = dy.Int64(nullable=True, min=0)
    level = dy.String(nullable=True)
    stage = dy.String()
    touchpoint = dy.String(nullable=True)
    label = dy.String()
    verdict = dy.String(nullable=True)
    people = dy.Int64(min=0)
    asked = dy.Int64(min=0)
    reach = dy.Float64()
    severity = dy.Float64()
    score = dy.Float64()
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    quote_id = dy.String(nullable=True)
    evidence = dy.List(dy.String())


class MapQuestion(dy.Schema):
    """What is not known: a silent stage, an undetermined verdict, too few people. The research list."""

    position = dy.Int64(primary_key=True, min=0)
    kind = dy.String()
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    label = dy.String()
    n = dy.Int64(nullable=True)


class MapCoverage(dy.Schema):
    """Whether a stage has evidence of a family: evidence, silent (asked, not raised), not_asked, no_source."""

    stage = dy.String(primary_key=True)
    family = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    label = dy.String()
    state = dy.Enum(["evidence", "silent", "not_asked", "no_source"])
    n = dy.Int64(min=0)


class MapSurvey(dy.Schema):
    """One survey figure, with instrument, wording and scale, so that only equals are compared."""

    question_id = dy.String(primary_key=True)
    instrument = dy.String()
    wording = dy.String()
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    scale_min = dy.Float64()
    scale_max = dy.Float64()
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    n = dy.Int64(min=0)


class MapTotal(dy.Schema):
    """One total of an aggregate source (search queries, campaigns) or of orders (payment, channel)."""

    family = dy.String(primary_key=True)
    metric = dy.String(primary_key=True)
    name = dy.String(primary_key=True)
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    value = dy.Float64()
    share = dy.Float64(nullable=True)
    n = dy.Float64(nullable=True)
    unit = dy.String()


class MapObjective(dy.Schema):
    """One objective with baseline, target, due date, what it is now and how much of the way is done."""

    position = dy.Int64(primary_key=True, min=0)
    stage = dy.String()
    label = dy.String()
    statement = dy.String()
    metric = dy.String()
    baseline = dy.Float64()
    target = dy.Float64()
    due = dy.Date()
    current = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    n = dy.Int64(nullable=True)
    attainment = dy.Float64(nullable=True)
    attainment_low = dy.Float64(nullable=True)
    attainment_high = dy.Float64(nullable=True)


class MapMachine(dy.Schema):
    """One thing that the machine did with texts: of how many, how, what it learned from, and whether it counts.

    `texts` of `of` texts; `codes` accepted codes of the client were learned from, with which it agreed in the share
    `agreement`. The row "evidence" counts what was said in the wave and has a code or a valence by the machine.
    """

    position = dy.Int64(min=0)
    kind = dy.String(primary_key=True)
    method = dy.String(nullable=True)
    texts = dy.Int64(min=0)
    of = dy.Int64(min=0)
    codes = dy.Int64(nullable=True, min=0)
    agreement = dy.Float64(nullable=True, min=0, max=1)
    counts = dy.Bool()


class MapAccuracy(dy.Schema):
    """How well the estimate of sentiment did on labelled texts of a language (macro-F1 of three classes)."""

    language = dy.String(primary_key=True)
    macro_f1 = dy.Float64(min=0, max=1)


MAP_TABLES: dict[str, type[dy.Schema]] = {
    "stages": MapStage,
    "personas": MapPersona,
    "touchpoints": MapTouchpoint,
    "statements": MapStatement,
    "quotes": MapQuote,
    "experience": MapExperience,
    "sentiment": MapSentiment,
    "behaviour": MapBehaviour,
    "drop_off": MapDropOff,
    "patterns": MapPattern,
    "verdicts": MapVerdict,
    "opportunities": MapOpportunity,
    "questions": MapQuestion,
    "coverage": MapCoverage,
    "surveys": MapSurvey,
    "totals": MapTotal,
    "objectives": MapObjective,
    "machine": MapMachine,
    "accuracy": MapAccuracy,
    **PLAN_TABLES,
}


def checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table of the map with its declared columns, types and order, or fail with what is wrong."""
    return MAP_TABLES[name].validate(frame, cast=True)
