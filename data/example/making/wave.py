"""The wave that the example tells of: its days, its shops, its newsletters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from random import Random

SEED = 20260701
LOCAL = timezone(timedelta(hours=2))  # Europe/Madrid keeps summer time over the whole wave
FIRST_DAY = datetime(2026, 7, 1, tzinfo=LOCAL)
DAYS = 92
SITE = "https://shop.terraifil.example"
TOWNS = ("reus", "tarragona", "girona", "lleida")
LANGUAGES = ("ca", "es", "it", "ro", "en")

WEB_HOURS = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)
WEB_WEIGHTS = (3, 4, 5, 5, 5, 5, 6, 7, 6, 5, 5, 6, 7, 9, 12, 10, 3)


@dataclass(frozen=True)
class Campaign:
    """One newsletter: what the mail tool calls it and what its links carry."""

    sent: datetime
    title: str
    slug: str
    subject: str


def _campaign(day: int, title: str, slug: str, subject: str) -> Campaign:
    return Campaign(FIRST_DAY + timedelta(days=day, hours=9, minutes=30), title, slug, subject)


CAMPAIGNS = (
    _campaign(1, "2026-07 Rebaixes d'estiu", "rebaixes-estiu", "Rebaixes: lli a meitat de preu"),
    _campaign(9, "2026-07 Terrassa", "terrassa", "Tres idees per a la terrassa"),
    _campaign(20, "2026-07 Llits frescos", "llits-frescos", "Sábanas para dormir fresco ☀️"),
    _campaign(33, "2026-08 Tovalloles", "tovalloles", "Toallas: segunda a mitad de precio"),
    _campaign(43, "2026-08 Petits mobles", "petits-mobles", "Mobili piccoli per case piccole"),
    _campaign(55, "2026-08 Tornada", "tornada", "Para volver a empezar"),
    _campaign(64, "2026-09 Col·lecció de tardor", "tardor", "Col·lecció de tardor: els tons de la terra"),
    _campaign(75, "2026-09 Coixins", "coixins", "Perne, cuscini, coixins & cushions"),
    _campaign(85, "2026-09 Llum", "llum", "Light for the short evenings"),
)


def pick(rng: Random, weights: dict[str, int]) -> str:
    """Draw one key by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def moment(rng: Random, day: float) -> datetime:
    """Return a time of day at which people are on the web, on the given day of the wave."""
    hour = rng.choices(WEB_HOURS, WEB_WEIGHTS)[0]
    whole = min(max(int(day), 0), DAYS - 1)
    if whole == DAYS - 1:
        hour = min(hour, 21)  # no session runs out of the wave
    return FIRST_DAY + timedelta(
        days=whole,
        hours=hour,
        minutes=rng.randrange(60),
        seconds=rng.randrange(60),
        microseconds=rng.randrange(1_000_000),
    )


def opening_time(rng: Random, day: float) -> datetime:
    """Return a time at which the shops are open; Sundays move to Saturday."""
    whole = min(max(int(day), 0), DAYS - 1)
    start = FIRST_DAY + timedelta(days=whole)
    if start.weekday() == 6:
        start -= timedelta(days=1)
    return start + timedelta(hours=rng.randrange(10, 21), minutes=rng.randrange(60))


def latest_campaign(at: datetime) -> Campaign | None:
    """Return the newsletter that was last sent before a time, if there was one."""
    sent = [campaign for campaign in CAMPAIGNS if campaign.sent < at]
    return sent[-1] if sent else None


def micros(at: datetime) -> int:
    """Return microseconds since 1970 in UTC, exactly."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
