"""How people pass the stages: the funnel in both forms, what they did instead, times, ways, moves."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from cjtools.intervals import wilson
from cjtools.journey_tables import Route, StageFunnel, StageInstead, StageMove, StageTime, shaped
from cjtools.journeys.censoring import count_times_between, count_waits, times_with_censoring
from cjtools.journeys.chains import Funnel
from cjtools.journeys.funnels import count_drop_off, count_funnel, drop_off_shares, funnel_rates
from cjtools.journeys.paths import collapse, count_routes, top_routes
from cjtools.journeys.touch_walks import GOAL
from cjtools.journeys.transitions import count_transitions, finish_transitions
from cjtools.journeys.walks import ENDED, OTHERS, START, Walk
from cjtools.journeys.wave_frame import Frame
from cjtools.lanes.labels import Labels, labelled


def pass_funnel(walk: Walk, frame: Frame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return the stages as a funnel, open and closed, with both denominators; see StageFunnel."""
    if not frame.stages or not len(walk):
        return StageFunnel.create_empty()
    forms = [
        funnel_rates(count_funnel(walk, Funnel(frame.stages, open=form == "open"))).with_columns(form=pl.lit(form))
        for form in ("open", "closed")
    ]
    rows = pl.concat(forms).with_columns(stage="step", label=labelled("step", labels.stages))
    return shaped(StageFunnel, rows, minimum=minimum)


def list_instead(walk: Walk, frame: Frame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return what those who were at a stage, and not at the next one afterwards, did right after it."""
    flat = collapse(walk)
    parts = []
    for place, pair in enumerate(pairwise(frame.stages), start=1):
        shares = drop_off_shares(count_drop_off(flat, Funnel(pair)))
        parts.append(shares.with_columns(place=pl.lit(place, pl.Int64), rank=pl.int_range(1, pl.len() + 1)))
    if not parts:
        return StageInstead.create_empty()
    rows = pl.concat(parts).with_columns(
        stage="step", label=labelled("step", labels.stages), instead_label=labelled("instead", labels.stages)
    )
    return shaped(StageInstead, rows, minimum=minimum)


def time_stages(walk: Walk, bought: Walk, frame: Frame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return how long it takes between stages, to the goal, to the second goal, and how long people stay away."""
    if not len(walk):
        return StageTime.create_empty()
    until, between = frame.last, list(pairwise(frame.stages))
    first = [(None, name) for name in frame.stages if name == frame.goal_stage]
    parts = [
        ("between", times_with_censoring(count_times_between(walk, between, until=until))),
        ("first", times_with_censoring(count_times_between(walk, first, until=until))),
        ("again", times_with_censoring(count_times_between(bought, [(GOAL, GOAL)], until=until))),
        ("wait", times_with_censoring(count_waits(walk, until=until))),
    ]
    names = {**labels.stages, GOAL: labels.stages.get(frame.goal_stage or "", "")}
    place = {name: number for number, name in enumerate(frame.stages)}
    rows = pl.concat([part.with_columns(kind=pl.lit(kind)) for kind, part in parts]).with_columns(
        start_label=labelled("start", names),
        end_label=labelled("end", names),
        place=pl.col("start").replace_strict(place, default=0, return_dtype=pl.Int64),
        rank=pl.col("kind").replace_strict({"between": 0, "first": 1, "again": 2, "wait": 3}, return_dtype=pl.Int8),
    )
    shown = pl.when(pl.col("came") >= minimum)
    few = [shown.then(name).alias(name) for name in ("q25", "median", "q75", "low", "high")]
    kept = rows.filter(pl.col("n") > 0).with_columns(few).sort("rank", "place", "start", "end", nulls_last=True)
    return StageTime.validate(kept.select(StageTime.column_names()), cast=True)


def list_paths(walk: Walk, *, names: dict[str, str], minimum: int, top: int = 10) -> pl.DataFrame:
    """Return the most common ways, repeats collapsed, with their share of all, and one row for the others."""
    return label_routes(top_routes(count_routes(collapse(walk)), top=top), names=names, minimum=minimum)


def label_routes(routes: pl.DataFrame, *, names: dict[str, str], minimum: int) -> pl.DataFrame:
    """Return routes with the labels of their steps; a way of fewer people than the minimum is one of the others."""
    if routes.is_empty():
        return Route.create_empty()
    few = (pl.col("n") < minimum) | (pl.col("route").list.first() == OTHERS)
    shown, rest = routes.filter(~few), routes.filter(few)
    total = int(routes["of"][0])
    if rest.height:
        n, count = int(rest["n"].sum()), int(rest["routes"].sum())
        others = rest.head(1).with_columns(
            route=pl.lit([OTHERS], dtype=pl.List(pl.String)),
            routes=pl.lit(count, pl.Int64),
            n=pl.lit(n, pl.Int64),
            seconds=pl.lit(None, pl.Float64),
        )
        shown = pl.concat([shown, others.select(shown.columns)])
    labels = pl.element().replace(names)
    rows = shown.with_columns(
        of=pl.lit(total, pl.Int64), labels=pl.col("route").list.eval(labels), rank=pl.int_range(1, pl.len() + 1)
    )
    return shaped(Route, with_shares(rows), minimum=minimum)


def with_shares(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the shares of their counts."""
    return rows.with_columns(wilson(pl.col("n"), pl.col("of")))


def list_moves(walk: Walk, frame: Frame, *, labels: Labels, minimum: int) -> pl.DataFrame:
    """Return every move from a stage straight to another, from the beginning and to the end; see StageMove."""
    if not len(walk):
        return StageMove.create_empty()
    moves = finish_transitions(count_transitions(collapse(walk)))
    place = {**{name: number for number, name in enumerate(frame.stages)}, START: -1, ENDED: len(frame.stages)}
    rows = moves.with_columns(
        people="paths",
        of="of_out",
        source_place=pl.col("source").replace_strict(place, return_dtype=pl.Int64),
        target_place=pl.col("target").replace_strict(place, return_dtype=pl.Int64),
        source_label=labelled("source", labels.stages),
        target_label=labelled("target", labels.stages),
        source=pl.when(pl.col("source") != START).then("source"),
        target=pl.when(pl.col("target") != ENDED).then("target"),
        seconds=pl.when((pl.col("source") != START) & (pl.col("target") != ENDED)).then("seconds"),
    ).drop("of_out")
    return shaped(StageMove, rows.sort("source_place", "target_place"), minimum=minimum)
