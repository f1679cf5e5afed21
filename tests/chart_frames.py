"""Small frames for every picture: usual rows, and those that break pictures."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dataframely as dy
import polars as pl

from cjtools.charts import CHART_TABLES
from cjtools.tables import shape_of

STAGES = (
    ("awareness", "Awareness"),
    ("consideration", "Consideration"),
    ("decision", "Decision"),
    ("purchase", "Purchase"),
    ("loyalty", "Loyalty"),
    ("advocacy", "Advocacy"),
)
LABELS = dict(STAGES)
LONG = "Finalització de la compra amb pagament a terminis i recollida a la botiga del barri de Gràcia"


def frame(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a table that a picture is drawn from; a nullable column that is left out is null."""
    schema: type[dy.Schema] = CHART_TABLES[name]
    shape = shape_of(schema)
    whole = [{column: row.get(column) for column in shape} for row in rows]
    return schema.validate(pl.DataFrame(whole, schema=shape, strict=False), cast=True)


def paths() -> pl.DataFrame:
    """Five ways, one longer than what is drawn, one that comes back, and the others."""
    ways = [
        (["awareness", "consideration", "decision", "purchase"], 1, 300),
        (["awareness"], 1, 220),
        (["consideration", "decision", "consideration", "decision", "purchase"], 1, 130),
        (["awareness", "consideration"], 1, 90),
        (["decision", "purchase", "loyalty", "purchase", "loyalty", "purchase", "advocacy"], 1, 40),
    ]
    rows = [
        {"route": way, "labels": [LABELS[stage] for stage in way], "routes": k, "n": n, "of": 1000}
        for way, k, n in ways
    ]
    rows.append({"route": ["<OTHERS>"], "labels": ["<OTHERS>"], "routes": 37, "n": 220, "of": 1000})
    return frame("paths", rows)


def touchpoint_stages() -> pl.DataFrame:
    """Good, bad and middling cells, too few people, nothing said, a place that was not declared, two names alike."""
    cells = [
        (0, "social", "Social media", 0, 1.4, 9, True),
        (0, "social", "Social media", 5, 0.6, 7, True),
        (1, "shop", "Shop", 1, 1.8, 11, True),
        (1, "shop", "Shop", 3, -0.1, 8, True),
        (2, "shop2", "Shop", 3, -1.7, 12, True),
        (2, "shop2", "Shop", 4, -0.8, 5, True),
        (3, "checkout", LONG, 2, -1.2, 15, True),
        (3, "checkout", LONG, 3, None, 2, True),
        (4, "returns", "Returns page", 4, None, 0, True),
        (4, "returns", "Returns page", 1, None, 1, False),
        (4, "returns", "Returns page", 0, None, 0, False),
    ]
    return frame(
        "touchpoint_stages",
        [
            {
                "touchpoint": key,
                "label": label,
                "position": position,
                "stage": STAGES[place][0],
                "stage_label": STAGES[place][1],
                "stage_position": place,
                "bound": bound,
                "value": value,
                "low": None if value is None else max(-2.0, value - 0.5),
                "high": None if value is None else min(2.0, value + 0.5),
                "n": n,
                "shown": value is not None,
            }
            for position, key, label, place, value, n, bound in cells
        ],
    )


def pattern_parts() -> pl.DataFrame:
    """Each pattern, a part, one that people told of, one without a value, one near all."""
    rows = [
        ("ropo", "", 0.287, 0.251, 0.326, 158, 550, 434, 0.789, 30, "observed"),
        ("ropo", "seen_the_same_day", 0.101, 0.078, 0.128, 55, 550, 434, 0.789, 1, "observed"),
        ("click_collect", "", 0.35, 0.312, 0.39, 197, 563, 563, 1.0, None, "observed"),
        ("try_buy", "", 0.6, 0.31, 0.83, 6, 10, None, None, None, "reported"),
        ("repeat_buyers", "", 0.95, 0.91, 0.98, 190, 200, 200, 1.0, None, "observed"),
        ("repeat_other_route", "", None, None, None, 0, 0, 0, 0.0, None, "observed"),
    ]
    columns = (
        "pattern",
        "part",
        "value",
        "low",
        "high",
        "numerator",
        "denominator",
        "joined",
        "coverage",
        "window_days",
        "basis",
    )
    return frame("pattern_parts", [dict(zip(columns, row, strict=True)) for row in rows])


