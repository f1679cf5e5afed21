"""Everything said and done, in one table."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.journeys import order_events, place_touches, split_sessions
from cjtools.journeys.touches import place_totals, stage_of_totals
from cjtools.map_tables import Evidence
from cjtools.observed import metric_rows, pattern_evidence, stage_evidence, visit_evidence
from cjtools.personas import assign_personas
from cjtools.settings import Wave
from cjtools.tables import Tables
from cjtools.text.redact import redact
from cjtools.text.touchpoints import touchpoint_of
from cjtools.text.understand import NO_VOICE, SOURCE_METHOD, understand

# What is asked of events once they may be followed: of millions, each column more is felt.
FOLLOWED = [
    "source_id", "source_row", "event_id", "timestamp", "activity", "profile_id", "session_id", "source_order",
    "tiebreak", "channel", "environment", "source", "medium", "campaign", "page", "order_id", "value", "currency",
    "device", "consent", "is_bot", "is_internal",
]  # fmt: skip

FAMILY_OF_KIND = {
    "interview": "interview",
    "mention": "mention",
    "review": "review",
    "answer": "survey",
    "ticket": "support",
}


@dataclass(frozen=True)
class Findings:
    """The evidence of one wave, and the tables it was drawn from, cut to that wave."""

    tables: Tables
    touches: pl.DataFrame
    evidence: pl.DataFrame


def gather_evidence(tables: Tables, *, client: Client, wave: Wave) -> Findings:
    """Return the evidence of a wave: quotes with their codes, answers, behaviour by touchpoint, and totals.

    What lies outside the wave is left out; what has no date is kept. Texts are understood (see text.understand) before
    the wave is cut: a copy is known by what it copies, and the machine learns from every code. Rows: see
    map_tables.Evidence.
    """
    cut = in_wave(understand(tables, client=client), wave)
    cut = dataclasses.replace(cut, observations=place_totals(cut.observations, client=client))
    touches = place_touches(split_sessions(order_events(cut.events.select(FOLLOWED))), client=client)
    parts = [
        quote_evidence(cut, client=client),
        answer_evidence(cut.answers),
        visit_evidence(touches, client=client),
        stage_evidence(touches, client=client, wave=wave),
        pattern_evidence(cut.orders, touches, client=client),
        total_evidence(cut.observations, cut.sources, client=client),
    ]
    evidence = pl.concat(
        [part.select(Evidence.column_names()) for part in parts if part.height] or [Evidence.create_empty()]
    )
    return Findings(cut, touches, Evidence.validate(evidence.sort("evidence_id"), cast=True))


def quote_of() -> pl.Expr:
    """Return the quote that an item of evidence of a text is of: its id without the touchpoint behind it.

    >>> rows = pl.DataFrame({"evidence_id": ["q1.web", "q2"], "touchpoint": ["web", None]})
    >>> rows.select(quote_of()).to_series().to_list()
    ['q1', 'q2']
    """
    tail = pl.format(".{}", pl.col("touchpoint").fill_null(""))
    return pl.col("evidence_id").str.strip_suffix(tail)


def in_wave(tables: Tables, wave: Wave) -> Tables:
    """Return the tables cut to the days of a wave, both inclusive."""
    inside = pl.col("local_date").is_null() | pl.col("local_date").is_between(wave.from_, wave.to)
    quotes = tables.quotes.filter(inside)
    overlap = (pl.col("period_from").is_null() | (pl.col("period_from") <= wave.to)) & (
        pl.col("period_to").is_null() | (pl.col("period_to") >= wave.from_)
    )
    orders = tables.orders.filter(inside)
    return dataclasses.replace(
        tables,
        quotes=quotes,
        codings=tables.codings.join(quotes.select("quote_id"), on="quote_id", how="semi", maintain_order="left"),
        events=tables.events.filter(inside),
        observations=tables.observations.filter(overlap),
        orders=orders,
        order_lines=tables.order_lines.join(
            orders.select("order_id"), on="order_id", how="semi", maintain_order="left"
        ),
        answers=tables.answers.filter(inside),
    )


def quote_evidence(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return a row for each quote and touchpoint: stage, touchpoint, type and valence as coded or bound.

    A person's codes decide, then the source's; see text.touchpoints for which touchpoints a text speaks of. The stage
    of a touchpoint is the first that client.toml gives it. Interviewers' own words are no evidence, nor are those of
    the brand's own accounts. The method is "model" as soon as a code or the valence is the machine's; what an interview
    feels never is.
    """
    quotes = tables.quotes.filter(~pl.col("speaker_role").fill_null("participant").is_in(NO_VOICE))
    main = {row.id: row.stages[0] for row in client.touchpoints}
    rows = (
        quotes.join(coded(tables.codings), on="quote_id", how="left")
        .join(touchpoint_of(quotes, tables.codings, client=client), on="quote_id", how="left")
        .join(source_places(client), on="source_id", how="left")
        .join(consents(tables, client=client), on="participant_id", how="left")
    )
    stage = pl.coalesce(
        "stage", "source_stage", pl.col("touchpoint").replace_strict(main, default=None, return_dtype=pl.String)
    )
    interview = pl.col("kind") == "interview"
    given = pl.coalesce(pl.col("sentiment") * 2, pl.col("rating") * 4 - 2).round(6)
    felt_by_kit = pl.col("sentiment").is_not_null() & (pl.col("sentiment_method") != SOURCE_METHOD)
    given = pl.when(~(interview & felt_by_kit)).then(given)
    coded_valence = pl.when(~(interview & (pl.col("valence_by") == "model").fill_null(False))).then(
        pl.col("valence").cast(pl.Float64)
    )
    by_machine = pl.any_horizontal(
        pl.col("stage_by") == "model",
        pl.col("type_by") == "model",
        coded_valence.is_not_null() & (pl.col("valence_by") == "model"),
        coded_valence.is_null() & given.is_not_null() & felt_by_kit,
    ).fill_null(False)
    return rows.select(
        evidence_id=pl.when(pl.col("touchpoint").is_null())
        .then("quote_id")
        .otherwise(pl.format("{}.{}", "quote_id", "touchpoint")),
        basis=pl.lit("reported"),
        family=pl.col("kind").cast(pl.String).replace_strict(FAMILY_OF_KIND, return_dtype=pl.String),
        stage=stage,
        touchpoint="touchpoint",
        persona="persona",
        type="type",
        valence=pl.coalesce(coded_valence, given),
        method=pl.when(by_machine)
        .then(pl.lit("model"))
        .when(coded_valence.is_not_null() | (pl.col("coded") & interview))
        .then(pl.lit("person"))
        .when(given.is_not_null())
        .then(pl.lit("source"))
        .when(pl.col("touchpoint").is_not_null())
        .then(pl.lit("rule"))
        .otherwise(pl.lit("none")),
        person=pl.coalesce("participant_id", "author_hash", pl.col("doc_id")),
        text=redact(pl.col("text")),
        language="language",
        verbatim="verbatim",
        consent=pl.coalesce(
            "consent",
            "source_consent",
            pl.when("consent_to_quote").then(pl.lit("report")).otherwise(pl.lit("internal")),
        ),
        voice=pl.col("repost_of").is_null(),
        said_on="local_date",
        platform="platform",
        metric=pl.lit(None, dtype=pl.String),
        value=pl.lit(None, dtype=pl.Float64),
        low=pl.lit(None, dtype=pl.Float64),
        high=pl.lit(None, dtype=pl.Float64),
        n=pl.col("reach").cast(pl.Float64),
        unit=pl.lit(None, dtype=pl.String),
        source_id="source_id",
        source_file="source_file",
        source_row="source_row",
    )


