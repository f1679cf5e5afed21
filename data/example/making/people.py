"""Who shops: invented people, each with dated visits to the site and to the shops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from random import Random

from making.wave import DAYS, TOWNS, latest_campaign, moment, opening_time, pick

# What somebody who does not buy this time comes for.
LOOKING = {"browse": 32, "cart": 19, "abandon": 26, "hours": 15, "returns": 8}
TOUCHING = {"hours": 52, "browse": 30, "cart": 11, "abandon": 7}
ROUTES = {
    ("google", "organic"): 34,
    ("(direct)", "(none)"): 21,
    ("google", "cpc"): 13,
    ("instagram", "social"): 11,
    ("newsletter", "email"): 12,
    ("homes.example", "referral"): 9,
}


@dataclass(frozen=True)
class Act:
    """One thing a person will do: a web visit with a goal, or a purchase in a shop."""

    at: datetime
    goal: str  # buy, abandon, cart, browse, hours, returns; or shop


@dataclass(frozen=True)
class Route:
    """How a session arrived."""

    source: str
    medium: str
    campaign: str | None


@dataclass(frozen=True)
class Person:
    """One invented person."""

    key: str
    customer: str | None
    acts: tuple[Act, ...]
    card: bool = True  # shows the loyalty card at the till
    login: float = 0.45  # chance to be logged in on a visit without purchase
    collects: float = 0.15
    device: str | None = None  # shared with somebody else
    consent: bool = True
    internal: bool = False


@dataclass(frozen=True)
class Visit:
    """One web session to come."""

    person: Person
    device: str
    at: datetime
    goal: str
    route: Route
    user: str | None
    from_start: bool  # logged in all along, or only from the checkout on
    delivery: str
    town: str


@dataclass(frozen=True)
class TillPurchase:
    """One purchase in a shop."""

    at: datetime
    customer: str | None
    town: str


def comfortable(acts: list[Act]) -> bool:
    """Tell whether no two acts are so near a limit (a session, 30 days) that a rule could waver."""
    for one, two in combinations(acts, 2):
        gap = abs(one.at - two.at)
        if gap < timedelta(hours=3) or timedelta(days=29) < gap < timedelta(days=31):
            return False
    return True


def settle(rng: Random, draw: Callable[[Random], list[Act]]) -> tuple[Act, ...]:
    """Draw acts until they are comfortable, and put them in order."""
    while True:
        acts = draw(rng)
        if comfortable(acts):
            return tuple(sorted(acts, key=lambda act: act.at))


def looks(rng: Random, day: float, most: int) -> list[Act]:
    """Return up to `most` visits without purchase in the week before a day."""
    days = [day - rng.uniform(0.4, 6) for _ in range(rng.randint(0, most))]
    return [Act(moment(rng, each), pick(rng, LOOKING)) for each in days if each >= 0]


def online_buyer(rng: Random) -> list[Act]:
    """Buy on the web once or more, after looking around."""
    acts, day = [], rng.uniform(1, 62)
    for _ in range(rng.choices((1, 2, 3), (62, 26, 12))[0]):
        if day >= DAYS:
            break
        acts += [*looks(rng, day, 2), Act(moment(rng, day), "buy")]
        if rng.random() < 0.1:
            acts.append(Act(moment(rng, day + rng.uniform(3, 9)), "returns"))
        day += rng.uniform(8, 36)
    return acts


def collector(rng: Random) -> list[Act]:
    """Buy on the web, collect in the shop, and buy there something else while at it."""
    acts, day = [], rng.uniform(1, 66)
    for _ in range(rng.choices((1, 2, 3), (55, 33, 12))[0]):
        if day >= DAYS - 3:
            break
        acts += [*looks(rng, day, 2), Act(moment(rng, day), "buy")]
        if rng.random() < 0.32:
            acts.append(Act(opening_time(rng, day + rng.uniform(1, 3)), "shop"))
        day += rng.uniform(10, 40)
    return acts


def toucher(rng: Random) -> list[Act]:
    """Look it up at home, buy in the shop; sometimes buy the second piece on the web."""
    day = rng.uniform(2, 84)
    acts = [Act(opening_time(rng, day), "shop")]
    for _ in range(rng.choices((1, 2, 3), (48, 36, 16))[0]):
        before = day - rng.uniform(0.5, 17)
        if before >= 0:
            acts.append(Act(moment(rng, before), pick(rng, TOUCHING)))
    if rng.random() < 0.22 and day < 60:
        acts.append(Act(opening_time(rng, day + rng.uniform(4, 28)), "shop"))
    if rng.random() < 0.24 and day < 70:
        acts.append(Act(moment(rng, day + rng.uniform(3, 20)), "buy"))
    return acts


def regular(rng: Random) -> list[Act]:
    """Buy in the shop and nowhere else."""
    visits = rng.choices((1, 2, 3), (66, 24, 10))[0]
    return [Act(opening_time(rng, rng.uniform(0, DAYS)), "shop") for _ in range(visits)]


def guest(rng: Random) -> list[Act]:
    """Buy on the web once without an account."""
    day = rng.uniform(2, DAYS)
    return [*looks(rng, day, 1), Act(moment(rng, day), "buy")]


def browser(rng: Random) -> list[Act]:
    """Look around and buy nothing."""
    visits = rng.choices((1, 2, 3), (60, 27, 13))[0]
    return [Act(moment(rng, rng.uniform(0, DAYS)), pick(rng, LOOKING)) for _ in range(visits)]


def people(rng: Random) -> Iterator[Person]:
    """Yield everybody of the example, with what they will do."""
    numbers = iter(range(10_001, 20_000))

    def customer() -> str:
        return f"C{next(numbers)}"

    for index in range(195):
        yield Person(f"online{index}", customer(), settle(rng, online_buyer))
    for index in range(12):
        yield from couple(rng, index, customer(), customer())
    for index in range(118):
        yield Person(f"collector{index}", customer(), settle(rng, collector), collects=0.9)
    for index in range(200):
        yield Person(f"toucher{index}", customer(), settle(rng, toucher), card=rng.random() < 0.9, login=0.4)
    for index in range(196):
        card = rng.random() < 0.66
        yield Person(f"regular{index}", customer() if card else None, settle(rng, regular), card)
    for index in range(48):
        yield Person(f"guest{index}", None, settle(rng, guest))
    for index in range(1_025):
        known = rng.random() < 0.12
        yield Person(f"browser{index}", customer() if known else None, settle(rng, browser))
    for index in range(17):
        yield Person(f"denied_buyer{index}", customer(), settle(rng, guest), consent=False)
    for index in range(78):
        yield Person(f"denied{index}", None, settle(rng, browser), consent=False)
    for index in range(6):
        yield Person(f"staff{index}", None, settle(rng, browser), internal=True)


def couple(rng: Random, index: int, one: str, two: str) -> Iterator[Person]:
    """Yield two customers on one shared device: what nobody signs there belongs to neither."""
    while True:
        first, second = settle(rng, online_buyer), settle(rng, online_buyer)
        if comfortable([*first, *second]):
            break
    for letter, number, acts in (("a", one, first), ("b", two, second)):
        yield Person(f"couple{index}{letter}", number, acts, device=f"couple{index}/0")


def visits(rng: Random, person: Person) -> Iterator[Visit]:
    """Yield the web sessions of a person, with device, route and login."""
    favourite = pick_route(rng)
    town = rng.choice(TOWNS)
    second = rng.random() < 0.25
    for act in person.acts:
        if act.goal == "shop":
            continue
        source = favourite if rng.random() < 0.5 else pick_route(rng)
        logged = person.customer is not None and rng.random() < person.login
        yield Visit(
            person=person,
            device=person.device or f"{person.key}/{int(second and rng.random() < 0.4)}",
            at=act.at,
            goal=act.goal,
            route=route(rng, source, act.at),
            user=person.customer if logged or act.goal == "buy" else None,
            from_start=logged,
            delivery="collect" if rng.random() < person.collects else "home",
            town=town,
        )


def pick_route(rng: Random) -> tuple[str, str]:
    """Draw a source and medium."""
    return rng.choices(list(ROUTES), list(ROUTES.values()))[0]


def route(rng: Random, source: tuple[str, str], at: datetime) -> Route:
    """Give a source and medium its campaign; a newsletter needs one that was sent."""
    campaign = latest_campaign(at)
    if source[1] == "email" and campaign is None:
        return Route("(direct)", "(none)", None)
    if source[1] == "email" and campaign is not None:
        return Route(*source, campaign.slug)
    if source[1] == "cpc":
        return Route(*source, rng.choice(("marca", "cortines-2026", "mobles-petits")))
    return Route(*source, None)


def till_purchases(rng: Random, person: Person) -> Iterator[TillPurchase]:
    """Yield what a person buys in the shops."""
    town = rng.choice(TOWNS)
    for act in person.acts:
        if act.goal == "shop":
            yield TillPurchase(act.at, person.customer if person.card else None, town)
