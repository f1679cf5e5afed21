"""What the distinct acts are on the map: their stage and touchpoint, by the bindings of client.toml."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cjtools.client import Client
from cjtools.journeys.ordered import LEVELS, NONE, Acts
from cjtools.journeys.touches import bind_pairs, stage_of
from cjtools.journeys.walks import Codes


def with_levels(acts: Acts, client: Client) -> Acts:
    """Return the acts with the levels "touchpoint" and "stage", and "arrival".

    The rules are those of journeys.place_touches: a page decides first, then the event's name; a stage's entry events
    decide the stage whatever the touchpoint. "arrival" is the touchpoint that the channel is bound to: what a session
    came by when this act is its first. Each rule is looked at once a distinct act.

    >>> import numpy as np
    >>> from cjtools.client import load_client
    >>> names = {"event": ("purchase",), "page": (), "channel": ()}
    >>> acts = Acts(names, {level: np.array([0 if names[level] else NONE], np.uint32) for level in names})
    >>> with_levels(acts, load_client("data/example")).names["stage"]
    ('purchase',)
    """
    table = pl.DataFrame({level: names_of(acts, level) for level in LEVELS}).rename({"event": "activity"})
    placed = bind_pairs(table, client.touchpoints)
    by_channel = {channel: row.id for row in reversed(client.touchpoints) for channel in row.channels}
    found = placed.select(
        "touchpoint",
        stage=stage_of(client),
        arrival=pl.col("channel").replace_strict(by_channel, default=None, return_dtype=pl.String),
    )
    coded = {level: code_names(found[level]) for level in ("touchpoint", "stage", "arrival")}
    return replace(
        acts,
        names={**acts.names, **{level: names for level, (names, _) in coded.items()}},
        codes={**acts.codes, **{level: codes for level, (_, codes) in coded.items()}},
    )


def names_of(acts: Acts, level: str) -> pl.Series:
    """Return the name of each act at a level, null where it has none."""
    codes = pl.Series(acts.codes[level], dtype=pl.UInt32)
    places = pl.DataFrame({"code": codes}).select(pl.when(pl.col("code") != NONE).then("code")).to_series()
    return pl.Series(list(acts.names[level]), dtype=pl.String).gather(places)


def code_names(values: pl.Series) -> tuple[tuple[str, ...], Codes]:
    """Return the sorted distinct names, and the place of each value in them (NONE for none)."""
    names = values.drop_nulls().unique().sort()
    codes = values.cast(pl.Enum(names)).to_physical().cast(pl.UInt32).fill_null(NONE)
    return tuple(names), codes.to_numpy()
