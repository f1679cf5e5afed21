"""What is true of web and shop together, counted the plain way from the written files."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from making.count_web import Event, ratio
from making.wave import LOCAL, micros

MONTH = 30 * 86_400 * 1_000_000  # thirty days in microseconds
Table = dict[str, float]


@dataclass(frozen=True)
class Sale:
    """One line of orders.csv."""

    number: str
    micros: int
    customer: str
    web: bool
    collected: bool
    kept: bool


def read_sales(file: Path) -> list[Sale]:
    """Read the orders in order of time."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Sale(
                number=row["order_no"],
                micros=micros(datetime.strptime(row["ordered_at"], "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)),
                customer=row["customer_no"],
                web=row["channel"] == "web",
                collected=row["delivery"] == "collect",
                kept=row["status"] != "cancelled",
            )
            for row in csv.DictReader(lines)
        ]


def owners(events: list[Event]) -> dict[str, str]:
    """Return the customer of each device that met exactly one."""
    met: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.device and event.user:
            met[event.device].add(event.user)
    return {device: next(iter(users)) for device, users in met.items() if len(users) == 1}


def views_by_customer(events: list[Event]) -> dict[str, list[int]]:
    """Return when each customer saw a page."""
    owner = owners(events)
    seen: dict[str, list[int]] = defaultdict(list)
    for event in events:
        customer = event.user or owner.get(event.device or "")
        if customer and event.name == "page_view":
            seen[customer].append(event.micros)
    return seen


def within(times: list[int], before: int) -> bool:
    """Tell whether any time lies in the thirty days before another."""
    return any(0 < before - time <= MONTH for time in times)


def patterns(sales: list[Sale], events: list[Event]) -> dict[str, Table]:
    """Return the shares of web and shop purchases that belong together."""
    seen = views_by_customer(events)
    at_till = [sale for sale in sales if not sale.web]
    on_web = [sale for sale in sales if sale.web]
    known = [sale for sale in at_till if sale.customer]
    researched = sum(within(seen.get(sale.customer, []), sale.micros) for sale in known)
    till_times: dict[str, list[int]] = defaultdict(list)
    for sale in known:
        till_times[sale.customer].append(sale.micros)
    tried = sum(within(till_times.get(sale.customer, []), sale.micros) for sale in on_web if sale.customer)
    return {
        "ropo": ratio(researched, len(at_till)),
        "ropo_with_customer": ratio(researched, len(known)),
        "click_collect": ratio(sum(sale.collected for sale in on_web), len(on_web)),
        "try_buy": ratio(tried, len(on_web)),
        "try_buy_with_customer": ratio(tried, sum(bool(sale.customer) for sale in on_web)),
        "repeat_buyers": repeaters(sales),
        "repeat_web_buyers": repeaters(on_web),
        "repeat_other_route": other_route(on_web, events),
    }


def repeaters(sales: list[Sale]) -> Table:
    """Return the customers with two purchases or more ÷ the customers with one or more."""
    count: dict[str, int] = defaultdict(int)
    for sale in sales:
        if sale.customer:
            count[sale.customer] += 1
    return ratio(sum(number > 1 for number in count.values()), len(count))


def other_route(on_web: list[Sale], events: list[Event]) -> Table:
    """Return the repeat web purchases by another source/medium than the first ÷ all of them."""
    route = {event.transaction: event.route for event in events if event.name == "purchase"}
    by_customer: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for sale in on_web:
        if sale.customer and sale.number in route:
            by_customer[sale.customer].append(route[sale.number])
    repeats = [(routes[0], later) for routes in by_customer.values() for later in routes[1:]]
    return ratio(sum(first != later for first, later in repeats), len(repeats))


def totals(sales: list[Sale], events: list[Event]) -> dict[str, int]:
    """Return how many orders there are of each sort, and how many web orders the site never saw."""
    tracked = {event.transaction for event in events if event.name == "purchase"}
    return {
        "orders": len(sales),
        "web": sum(sale.web for sale in sales),
        "store": sum(not sale.web for sale in sales),
        "store_with_customer": sum(bool(sale.customer) and not sale.web for sale in sales),
        "cancelled": sum(not sale.kept for sale in sales),
        "web_without_event": sum(sale.web and sale.number not in tracked for sale in sales),
        "devices_with_two_customers": two_customers(events),
    }


def two_customers(events: list[Event]) -> int:
    """Return how many devices belong to nobody because two customers used them."""
    known = {event.device for event in events if event.user}
    return len(known) - len(owners(events))
