"""What a survey asks of a touchpoint: how important it is, how satisfied people are, what they expected, how it was."""

from __future__ import annotations

import numpy as np
import polars as pl

from cjtools.client import Client
from cjtools.intervals import resampled_counts

# Places of an answer among the kinds of people that a bootstrap draws.
HIGH, LOW, NO_ANSWER = 0, 1, 2

ROLES = {"touchpoint": pl.String, "role": pl.String, "person": pl.String, "share": pl.Float64, "evidence_id": pl.String}


def answers_by_role(answers: pl.DataFrame, *, client: Client) -> pl.DataFrame:
    """Return the answers to questions with a role: touchpoint, role, person (the response) and place on the scale.

    `share` is 0 at the lowest point of the question's scale and 1 at the highest. A person who answers two questions
    of one role and touchpoint counts once, with the mean.
    """
    asked = [
        (source.id, question.id, question.touchpoint, question.role)
        for source in client.sources
        for question in source.questions
        if question.role is not None
    ]
    names = ["source_id", "question_id", "of", "role"]
    roles = pl.DataFrame(asked, schema=dict.fromkeys(names, pl.String), orient="row")
    on_scale = answers.filter(pl.col("value_num").is_not_null() & (pl.col("scale_max") > pl.col("scale_min")))
    placed = on_scale.join(roles, on=["source_id", "question_id"], how="inner").select(
        touchpoint="of",
        role="role",
        person=pl.format("{}.{}", "source_id", "response_id"),
        share=(pl.col("value_num") - pl.col("scale_min")) / (pl.col("scale_max") - pl.col("scale_min")),
        evidence_id=pl.format("{}.{}.{}", "source_id", "response_id", "question_id"),
    )
    once = placed.sort("evidence_id").group_by("touchpoint", "role", "person").agg(
        pl.col("share").mean().round(9), pl.col("evidence_id").first()
    )  # fmt: skip
    return once.sort("touchpoint", "role", "person").select(list(ROLES))


def score_asked(by_role: pl.DataFrame, *, top: float, minimum: int) -> pl.DataFrame:
    """Return importance, satisfaction and score by touchpoint, where both were asked of enough people.

    Each is 10 × the share of the answers from `top` of the scale on, never a mean; score = importance +
    max(importance − satisfaction, 0), of 0 to 20. Source: Ulwick (2005), What Customers Want. The interval of the score
    (95 %) is a seeded bootstrap over those who answered, whose two answers stay together.
    """
    counts = by_role.filter(pl.col("role").is_in(["importance", "satisfaction"])).group_by("touchpoint", "role").agg(
        high=(pl.col("share") >= top - 1e-9).sum().cast(pl.Int64), n=pl.len().cast(pl.Int64)
    )  # fmt: skip
    shares = counts.filter(pl.col("n") >= minimum).with_columns(value=(10 * pl.col("high") / pl.col("n")).round(6))
    important, satisfied = (
        shares.filter(pl.col("role") == role).select("touchpoint", **{role: "value", f"{role}_n": "n"})
        for role in ("importance", "satisfaction")
    )  # fmt: skip
    gap = (pl.col("importance") - pl.col("satisfaction")).clip(0)
    scored = (
        important.join(satisfied, on="touchpoint")
        .with_columns(asked_score=(pl.col("importance") + gap).round(6))
        .sort("touchpoint")
    )
    intervals = [score_interval(by_role, name, top=top) for name in scored["touchpoint"]]
    ends = pl.DataFrame(intervals, schema={"low": pl.Float64, "high": pl.Float64}, orient="row")
    return pl.concat([scored, ends], how="horizontal")


def score_interval(by_role: pl.DataFrame, touchpoint: str, *, top: float) -> tuple[float, float]:
    """Return the 95 % percentile interval of the score of a touchpoint, by bootstrap over those who answered.

    A person is of one of nine kinds: importance and satisfaction each high, not high, or not answered. A resample in
    which nobody answered one of the two has no score and is left out.
    """
    rows = by_role.filter((pl.col("touchpoint") == touchpoint) & pl.col("role").is_in(["importance", "satisfaction"]))
    answers: dict[str, dict[str, int]] = {}
    for person, role, share in rows.select("person", "role", "share").iter_rows():
        answers.setdefault(person, {})[role] = HIGH if share >= top - 1e-9 else LOW
    kinds = [
        3 * given.get("importance", NO_ANSWER) + given.get("satisfaction", NO_ANSWER) for given in answers.values()
    ]
    drawn = resampled_counts([kinds.count(kind) for kind in range(9)]).reshape(-1, 3, 3)
    important, satisfied = drawn.sum(axis=2), drawn.sum(axis=1)
    asked = (important[:, :NO_ANSWER].sum(axis=1) > 0) & (satisfied[:, :NO_ANSWER].sum(axis=1) > 0)
    importance, satisfaction = (
        10 * counts[asked, HIGH] / counts[asked, :NO_ANSWER].sum(axis=1) for counts in (important, satisfied)
    )
    low, high = np.quantile(importance + np.maximum(importance - satisfaction, 0), [0.025, 0.975])
    return round(float(low), 6), round(float(high), 6)
