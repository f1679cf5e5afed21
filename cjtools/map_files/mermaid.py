"""The map as a Mermaid user journey: stages as sections, touchpoints as tasks with a score from 1 to 5.

Much is lost, and the file says so: intervals, the number of people, statements, quotes, everything that was measured.
Grammar: mermaid/packages/mermaid/src/diagrams/user-journey/parser/journey.jison; a name ends at `#`, `:`, `;` or a line
break, `%%` begins a comment. Entity codes (`#58;` is a colon) are Mermaid's own way to write what would end a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from cjtools.journey_map import JourneyMap
from cjtools.map_tables import ALL

# Names that begin with one of these would be read as the word itself.
KEYWORDS = re.compile(r"(?i)^(journey|title|section|acctitle|accdescr)\b")
# Letters of any script, digits, spaces, and marks that mean nothing to Mermaid or HTML.
HARMLESS = re.compile(r"[\w .'’()/+−–·¿?¡!-]")
MIDDLE = 3
LOST = (
    "% Exported by cjtools. Lossy: a score is the experience from -2 to +2, rounded, plus 3.",
    "% Intervals, numbers of people, statements, quotes and all that was measured are not in this file.",
)


def to_mermaid(journey: JourneyMap) -> str:
    """Return the map as a Mermaid `journey`.

    A touchpoint whose score is withheld, or that nobody spoke of, cannot stand there: a comment names it and says how
    many people there were. The actors of a task are the personas whose own score is shown, else everybody.
    """
    names = journey.header
    lines = ["journey", *(f"    %{line}" for line in LOST)]
    lines.append(f"    title {label(f'{names.client_name} {names.wave}')}")
    for stage in journey.stages.iter_rows(named=True):
        lines.append(f"    section {label(stage['label'])}")
        lines += (f"      {line}" for line in tasks(journey, stage["stage"]))
    return "\n".join(lines) + "\n"


def tasks(journey: JourneyMap, stage: str) -> Iterator[str]:
    """Yield the lines of a stage: the touchpoints that belong to it first of all."""
    at = journey.experience.filter(scope="touchpoint")
    for row in journey.touchpoints.filter(pl.col("main") & (pl.col("stage") == stage)).iter_rows(named=True):
        scores = at.filter((pl.col("name") == row["touchpoint"]) & pl.col("shown"))
        whole = scores.filter(persona=ALL)
        if whole.is_empty():
            yield f"%% {label(row['label'])}: no score, n = {row['participants']}"
            continue
        personas = scores.filter(pl.col("persona") != ALL)["persona_label"].to_list()
        actors = ", ".join(label(name) for name in personas or [journey.words["everybody"]])
        yield f"{label(row['label'])}: {score_of(whole['value'].item())}: {actors}"


def score_of(value: float) -> int:
    """Return an experience from −2 to +2 as a score from 1 to 5; halves go away from the middle.

    >>> [score_of(value) for value in (-2, -1.5, -0.4, 0.5, 2)]
    [1, 1, 3, 4, 5]
    """
    size = int(abs(value) + 0.5)
    return MIDDLE + (size if value > 0 else -size)


def label(text: str) -> str:
    """Return a name as Mermaid may hold it: whatever could end it, or could be HTML, as an entity code.

    >>> label("Cart: pay; #1"), label("title of all"), label("")
    ('Cart#58; pay#59; #35;1', '#116;itle of all', '–')
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split()) or "–"
    escaped = "".join(char if HARMLESS.match(char) else f"#{ord(char)};" for char in line)
    return f"#{ord(escaped[0])};{escaped[1:]}" if KEYWORDS.match(escaped) else escaped
