"""The events as they may leave the house: of the wave, with consent, of people, under pseudonyms, bound to the map."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, nearest, raise_if_any
from cjtools.journeys.sessions import ORDER, split_sessions
from cjtools.journeys.touches import bind_pairs, stage_of
from cjtools.privacy import MASK, pseudonym
from cjtools.tables import Tables

CASES = ("profile", "session", "order")
MARKS = ("bot", "internal")
Mark = Literal["bot", "internal"]

# What of an event is handed on beside its time, its activity and the objects it belongs to; all of it text or number.
TEXTS = (
    "touchpoint",
    "stage",
    "page",
    "channel",
    "environment",
    "source",
    "medium",
    "device",
    "currency",
    "time_precision",
)
ATTRIBUTES = (*TEXTS[:-2], "value", *TEXTS[-2:])
OBJECTS = ("profile", "session", "order", "store", "campaign")

# Parts of a path that name somebody or open something: addresses, tokens, long numbers in hexadecimal.
TELLING = re.compile(
    r"@|%40|^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[0-9a-f]{16,}$|^[A-Za-z0-9_=.-]{40,}$",
    re.IGNORECASE,
)
IN_ORDER = ["time", "tiebreak", "source_order", "source_row", "event"]


@dataclass(frozen=True)
class EventLog:
    """What is handed on: events (lazy, pseudonymous), the orders and products among them, and what was kept back.

    `left` counts the events that stay: outside the wave, without consent, of robots, of the company itself.
    """

    name: str
    events: pl.LazyFrame
    orders: pl.DataFrame
    products: pl.DataFrame
    count: int
    left: dict[str, int]


def draw_log(tables: Tables, *, client: Client, key: str, wave: str = "", also: Collection[str] = ()) -> EventLog:
    """Return the event log of one wave, ready to be written.

    `key` is a secret of the house: ids are its keyed hashes, the same for the same key. Events without consent always
    stay; those of robots and of the company itself do unless `also` names them (bot, internal). Texts of people are
    not part of it, pages are paths without what names somebody. Raises ParameterError for an empty key or an unknown
    mark, ClientError for a wave that does not exist.
    """
    check_parameters(key=key, also=also)
    period = client.wave_named(wave)
    inside = pl.col("local_date").is_between(period.from_, period.to)
    kept = {
        "outside": inside,
        "denied": pl.col("consent") != "denied",
        "bot": ~pl.col("is_bot") | pl.lit("bot" in also),
        "internal": ~pl.col("is_internal") | pl.lit("internal" in also),
    }
    events = tables.events.filter(pl.all_horizontal(kept.values()))
    left, count = count_left(tables.events, kept)
    placed = place_pages(events, tables, client=client)
    stores = tables.orders.select("order_id", "store_id").drop_nulls().lazy()
    rows = (
        split_sessions(events.sort(ORDER, nulls_last=True))
        .join(placed.lazy(), on=["activity", "page"], how="left", nulls_equal=True)
        .join(stores, on="order_id", how="left")
    )
    return EventLog(
        name=f"{client.client.id} {period.name}",
        events=hide(rows, key=key),
        orders=hide_orders(tables.orders, key=key),
        products=hide_products(tables.order_lines, key=key),
        count=count,
        left=left,
    )


def check_parameters(*, key: str, also: Collection[str]) -> None:
    """Raise ParameterError for a key that protects nothing, and for marks that do not exist."""
    faults = [] if key.strip() else [Fault("key", "empty", "a text that only you know", "ids are hashed with it")]
    faults += [
        Fault("also", f"{name!r} is no mark of events", nearest(name, MARKS)) for name in also if name not in MARKS
    ]
    raise_if_any(ParameterError, "the event log", faults)


def count_left(events: pl.LazyFrame, kept: dict[str, pl.Expr]) -> tuple[dict[str, int], int]:
    """Return how many events stay for which reason, the first that applies, and how many go."""
    names = list(kept)
    first = [
        pl.all_horizontal([kept[name] for name in names[:place]] + [~kept[names[place]]]).sum().alias(names[place])
        for place in range(len(names))
    ]
    counts = events.select(*first, pl.all_horizontal(kept.values()).sum().alias("kept")).collect(engine="streaming")
    row = {name: int(value or 0) for name, value in counts.row(0, named=True).items()}
    return {name: row[name] for name in names}, row["kept"]


def place_pages(events: pl.LazyFrame, tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return each distinct activity and page with its touchpoint, its stage, and the page as it may be shown."""
    pairs = events.select("activity", "page").unique().collect(engine="streaming")
    pairs = pairs.sort("activity", "page", nulls_last=True)
    known = known_ids(events, tables)
    pages = {page: clean_page(page, known) for page in pairs["page"].drop_nulls().unique()}
    return bind_pairs(pairs, client.touchpoints).with_columns(
        stage=stage_of(client), shown_page=pl.col("page").replace_strict(pages, default=None, return_dtype=pl.String)
    )


