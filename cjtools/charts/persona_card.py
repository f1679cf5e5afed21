"""Who each persona is, in figures: how many, which channels they use and were said to use, what they raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import polars as pl

from cjtools.charts.axes import LEFT, RIGHT, WHOLE, above, lines, names_of, on_phone, short
from cjtools.charts.figures import interval, of_all, say
from cjtools.charts.theme import CATEGORIES, FAINT, INK, SHAPES, UNKNOWN, finish, repeated
from cjtools.words import Words

KINDS = ("who", "share", "channel", "trait")
# Confidence by mark and word.
TIERS = {"validated": "●", "reasoned": "◐", "assumption": "○"}
CUT = 96  # letters of a trait that a card has room for; the table has the whole
Row = Mapping[str, Any]


def persona_card(facts: pl.DataFrame, *, words: Words) -> alt.LayerChart:
    """Return a card a persona, one below the other: a head, then a bar a fact from none to all of those it is of.

    `facts` as charts.frames.PersonaFact. A channel tells whether it was declared, used, or both; a trait how far it
    may be trusted, by mark and word. Draws an empty frame.
    """
    data, names = card_rows(facts, words=words), list(names_of(facts, key="persona", label="name").values())
    colours = alt.Scale(domain=names, range=repeated(CATEGORIES[1:], len(names)))
    shapes = alt.Scale(domain=names, range=repeated(SHAPES[1:], len(names)))
    colour = alt.Color("persona:N", title=None, scale=colours, legend=None)
    share = alt.Scale(domain=[0, 1], nice=False)
    base = alt.Chart(data).encode(y=alt.Y("row:O", title=None, axis=None))
    heads, facts_of = (base.transform_filter(f"datum.head == {value}") for value in ("true", "false"))
    bars = base.transform_filter("isValid(datum.value)")
    sign = heads.mark_point(filled=True, size=170, opacity=1, xOffset=8, yOffset=-4).encode(
        x=LEFT, color=colour, shape=alt.Shape("persona:N", scale=shapes, legend=None)
    )
    name = heads.mark_text(
        align="left", dx=24, dy=-4, fontSize=16, fontWeight=600, color=INK, limit=alt.ExprRef("width - 26")
    ).encode(x=LEFT, text="text:N")
    text = facts_of.mark_text(
        align="left",
        baseline="bottom",
        fontSize=on_phone(11, 12),
        lineHeight=14,
        color=INK,
        dy=above("text", 11, width=120, narrow=52),
    ).encode(x=LEFT, text=lines("text", width=120, narrow=52))
    x = alt.X("value:Q", title=None, scale=share, axis=None, stack=None)
    track = bars.mark_bar(color=UNKNOWN, height=7, yOffset=19, opacity=0.7).encode(x=LEFT, x2=RIGHT)
    bar = bars.mark_bar(height=7, yOffset=19).encode(
        x=x,
        color=colour,
        tooltip=[alt.Tooltip("persona:N", title=words["persona"]), alt.Tooltip("text:N", title=say(words, "fact"))],
    )
    between = bars.mark_rule(color=INK, strokeWidth=2, yOffset=19).encode(x=alt.X("low:Q"), x2="high:Q")
    line = heads.mark_rule(color=FAINT, strokeWidth=0.6, yOffset=14).encode(x=LEFT, x2=RIGHT)
    return finish(
        line,
        sign,
        name,
        text,
        track,
        bar,
        between,
        width=720,
        height=alt.Step(60),
        name="persona_card",
        title=say(words, "card_title"),
        description=describe(facts, words=words),
        table=persona_card_table(facts, words=words),
        words=words,
    )


def persona_card_table(facts: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what the cards show as texts: persona, kind of fact, fact, how many of how many, interval, what it is."""
    names = names_of(facts, key="persona", label="name")
    rows = [
        (
            names[row["persona"]],
            say(words, f"fact_{row['kind']}"),
            what(row, words=words),
            of_all(words, row["n"], row["of"]) if row["of"] else words["coverage_not_asked"],
            "" if row["value"] is None else words.percent(row["value"], digits=1),
            interval(words, row["low"], row["high"], unit="share"),
            state_of(row, words=words)[1],
        )
        for row in ordered(facts)
    ]
    heads = (
        words["persona"],
        say(words, "fact_kind"),
        say(words, "fact"),
        words["count"],
        words["column_value"],
        words["interval"],
    )
    columns = [*heads, words["column_state"]]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def ordered(facts: pl.DataFrame) -> list[dict[str, Any]]:
    """Return the facts, persona by persona, who first, then share, channels and traits."""
    return sorted(
        facts.to_dicts(), key=lambda row: (row["position"], row["persona"], KINDS.index(row["kind"]), row["rank"])
    )


