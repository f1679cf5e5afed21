"""What the families of evidence say together: the cross-check of touchpoints, and the patterns of the journey."""

from __future__ import annotations

from typing import Any

from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL
from cjtools.report.view import View
from cjtools.report.views.journey_words import say
from cjtools.report.views.pattern_blocks import all_patterns
from cjtools.report.views.shown import (
    Row,
    make_view,
    net,
    of_people,
    place,
    rows,
    share_range,
    stage_rows,
    verdict,
    word,
)
from cjtools.words import Words

# How a pattern runs, for the small diagram: the steps and whether they are online or offline.
ROUTES = {
    "ropo": ("research:online", "buy:offline"),
    "click_collect": ("order:online", "collect:offline"),
    "try_buy": ("try:offline", "buy:online"),
    "repeat_buyers": ("buy:any", "buy_again:any"),
    "repeat_other_route": ("buy:any", "other_route:any"),
    "abandoned_checkout": ("checkout:online", "leave:any"),
    "newsletter_first_purchase": ("newsletter:online", "first_purchase:any"),
    "campaign_purchase": ("campaign:online", "buy:any"),
    "shop_visit_purchase": ("try:offline", "buy:offline"),
}

# Patterns of which the coverage is those whose whole window lies in the wave; of the others, what could be joined.
JUDGED = ("abandoned_checkout", "campaign_purchase")

# Words of people that a verdict, and a theme in nobody's plan, lead to.
SEEN, VOICES = 3, 5

# Items that a verdict names on the page: where it rests on thousands of mentions, the table has them all.
NAMED = 40

# What personas may differ in at a touchpoint.
SPLIT = ("pain", "goal", "gain", "comparing", "lost")

# Verdicts that ask for something come first.
URGENCY = (
    "friction_confirmed",
    "confusion",
    "blind_spot",
    "friction_likely",
    "dissonant",
    "undetermined",
    "heard_only",
    "interest",
    "strength",
    "natural_end",
    "expected_exit",
    "no_behaviour",
    "no_signal",
)


def crosscheck(journey: JourneyMap) -> View:
    """Return one row a touchpoint: behaviour, interviews and public voices side by side, and what they say together."""
    stages = {row["stage"]: row["label"] for row in stage_rows(journey)}
    quotable = set(journey.quotes["evidence_id"].to_list())
    found = sorted(
        rows(journey.verdicts), key=lambda row: (urgency(row["verdict"]), row["position"], row["touchpoint"])
    )
    team, minimum = journey.header.audience == "team", journey.header.minimum_group
    entries = [
        {
            **check_row(journey.words, row, stages, quotable, team=team, minimum=minimum),
            "split": split_by_persona(journey, row),
        }
        for row in found
    ]
    legend = {entry["verdict"]["key"]: entry["verdict"] for entry in entries}
    notes = [{**chip, "note": word(journey.words, "verdict_note", key)} for key, chip in legend.items()]
    return make_view(
        "crosscheck", journey.words, entries=entries, legend=notes, unexpected=unexpected(journey, stages, quotable)
    )


def unexpected(journey: JourneyMap, stages: dict[str, str], quotable: set[str]) -> list[dict[str, Any]]:
    """Return the themes that nobody planned: how many people speak of them, where, and in whose words."""
    words = journey.words
    return [
        {
            "label": row["label"],
            "people": words.number(row["people"]),
            "texts": words.number(row["texts"]),
            "stages": [stages[stage] for stage in stages if stage in row["stages"]],
            "voices": [name for name in row["evidence"] if name in quotable][:VOICES],
        }
        for row in rows(journey.unexpected)
    ]


def split_by_persona(journey: JourneyMap, row: Row) -> list[str]:
    """Return what each persona says of a touchpoint whose signals contradict each other; nothing for the others."""
    if row["verdict"] != "dissonant":
        return []
    words = journey.words
    told: dict[str, list[str]] = {}
    for said in rows(journey.statements):
        if said["touchpoint"] == row["touchpoint"] and said["persona"] != ALL and said["type"] in SPLIT:
            people = of_people(words, said["people"], said["asked"])
            told.setdefault(said["persona"], []).append(f"{words.of('types', said['type'])} {people}")
    names = {persona["persona"]: persona["name"] for persona in rows(journey.personas)}
    return [
        words("split_by_persona", persona=names[persona], said=" · ".join(told[persona]))
        for persona in names
        if persona in told
    ]


def urgency(key: str) -> int:
    """Return how far down a verdict stands."""
    return URGENCY.index(key) if key in URGENCY else len(URGENCY)


