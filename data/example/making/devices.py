"""The browsers that the walks were made on: cookie, hardware, place, first source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from making.wave import micros
from making.web import Walk

Row = dict[str, Any]
DEVICES = (
    ("mobile", "Android"),
    ("mobile", "iOS"),
    ("desktop", "Windows"),
    ("desktop", "Macintosh"),
    ("tablet", "iOS"),
)
DEVICE_WEIGHTS = (36, 26, 24, 10, 4)
PLACES = {
    "ca": (
        "ca-es",
        "Spain",
        "Catalonia",
        ("Reus", "Tarragona", "Girona", "Lleida", "Barcelona", ""),
    ),
    "es": ("es-es", "Spain", "Aragon", ("Zaragoza", "Huesca", "")),
    "it": ("it-it", "Italy", "Piedmont", ("Turin", "Cuneo", "")),
    "ro": ("ro-ro", "Romania", "Cluj County", ("Cluj-Napoca", "Turda", "")),
    "en": ("en-gb", "United Kingdom", "England", ("Leeds", "Bristol", "")),
}


@dataclass
class Device:
    """One browser: its cookie, where it is, and how many sessions it has had."""

    pseudo_id: str
    first_touch: int
    sessions: int
    new: bool
    acquired: Row
    hardware: Row
    place: Row


@dataclass
class Browsers:
    """All browsers seen so far, by key."""

    rng: Random
    seen: dict[str, Device] = field(default_factory=dict)

    def of(self, walk: Walk) -> Device:
        """Return the browser of a walk, invented at its first session."""
        if walk.visit.device not in self.seen:
            self.seen[walk.visit.device] = invent_device(self.rng, walk)
        return self.seen[walk.visit.device]


def invent_device(rng: Random, walk: Walk) -> Device:
    """Invent the browser of a first walk; a third of them knew the site before the wave."""
    new = rng.random() < 0.64
    first = walk.visit.at if new else walk.visit.at - timedelta(days=rng.uniform(40, 400))
    code, country, region, cities = PLACES[rng.choices(list(PLACES), (46, 26, 11, 7, 10))[0]]
    category, system = rng.choices(DEVICES, DEVICE_WEIGHTS)[0]
    route = walk.visit.route
    acquired = {
        "name": route.campaign or f"({route.medium.strip('()')})",
        "medium": route.medium,
        "source": route.source,
    }
    return Device(
        pseudo_id=f"{rng.randrange(10**8, 2 * 10**9)}.{micros(first) // 1_000_000}",
        first_touch=micros(first),
        sessions=0 if new else rng.randint(1, 8),
        new=new,
        acquired=acquired if new else {"name": "(organic)", "medium": "organic", "source": "google"},
        hardware={"category": category, "operating_system": system, "language": code},
        place={"city": rng.choice(cities), "country": country, "region": region},
    )
