"""On what somebody visits, in GA4's words: desktop, mobile, tablet, smart tv."""

from __future__ import annotations

import re

import polars as pl

from cjtools.sources.parsing.traffic import mapped

WORDS = {
    "desktop": "desktop, laptop, computer, personal computer, pc, ultra",
    "mobile": "mobile, smartphone, phone, feature phone, phablet, mobile phone",
    "tablet": "tablet, ipad",
    "smart tv": "smart tv, tv, television, set top box, connected tv",
}
MEANINGS = {word: device for device, words in WORDS.items() for word in words.split(", ")}
TABLET = re.compile(r"iPad|Tablet|Kindle|Silk/|PlayBook|Android(?!.*Mobi)", re.IGNORECASE)
TELEVISION = re.compile(
    r"Smart-?TV|AppleTV|Apple TV|GoogleTV|HbbTV|BRAVIA|CrKey|Android TV|Web0S|AFT[A-Z]", re.IGNORECASE
)
MOBILE = re.compile(r"Mobi|iPhone|iPod|Android|Opera Mini|IEMobile", re.IGNORECASE)


def device_word(word: str) -> str | None:
    """Return a device in GA4's words, or its own word in small letters.

    >>> device_word("Smartphone"), device_word("Laptop"), device_word("console"), device_word("Unknown")
    ('mobile', 'desktop', 'console', None)
    """
    plain = " ".join(re.split(r"[\W_]+", word.casefold())).strip()
    return MEANINGS.get(plain, plain if plain not in ("", "unknown", "other", "not set") else None)


def device_of(agent: str) -> str | None:
    """Return the device that a user agent names.

    >>> device_of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148"), device_of("curl/8.5")
    ('mobile', None)
    """
    kinds = (("smart tv", TELEVISION), ("tablet", TABLET), ("mobile", MOBILE))
    found = next((device for device, pattern in kinds if pattern.search(agent)), None)
    return found or ("desktop" if "Mozilla/" in agent or "Opera/" in agent else None)


def devices(words: pl.Series, agents: pl.Series) -> pl.Series:
    """Return devices by what a tool calls them, else by the user agent."""
    told = mapped(words, device_word)
    return told.zip_with(told.is_not_null(), mapped(agents, device_of))
