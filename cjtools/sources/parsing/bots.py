"""Programs that visit pages: by a public list of crawlers, whose name and version stand in the reason."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import polars as pl
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

LIST = "crawler-user-agents"
NO_AGENT = "bot: no user agent"


@cache
def crawlers() -> tuple[str, str]:
    """Return the patterns of the list as one, and the reason that names the list and its version."""
    patterns = "|".join(each["pattern"] for each in CRAWLER_USER_AGENTS_DATA)
    return patterns, f"bot: {LIST} {version(LIST)}"


def bot_reasons(agents: pl.Series) -> pl.Series:
    """Return why some user agents are programs and no people; null for people, and for those that are not known.

    An empty one is a program: every browser names itself. The list is matched as it is written, capitals included, once
    for each distinct user agent.

    >>> browser, crawler = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (compatible; Googlebot/2.1)"
    >>> [reason and reason.split()[1] for reason in bot_reasons(pl.Series([browser, crawler, "-", None]))]
    [None, 'crawler-user-agents', 'no', None]
    """
    patterns, reason = crawlers()
    distinct = agents.drop_nulls().unique()
    found = distinct.to_frame("agent").select(
        pl.when(pl.col("agent").str.strip_chars().is_in(["", "-"]))
        .then(pl.lit(NO_AGENT))
        .when(pl.col("agent").str.contains(patterns))
        .then(pl.lit(reason))
        .otherwise(pl.lit(None, pl.String))
    )
    return agents.replace_strict(distinct, found.to_series(), default=None, return_dtype=pl.String)
