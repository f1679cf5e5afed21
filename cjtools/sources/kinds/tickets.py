"""Letters, calls and complaints to a help desk: what customers wrote, that they got in touch, how they scored it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.kinds.events import ENVIRONMENTS, declared_channel, declared_environment, profile_identities
from cjtools.sources.kinds.mentions import CONTROL, declared_codings
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.ids import APART, occurrence, pseudonyms, short_ids
from cjtools.sources.parsing.profiles import named_profiles, namespace
from cjtools.sources.reader import said_in, shape
from cjtools.tables import Answer, Event, Quote
from cjtools.words import fold

THUMBS = (1.0, 5.0)  # a thumb down or up, as the ends of a scale

# What help desks and call centres write of a channel, folded, in the five languages; the first that fits.
CHANNELS = (
    ("chat", r"chat|messenger-web|widget"),
    ("whatsapp", r"whats-?app"),
    ("social", r"facebook|instagram|twitter|\bx-corp|social|xarx|redes|messenger"),
    ("sms", r"\bsms|text-message|telegram|native-messaging|messag"),
    ("phone", r"phone|voice|\btel|call|trucad|llamad|chiamat|apel|telef|ivr"),
    ("email", r"mail|correu|correo|posta-elettronica"),
    ("post", r"letter|\bpost\b|carta|lettera|scrisoare|postal"),
    ("store", r"store|shop|branch|counter|office|visit|botiga|tienda|negozio|magazin|oficina|presencial|in-person"),
    ("web", r"web|form|portal|api|mobile|help-cent|online"),
)
OFFLINE = ("phone", "post", "store")

# A score in words: how good, or that there is none.
SCORES = {
    **dict.fromkeys(("good", "good with comment", "positive", "satisfied", "bona", "bo", "buena", "bueno", "buono",
                     "buona", "bun", "buna", "bé", "bien"), "5"),
    **dict.fromkeys(("bad", "bad with comment", "negative", "dissatisfied", "unsatisfied", "dolenta", "dolent", "mala",
                     "malo", "cattivo", "cattiva", "prost", "rea", "malament"), "1"),
    **dict.fromkeys(("offered", "unoffered", "not offered", "not scored", "n/a", "-", "none"), ""),
}  # fmt: skip


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of tickets can tell."""
    return [
        Field("created_at", "time", required=True),
        Field("solved_at", "time"),
        Field("updated_at", "time"),
        Field("ticket_id", "id"),
        Field("profile", "person"),
        Field("requester_id", "id"),
        Field("submitter_id", "id"),
        Field("subject", "text"),
        Field("description", "text"),
        Field("topic", "text"),
        Field("activity", "text"),
        Field("channel", "text"),
        Field("environment", "choice", choices=ENVIRONMENTS),
        Field("language", "language"),
        Field("status", "text"),
        Field("score", "text"),
    ]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of tickets lacks in client.toml."""
    if section.rating_scale is not None and section.rating_scale[1] <= section.rating_scale[0]:
        yield Fault(said_in(section, "rating_scale"), "runs backwards", "the worst score first, such as [1, 5]")


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return tickets as quotes of what the customer wrote, an event each, and their scores as answers.

    The same row again is merged; of one ticket told several times with `updated_at` the latest is used. Other rows of
    one ticket are contacts of their own. What somebody of the house wrote for a customer is no quote.
    """
    line = pl.format("{} row {}", "source_file", "source_row")
    rows = rows.with_row_index("row").with_columns(ticket=pl.coalesce("ticket_id", line))
    rows = merge_versions(with_fate(rows, "created_at"))
    faults = list(score_faults(used(rows), section))
    own = pl.col("requester_id").is_null() | pl.col("submitter_id").is_null()
    kept = used(rows).with_columns(
        profile_id=named_profiles(pl.col("profile"), namespace(section, section.mapping.get("profile", "profile"))),
        text=text_of_ticket(),
        by_customer=own | (pl.col("requester_id") == pl.col("submitter_id")),
    )  # fmt: skip
    quotes = to_quotes(kept, section=section, client=client)
    tables = {
        "quotes": quotes,
        "codings": declared_codings(quotes["quote_id"], stage=section.stage, touchpoint=section.touchpoint),
        "events": to_events(kept, section=section, client=client, order=order),
        "answers": to_answers(kept, section),
        "identities": profile_identities(kept["profile_id"], section=section, client=client),
    }
    return Built(tables, fates_of(rows), faults, notes_of(kept))