def coded(codings: pl.DataFrame) -> pl.DataFrame:
    """Return stage, type and valence of each quote that has any, by whom (`stage_by` …), and whether a person coded it.

    A person's code comes before a rule's, and that before the machine's.
    """
    accepted = codings.filter("accepted")
    wide = codings.select("quote_id").unique()
    for kind in ("stage", "type", "valence"):
        value = pl.col("value") if kind == "valence" else pl.col("code")
        rows = accepted.filter(pl.col("kind") == kind).sort("quote_id", "method", "code", "value")
        first = rows.unique("quote_id", keep="first", maintain_order=True)
        by = pl.col("method").cast(pl.String).alias(f"{kind}_by")
        wide = wide.join(first.select("quote_id", value.alias(kind), by), on="quote_id", how="left")
    by_hand = accepted.filter(pl.col("method") != "model")["quote_id"].implode()
    return wide.with_columns(coded=pl.col("quote_id").is_in(by_hand)).sort("quote_id")


def source_places(client: Client) -> pl.DataFrame:
    """Return the stage and consent that client.toml gives to a whole source."""
    scopes = ("none", "internal", "report", "public")
    rows = [(row.id, row.stage, row.consent if row.consent in scopes else None) for row in client.sources]
    schema = dict.fromkeys(("source_id", "source_stage", "source_consent"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def consents(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return participant_id, persona and consent, one row a participant."""
    personas = assign_personas(tables.participants, client=client)
    consent = tables.participants.select("participant_id", pl.col("consent").cast(pl.String))
    return personas.join(consent, on="participant_id", how="left")


def answer_evidence(answers: pl.DataFrame) -> pl.DataFrame:
    """Return one row a survey answer on a scale."""
    numeric = answers.filter(pl.col("value_num").is_not_null() & pl.col("scale_min").is_not_null())
    return metric_rows(
        numeric.select(
            evidence_id=pl.format("{}.{}.{}", "source_id", "response_id", "question_id"),
            stage="stage",
            touchpoint="touchpoint",
            person="response_id",
            language="language",
            said_on="local_date",
            metric=pl.col("instrument").cast(pl.String),
            value="value_num",
            source_id="source_id",
            source_file="source_file",
            source_row="source_row",
        ),
        basis="reported",
        family="survey",
    )


def total_evidence(observations: pl.DataFrame, sources: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return one row a total of an aggregate source; never a person."""
    by_mail = [row.id for row in client.touchpoints if row.channel == "email"]
    families = dict(sources.select("source_id", "family").unique("source_id").sort("source_id").iter_rows())
    family_of = pl.col("source_id").replace_strict(families, default=None, return_dtype=pl.String)
    named = observations.with_columns(
        family=pl.when(family_of == "search")
        .then(pl.lit("search"))
        .when((family_of == "email") | pl.col("touchpoint").is_in(by_mail))
        .then(pl.lit("email"))
        .otherwise(pl.lit("web"))
    )
    parts = [
        metric_rows(
            named.filter(pl.col("family") == family).select(
                evidence_id=pl.format("{}.{}.{}.{}", "source_id", "source_file", "source_row", "metric"),
                stage=stage_of_totals(client),
                touchpoint="touchpoint",
                metric="metric",
                value="value",
                n="n",
                unit="unit",
                source_id="source_id",
                source_file="source_file",
                source_row="source_row",
            ),
            basis="aggregate",
            family=family,
        )
        for family in ("email", "search", "web")
    ]
    return pl.concat(parts).select(Evidence.column_names())