def opportunities(*, asked: bool = False) -> pl.DataFrame:
    """Seven opportunities, three of them at one place and two at the ends; with the survey's figures when asked."""
    rows = [
        ("Checkout", 11, 15, 0.86),
        ("Returns page", 7, 15, 1.0),
        (LONG, 7, 15, 1.0),
        ("Size guide", 7, 15, 1.0),
        ("Opening hours", 1, 15, 0.0),
        ("Everybody's worst", 15, 15, 2.0),
        ("Newsletter", 3, 15, 0.4),
    ]
    return frame(
        "opportunities",
        [
            {
                "rank": rank,
                "stage": "decision",
                "label": label,
                "title": "Pay in two steps" if rank == 1 else None,
                "basis": "survey" if asked else "evidence",
                "people": people,
                "asked": of,
                "reach": round(people / of, 6),
                "severity": severity,
                "score": round(people / of * severity, 6),
                "evidence": [],
                "importance": 9.5 - rank if asked else None,
                "satisfaction": 2.0 + rank if asked else None,
            }
            for rank, (label, people, of, severity) in enumerate(rows, start=1)
        ],
    )


def persona_facts() -> pl.DataFrame:
    """Two personas: one whole, one of whom little is known."""
    one = {"persona": "comparer", "position": 0, "name": "The comparer"}
    two = {"persona": "toucher", "position": 1, "name": "Who wants to touch"}
    return frame(
        "persona_facts",
        [
            {**one, "kind": "who", "rank": 0, "label": "Buys online and compares three shops before", "n": 9, "of": 25},
            {
                **one,
                "kind": "share",
                "rank": 0,
                "label": "",
                "n": 968,
                "of": 4210,
                "value": 0.23,
                "low": 0.217,
                "high": 0.243,
            },
            {**one, "kind": "channel", "rank": 0, "label": "website", "n": 9, "of": 9, "declared": True},
            {**one, "kind": "channel", "rank": 1, "label": "social media", "n": 0, "of": 9, "declared": True},
            {**one, "kind": "channel", "rank": 2, "label": "shop", "n": 4, "of": 9, "declared": False},
            {**one, "kind": "trait", "rank": 0, "label": LONG, "n": 5, "of": 8, "tier": "validated"},
            {
                **one,
                "kind": "trait",
                "rank": 1,
                "label": "Wants a date of delivery",
                "n": 2,
                "of": 8,
                "tier": "reasoned",
            },
            {**one, "kind": "trait", "rank": 2, "label": "Fears a bad fit", "n": 0, "of": 0, "tier": "assumption"},
            {**two, "kind": "who", "rank": 0, "label": "", "n": 3, "of": 25},
        ],
    )


def verdicts() -> pl.DataFrame:
    """A verdict of each tone; one without any source, one with a long name."""
    rows = [
        ("checkout", "Checkout", "high_exit", "pain", "negative", "friction_confirmed", 0.41, 1064, 11, 15, -0.65, 103),
        ("thanks", "Thank-you page", "terminal", "not_asked", "silent", "expected_exit", 0.97, 500, 0, 0, None, 0),
        (
            "hours",
            "Shops and opening hours",
            "many_clicks",
            "comparing",
            "positive",
            "interest",
            0.2,
            761,
            4,
            15,
            0.5,
            24,
        ),
        ("cart", "Cart", "normal", "pain", "negative", "blind_spot", 0.2, 1488, 3, 15, -1.0, 7),
        ("shop", LONG, "observed", "gain", "mixed", "heard_only", None, None, 8, 15, None, 2),
        ("fair", "Fair", "not_instrumented", "silent", "no_source", "no_behaviour", None, None, 0, 15, None, 0),
    ]
    columns = (
        "touchpoint",
        "label",
        "behaviour",
        "interviews",
        "social",
        "verdict",
        "exit_rate",
        "exit_n",
        "heard",
        "asked",
        "net",
        "voices",
    )
    rest = {"stage": "decision", "pain_people": 0, "goal_people": 0, "evidence": []}
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return frame("verdicts", [{**rest, "position": place, **row} for place, row in enumerate(named)])


