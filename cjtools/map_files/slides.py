"""The map as slides (PPTX): title and evidence, curve, matrix, opportunities, what is not known.

Tables are tables, not pictures of text; the one picture has its description; every text has its language; what each
measure means stands in the notes. python-pptx is an extra: pip install "cjtools[pptx]".
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from cjtools.errors import Fault, ReportError
from cjtools.journey_map import JourneyMap
from cjtools.map_files.pictures import chart_png, described, spec_of
from cjtools.map_tables import ALL

CURVE = "experience_curve"
# 16 : 9 in points.
WIDTH, HEIGHT, MARGIN, TOP = 960, 540, 36, 92
TITLE_SIZE, TEXT_SIZE, CELL_SIZE = 26, 14, 9
# More rows than this do not fit on a slide: the rest goes to the next.
ROWS = 9
TAGS = {"ca": "ca-ES", "en": "en-GB", "es": "es-ES", "it": "it-IT", "ro": "ro-RO"}
# The layouts of python-pptx's own template that have a title: the first slide, and one with nothing below the title.
FIRST, BARE = 0, 5
# The clock is no part of a map.
DAY = dt.datetime(1980, 1, 1)
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
NOTES = ("experience", "interval", "people", "withheld")


def to_slides(journey: JourneyMap) -> bytes:
    """Return the map as PPTX; the same map gives the same bytes. Raises ReportError without python-pptx."""
    try:
        from pptx import Presentation
        from pptx.util import Pt
    except ImportError:
        fault = Fault("python-pptx", "not installed", "", 'pip install "cjtools[pptx]"')
        raise ReportError("the slides", [fault]) from None
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    words, about = journey.words, journey.header
    first_slide(deck, journey)
    picture_slide(deck, journey)
    table_slides(deck, journey, words["section_matrix"], matrix_rows(journey), notes=(*NOTES, "crosscheck"))
    table_slides(
        deck, journey, words["section_opportunities"], opportunity_rows(journey), notes=("opportunity", "people")
    )
    table_slides(deck, journey, words["section_questions"], question_rows(journey), notes=("coverage",))
    properties = deck.core_properties
    properties.title, properties.language = f"{about.client_name}, {about.wave}", TAGS[words.language]
    properties.author = properties.last_modified_by = "cjtools"
    properties.created = properties.modified = DAY
    for slide in deck.slides:
        speak(slide, TAGS[words.language])
        speak(slide.notes_slide, TAGS[words.language])
    out = io.BytesIO()
    deck.save(out)
    return same_bytes(out.getvalue())


def first_slide(deck: Any, journey: JourneyMap) -> None:
    """Add the title, the period, and what the map rests on."""
    words, about = journey.words, journey.header
    slide = deck.slides.add_slide(deck.slide_layouts[FIRST])
    slide.shapes.title.text = f"{about.client_name}: {words['section_header']}"
    below = slide.placeholders[1]
    below.text = "\n".join(
        [
            f"{about.wave}, {words.period(about.period_from, about.period_to)}",
            f"{words['header_evidence']}: {about.evidence_line}",
        ]
    )
    place(slide.shapes.title, MARGIN, 120, WIDTH - 2 * MARGIN, 120)
    place(below, MARGIN, 260, WIDTH - 2 * MARGIN, 160)
    size_of(below.text_frame, TEXT_SIZE + 4)
    explain(slide, journey, NOTES)


def picture_slide(deck: Any, journey: JourneyMap) -> None:
    """Add the experience curve as a picture with its description, and what it says in words below."""
    from pptx.util import Pt

    slide = titled(deck, journey.words["header_curve"])
    spec = spec_of(journey, CURVE)
    picture = slide.shapes.add_picture(
        io.BytesIO(chart_png(journey, CURVE)), Pt(MARGIN), Pt(TOP), width=Pt(WIDTH - 2 * MARGIN)
    )
    tallest = Pt(HEIGHT - TOP - MARGIN)
    if picture.height > tallest:
        picture.width, picture.height = int(picture.width * tallest / picture.height), tallest
        picture.left = int((Pt(WIDTH) - picture.width) / 2)
    picture._element.nvPicPr.cNvPr.set("descr", described(spec))
    explain(slide, journey, NOTES)


def table_slides(deck: Any, journey: JourneyMap, title: str, rows: list[list[str]], *, notes: Sequence[str]) -> None:
    """Add a table on as many slides as it needs, its head on each; a table without rows says so."""
    head, body = rows[0], rows[1:]
    if not body:
        slide = titled(deck, title)
        box = slide.shapes.add_textbox(0, 0, 0, 0)
        place(box, MARGIN, TOP, WIDTH - 2 * MARGIN, 60)
        box.text_frame.text = journey.words["no_evidence"]
        explain(slide, journey, notes)
    for start in range(0, len(body), ROWS):
        part = [head, *body[start : start + ROWS]]
        slide = titled(deck, title)
        frame = slide.shapes.add_table(len(part), len(head), 0, 0, 0, 0)
        place(frame, MARGIN, TOP, WIDTH - 2 * MARGIN, 24 * len(part))
        frame.name = title
        frame.table.first_col = True
        for row, texts in enumerate(part):
            for column, text in enumerate(texts):
                cell = frame.table.cell(row, column)
                cell.text = text
                size_of(cell.text_frame, CELL_SIZE)
        for column in frame.table.columns:
            column.width = int(frame.width / len(head))
        explain(slide, journey, notes)


def titled(deck: Any, title: str) -> Any:
    """Return a new slide with a title and nothing else."""
    slide = deck.slides.add_slide(deck.slide_layouts[BARE])
    slide.shapes.title.text = title
    place(slide.shapes.title, MARGIN, 20, WIDTH - 2 * MARGIN, 60)
    size_of(slide.shapes.title.text_frame, TITLE_SIZE)
    return slide


def matrix_rows(journey: JourneyMap) -> list[list[str]]:
    """Return the map as a table: stages in columns, and a row for what people ask, say, feel and do there."""
    words = journey.words
    stages = journey.stages.to_dicts()
    curve = {row["name"]: row for row in journey.experience.filter(scope="stage", persona=ALL).iter_rows(named=True)}
    went = {row["stage"]: row for row in journey.drop_off.iter_rows(named=True)}
    none = words["no_evidence"]

    def statements(stage: str, lane: str) -> str:
        found = journey.statements.filter(stage=stage, lane=lane, persona=ALL).sort("rank", "statement_id").head(2)
        return "\n".join(
            f"{row['label'] or words['whole_stage']} ({row['people']}/{row['asked']})"
            for row in found.iter_rows(named=True)
        )

    def verdicts(stage: str) -> str:
        found = journey.verdicts.filter(stage=stage).sort("position", "touchpoint").head(3)
        return "\n".join(f"{row['label']}: {words['verdict_' + row['verdict']]}" for row in found.iter_rows(named=True))

    lanes: dict[str, Callable[[dict[str, Any]], str]] = {
        "lane_customer_question": lambda row: row["question"],
        "lane_touchpoints": lambda row: ", ".join(
            journey.touchpoints.filter(pl.col("main") & (pl.col("stage") == row["stage"]))["label"]
        ),
        "lane_experience": lambda row: score(journey, curve.get(row["stage"])),
        "lane_gains": lambda row: statements(row["stage"], "gains"),
        "lane_pains": lambda row: statements(row["stage"], "pains"),
        "conversion": lambda row: share(journey, went.get(row["stage"])),
        "lane_crosscheck": lambda row: verdicts(row["stage"]),
    }
    body = [[words[key], *(tell(row) or none for row in stages)] for key, tell in lanes.items()] if stages else []
    return [["", *(row["label"] for row in stages)], *body]


def score(journey: JourneyMap, row: dict[str, Any] | None) -> str:
    """Return an experience with its interval and people, or why there is none."""
    words = journey.words
    if row is None or not row["n"]:
        return ""
    if not row["shown"]:
        few = words("page_too_few", n=row["n"], minimum=journey.header.minimum_group)
        return f"{words['no_value']}: {few}"
    interval = f" ({words.signed(row['low'])} – {words.signed(row['high'])})" if row["low"] is not None else ""
    return f"{words.signed(row['value'])}{interval}, n = {row['n']}"


def share(journey: JourneyMap, row: dict[str, Any] | None) -> str:
    """Return who goes on from a stage, as a share with its numbers."""
    if row is None or row["conversion"] is None:
        return ""
    words = journey.words
    return f"{words.percent(row['conversion'])} ({words.number(row['went_on'])}/{words.number(row['profiles'])})"


def opportunity_rows(journey: JourneyMap) -> list[list[str]]:
    """Return the opportunities as a table."""
    words = journey.words
    head = [words[f"column_{name}"] for name in ("rank", "where", "verdict", "reach", "severity", "score")]
    return [
        head,
        *(
            [
                str(row["rank"]),
                row["label"],
                words[f"verdict_{row['verdict']}"] if row["verdict"] else "–",
                f"{row['people']}/{row['asked']}",
                words.number(row["severity"], digits=1),
                words.number(row["score"], digits=2),
            ]
            for row in journey.opportunities.sort("rank").iter_rows(named=True)
        ),
    ]


def question_rows(journey: JourneyMap) -> list[list[str]]:
    """Return what is not known as a table."""
    words = journey.words
    head = [words["column_where"], words["section_questions"], "n"]
    rows = journey.questions.sort("position").iter_rows(named=True)
    said = [
        [
            row["label"],
            words[key] if words.has("words", key := f"question_{row['kind']}") else row["kind"],
            number(row["n"]),
        ]
        for row in rows
    ]
    return [head, *said]


def number(value: int | None) -> str:
    """Return a count, or a dash."""
    return "–" if value is None else str(value)


def explain(slide: Any, journey: JourneyMap, names: Sequence[str]) -> None:
    """Write what the measures of a slide mean into its notes."""
    words = journey.words
    minimum = words.number(journey.header.minimum_group)
    told = [f"{words[f'term_{name}']}: {words[f'def_{name}'].replace('{minimum}', minimum)}" for name in names]
    slide.notes_slide.notes_text_frame.text = "\n".join(told)


def place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    """Put a shape in its place, in points."""
    from pptx.util import Pt

    shape.left, shape.top, shape.width, shape.height = Pt(left), Pt(top), Pt(width), Pt(height)


def size_of(frame: Any, points: float) -> None:
    """Set the size of every text of a frame."""
    from pptx.util import Pt

    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            run.font.size = Pt(points)


def speak(slide: Any, tag: str) -> None:
    """Say of every text in which language it is, so that it is read aloud and checked as that."""
    from pptx.oxml.ns import qn

    for run in slide._element.iter(qn("a:r"), qn("a:fld"), qn("a:br")):
        run.get_or_add_rPr().set("lang", tag) if hasattr(run, "get_or_add_rPr") else None


def same_bytes(content: bytes) -> bytes:
    """Return a zip with the same files under one day, in the same order."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for info in made.infolist():
            entry = zipfile.ZipInfo(info.filename, date_time=ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, made.read(info))
    return out.getvalue()
