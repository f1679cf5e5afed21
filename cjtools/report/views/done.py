"""What people did at a stage: who went on, where they left, and the totals of sources that only have totals."""

from __future__ import annotations

from cjtools.report.views.index import OPEN, Cell, Index, empty
from cjtools.report.views.journey_words import duration, say, time_range, total_text
from cjtools.report.views.shown import Row, by_key, metric_value, share_range, word
from cjtools.words import Words

# How many totals of a kind a cell holds.
ROWS = {"campaigns": 6, "query": 3, "payment": 3, "ordered": 3}


def behaviour(index: Index, stage: str) -> Cell:
    """Return what people did at a stage: who went on, exits by touchpoint, totals of sources that only have totals."""
    words = index.words
    exits, others = measured(index, stage, exits=True), measured(index, stage, exits=False)
    went = [*drop_figures(words, index.at("drop_off", stage)), *time_figures(index, stage)]
    figures = [*went, *exits, *stage_totals(index, stage), *totals(index, stage), *others]
    if figures:
        return {"kind": "figures", "entries": figures[: OPEN + 1], "more": figures[OPEN + 1 :]}
    if any(not row["instrumented"] for row in index.at("drop_off", stage)):
        return {"kind": "empty", "state": "no_source", "reason": words["not_instrumented"]}
    return empty(index, stage, "behaviour", "totals")


def drop_figures(words: Words, found: list[Row]) -> list[dict[str, str]]:
    """Return how many profiles of a stage are seen at a later one."""
    return [
        {
            "label": words["metric_stage_conversion"],
            "value": words.percent(row["conversion"]),
            "detail": " · ".join(
                filter(
                    None,
                    [share_range(words, row["low"], row["high"]), of_profiles(words, row["went_on"], row["profiles"])],
                )
            ),
            "definition": "stage_conversion",
        }
        for row in found
        if row["conversion"] is not None
    ]


def time_figures(index: Index, stage: str) -> list[dict[str, str]]:
    """Return how long people take to the next stage: the median, of how many who came."""
    words, row = index.words, index.times.get(stage)
    if row is None or not row["came"]:
        return []
    median = say(words, "not_reached") if row["median"] is None else duration(words, row["median"])
    return [
        {
            "label": say(words, "time_to", stage=row["end_label"]),
            "value": median,
            "detail": " · ".join(filter(None, [time_range(words, row), of_profiles(words, row["came"], row["n"])])),
            "definition": "stage_time",
        }
    ]


def stage_totals(index: Index, stage: str) -> list[dict[str, str]]:
    """Return what aggregate sources say of a stage, where nothing else is known of what people did."""
    words = index.words
    return [
        {
            "label": word(words, "metric", row["metric"]),
            "value": total_text(words, row),
            "detail": "" if row["share"] is None else words.percent(row["share"]),
            "definition": "stage_total",
        }
        for row in index.totals.get(stage, [])
        if row["kind"] != "apart"
    ]


def of_profiles(words: Words, part: float | None, whole: float | None) -> str:
    """Return "620 of 1,240"."""
    return words("of_number", part=words.number(part or 0), all=words.number(whole)) if whole else ""


def measured(index: Index, stage: str, *, exits: bool) -> list[dict[str, str]]:
    """Return the exit rates, or the other figures, of a stage and of its touchpoints that belong here first."""
    names = [("stage", stage, "")]
    names += [("touchpoint", row["touchpoint"], row["label"]) for row in index.at("touchpoints", stage) if row["main"]]
    found = [(label, row) for scope, name, label in names for row in index.behaviour.get((scope, name), [])]
    shown = [
        (label, row) for label, row in found if row["value"] is not None and (row["metric"] == "exit_rate") == exits
    ]
    return [figure(index.words, label, row) for label, row in shown if row["metric"] != "stage_conversion"]


def figure(words: Words, where: str, row: Row) -> dict[str, str]:
    """Return one behaviour figure with its interval and what it is a share of."""
    name = word(words, "metric", row["metric"])
    is_share = row["denominator"] is not None
    return {
        "label": f"{where} · {name}" if where else name,
        "value": metric_value(words, "share" if is_share else row["metric"], row["value"]),
        "detail": " · ".join(
            filter(
                None,
                [
                    share_range(words, row["low"], row["high"]) if is_share else "",
                    of_profiles(words, row["numerator"], row["denominator"]),
                ],
            )
        ),
        "definition": row["metric"],
    }


def totals(index: Index, stage: str) -> list[dict[str, str]]:
    """Return the totals of a stage: campaign sums, the first search queries, payment methods, ways of ordering."""
    found = by_key(index.at("totals", stage), "metric")
    return [
        total(index.words, metric, row) for metric, group in found.items() for row in group[: ROWS.get(metric, OPEN)]
    ]


def total(words: Words, metric: str, row: Row) -> dict[str, str]:
    """Return one total. Of a campaign the sum counts, of everything else the share."""
    share = words.percent(row["share"], digits=0 if row["share"] >= 0.1 else 1) if row["share"] is not None else ""
    number = words.number(row["value"])
    if metric == "campaigns":
        label = f"{word(words, 'family', row['family'])} · {word(words, 'metric', row['name'])}"
        return {"label": label, "value": number, "detail": share, "definition": "totals"}
    label = f"{word(words, 'metric', metric)} · {word(words, metric, row['name'])}"
    detail = of_profiles(words, row["value"], row["n"]) or number
    return {"label": label, "value": share or number, "detail": detail if share else "", "definition": "totals"}
