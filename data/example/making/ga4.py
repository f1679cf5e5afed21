"""The walks as rows of the GA4 BigQuery export: nested, tied, doubled, partly without consent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import polars as pl

from making.devices import Browsers, Device, Row
from making.sales import Order
from making.wave import LOCAL, SITE, micros
from making.web import SEARCHES, Stop, Walk

DUPLICATES = 60

VALUE = pl.Struct(
    {
        "string_value": pl.String,
        "int_value": pl.Int64,
        "float_value": pl.Float64,
        "double_value": pl.Float64,
    }
)
SOURCE = pl.Struct({"name": pl.String, "medium": pl.String, "source": pl.String})
FIELDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "event_date": pl.String,
    "event_timestamp": pl.Int64,
    "event_name": pl.String,
    "event_params": pl.List(pl.Struct({"key": pl.String, "value": VALUE})),
    "user_id": pl.String,
    "user_pseudo_id": pl.String,
    "privacy_info": pl.Struct(
        {
            "analytics_storage": pl.String,
            "ads_storage": pl.String,
            "uses_transient_token": pl.String,
        }
    ),
    "user_first_touch_timestamp": pl.Int64,
    "device": pl.Struct({"category": pl.String, "operating_system": pl.String, "language": pl.String}),
    "geo": pl.Struct({"city": pl.String, "country": pl.String, "region": pl.String}),
    "traffic_source": SOURCE,
    "stream_id": pl.String,
    "platform": pl.String,
    "ecommerce": pl.Struct(
        {
            "total_item_quantity": pl.Int64,
            "purchase_revenue": pl.Float64,
            "shipping_value": pl.Float64,
            "unique_items": pl.Int64,
            "transaction_id": pl.String,
        }
    ),
    "collected_traffic_source": pl.Struct(
        {
            "manual_campaign_name": pl.String,
            "manual_source": pl.String,
            "manual_medium": pl.String,
            "gclid": pl.String,
        }
    ),
    "session_traffic_source_last_click": pl.Struct(
        {"manual_campaign": pl.Struct({"campaign_name": pl.String, "source": pl.String, "medium": pl.String})}
    ),
    "batch_event_index": pl.Int64,
    "batch_page_id": pl.Int64,
    "batch_ordering_id": pl.Int64,
}

REFERRERS = {
    "organic": "https://search.example/",
    "cpc": "https://search.example/",
    "social": "https://social.example/",
    "referral": "https://homes.example/idees",
}


def text(key: str, value: str) -> Row:
    """Return an event parameter that holds text."""
    return {
        "key": key,
        "value": {
            "string_value": value,
            "int_value": None,
            "float_value": None,
            "double_value": None,
        },
    }


def whole(key: str, value: int) -> Row:
    """Return an event parameter that holds a whole number."""
    return {
        "key": key,
        "value": {
            "string_value": None,
            "int_value": value,
            "float_value": None,
            "double_value": None,
        },
    }


def money(key: str, value: float) -> Row:
    """Return an event parameter that holds an amount."""
    return {
        "key": key,
        "value": {
            "string_value": None,
            "int_value": None,
            "float_value": None,
            "double_value": value,
        },
    }


@dataclass
class Session:
    """One session while it is being written."""

    walk: Walk
    device: Device
    sold: tuple[str, Order] | None  # number and order, if the walk ended in one
    rng: Random
    rows: list[Row] = field(default_factory=list)

    def write(
        self,
        name: str,
        at: datetime,
        page: int,
        *,
        params: tuple[Row, ...] = (),
        shop: Row | None = None,
    ) -> None:
        """Add one row; the batch fields tell the order even when times are equal."""
        visit, stop = self.walk.visit, self.walk.stops[page]
        logged = visit.from_start or any(each.kind == "shipping" for each in self.walk.stops[: page + 1])
        batch = 1 if at == stop.at else 2  # what happens later on the page is sent later
        consent = "Yes" if visit.person.consent else "No"
        self.rows.append(
            {
                "event_date": f"{at.astimezone(LOCAL):%Y%m%d}",
                "event_timestamp": micros(at),
                "event_name": name,
                "event_params": [*self.context(page), *params],
                "user_id": visit.user if logged and visit.person.consent else None,
                "user_pseudo_id": self.device.pseudo_id if visit.person.consent else None,
                "privacy_info": {
                    "analytics_storage": consent,
                    "ads_storage": consent,
                    "uses_transient_token": "No",
                },
                "user_first_touch_timestamp": self.device.first_touch if visit.person.consent else None,
                "device": self.device.hardware,
                "geo": self.device.place,
                "traffic_source": self.device.acquired,
                "stream_id": "4600000001",
                "platform": "WEB",
                "ecommerce": shop,
                "collected_traffic_source": self.collected() if page == 0 else None,
                "session_traffic_source_last_click": {"manual_campaign": self.last_click()},
                "batch_event_index": self.written(page + 1, batch) + 1,
                "batch_page_id": page + 1,
                "batch_ordering_id": batch,
            }
        )

    def written(self, page_id: int, batch: int) -> int:
        """Count the rows already in a batch."""
        return sum((row["batch_page_id"], row["batch_ordering_id"]) == (page_id, batch) for row in self.rows)

    def context(self, page: int) -> Iterator[Row]:
        """Yield the parameters that every event of a page carries."""
        stop = self.walk.stops[page]
        yield text("page_location", self.location(stop, page))
        referrer = self.referrer(page)
        if referrer:
            yield text("page_referrer", referrer)
        if self.walk.visit.person.consent:
            yield whole("ga_session_id", micros(self.walk.visit.at) // 1_000_000)
            yield whole("ga_session_number", self.device.sessions)
        yield text("session_engaged", "1" if page else "0")
        if page:
            yield whole(
                "engagement_time_msec",
                max((stop.at - self.walk.stops[page - 1].at) // timedelta(milliseconds=2), 1),
            )
        if self.walk.visit.person.internal:
            yield text("traffic_type", "internal")

    def location(self, stop: Stop, page: int) -> str:
        """Return the full address; the landing page keeps the campaign's marks."""
        route = self.walk.visit.route
        if page == 0 and route.medium in ("email", "social"):
            marks = {
                "source": route.source,
                "medium": route.medium,
                "campaign": route.campaign or "perfil",
            }
            return f"{SITE}{stop.path}?" + "&".join(f"utm_{key}={value}" for key, value in marks.items())
        if stop.kind == "search":
            return f"{SITE}{stop.path}?q={self.term().replace(' ', '+')}"
        return f"{SITE}{stop.path}"

    def term(self) -> str:
        """Return what was typed into the site's search box."""
        return SEARCHES[micros(self.walk.visit.at) % len(SEARCHES)]

    def referrer(self, page: int) -> str:
        """Return the page before; buyers come back from the payment provider."""
        if page == 0:
            return REFERRERS.get(self.walk.visit.route.medium, "")
        if self.walk.stops[page].kind == "thanks":
            return "https://pay.example/"
        return f"{SITE}{self.walk.stops[page - 1].path}"

    def collected(self) -> Row | None:
        """Return the traffic source as collected on the landing page."""
        route = self.walk.visit.route
        if route.medium == "(none)":
            return None
        gclid = f"Gj{micros(self.walk.visit.at):x}" if route.medium == "cpc" else None
        return {
            "manual_campaign_name": route.campaign,
            "manual_source": route.source,
            "manual_medium": route.medium,
            "gclid": gclid,
        }

    def last_click(self) -> Row:
        """Return the session's source, the same on every row of it."""
        route = self.walk.visit.route
        return {"campaign_name": route.campaign, "source": route.source, "medium": route.medium}