def card_rows(facts: pl.DataFrame, *, words: Words) -> pl.DataFrame:
    """Return what is drawn of each line of the cards."""
    names = names_of(facts, key="persona", label="name")
    rows = [
        {"row": place, "persona": names[row["persona"]], "low": row["low"], "high": row["high"], **line}
        for place, (row, line) in enumerate(lines_of(facts, words=words))
    ]
    schema = {"row": pl.Int64, "persona": pl.String, "head": pl.Boolean, "text": pl.String}
    return pl.DataFrame(rows, schema={**schema, **dict.fromkeys(("value", "low", "high"), pl.Float64)})


def lines_of(facts: pl.DataFrame, *, words: Words) -> Iterator[tuple[Row, Row]]:
    """Yield each fact with the line, or the two lines of a head, that tell it."""
    names = names_of(facts, key="persona", label="name")
    for row in ordered(facts):
        if row["kind"] == "who":
            count = words("of_people", people=words.number(row["n"]), all=words.count("participants", row["of"]))
            bare = {**row, "low": None, "high": None}
            yield bare, {"head": True, "text": names[row["persona"]], "value": None}
            text = f"{count}. {short(row['label'], longest=CUT)}" if row["label"] else count
            yield bare, {"head": False, "text": text, "value": None}
        else:
            yield row, {"head": False, "text": told(row, words=words), "value": part_of(row)}


def part_of(row: Row) -> float | None:
    """Return the share that a bar shows: as measured, else how many of how many; none where nobody was asked."""
    if row["value"] is not None:
        return float(row["value"])
    return round(row["n"] / row["of"], 6) if row["of"] else None


def told(row: Row, *, words: Words) -> str:
    """Return a fact in words: mark, name, how many of how many, what state it is in."""
    mark, state = state_of(row, words=words)
    count = of_all(words, row["n"], row["of"]) if row["of"] else words["coverage_not_asked"]
    if row["kind"] == "share" and row["value"] is not None:
        between = interval(words, row["low"], row["high"], unit="share")
        count = f"{words.percent(row['value'], digits=1)} [{between}], {count}" if between else count
    return " · ".join(part for part in (f"{mark} {what(row, words=words, longest=CUT)}".strip(), count, state) if part)


def what(row: Row, *, words: Words, longest: int = WHOLE) -> str:
    """Return what a fact is of: channel, trait, or the share of profiles; cut where a picture has no room."""
    return (
        say(words, "fact_share")
        if row["kind"] == "share" and not row["label"]
        else short(str(row["label"]), longest=longest)
    )


def state_of(row: Row, *, words: Words) -> tuple[str, str]:
    """Return mark and word of a channel (declared, used) or a trait (its tier); empty for other facts."""
    if row["kind"] == "trait" and row["tier"]:
        return TIERS.get(row["tier"], "○"), say(words, f"tier_{row['tier']}")
    if row["kind"] != "channel":
        return "", ""
    state = ("both" if row["n"] else "declared") if row["declared"] else "used"
    return {"both": "■", "declared": "□", "used": "◆"}[state], say(words, f"channel_{state}")


def describe(facts: pl.DataFrame, *, words: Words) -> str:
    """Return the picture in a sentence: each persona with how many participants are of it."""
    names = names_of(facts, key="persona", label="name")
    who = [row for row in ordered(facts) if row["kind"] == "who"]
    told_of = [f"{names[row['persona']]}: {of_all(words, row['n'], row['of'])}" for row in who]
    return f"{words['heard']}: {'; '.join(told_of)}." if told_of else words["personas_empty"]
