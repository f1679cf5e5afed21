"""The values that sections of client.toml are made of: languages, labels, zones, identifiers."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from cjtools.errors import cut, nearest

LANGUAGES = ("ca", "en", "es", "it", "ro")
OTHER = "other"  # a language that is none of the kit's
AUDIENCES = ("team", "client", "executive")
# What an objective can be measured by, beside the id of a survey question.
METRICS = ("stage_conversion", "experience", "net_sentiment", "nps", "ces", "csat")

Language = Literal["ca", "en", "es", "it", "ro"]
Audience = Literal["team", "client", "executive"]
Environment = Literal["online", "offline"]
Kind = Literal["mentions", "reviews", "events", "orders", "observations", "answers", "tickets", "profiles"]
Band = Literal["before", "during", "after"]
Lane = Literal[
    "customer_question", "information", "objectives", "touchpoints", "steps", "needs", "experience", "moments", "pains",
    "gains", "emotions", "questions", "quotes", "behaviour", "social", "crosscheck", "factors", "opportunities",
    "actions", "suggestions", "research", "coverage", "front", "back", "support",
]  # fmt: skip
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

# Names that Windows keeps for devices: a folder of that name cannot be made there.
RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


def label(value: Any) -> str | dict[str, str]:
    """Check a label: one text for every language, or a table of texts by language."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise ValueError(f'found {cut(value)}; a text, or a table of texts such as {{ en = "Shop", ca = "Botiga" }}')
    for code, text in value.items():
        if code not in LANGUAGES:
            raise ValueError(f"{cut(code)} is not a language of the kit; {nearest(code, LANGUAGES)}")
        if not isinstance(text, str):
            raise ValueError(f"found {cut(text)} under {code!r}; a text")
    return value


Label = Annotated[str | dict[str, str], PlainValidator(label)]


def known_zone(value: str) -> str:
    """Return the name of a time zone, or say which one was meant."""
    zones = zoneinfo.available_timezones()
    if value not in zones:
        hint = nearest(value, sorted(zones))
        raise ValueError(
            f"{cut(value)} is not an IANA time zone; {hint if hint.startswith('did') else 'such as Europe/Madrid'}"
        )
    return value


class Section(BaseModel):
    """A table of client.toml: unknown keys are faults, values never change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