def merge_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where a row told again, and an older state of a ticket, are merged."""
    still = pl.col("fate") == "used"
    rows = merge_rows(rows, still.cast(pl.Int32).cum_sum().over("record") > 1, "same_row")
    still = (pl.col("fate") == "used") & pl.col("updated_at").is_not_null()
    states = rows.filter(still, pl.col("ticket_id").is_not_null()).sort("updated_at", "row")
    latest = states.unique("ticket_id", keep="last", maintain_order=True)["row"].to_list()
    older = still & pl.col("ticket_id").is_not_null() & ~pl.col("row").is_in(latest)
    return merge_rows(rows, older, "older_state")


def text_of_ticket() -> pl.Expr:
    """Return the words of a ticket: its subject, and what follows it."""
    subject, body = (pl.col(name).str.replace_all(CONTROL, "").str.strip_chars() for name in ("subject", "description"))
    twice = body.str.starts_with(subject).fill_null(False)
    both = pl.concat_str(subject, body, separator="\n", ignore_nulls=True)
    return pl.when(twice | subject.is_null()).then(body).otherwise(both)


def to_quotes(rows: pl.DataFrame, *, section: SourceSection, client: Client) -> pl.DataFrame:
    """Return what customers wrote, which nobody has agreed to show."""
    said = rows.filter(pl.col("by_customer"), pl.col("text").fill_null("") != "")
    key = pl.concat_str(pl.lit(section.id), "ticket", separator=APART)
    documents = said.select(key).to_series()
    author = pl.coalesce("profile", "requester_id", key)
    quotes = said.with_columns(
        quote_id=short_ids(said.select(occurrence(key)).to_series(), prefix="t"),
        doc_id=short_ids(documents, prefix="d"),
        author_hash=pseudonyms(said.select(author).to_series(), salt=client.client.id),
        said_at="created_at",
        time_precision="created_at_precision",
        local_date="created_at_day",
        language=pl.col("language").fill_null(pl.lit(section.language, pl.String)),
        platform=channel_of(said["channel"]),
    )
    constants = {"kind": "ticket", "verbatim": True, "speaker_role": "customer", "consent_to_quote": False}
    return shape(Quote, quotes, source_id=section.id, **constants)


def to_events(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> pl.DataFrame:
    """Return one event a ticket: that a customer got in touch, by which channel."""
    channels = channel_of(rows["channel"])
    by_channel = pl.when(pl.col("channel").is_in(OFFLINE)).then(pl.lit("offline"))
    events = rows.with_columns(
        channel=channels.fill_null(declared_channel(section, client) or "support"),
        activity=pl.col("activity").fill_null("support_contact"),
    ).with_columns(
        event_id=pl.concat_str(
            pl.lit(f"{section.id}:"), pl.col("source_file").rle_id(), pl.lit(":"), pl.col("source_row")
        ),
        timestamp="created_at",
        time_precision="created_at_precision",
        local_date="created_at_day",
        event_name=pl.coalesce("topic", "activity"),
        environment=pl.coalesce(
            "environment",
            by_channel,
            pl.lit(declared_environment(section, client), pl.String),
            pl.when(pl.col("channel") != "support").then(pl.lit("online")),
        ),
    )
    constants = {"source_id": section.id, "source_order": order, "tiebreak": 0, "is_bot": False, "is_internal": False}
    return shape(Event, events, consent="unknown", **constants)


def channel_of(texts: pl.Series) -> pl.Series:
    """Return the channels that some words mean; unknown words stay, folded."""

    def meant(text: str) -> str:
        word = fold(text)
        return next((name for name, pattern in CHANNELS if re.search(pattern, word)), word)

    known = texts.drop_nulls().unique().to_list()
    return texts.replace_strict(known, list(map(meant, known)), default=None, return_dtype=pl.String)


def score_of(section: SourceSection) -> pl.Expr:
    """Return the score of a ticket as a number; a word is an end of the scale."""
    low, high = section.rating_scale or THUMBS
    words = pl.col("score").str.to_lowercase().str.replace_all("[_ ]+", " ").str.strip_chars()
    ends = {word: {"5": high, "1": low}.get(end) for word, end in SCORES.items()}
    return pl.coalesce(
        words.replace_strict(ends, default=None, return_dtype=pl.Float64),
        words.str.extract(r"^(\d+(?:\.\d+)?)(?:\s*/\s*\d+)?$", 1).cast(pl.Float64, strict=False),
    )


def score_faults(rows: pl.DataFrame, section: SourceSection) -> Iterator[Fault]:
    """Yield the scores that are no score, or off the scale; a number needs its scale."""
    low, high = section.rating_scale or (-inf, inf)
    word = pl.col("score").str.to_lowercase().str.replace_all("[_ ]+", " ").str.strip_chars()
    scored = rows.with_columns(number=score_of(section), word=word).filter(pl.col("score").is_not_null())
    known = pl.col("word").is_in([each for each, end in SCORES.items() if not end])
    wrong = scored.filter(~known & ~pl.col("number").is_between(low, high).fill_null(False))
    column = section.mapping.get("score", "score")
    for row in wrong.iter_rows(named=True):
        expected = "good, bad" + ("" if section.rating_scale is None else f", or a number from {low:g} to {high:g}")
        where = f"{row['source_file']} line {row['source_row']}, column {column!r}"
        yield Fault(where, f"{row['score']!r} is not a score", expected, "[sources.values] score can translate it")
    if section.rating_scale is None and scored.filter(~pl.col("word").is_in(list(SCORES))).height > wrong.height:
        yield Fault(said_in(section), "a score in numbers without its scale", "", "add rating_scale = [1, 5]")


def to_answers(rows: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return the scores that customers gave, as answers to the one question whether the help was good.

    The day is that of the solution, else of the ticket; when exactly somebody scored is not told.
    """
    low, high = section.rating_scale or THUMBS
    scored = rows.with_columns(value_num=score_of(section)).filter(pl.col("value_num").is_not_null())
    answers = scored.with_columns(
        response_id="ticket",
        local_date=pl.coalesce("solved_at_day", "created_at_day"),
        language=pl.col("language").fill_null(pl.lit(section.language, pl.String)),
    )
    constants = {
        "question_id": "satisfaction",
        "question_text": section.mapping.get("score", "satisfaction"),
        "instrument": "csat",
        "scale_min": low,
        "scale_max": high,
        "stage": section.stage,
        "touchpoint": section.touchpoint,
    }
    return shape(Answer, answers, source_id=section.id, **constants)


def notes_of(rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return by file how many tickets somebody of the house wrote, and how many hold no words."""
    text = pl.col("text").fill_null("") != ""
    counts = rows.group_by("source_file").agg((text & ~pl.col("by_customer")).sum(), (~text).sum().alias("none"))
    return {file: {"by_staff": staff, "without_text": none} for file, staff, none in counts.iter_rows()}