def check_row(
    words: Words, row: Row, stages: dict[str, str], quotable: set[str], *, team: bool, minimum: int
) -> dict[str, Any]:
    """Return the three signals of a touchpoint, each with its figures, the verdict, and what that rests on.

    The team sees the ids of items, NAMED at most; others those of the quotes that they may read.
    """
    ids = [{"id": name, "quoted": name in quotable} for name in row["evidence"] if team or name in quotable]
    voices = [identifier for identifier in row["evidence"] if identifier in quotable]
    return {
        "touchpoint": row["touchpoint"],
        "label": row["label"],
        "stage": stages.get(row["stage"], row["stage"]),
        "behaviour": {
            "state": row["behaviour"],
            "label": word(words, "behaviour", row["behaviour"]),
            "lines": behaviour_lines(words, row),
        },
        "interviews": {
            "state": row["interviews"],
            "label": word(words, "interviews", row["interviews"]),
            "lines": interview_lines(words, row, minimum=minimum),
        },
        "social": {
            "state": row["social"],
            "label": word(words, "social", row["social"]),
            "lines": social_lines(words, row),
        },
        "verdict": verdict(words, row["verdict"]),
        "rule": words("rule_number", n=row["rule"]) if row["rule"] is not None else "",
        "voices": voices[:SEEN],
        "rests": {
            "count": words.of("claims", "evidence").format(n=words.number(len(row["evidence"]))),
            "ids": ids[:NAMED],
            "more": words("more", n=words.number(len(ids) - NAMED)) if len(ids) > NAMED else "",
        },
    }


def behaviour_lines(words: Words, row: Row) -> list[str]:
    """Return what tells the state of behaviour: many clicks by their measure, else the exit rate; with the site's."""
    if row["clicks"] is None:
        return exit_lines(words, row)
    name, digits = row["clicks"], 0 if row["clicks_value"] >= 0.1 else 1
    label = words[f"metric_{name}"] if words.has("words", f"metric_{name}") else say(words, name)
    between = share_range(words, row["clicks_low"], row["clicks_high"], digits=digits)
    rate = words.percent(row["clicks_value"], digits=digits)
    site = words.percent(row["clicks_baseline"], digits=digits)
    line = words.of("checks", "clicks_line").format(metric=label, rate=rate, range=between)
    return [line, words.count("sessions", row["clicks_n"]), words("baseline_line", rate=site)]


def exit_lines(words: Words, row: Row) -> list[str]:
    """Return the exit rate of a touchpoint and the baseline of the site."""
    if row["exit_rate"] is None:
        return []
    rate = words(
        "exit_line", rate=words.percent(row["exit_rate"]), range=share_range(words, row["exit_low"], row["exit_high"])
    )
    lines = [rate] if row["exit_n"] is None else [rate, words.count("sessions", row["exit_n"])]
    return lines if row["baseline"] is None else [*lines, words("baseline_line", rate=words.percent(row["baseline"]))]


def interview_lines(words: Words, row: Row, *, minimum: int) -> list[str]:
    """Return how many participants told of a pain or a goal met."""
    if not row["asked"]:
        return []
    pairs = [("pain_line", row["pain_people"]), ("goal_line", row["goal_people"])]
    told = [(key, people) for key, people in pairs if people != 0] or [("heard_line", row["heard"])]
    return [words(key, people=people_told(words, people, row["asked"], minimum)) for key, people in told if people != 0]


def people_told(words: Words, people: int | None, asked: int, minimum: int) -> str:
    """Return how many of those asked told of it; of a few, which readers outside the team are not told, "< 3"."""
    return f"< {words.number(minimum)}" if people is None else of_people(words, people, asked)


def social_lines(words: Words, row: Row) -> list[str]:
    """Return the public voices of a touchpoint and their net sentiment."""
    if not row["voices"]:
        return []
    line = words.count("voices", row["voices"])
    return [line if row["net"] is None else f"{line} · {words('net_line', net=net(words, row['net']))}"]


def patterns(journey: JourneyMap) -> View:
    """Return the patterns of the journey: each with its share, what it is a share of, and how much could be joined."""
    words = journey.words
    shown = [row for row in rows(journey.patterns) if row["pattern"] in ROUTES]
    block = all_patterns(journey)
    return make_view(
        "patterns", words, entries=[pattern(words, row) for row in shown], block=block, block_title=block["title"]
    )


def pattern(words: Words, row: Row) -> dict[str, Any]:
    """Return one pattern."""
    key = row["pattern"]
    known = row["value"] is not None
    return {
        "key": key,
        "label": word(words, "pattern", key),
        "route": [step(words, part) for part in ROUTES.get(key, ())],
        "value": words.percent(row["value"]) if known else "–",
        "range": share_range(words, row["low"], row["high"]) if known else words["no_evidence"],
        "fraction": words("of_number", part=words.number(row["numerator"]), all=words.number(row["denominator"])),
        "at": place(row["value"], 0, 1),
        "low": place(row["low"], 0, 1),
        "high": place(row["high"], 0, 1),
        "facts": pattern_facts(words, row),
        "definition": key,
        "what": word(words, "def", key),
    }


def step(words: Words, part: str) -> dict[str, str]:
    """Return one step of a route."""
    name, environment = part.split(":")
    return {"label": words[f"step_{name}"], "environment": environment}


def pattern_facts(words: Words, row: Row) -> list[str]:
    """Return window, coverage and basis of a pattern."""
    facts = [words[f"basis_{row['basis']}"]]
    if row["window_days"] is not None:
        facts.append(words("pattern_window", days=words.count("days", row["window_days"])))
    if row["coverage"] is not None:
        share = words.percent(row["coverage"])
        judged = row["pattern"] in JUDGED
        facts.append(say(words, "judged", share=share) if judged else words("pattern_coverage", share=share))
    return facts
