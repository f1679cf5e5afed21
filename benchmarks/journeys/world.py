"""The invented shop: its events, pages, channels and stage rules, and the tables that chance picks from."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

RULES = tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))

CHANNELS = (
    "Organic Search", "Paid Search", "Direct", "Email", "Organic Social", "Paid Social", "Referral", "Display",
    "Affiliates", "Organic Video", "SMS", "Push", "Store",
)  # fmt: skip
CHANNEL_WEIGHTS = (26, 15, 22, 9, 7, 6, 4, 3, 3, 2, 2, 1)  # of visits that are none of a shop
STORE = CHANNELS.index("Store")

# What pages there are: kind -> their addresses. Those of one kind are visited by Zipf's law.
PAGES: dict[str, tuple[str, ...]] = {
    "home": ("/",),
    "landing": tuple(f"/landing/{number:02}" for number in range(60)),
    "blog": tuple(f"/blog/{number:03}" for number in range(300)),
    "category": tuple(f"/c/{number:03}" for number in range(200)),
    "search": ("/search",),
    "product": tuple(f"/p/{number:04}" for number in range(3300)),
    "reviews": tuple(f"/p/{number:04}/reviews" for number in range(500)),
    "choice": ("/wishlist", "/compare"),
    "cart": ("/cart",),
    "checkout": ("/checkout/address", "/checkout/shipping", "/checkout/payment"),
    "thanks": ("/checkout/thanks",),
    "help": ("/help", "/returns", *(f"/help/{number:03}" for number in range(200))),
    "orders": (*(f"/orders/{number:03}/track" for number in range(100)), *(f"/orders/{n:03}" for n in range(100))),
    "account": ("/account", "/club", *(f"/account/{number:02}" for number in range(40))),
    "share": tuple(f"/share/{number:02}/friends" for number in range(30)),
    "other": ("/about", *(f"/press/{number:02}" for number in range(90)), *(f"/jobs/{n:02}" for n in range(60))),
    "none": (),
}  # fmt: skip
ALL_PAGES = tuple(page for kind in PAGES.values() for page in kind)
NO_PAGE = 65_535

# What happens at each depth of a visit: (event, kind of page, weight). The last two are visits to a shop, to support.
DEPTHS: tuple[tuple[tuple[str, str, int], ...], ...] = (
    (
        ("page_view", "home", 24), ("page_view", "landing", 18), ("page_view", "blog", 10), ("scroll", "blog", 8),
        ("scroll", "home", 6), ("scroll", "landing", 4), ("email_open", "none", 4), ("page_view", "other", 5),
        ("view_item_list", "category", 8), ("page_view", "account", 3), ("login", "account", 2),
        ("sign_up", "account", 1), ("view_item", "product", 7),
    ),
    (
        ("view_item", "product", 34), ("view_item_list", "category", 16), ("page_view", "category", 6),
        ("search", "search", 7), ("filter", "category", 8), ("scroll", "product", 12), ("page_view", "product", 6),
        ("page_view", "reviews", 5), ("add_to_wishlist", "product", 2), ("page_view", "choice", 2),
        ("page_view", "other", 1), ("scroll", "reviews", 1),
    ),
    (
        ("add_to_cart", "product", 40), ("view_cart", "cart", 26), ("page_view", "cart", 14),
        ("remove_from_cart", "cart", 6), ("view_item", "product", 14),
    ),
    (
        ("begin_checkout", "checkout", 30), ("add_shipping_info", "checkout", 22),
        ("add_payment_info", "checkout", 20), ("page_view", "checkout", 20), ("view_cart", "cart", 8),
    ),
    (
        ("purchase", "thanks", 46), ("purchase_pickup", "thanks", 10), ("page_view", "thanks", 14),
        ("page_view", "orders", 14), ("page_view", "account", 8), ("write_review", "orders", 4),
        ("page_view", "share", 4),
    ),
    (
        ("store_visit", "none", 50), ("store_try", "none", 18), ("store_purchase", "none", 22),
        ("store_pickup", "none", 10),
    ),
    (
        ("support_chat", "none", 30), ("page_view", "help", 40), ("refund", "orders", 6), ("page_view", "orders", 24),
    ),
)  # fmt: skip
SHOP_DEPTH, SUPPORT_DEPTH, DEEPEST = 5, 6, 4
EVENTS = tuple(sorted({event for depth in DEPTHS for event, _, _ in depth}))
PAID = tuple(EVENTS.index(name) for name in ("purchase", "purchase_pickup", "store_purchase"))

CHOICES = 4096  # places of a table from which an act, an hour or a channel is picked
WAYS = 65_536  # places of a table from which a page is picked
Codes = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Tables:
    """What chance picks from: one uniform whole number is a place in each of them."""

    act_event: npt.NDArray[np.uint8]  # of each depth and place, the event
    act_kind: npt.NDArray[np.uint8]  # and the kind of page
    page: Codes  # of each kind and place, the page
    channel: npt.NDArray[np.uint8]
    minute: Codes  # the minute of the day


def spread(weights: Sequence[float], places: int) -> npt.NDArray[np.int64]:
    """Return the item at each of so many places, each item at its share of them, by the largest remainder.

    >>> spread([3, 1], 4).tolist()
    [0, 0, 0, 1]
    """
    borders = np.rint(np.cumsum(weights) / np.sum(weights) * places).astype(np.int64)
    return np.searchsorted(borders, np.arange(places), side="right")


def tables() -> Tables:
    """Return the tables of this shop."""
    kinds = list(PAGES)
    events = np.zeros((len(DEPTHS), CHOICES), np.uint8)
    of_page = np.zeros((len(DEPTHS), CHOICES), np.uint8)
    for place, depth in enumerate(DEPTHS):
        picked = spread([weight for _, _, weight in depth], CHOICES)
        events[place] = np.array([EVENTS.index(event) for event, _, _ in depth])[picked]
        of_page[place] = np.array([kinds.index(kind) for _, kind, _ in depth])[picked]
    pages = np.full((len(kinds), WAYS), NO_PAGE, np.uint16)
    first = 0
    for place, names in enumerate(PAGES.values()):
        if names:
            pages[place] = first + spread(1 / np.arange(1, len(names) + 1) ** 1.05, WAYS)
        first += len(names)
    hours = (
        2
        + 3 * np.exp(-(((np.arange(1440) / 60 - 13) / 4) ** 2))
        + 4 * np.exp(-(((np.arange(1440) / 60 - 20.5) / 2.5) ** 2))
    )
    return Tables(
        act_event=events,
        act_kind=of_page,
        page=pages,
        channel=spread(CHANNEL_WEIGHTS, CHOICES).astype(np.uint8),
        minute=spread(hours, CHOICES).astype(np.uint16),
    )


def client_toml() -> str:
    """Return the rules as the bindings of a client: entry events, then pages in their order, then other events."""
    rules = RULES["rules"]
    first = next(place for place, rule in enumerate(rules) if "event" not in rule)
    lines = [
        '[client]\nid = "bench"\nname = "Benchmark"\n',
        "[wave]\nfrom = 2026-01-01\nto = 2026-12-31\n",
    ]
    for stage in RULES["stages"]:
        entry = [rule["event"] for rule in rules[:first] if rule["stage"] == stage]
        lines.append(f'[[stages.stage]]\nid = "{stage}"\nband = "during"\nentry = {json.dumps(entry)}\n')
    for place, rule in enumerate(rules[first:]):
        bound = f'events = ["{rule["event"]}"]' if "event" in rule else f'pages = ["{as_glob(rule)}"]'
        head = f'[[touchpoints]]\nid = "t{place:02}"\nlabel = "t{place:02}"\nenvironment = "online"\n'
        lines.append(f'{head}stages = ["{rule["stage"]}"]\n{bound}\n')
    return "".join(lines)


def as_glob(rule: dict[str, str]) -> str:
    """Return a rule on the page as a pattern of client.toml.

    >>> as_glob({"regex": "^/p/.*/reviews$"}), as_glob({"prefix": "/c/"})
    ('/p/*/reviews', '/c/*')
    """
    if "regex" in rule:
        return rule["regex"].removeprefix("^").removesuffix("$").replace(".*", "*")
    return rule["prefix"] + "*" if "prefix" in rule else rule["page"]
