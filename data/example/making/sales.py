"""Orders of the site and of the shops, as the shop's own system writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from making.people import TillPurchase
from making.wave import pick
from making.web import Walk

COLUMNS = (
    "order_no",
    "ordered_at",
    "customer_no",
    "channel",
    "delivery",
    "store",
    "total",
    "currency",
    "payment",
    "status",
)
WEB_PAYMENTS = {"card": 60, "bizum": 23, "paypal": 13, "transfer": 4}
TILL_PAYMENTS = {"card": 64, "cash": 24, "bizum": 4, "gift_card": 8}
WEB_STATUSES = {"paid": 93, "refunded": 4, "cancelled": 3}
TILL_STATUSES = {"paid": 97, "refunded": 3}


@dataclass(frozen=True)
class Order:
    """One order; `walk` is the session it was made in, if on the web."""

    at: datetime
    customer: str | None
    channel: str
    delivery: str
    store: str
    cents: int
    payment: str
    status: str
    walk: Walk | None


def cents(rng: Random, median: float) -> int:
    """Return a price that ends like prices do."""
    euros = int(min(max(rng.lognormvariate(0, 0.7) * median, 6), 900))
    return euros * 100 + rng.choice((0, 50, 90, 95))


def web_order(rng: Random, walk: Walk, at: datetime) -> Order:
    """Return the order that a session ended in."""
    visit = walk.visit
    return Order(
        at=at,
        customer=visit.person.customer,
        channel="web",
        delivery=visit.delivery,
        store=visit.town if visit.delivery == "collect" else "",
        cents=cents(rng, 58),
        payment=pick(rng, WEB_PAYMENTS),
        status=pick(rng, WEB_STATUSES),
        walk=walk,
    )


def till_order(rng: Random, purchase: TillPurchase) -> Order:
    """Return the order of a purchase in a shop."""
    return Order(
        at=purchase.at,
        customer=purchase.customer,
        channel="store",
        delivery="",
        store=purchase.town,
        cents=cents(rng, 41),
        payment=pick(rng, TILL_PAYMENTS),
        status=pick(rng, TILL_STATUSES),
        walk=None,
    )


def numbered(orders: list[Order]) -> dict[str, Order]:
    """Give orders their numbers, in order of time."""
    ordered = sorted(orders, key=lambda order: (order.at, order.customer or "", order.cents))
    return {f"{order.channel[0].upper()}{number}": order for number, order in enumerate(ordered, 260_001)}


def order_rows(orders: dict[str, Order]) -> list[tuple[str, ...]]:
    """Return the rows of orders.csv."""
    return [
        (
            number,
            f"{order.at:%Y-%m-%d %H:%M}",
            order.customer or "",
            order.channel,
            order.delivery,
            order.store,
            f"{order.cents // 100}.{order.cents % 100:02}",
            "EUR",
            order.payment,
            order.status,
        )
        for number, order in orders.items()
    ]
