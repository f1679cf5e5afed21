"""How each visit walks through the site: pages with times, before they become GA4 rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from making.people import Visit
from making.wave import TOWNS, pick

CATEGORIES = ("cortines", "llit", "taula", "bany", "mobles-petits", "catifes", "llums")
PRODUCTS = (
    "cortina-lli-cru",
    "cortina-lli-sorra",
    "manta-coto",
    "coixi-mostassa",
    "tauleta-nit",
    "llencols-lli",
    "catifa-rebedor",
    "prestatge-baix",
    "cobrellit-quadres",
    "estovalles-ratlles",
    "tamboret-fusta",
    "tovalloles-bany",
    "llum-ceramica",
    "funda-nordica",
    "sabater-estret",
    "butaca-lectura",
    "tauleta-vimet",
)
ARTICLES = ("mesurar-finestra", "rentar-lli", "rebedor-petit", "llencols-i-mar", "colors-de-tardor")
SEARCHES = (
    "lli",
    "cortina",
    "mostassa",
    "tauleta",
    "catifa 120",
    "butaca",
    "lenzuola",
    "sábanas",
    "pernă",
)

LANDINGS: dict[str, dict[str, int]] = {
    "organic": {"product": 40, "category": 27, "blog": 26, "stores": 7},
    "(none)": {"home": 80, "category": 15, "stores": 5},
    "cpc": {"category": 50, "product": 50},
    "social": {"product": 60, "blog": 40},
    "email": {"category": 55, "product": 45},
    "referral": {"blog": 50, "home": 50},
}
# What a goal adds once somebody has looked around.
STEPS: dict[str, tuple[str, ...]] = {
    "browse": (),
    "hours": ("stores",),
    "cart": ("cart",),
    "abandon": ("cart", "shipping"),
    "buy": ("cart", "shipping", "payment", "thanks"),
    "returns": ("returns",),
}
# How likely somebody goes on looking after the goal, and where to.
GOES_ON = {"browse": 0.0, "hours": 0.21, "cart": 0.5, "abandon": 0.04, "buy": 0.08, "returns": 0.8}
NEXT = {"category": 48, "product": 32, "blog": 14, "stores": 6}

FIXED = {
    "home": "/",
    "cart": "/cart",
    "shipping": "/checkout/shipping",
    "payment": "/checkout/payment",
    "thanks": "/checkout/thanks",
    "returns": "/returns",
    "search": "/search",
}


@dataclass(frozen=True)
class Stop:
    """One page of a walk."""

    kind: str
    path: str
    at: datetime


@dataclass(frozen=True)
class Walk:
    """One session: the visit and its pages in order."""

    visit: Visit
    stops: tuple[Stop, ...]

    @property
    def bought_at(self) -> datetime | None:
        """When the order went through, if it did."""
        return next((stop.at for stop in self.stops if stop.kind == "thanks"), None)


def look_around(rng: Random, landing: str, goal: str) -> list[str]:
    """Return the kinds of page somebody sees before the goal; some leave after the first."""
    if goal == "browse" and rng.random() < 0.2:
        return [landing]
    kinds = [landing]
    if rng.random() < 0.16:
        kinds.append("blog")
    if rng.random() < 0.14:
        kinds.append("search")
    if goal != "hours" and rng.random() < 0.08:
        kinds.append("stores")
    if rng.random() < 0.9:
        kinds.append("category")
    kinds += ["product"] * rng.choices((0, 1, 2, 3), (8, 58, 22, 12))[0]  # they compare
    if goal == "browse" and rng.random() < 0.5:
        kinds.append(pick(rng, NEXT))
    return kinds


def to_the_goal(rng: Random, goal: str) -> list[str]:
    """Return the pages of the goal; payment fails for some and they try again."""
    kinds = list(STEPS[goal])
    if goal == "abandon" and rng.random() < 0.48:
        kinds.append("payment")
        if rng.random() < 0.3:
            kinds += ["cart", "shipping", "payment"]
    if goal == "buy" and rng.random() < 0.14:
        kinds[2:2] = ["payment", "cart", "shipping"]
    return kinds


def afterwards(rng: Random, goal: str) -> list[str]:
    """Return what somebody still looks at after the goal."""
    if rng.random() >= GOES_ON[goal]:
        return []
    if goal == "abandon":
        return [rng.choice(("stores", "stores", "cart"))]
    if goal == "buy":
        return ["home"]
    return [pick(rng, NEXT)]


def path_of(rng: Random, kind: str, town: str) -> str:
    """Return the address of a kind of page."""
    if kind == "category":
        return f"/c/{rng.choice(CATEGORIES)}"
    if kind == "product":
        return f"/p/{rng.choice(PRODUCTS)}"
    if kind == "blog":
        return f"/blog/{rng.choice(ARTICLES)}"
    if kind == "stores":
        return f"/stores/{town if rng.random() < 0.9 else rng.choice(TOWNS)}"
    return FIXED[kind]


def dwell(rng: Random, kind: str, following: str) -> timedelta:
    """Return how long a page is kept; some baskets send on to the checkout in the same instant."""
    if (kind, following) == ("cart", "shipping") and rng.random() < 0.15:
        return timedelta(0)
    return timedelta(microseconds=int(min(rng.lognormvariate(3.4, 0.8) + 3, 600) * 1_000_000))


def walk(rng: Random, visit: Visit) -> Walk:
    """Return the pages of a visit with their times."""
    landing = pick(rng, LANDINGS[visit.route.medium])
    kinds = look_around(rng, landing, visit.goal) + to_the_goal(rng, visit.goal) + afterwards(rng, visit.goal)
    pages: list[tuple[str, str]] = []
    for kind in kinds:
        path = path_of(rng, kind, visit.town)
        if not pages or pages[-1][1] != path:
            pages.append((kind, path))
    at = visit.at
    stops = [Stop(*pages[0], at)]
    for (before, _), (kind, path) in pairwise(pages):
        at += dwell(rng, before, kind)
        stops.append(Stop(kind, path, at))
    return Walk(visit, tuple(stops))
