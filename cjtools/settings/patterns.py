"""The section of client.toml on patterns of journeys: windows, codes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cjtools.settings.values import Identifier, Section

Pattern = Literal[
    "ropo",
    "click_collect",
    "try_buy",
    "repeat_buyers",
    "webrooming",
    "showrooming",
    "return_same_route",
    "return_other_route",
    "abandoned_cart",
    "abandoned_checkout",
    "newsletter_first_purchase",
    "campaign_purchase",
]


class PatternAnswer(Section):
    """[[patterns.answers]]: the answers to a survey question by which people tell of a pattern."""

    pattern: Pattern
    question: Identifier
    values: Annotated[tuple[str, ...], Field(min_length=1)]


class PatternSection(Section):
    """[patterns]: the windows in days, and the interview codes and survey answers by which people tell of a pattern."""

    window_days: Annotated[int, Field(ge=1)] = 30
    abandoned_days: Annotated[int, Field(ge=1)] = 7
    message_days: Annotated[int, Field(ge=1)] = 30
    other_windows: tuple[Annotated[int, Field(ge=1)], ...] = (1, 7, 14)
    codes: dict[Pattern, tuple[str, ...]] = {}
    answers: tuple[PatternAnswer, ...] = ()