def known_ids(events: pl.LazyFrame, tables: Tables) -> frozenset[str]:
    """Return the ids of orders and people that a path could hold."""
    orders = [events.select(id="order_id"), tables.orders.lazy().select(id="order_id")]
    people = pl.concat([events.select("profile_id"), tables.orders.lazy().select("profile_id")])
    bare = people.select(id=pl.col("profile_id").str.splitn(":", 2).struct[1])
    found = pl.concat([*orders, bare]).unique().drop_nulls().collect(engine="streaming")
    return frozenset(found["id"])


def clean_page(page: str, known: Collection[str] = ()) -> str:
    """Return a path with the parts masked that name somebody or an order, and without a query.

    >>> clean_page("/account/ann@mail.example/orders?x=1"), clean_page("/order/1001/thanks", {"1001"})
    ('/account/▮▮▮/orders', '/order/▮▮▮/thanks')
    """
    path = re.split(r"[?#]", page, maxsplit=1)[0]
    return "/".join(MASK if part in known or TELLING.search(part) else part for part in path.split("/"))


def hide(rows: pl.LazyFrame, *, key: str) -> pl.LazyFrame:
    """Return events as they are handed on: ids as pseudonyms, texts without addresses, in the order of time."""
    texts = {
        name: plain(pl.col("shown_page" if name == "page" else name)) for name in TEXTS if name != "time_precision"
    }
    loose = ~pl.col("time_precision").cast(pl.String).is_in(["exact", "minute"])
    named = rows.select(
        event=hidden("event_id", "event", key=key),
        time="timestamp",
        activity=plain(pl.col("activity")),
        profile=hidden("profile_id", "profile", key=key),
        session=hidden("session", "session", key=key),
        order=hidden("order_id", "order", key=key),
        store=named_object(pl.col("store_id"), "store"),
        campaign=named_object(plain(real_campaign()), "campaign"),
        given=pl.col("session_id").is_not_null(),
        **texts,
        value=pl.col("value").cast(pl.Float64),
        time_precision=pl.when(loose).then(pl.col("time_precision").cast(pl.String)),
        **{name: pl.col(name) for name in ("tiebreak", "source_order", "source_row")},
    )
    return named.sort(IN_ORDER)


def hidden(column: str, kind: str, *, key: str) -> pl.Expr:
    """Return ids as pseudonyms that say of what they are; a missing one stays missing."""

    def hash_all(values: pl.Series) -> pl.Series:
        known = values.drop_nulls().unique()
        names = [f"{kind}:{pseudonym(f'{kind}:{value}', salt=key)}" for value in known]
        return values.replace_strict(known, pl.Series(names, dtype=pl.String), default=None, return_dtype=pl.String)

    return pl.col(column).cast(pl.String).map_batches(hash_all, return_dtype=pl.String, is_elementwise=True)


def named_object(names: pl.Expr, kind: str) -> pl.Expr:
    """Return the names of things that are nobody's secret as ids that say of what they are."""
    return pl.concat_str(pl.lit(f"{kind}:"), names)


def real_campaign() -> pl.Expr:
    """Return the campaign of an event; "(organic)", "(direct)" and the like are no campaigns."""
    return pl.when(~pl.col("campaign").str.starts_with("(")).then("campaign")


def plain(text: pl.Expr) -> pl.Expr:
    """Return texts with those that hold an address masked."""
    text = text.cast(pl.String)
    return pl.when(text.str.contains("@|%40")).then(pl.lit(MASK)).otherwise(text)


def hide_orders(orders: pl.DataFrame, *, key: str) -> pl.DataFrame:
    """Return orders under their pseudonyms, with what is told of them."""
    return orders.select(
        order=hidden("order_id", "order", key=key),
        profile=hidden("profile_id", "profile", key=key),
        store=named_object(pl.col("store_id"), "store"),
        time="ordered_at",
        total=pl.col("total").cast(pl.Float64),
        currency="currency",
        status=plain(pl.col("status")),
        environment=pl.col("environment").cast(pl.String),
        payment_method=plain(pl.col("payment_method")),
        pickup="pickup",
    ).sort("order")


def hide_products(lines: pl.DataFrame, *, key: str) -> pl.DataFrame:
    """Return which product is on which order, and the category of the product."""
    named = lines.filter(pl.col("product_id").is_not_null())
    return (
        named.select(
            order=hidden("order_id", "order", key=key),
            product=named_object(plain(pl.col("product_id")), "product"),
            category=plain(pl.col("category")),
        )
        .unique(["order", "product"], keep="first", maintain_order=True)
        .sort("order", "product")
    )