def objectives() -> pl.DataFrame:
    """On the way, the wrong way round (less is better), far beyond, not measured, and no way at all."""
    due = dt.date(2026, 12, 31)
    rows = [
        ("Decision", "More carts get to the confirmation", "stage_conversion", 0.43, 0.53, 0.466, 0.437, 0.497, 1064),
        ("Loyalty", "Fewer people leave unhappy with returns: " + LONG, "experience", -0.6, 1.0, -1.1, -1.5, -0.6, 12),
        ("Advocacy", "Recommend us", "nps", 20.0, 30.0, 62.0, 48.0, 75.0, 180),
        ("Awareness", "Known in the quarter", "survey.known", 0.2, 0.4, None, None, None, None),
        ("Purchase", "Keep it as it is", "csat", 0.8, 0.8, 0.81, 0.7, 0.9, 50),
    ]
    columns = ("label", "statement", "metric", "baseline", "target", "current", "low", "high", "n")
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return frame(
        "objectives",
        [
            {
                **row,
                "position": place,
                "stage": "decision",
                "due": due,
                "attainment": None
                if row["current"] is None or row["target"] == row["baseline"]
                else round((row["current"] - row["baseline"]) / (row["target"] - row["baseline"]), 9),
            }
            for place, row in enumerate(named)
        ],
    )


def theme_stages() -> pl.DataFrame:
    """Four themes over the stages, one with a long name, one that nobody raises."""
    cells = [
        (0, "delivery", "delivery, days, parcel", 2, 31),
        (0, "delivery", "delivery, days, parcel", 3, 12),
        (0, "delivery", "delivery, days, parcel", 4, 3),
        (1, "size", LONG, 1, 14),
        (1, "size", LONG, 2, 7),
        (2, "price", "price", 0, 1),
        (2, "price", "price", 5, 140),
        (3, "none", "never raised", 4, 0),
    ]
    return frame(
        "theme_stages",
        [
            {
                "theme": theme,
                "label": label,
                "position": position,
                "stage": STAGES[place][0],
                "stage_label": STAGES[place][1],
                "stage_position": place,
                "people": people,
                "texts": 2 * people,
            }
            for position, theme, label, place, people in cells
        ],
    )


def wave_pairs() -> pl.DataFrame:
    """Up, down, no clear change, another wording, one that was not measured before."""
    rows = [
        (
            "conversion",
            "Stage conversion: decision",
            "share",
            0.41,
            0.38,
            0.44,
            980,
            0.466,
            0.437,
            0.497,
            1064,
            0.056,
            0.013,
            0.099,
            True,
            None,
        ),
        (
            "checkout",
            "Experience: " + LONG,
            "score",
            0.2,
            -0.4,
            0.8,
            9,
            -1.2,
            -1.5,
            -0.9,
            15,
            -1.4,
            -2.1,
            -0.7,
            True,
            None,
        ),
        ("net", "Net sentiment", "net", 0.1, 0.02, 0.18, 400, 0.12, 0.04, 0.2, 412, 0.02, -0.09, 0.13, True, None),
        ("nps", "NPS", "nps", 31.0, 20.0, 42.0, 120, 38.0, 28.0, 48.0, 180, None, None, None, False, "wording"),
        (
            "ropo",
            "ROPO",
            "share",
            None,
            None,
            None,
            None,
            0.287,
            0.251,
            0.326,
            550,
            None,
            None,
            None,
            False,
            "missing_before",
        ),
    ]
    columns = (
        "metric",
        "label",
        "unit",
        "before",
        "before_low",
        "before_high",
        "before_n",
        "now",
        "now_low",
        "now_high",
        "now_n",
        "difference",
        "low",
        "high",
        "comparable",
        "reason",
    )
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return frame("wave_pairs", [{"position": place, **row} for place, row in enumerate(named)])


def funnel_steps() -> pl.DataFrame:
    """Four steps, the last with nobody before it."""
    rows = [
        (1, "Product page", 1200, 2000, 1200, 2000),
        (2, "Cart", 500, 2000, 500, 1200),
        (3, LONG, 0, 2000, 0, 500),
        (4, "Confirmation", 0, 2000, 0, 0),
    ]
    found = []
    for place, label, n, of, came, before in rows:
        for kind, part, whole in (("all", n, of), ("prior", came, before)):
            share = part / whole if whole else None
            found.append(
                {
                    "place": place,
                    "share_of": kind,
                    "label": label,
                    "n": part,
                    "of": whole,
                    "value": share,
                    "low": None if share is None else max(0.0, share - 0.02),
                    "high": None if share is None else min(1.0, share + 0.02),
                }
            )
    return frame("funnel_steps", found)


