"""What is known of each stage and by which kind of source, and what is not: the research list."""

from __future__ import annotations

import polars as pl

from cjtools.client import Client
from cjtools.crosscheck import OPEN
from cjtools.lanes.labels import Labels
from cjtools.map_tables import ALL, MapCoverage, MapQuestion
from cjtools.tables import Tables, shape_of

# The families as the page groups them, and the evidence that counts for each.
FAMILIES = {
    "interview": ["interview"],
    "social": ["mention", "review"],
    "survey": ["survey"],
    "behaviour": ["web", "orders"],
    "totals": ["search", "email"],
}


def cover_stages(
    evidence: pl.DataFrame, drop_off: pl.DataFrame, *, tables: Tables, client: Client, labels: Labels
) -> pl.DataFrame:
    """Return for each stage and family whether there is evidence, and if not, why not.

    evidence: at least one item. silent: the family could have spoken of it and nothing was raised (a heading of the
    interview guide names the stage; public texts are free to name anything; a touchpoint there is bound to events).
    not_asked: interviews that never named the stage, a survey without a question on it, behaviour that no touchpoint of
    the stage is bound to. no_source: no such file.
    `n` counts people for what was said, profiles for behaviour, items for totals.
    """
    counts = {
        (stage, family): n
        for stage, family, n in evidence.filter(pl.col("stage").is_not_null())
        .with_columns(family=family_of(), unit=pl.coalesce("person", "evidence_id"))
        .group_by("stage", "family")
        .agg(n=pl.col("unit").n_unique())
        .sort("stage", "family")
        .iter_rows()
    }
    profiles = dict(drop_off.select("stage", "profiles").iter_rows())
    present = families_present(tables)
    asked = {
        "interview": set(tables.codings.filter(pl.col("kind") == "stage")["code"].unique()),
        "social": set(labels.stages),
        "behaviour": {row.stages[0] for row in client.touchpoints if row.pages or row.events or row.channels},
    }
    rows = []
    for position, (stage, label) in enumerate(labels.stages.items()):
        for family, parts in FAMILIES.items():
            n = (
                profiles.get(stage, 0)
                if family == "behaviour"
                else sum(counts.get((stage, part), 0) for part in {*parts, family})
            )
            rows.append(
                (stage, family, position, label, state_of(n, family in present, stage in asked.get(family, ())), n)
            )
    return MapCoverage.validate(pl.DataFrame(rows, schema=shape_of(MapCoverage), orient="row"), cast=True)


def family_of() -> pl.Expr:
    """Return the family that an item counts for: totals of the web are totals, no behaviour of anybody."""
    of_web = (pl.col("basis") == "aggregate") & (pl.col("family") == "web")
    return pl.when(of_web).then(pl.lit("totals")).otherwise(pl.col("family").cast(pl.String))


def families_present(tables: Tables) -> set[str]:
    """Return the families that the client's files belong to."""
    kinds = set(tables.quotes["kind"].cast(pl.String).unique())
    present = {
        "interview": "interview" in kinds,
        "social": bool(kinds & {"mention", "review"}),
        "survey": tables.answers.height > 0,
        "behaviour": not tables.events.head(1).collect().is_empty(),
        "totals": tables.observations.height > 0,
    }
    return {family for family, there in present.items() if there}


def state_of(n: int, present: bool, asked: bool) -> str:
    """Return the state of one stage and family."""
    if n > 0:
        return "evidence"
    if not present:
        return "no_source"
    return "silent" if asked else "not_asked"


def list_questions(
    coverage: pl.DataFrame, verdicts: pl.DataFrame, experience: pl.DataFrame, *, client: Client, labels: Labels
) -> pl.DataFrame:
    """Return what is not known, in the order of the journey: the research list.

    Kinds: stage_silent and stage_not_asked (no interview spoke of the stage), stage_no_behaviour, few_people (a score
    withheld), and verdicts that leave a question open (verdict_undetermined, …), after the stages.
    """
    rows: list[tuple[str, str | None, str | None, str, int | None]] = []
    for stage, label in labels.stages.items():
        here = {row["family"]: row for row in coverage.filter(pl.col("stage") == stage).to_dicts()}
        if here["interview"]["state"] in ("silent", "not_asked", "no_source"):
            rows.append((f"stage_{here['interview']['state']}", stage, None, label, None))
        if here["behaviour"]["n"] == 0:
            rows.append(("stage_no_behaviour", stage, None, label, None))
    few = experience.filter(
        (pl.col("scope") == "stage") & (pl.col("persona") == ALL) & ~pl.col("shown") & (pl.col("n") > 0)
    )
    rows += [("few_people", row["name"], None, row["label"], row["n"]) for row in few.to_dicts()]
    opened = verdicts.filter(pl.col("verdict").is_in(OPEN)).sort("position")
    rows += [
        (f"verdict_{row['verdict']}", row["stage"], row["touchpoint"], row["label"], row["heard"])
        for row in opened.to_dicts()
    ]
    numbered = [(place, *row) for place, row in enumerate(rows)]
    return MapQuestion.validate(pl.DataFrame(numbered, schema=shape_of(MapQuestion), orient="row"), cast=True)