def session_rows(session: Session) -> list[Row]:
    """Write all events of a session, in the order in which they happened."""
    walk = session.walk
    if walk.visit.person.consent:
        session.device.sessions += 1
        if session.device.new and session.device.sessions == 1:
            session.write("first_visit", walk.visit.at, 0)
        session.write("session_start", walk.visit.at, 0)
    added_on = page_of_the_basket(walk)
    for page in range(len(walk.stops)):
        page_rows(session, page, adds=page == added_on)
    return session.rows


def page_of_the_basket(walk: Walk) -> int | None:
    """Return the product page from which the basket was first filled in this session."""
    kinds = [stop.kind for stop in walk.stops]
    if "cart" not in kinds:
        return None
    return max((page for page in range(kinds.index("cart")) if kinds[page] == "product"), default=None)


def page_rows(session: Session, page: int, *, adds: bool) -> None:
    """Write the page view and what happens on the page."""
    stops, stop = session.walk.stops, session.walk.stops[page]
    following = stops[page + 1] if page + 1 < len(stops) else None
    session.write("page_view", stop.at, page)
    if stop.kind == "product":
        session.write("view_item", stop.at, page)
    if stop.kind == "search":
        session.write("view_search_results", stop.at, page, params=(text("search_term", session.term()),))
    if stop.kind == "shipping":
        session.write("begin_checkout", stop.at, page, shop=unknown_sale())
    if following is not None and adds:
        session.write("add_to_cart", between(stop, following, 0.8), page, shop=unknown_sale())
    if following is not None and (stop.kind, following.kind) == ("shipping", "payment"):
        session.write("add_shipping_info", between(stop, following, 0.9), page)
    if following is not None and stop.kind == "payment":
        session.write("add_payment_info", between(stop, following, 0.7), page)
    if following is not None and stop.kind in ("blog", "home") and session.rng.random() < 0.07:
        session.write(
            "generate_lead",
            between(stop, following, 0.6),
            page,
            params=(text("form_id", "newsletter"),),
        )
    if stop.kind == "thanks" and session.sold is not None and session.walk.visit.person.consent:
        session.write("purchase", stop.at, page, params=sale_params(*session.sold), shop=sale(*session.sold))