def stage_times() -> pl.DataFrame:
    """Minutes, days, one whose third quartile nobody reached, one that hardly anybody came to."""
    day = 86_400.0
    rows = [
        ("Awareness", "Consideration", 812, 800, 12, 40.0, 310.0, 3_700.0, 290.0, 330.0),
        ("Consideration", "Decision", 640, 500, 140, 0.5 * day, 3 * day, 11.5 * day, 2.6 * day, 3.4 * day),
        ("Decision", LONG, 300, 160, 140, 2 * day, 28 * day, None, 21 * day, None),
        ("Purchase", "Loyalty", 90, 5, 85, None, None, None, None, None),
    ]
    columns = ("start_label", "end_label", "n", "came", "censored", "q25", "median", "q75", "low", "high")
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return frame("stage_times", [{"position": place, **row} for place, row in enumerate(named)])


def stage_moves() -> pl.DataFrame:
    """Forward, back, the same again, into and out of the path, and one that nobody made."""
    place = {stage: number for number, (stage, _) in enumerate(STAGES)}
    moves = [
        ("path_start", "awareness", 600, 1000),
        ("path_start", "consideration", 400, 1000),
        ("awareness", "consideration", 380, 600),
        ("awareness", "path_end", 220, 600),
        ("consideration", "consideration", 60, 900),
        ("consideration", "decision", 700, 900),
        ("consideration", "awareness", 140, 900),
        ("decision", "purchase", 350, 700),
        ("decision", "consideration", 210, 700),
        ("decision", "path_end", 140, 700),
        ("purchase", "path_end", 350, 350),
        ("purchase", "advocacy", 0, 350),
    ]
    return frame(
        "stage_moves",
        [
            {
                "source": source,
                "target": target,
                "n": n,
                "of_out": of,
                "value": n / of,
                "low": max(0, n / of - 0.03),
                "high": min(1, n / of + 0.03),
                "source_label": LABELS.get(source),
                "target_label": LABELS.get(target),
                "source_position": place.get(source),
                "target_position": place.get(target),
            }
            for source, target, n, of in moves
        ],
    )


def channel_credits() -> pl.DataFrame:
    """Eight models over three channels and none; one gives less than nothing, one has no intervals."""
    given = {
        "first": (0.6, 0.25, 0.1, 0.05),
        "last": (0.3, 0.35, 0.3, 0.05),
        "last_non_direct": (0.42, 0.53, 0.0, 0.05),
        "linear": (0.44, 0.31, 0.2, 0.05),
        "position": (0.45, 0.3, 0.2, 0.05),
        "time_decay": (0.38, 0.33, 0.24, 0.05),
        "markov": (0.41, 0.34, 0.25, None),
        "shapley": (0.47, 0.5, -0.02, 0.05),
    }
    channels = ("Organic search", "E-mail", "Direct", None)
    return frame(
        "channel_credits",
        [
            {
                "model": model,
                "channel": channel,
                "conversions": 400 * (share or 0),
                "of": 400,
                "share": share,
                "low": None if share is None or model in ("markov", "shapley") else max(0.0, share - 0.045),
                "high": None if share is None or model in ("markov", "shapley") else share + 0.045,
            }
            for model, shares in given.items()
            for channel, share in zip(channels, shares, strict=True)
        ],
    )


def with_names(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The rows with every label replaced by one name; ids stay, and so do labels that are not there."""
    plain = [column for column in rows.columns if column.endswith("label") or column in ("name", "statement", "title")]
    called = rows.with_columns(
        pl.when(pl.col(column).is_not_null()).then(pl.lit(name)).alias(column) for column in plain
    )
    if "labels" in rows.columns:
        labels = [[name] * len(route) for route in rows["route"].to_list()]
        called = called.with_columns(labels=pl.Series(labels, dtype=pl.List(pl.String)))
    return called.with_columns(channel=pl.lit(name) + pl.col("channel")) if "channel" in rows.columns else called


FRAMES: dict[str, pl.DataFrame] = {
    made.__name__: made()
    for made in (
        paths,
        touchpoint_stages,
        pattern_parts,
        opportunities,
        persona_facts,
        verdicts,
        objectives,
        theme_stages,
        wave_pairs,
        funnel_steps,
        stage_times,
        stage_moves,
        channel_credits,
    )
}
