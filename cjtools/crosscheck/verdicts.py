"""The verdicts: behaviour × interviews × social, held against each other at each touchpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.crosscheck.rules import Rule, Rules
from cjtools.crosscheck.states import behaviour_state, interview_states, people, social_state
from cjtools.journeys import baseline_of
from cjtools.map_tables import MapVerdict
from cjtools.tables import shape_of


def check_touchpoints(
    evidence: pl.DataFrame,
    *,
    client: Client,
    labels: dict[str, str],
    instrumented: set[str],
    rules: Rules,
) -> pl.DataFrame:
    """Return one verdict a touchpoint, with the figures and the ids of the evidence it rests on.

    `evidence` as gather_evidence gives it; `instrumented` names the touchpoints that any event was placed at.
    """
    spoken = evidence.filter(pl.col("basis") == "reported")
    interviews = spoken.filter(pl.col("family") == "interview")
    public = spoken.filter(pl.col("family").is_in(["mention", "review"]) & pl.col("voice"))
    heard_at = {stage: rows["person"].n_unique() for (stage,), rows in by(interviews, "stage")}
    told = {name: rows for (name,), rows in by(interviews, "touchpoint")}
    posted = {name: rows for (name,), rows in by(public, "touchpoint")}
    signals = rules.signals.many_clicks
    baseline = baselines(evidence, ("exit_rate", *signals), client=client)
    rows = []
    for position, touchpoint in enumerate(client.touchpoints):
        stage = touchpoint.stages[0]
        talk = told.get(touchpoint.id, interviews.clear())
        posts = posted.get(touchpoint.id, public.clear())
        figures = behaviour_figures(evidence, touchpoint.id, metrics=list(baseline))
        behaviour, clicks = behaviour_state(
            figures,
            baseline=baseline,
            signals=signals,
            terminal=touchpoint.terminal,
            instrumented=touchpoint.id in instrumented,
        )
        said = interview_states(talk, minimum=client.privacy.minimum_group, asked=heard_at.get(stage, 0))
        net, social = social_state(posts, minimum=client.privacy.minimum_group, has_source=public.height > 0)
        place, rule = next(
            (number, rule)
            for number, rule in enumerate((*rules.rule, Rule(verdict="no_signal")), start=1)
            if rule.fits(behaviour=behaviour, interviews=set(said), social=social)
        )
        exits = figures.get("exit_rate", {})
        rows.append(
            {
                "touchpoint": touchpoint.id,
                "stage": stage,
                "position": position,
                "label": labels[touchpoint.id],
                "behaviour": behaviour,
                "interviews": next((state for state in said if state in rule.interviews), said[0]),
                "social": social,
                "verdict": rule.verdict,
                "rule": place,
                "exit_rate": exits.get("value"),
                "exit_low": exits.get("low"),
                "exit_high": exits.get("high"),
                "exit_n": exits.get("n"),
                "baseline": baseline["exit_rate"][0],
                "clicks": clicks,
                **(
                    {f"clicks_{name}": figures[clicks][name] for name in ("value", "low", "high", "n")}
                    if clicks
                    else {}
                ),
                "clicks_baseline": baseline[clicks][0] if clicks else None,
                "pain_people": people(talk, "pain"),
                "goal_people": people(talk, "goal"),
                "heard": talk["person"].n_unique(),
                "asked": heard_at.get(stage, 0),
                "net": net,
                "voices": posts.height,
                "evidence": sorted([*talk["evidence_id"], *posts["evidence_id"], *figures.get("ids", [])]),
            }
        )
    return MapVerdict.validate(pl.DataFrame(rows, schema=shape_of(MapVerdict)), cast=True)


def by(frame: pl.DataFrame, column: str) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    """Return the groups of a column in order, without its nulls."""
    return list(
        frame.filter(pl.col(column).is_not_null()).sort(column, "evidence_id").group_by(column, maintain_order=True)
    )


def baselines(
    evidence: pl.DataFrame, metrics: Sequence[str], *, client: Client
) -> dict[str, tuple[float | None, float | None]]:
    """Return the site's own value and upper bound of each behaviour metric, terminal touchpoints left out."""
    terminal = [row.id for row in client.touchpoints if row.terminal]
    found: dict[str, tuple[float | None, float | None]] = {}
    for metric in metrics:
        rows = evidence.filter(pl.col("metric") == metric)
        counts = rows.select("touchpoint", sessions="n", exits=(pl.col("value") * pl.col("n")).round())
        row = baseline_of(counts, terminal=terminal).to_dicts()[0]
        found[metric] = (row["value"], row["high"])
    return found


def behaviour_figures(evidence: pl.DataFrame, touchpoint: str, *, metrics: Sequence[str]) -> dict[str, Any]:
    """Return these metrics of a touchpoint by name, with the ids of their evidence under "ids"."""
    here = (pl.col("touchpoint") == touchpoint) & (pl.col("basis") == "observed")
    rows = evidence.filter(here & pl.col("metric").is_in(metrics)).to_dicts()
    return {**{row["metric"]: row for row in rows}, "ids": [row["evidence_id"] for row in rows]} if rows else {}
