"""Where an event belongs on the map: its touchpoint and stage, by the bindings of client.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from cjtools.client import Client
from cjtools.settings import Touchpoint

VIEWS = ("page_view", "screen_view")


def place_touches(events: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return ordered events with `touchpoint`, `stage` and `position`, and one arrival for each session.

    A page decides first, then the event's name. Channels (a newsletter, a social network) decide how a session
    *arrived*: the arrival is a touch of its own before the session's first event (`activity` "arrival").
    A stage's own entry events decide the stage whatever the touchpoint. Bindings are evaluated once for each
    distinct (activity, page), not for each row. `events` come from split_sessions; rows that nothing binds
    keep null and are no touch.
    """
    pairs = events.select("activity", "page").unique().sort("activity", "page", nulls_last=True)
    placed = bind_pairs(pairs, client.touchpoints)
    touches = events.join(placed, on=["activity", "page"], how="left", nulls_equal=True, maintain_order="left")
    return add_stages(pl.concat([touches, arrivals(events, client.touchpoints)], how="diagonal"), client=client)


def bind_pairs(pairs: pl.DataFrame, touchpoints: Sequence[Touchpoint]) -> pl.DataFrame:
    """Return distinct pairs of activity and page with their `touchpoint`: the page decides, else the activity."""
    by_event = {name: row.id for row in reversed(touchpoints) for name in row.events}
    of_event = pl.col("activity").replace_strict(by_event, default=None, return_dtype=pl.String)
    return pairs.with_columns(touchpoint=pl.coalesce(bind_pages(pairs["page"], touchpoints), of_event))


def bind_pages(pages: pl.Series, touchpoints: Sequence[Touchpoint]) -> pl.Series:
    """Return the first touchpoint of which a pattern matches the page; * stands for any characters."""
    frame = pl.DataFrame({"page": pages}).with_columns(touchpoint=pl.lit(None, dtype=pl.String))
    for touchpoint in touchpoints:
        if not touchpoint.pages:
            continue
        pattern = "^(?:" + "|".join(glob_pattern(page) for page in touchpoint.pages) + ")$"
        fits = pl.col("touchpoint").is_null() & pl.col("page").str.contains(pattern)
        frame = frame.with_columns(touchpoint=pl.when(fits).then(pl.lit(touchpoint.id)).otherwise("touchpoint"))
    return frame["touchpoint"]


def glob_pattern(page: str) -> str:
    """Return the pattern of a page glob; a last slash does not matter.

    >>> re.fullmatch(glob_pattern("/p/*"), "/p/lamp") is not None
    True
    """
    escaped = ".*".join(re.escape(part) for part in page.split("*"))
    return escaped if page.endswith(("*", "/")) else escaped + "/?"


def arrivals(events: pl.DataFrame, touchpoints: Sequence[Touchpoint]) -> pl.DataFrame:
    """Return one touch for each session that came by a channel that a touchpoint is bound to."""
    by_channel = {channel: row.id for row in reversed(touchpoints) for channel in row.channels}
    first = events.unique("session", keep="first", maintain_order=True)
    return first.with_columns(
        activity=pl.lit("arrival"),
        page=pl.lit(None, dtype=pl.String),
        order_id=pl.lit(None, dtype=pl.String),
        tiebreak=pl.lit(-1, dtype=pl.Int64),
        touchpoint=pl.col("channel").replace_strict(by_channel, default=None, return_dtype=pl.String),
    ).filter(pl.col("touchpoint").is_not_null())


def place_totals(observations: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return observations with their touchpoint: as the source says, else by their page, else by their event.

    The same bindings as for events; of an address only the path counts. What nothing binds keeps null.
    """
    named = observations.with_columns(
        page=dimension("page").str.extract(r"^(?:[a-z]+://[^/]+)?(/[^?#]*)"), activity=dimension("event_name")
    )
    pairs = named.select("activity", "page").unique().sort("activity", "page", nulls_last=True)
    placed = bind_pairs(pairs, client.touchpoints).rename({"touchpoint": "bound"})
    joined = named.join(placed, on=["activity", "page"], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(touchpoint=pl.coalesce("touchpoint", "bound")).select(observations.columns)


def stage_of_totals(client: Client) -> pl.Expr:
    """Return the stage of a placed observation: an event that a stage is entered by decides, else the touchpoint."""
    main = {row.id: row.stages[0] for row in client.touchpoints}
    entry = {event: row.id for row in reversed(client.journey) for event in row.entry}
    return pl.coalesce(
        dimension("event_name").replace_strict(entry, default=None, return_dtype=pl.String),
        pl.col("touchpoint").replace_strict(main, default=None, return_dtype=pl.String),
    )


def dimension(name: str) -> pl.Expr:
    """Return the value of one dimension of an observation, null when it has none of that name."""
    fits = pl.element().struct.field("name") == name
    return pl.col("dimensions").list.eval(pl.element().filter(fits).struct.field("value")).list.first()


def add_stages(touches: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return touches in order with their stage: entry events first, then the touchpoint's first stage."""
    position = {row.id: place for place, row in enumerate(client.journey)}
    return (
        touches.with_columns(stage=stage_of(client))
        .with_columns(position=pl.col("stage").replace_strict(position, default=None, return_dtype=pl.Int64))
        .sort("profile_id", "timestamp", "tiebreak", "source_order", "source_row", maintain_order=True)
    )


def stage_of(client: Client) -> pl.Expr:
    """Return the stage of an event with its activity and touchpoint."""
    main = {row.id: row.stages[0] for row in client.touchpoints}
    entry = {event: row.id for row in reversed(client.journey) for event in row.entry}
    return pl.coalesce(
        pl.col("activity").replace_strict(entry, default=None, return_dtype=pl.String),
        pl.col("touchpoint").replace_strict(main, default=None, return_dtype=pl.String),
    )
