"""What behaviour, interviews and public voices say of a touchpoint, each on its own, as one of a few states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cjtools.intervals import net_share


def people(talk: pl.DataFrame, kind: str) -> int:
    """Return how many distinct participants said something of a type."""
    return talk.filter(pl.col("type") == kind)["person"].n_unique()


def behaviour_state(
    figures: dict[str, Any],
    *,
    baseline: dict[str, tuple[float | None, float | None]],
    signals: Sequence[str],
    terminal: bool,
    instrumented: bool,
) -> tuple[str, str | None]:
    """Return the state of behaviour, and of many clicks which of `signals` tells them (the first that does).

    High, or many, is a touchpoint whose interval lies wholly above the site's.
    """

    def above(metric: str) -> bool:
        low, high = figures.get(metric, {}).get("low"), baseline[metric][1]
        return low is not None and high is not None and low > high

    if not instrumented:
        return "not_instrumented", None
    if not figures:
        return "observed", None
    if above("exit_rate"):
        return "terminal" if terminal else "high_exit", None
    clicks = next((signal for signal in signals if above(signal)), None)
    return ("many_clicks", clicks) if clicks else ("normal", None)


def interview_states(talk: pl.DataFrame, *, minimum: int, asked: int) -> list[str]:
    """Return what the participants say of a touchpoint, strongest first: satisfaction, then orientation.

    A signal counts from two participants on, or from the minimum group when that is smaller.
    """
    floor = min(2, minimum)
    count = {kind: people(talk, kind) for kind in ("pain", "goal", "gain", "comparing", "lost")}
    heard = {kind: number >= floor for kind, number in count.items()}
    states = []
    if heard["pain"] and heard["goal"] and 2 * min(count["pain"], count["goal"]) > max(count["pain"], count["goal"]):
        states.append("both")
    elif heard["pain"] and count["pain"] >= max(count["goal"], count["gain"]):
        states.append("pain")
    elif heard["goal"] and count["goal"] >= count["gain"]:
        states.append("goal")
    elif heard["gain"]:
        states.append("gain")
    if heard["comparing"] and heard["lost"]:
        states.append("torn")
    elif heard["comparing"] or heard["lost"]:
        states.append("comparing" if heard["comparing"] else "lost")
    return states or ["neutral" if talk.height else "silent" if asked else "not_asked"]


def social_state(posts: pl.DataFrame, *, minimum: int, has_source: bool) -> tuple[float | None, str]:
    """Return net sentiment and what public voices say: negative or positive when the interval excludes zero."""
    scored = posts.filter(pl.col("valence").is_not_null())
    if scored.height < minimum:
        return None, "silent" if has_source else "no_source"
    net, low, high = net_share(
        positive=scored.filter(pl.col("valence") > 0).height,
        negative=scored.filter(pl.col("valence") < 0).height,
        total=scored.height,
    )
    return net, "negative" if high < 0 else "positive" if low > 0 else "mixed"
