"""The declared tables: what every reader gives and every later step may rely on.

Column names follow GA4, Segment, schema.org and the W3C Web Annotation model where those have one.
Times are UTC with microseconds; `local_date` is the day in the source's own zone.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl

PRECISIONS = ["exact", "minute", "day", "month", "unknown"]
MONEY_SCALE = 4


def utc(*, nullable: bool = False) -> dy.Datetime:
    """Return the column of a moment: UTC, microseconds."""
    return dy.Datetime(time_zone="UTC", time_unit="us", nullable=nullable)


def shape_of(table: type[dy.Schema]) -> dict[str, pl.DataType]:
    """Return the columns and types of a declared table, to build a frame of rows in.

    >>> shape_of(Identity)["rule"]
    String
    """
    return {name: column.dtype for name, column in table.columns().items()}


class Lineage(dy.Schema):
    """Where a row comes from: the source of client.toml, the file, the line (1 = first line of the file)."""

    source_id = dy.String()
    source_file = dy.String()
    source_row = dy.Int64(min=0)


class Source(dy.Schema):
    """One line a source and file that was read. rows_in = rows_used + rows_rejected + rows_merged."""

    source_id = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    kind = dy.String()
    format = dy.String()
    family = dy.String()
    encoding = dy.String(nullable=True)
    delimiter = dy.String(nullable=True)
    timezone = dy.String(nullable=True)
    period_from = dy.Date(nullable=True)
    period_to = dy.Date(nullable=True)
    rows_in = dy.Int64(min=0)
    rows_used = dy.Int64(min=0)
    rows_rejected = dy.Int64(min=0)
    rows_merged = dy.Int64(min=0)
    flags = dy.List(dy.String())
    sha256 = dy.String()

    @dy.rule()
    def no_row_is_lost(cls) -> pl.Expr:  # noqa: N805
        """Every row that came in is used, rejected or merged."""
        return pl.col("rows_in") == pl.col("rows_used") + pl.col("rows_rejected") + pl.col("rows_merged")


class LeftOut(Lineage):
    """One row that is not used: rejected, or merged into an earlier one, and the reason in one word."""

    fate = dy.Enum(["rejected", "merged"])
    why = dy.String()


class Quote(Lineage):
    """One thing said: a passage of an interview, a mention, a review, an open answer.

    `start` and `end` are Unicode code points into the stored text of the document, end exclusive.
    `rating` is 0 to 1; `sentiment` −1 to 1, by `sentiment_method`: "source", or how the kit estimated it. `translation`
    is what the source itself says it means, in the client's language.
    """

    quote_id = dy.String(primary_key=True)
    doc_id = dy.String()
    kind = dy.Enum(["interview", "mention", "review", "answer", "ticket"])
    text = dy.String()
    verbatim = dy.Bool()
    language = dy.String(nullable=True)
    translation = dy.String(nullable=True)
    speaker_role = dy.String(nullable=True)
    participant_id = dy.String(nullable=True)
    author_hash = dy.String(nullable=True)
    said_at = utc(nullable=True)
    time_precision = dy.Enum(PRECISIONS)
    local_date = dy.Date(nullable=True)
    start = dy.Int64(nullable=True, min=0)
    end = dy.Int64(nullable=True, min=0)
    platform = dy.String(nullable=True)
    parent_id = dy.String(nullable=True)
    repost_of = dy.String(nullable=True)
    rating = dy.Float64(nullable=True, min=0, max=1)
    rating_raw = dy.String(nullable=True)
    rating_scale = dy.String(nullable=True)
    sentiment = dy.Float64(nullable=True, min=-1, max=1)
    sentiment_method = dy.String(nullable=True)
    reach = dy.Int64(nullable=True, min=0)
    consent_to_quote = dy.Bool()


class Coding(dy.Schema):
    """One code on a quote, by a person, a rule or the machine."""

    quote_id = dy.String()
    kind = dy.Enum(["stage", "touchpoint", "type", "persona", "theme", "valence", "factor", "language"])
    code = dy.String()
    value = dy.Int64(nullable=True, min=-2, max=2)
    coder = dy.String()
    method = dy.Enum(["person", "rule", "model"])
    confidence = dy.Float64(nullable=True, min=0, max=1)
    accepted = dy.Bool()


class Participant(dy.Schema):
    """One person interviewed, pseudonymous; kept apart from profiles."""

    participant_id = dy.String(primary_key=True)
    source_id = dy.String()
    persona = dy.String(nullable=True)
    language = dy.String(nullable=True)
    interviewed_on = dy.Date(nullable=True)
    consent = dy.Enum(["none", "internal", "report", "public"])
    attributes = dy.List(dy.Struct({"name": dy.String(), "value": dy.String()}))


class Event(Lineage):
    """One dated act of a profile. Ordered by (profile_id, timestamp, tiebreak, source_order, source_row).

    `activity` is the canonical name (GA4's recommended events and the kit's own), `page` the path without query.
    Rows that are marked (bot, internal, consent denied) stay, with `reason`; duplicates were merged by the reader.
    """

    event_id = dy.String(primary_key=True)
    timestamp = utc()
    time_precision = dy.Enum(PRECISIONS)
    local_date = dy.Date()
    event_name = dy.String()
    activity = dy.String()
    profile_id = dy.String(nullable=True)
    session_id = dy.String(nullable=True)
    source_order = dy.Int64()
    tiebreak = dy.Int64()
    channel = dy.String(nullable=True)
    environment = dy.Enum(["online", "offline"], nullable=True)
    source = dy.String(nullable=True)
    medium = dy.String(nullable=True)
    campaign = dy.String(nullable=True)
    page = dy.String(nullable=True)
    order_id = dy.String(nullable=True)
    value = dy.Decimal(precision=18, scale=MONEY_SCALE, nullable=True)
    currency = dy.String(nullable=True)
    device = dy.String(nullable=True)
    consent = dy.Enum(["granted", "denied", "unknown"])
    is_bot = dy.Bool()
    is_internal = dy.Bool()
    reason = dy.String(nullable=True)


class Observation(Lineage):
    """One aggregate measurement: never a person, never a path."""

    metric = dy.String()
    unit = dy.String()
    value = dy.Float64()
    n = dy.Float64(nullable=True, min=0)
    period_from = dy.Date(nullable=True)
    period_to = dy.Date(nullable=True)
    touchpoint = dy.String(nullable=True)
    dimensions = dy.List(dy.Struct({"name": dy.String(), "value": dy.String()}))


class Order(Lineage):
    """One order or till receipt. `pickup`: ordered online, collected in a shop; `refunded`: given back of its total."""

    order_id = dy.String(primary_key=True)
    profile_id = dy.String(nullable=True)
    ordered_at = utc()
    time_precision = dy.Enum(PRECISIONS)
    local_date = dy.Date()
    environment = dy.Enum(["online", "offline"])
    pickup = dy.Bool()
    store_id = dy.String(nullable=True)
    total = dy.Decimal(precision=18, scale=MONEY_SCALE, nullable=True)
    currency = dy.String(nullable=True)
    refunded = dy.Decimal(precision=18, scale=MONEY_SCALE, nullable=True)
    status = dy.String()
    payment_method = dy.String(nullable=True)
    payment_raw = dy.String(nullable=True)
    coupon = dy.String(nullable=True)


class OrderLine(Lineage):
    """One product on an order."""

    order_id = dy.String()
    product_id = dy.String(nullable=True)
    category = dy.String(nullable=True)
    quantity = dy.Float64(nullable=True)
    line_total = dy.Decimal(precision=18, scale=MONEY_SCALE, nullable=True)


class Answer(Lineage):
    """One answer to one survey question, long. `instrument` nps, csat, ces or other; the wording is kept.

    A question of several choices is one question an option: `value_num` 1 where it was selected, 0 where it was shown
    and not selected, no row where it was not shown. Its mean is the share of those who were shown the option.
    """

    response_id = dy.String()
    question_id = dy.String()
    question_text = dy.String()
    instrument = dy.Enum(["nps", "csat", "ces", "other"])
    value_num = dy.Float64(nullable=True)
    value_text = dy.String(nullable=True)
    scale_min = dy.Float64(nullable=True)
    scale_max = dy.Float64(nullable=True)
    answered_at = utc(nullable=True)
    local_date = dy.Date(nullable=True)
    language = dy.String(nullable=True)
    stage = dy.String(nullable=True)
    touchpoint = dy.String(nullable=True)
    profile_id = dy.String(nullable=True)


class Profile(Lineage):
    """What one source knows of one customer, `since` when; kept apart from participants."""

    profile_id = dy.String()
    since = dy.Date(nullable=True)
    attributes = dy.List(dy.Struct({"name": dy.String(), "value": dy.String()}))


class Identity(dy.Schema):
    """One id that belongs to a profile, and the rule that said so. `id_value` is a keyed hash."""

    profile_id = dy.String()
    id_type = dy.String()
    id_value = dy.String()
    source_id = dy.String()
    rule = dy.String()


class Machine(dy.Schema):
    """What the machine said of texts: how many of how many, how, and whether it counts on the map.

    `codes` accepted codes of the client were learned from, with which it agreed in the share `agreement`.
    """

    kind = dy.String()
    method = dy.String()
    texts = dy.Int64(min=0)
    of = dy.Int64(min=0)
    codes = dy.Int64(nullable=True, min=0)
    agreement = dy.Float64(nullable=True, min=0, max=1)
    counts = dy.Bool()


@cache
def empty(schema: type[dy.Schema]) -> pl.DataFrame:
    """Return the empty frame of a declared table; building one takes a millisecond, and there are many."""
    return schema.create_empty()


@dataclass(frozen=True)
class Tables:
    """Everything that was read of a client, as declared tables.

    `events` is lazy: of large files it scans what the reader stored, so that they never have to fit in memory. Its rows
    stand in no promised order; journeys.order_events gives them theirs.
    """

    sources: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Source))
    left_out: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(LeftOut))
    quotes: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Quote))
    codings: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Coding))
    participants: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Participant))
    events: pl.LazyFrame = dataclasses.field(default_factory=lambda: empty(Event).lazy())
    observations: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Observation))
    orders: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Order))
    order_lines: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(OrderLine))
    answers: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Answer))
    profiles: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Profile))
    identities: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Identity))
    machine: pl.DataFrame = dataclasses.field(default_factory=lambda: empty(Machine))


SCHEMAS: dict[str, type[dy.Schema]] = {
    "sources": Source,
    "left_out": LeftOut,
    "quotes": Quote,
    "codings": Coding,
    "participants": Participant,
    "events": Event,
    "observations": Observation,
    "orders": Order,
    "order_lines": OrderLine,
    "answers": Answer,
    "profiles": Profile,
    "identities": Identity,
    "machine": Machine,
}