def between(stop: Stop, following: Stop, share: float) -> datetime:
    """Return a time on a page, before the next one."""
    return stop.at + (following.at - stop.at) * share


def unknown_sale() -> Row:
    """Return the e-commerce record as GA4 fills it where there is no sale yet."""
    return {
        "total_item_quantity": None,
        "purchase_revenue": None,
        "shipping_value": None,
        "unique_items": None,
        "transaction_id": "(not set)",
    }


def sale(number: str, order: Order) -> Row:
    """Return the e-commerce record of a purchase."""
    items = order.cents % 3 + 1
    return {
        "total_item_quantity": items,
        "purchase_revenue": order.cents / 100,
        "shipping_value": 0.0 if order.delivery == "collect" or order.cents >= 6_000 else 6.9,
        "unique_items": items,
        "transaction_id": number,
    }


def sale_params(number: str, order: Order) -> tuple[Row, ...]:
    """Return the parameters of a purchase event."""
    return (
        text("ignore_referrer", "true"),
        text("transaction_id", number),
        text("currency", "EUR"),
        money("value", order.cents / 100),
    )


def export(rng: Random, walks: list[Walk], orders: dict[str, Order]) -> pl.DataFrame:
    """Return all rows: day by day, sessions shuffled, some sessions backwards, some rows twice."""
    sold = {id(order.walk): (number, order) for number, order in orders.items() if order.walk is not None}
    browsers = Browsers(rng)
    in_time = sorted(walks, key=lambda walk: (walk.visit.at, walk.visit.device))
    sessions = [session_rows(Session(walk, browsers.of(walk), sold.get(id(walk)), rng)) for walk in in_time]
    rng.shuffle(sessions)
    rows = [row for session in sessions for row in (session[::-1] if rng.random() < 0.3 else session)]
    rows.sort(key=lambda row: row["event_date"])
    return pl.DataFrame(with_duplicates(rng, rows), schema=FIELDS, orient="row")


def with_duplicates(rng: Random, rows: list[Row]) -> list[Row]:
    """Return the rows, some of them again at the end of their day, purchases among them."""
    known = [row for row in rows if row["user_pseudo_id"] and not is_internal(row)]
    purchases = [row for row in known if row["event_name"] == "purchase"]
    others = [row for row in known if row["event_name"] != "purchase"]
    doubled = rng.sample(purchases, 6) + rng.sample(others, DUPLICATES - 6)
    return sorted([*rows, *doubled], key=lambda row: row["event_date"])


def is_internal(row: Row) -> bool:
    """Tell whether a row was made by the shop's own people."""
    return any(param["key"] == "traffic_type" for param in row["event_params"])


def bigquery_json(value: Any) -> Any:
    """Return a value as BigQuery writes it in JSON: whole numbers as text, the rest as it is."""
    if isinstance(value, dict):
        return {key: bigquery_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [bigquery_json(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
