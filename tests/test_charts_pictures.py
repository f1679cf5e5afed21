"""The pictures of the map one by one: one row, long and hostile names, five languages, sign beside colour, the twin."""

from __future__ import annotations

import json
import re
import string
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any, get_args

import polars as pl
import pytest
import vl_convert
from chart_frames import FRAMES, LONG, frame, opportunities, with_names

from cjtools import crosscheck
from cjtools.charts import CHARTS, theme
from cjtools.charts.axes import LONGEST, names_of, told_apart
from cjtools.charts.crosscheck_table import STATES, TONES
from cjtools.charts.figures import figure, mark_of, share_of, with_interval
from cjtools.charts.frames import OTHERS
from cjtools.charts.touchpoint_stage_grid import STATES as CELLS
from cjtools.charts.touchpoint_stage_grid import STRONG, WEAK
from cjtools.charts.transition_matrix import FULL, WAYS
from cjtools.charts.wave_comparison import CHANGES
from cjtools.journeys import walks
from cjtools.report.page import read
from cjtools.report.views.shown import VERDICT_TONES
from cjtools.settings import LANGUAGES
from cjtools.words import load_words

NEW = [name for name, picture in CHARTS.items() if picture.frame in FRAMES]
PICTURES = pytest.mark.parametrize("name", NEW)
EN = load_words("en")
HOSTILE = "</script><img src=x onerror=alert(1)> ${7*7} {{7*7}} '\"\\ datum.n"
NIGHT = dict(re.findall(r'"(#[0-9a-f]{6})": "(#[0-9a-f]{6})"', read("page.js")))
SURFACES = {"day": "#ffffff", "night": "#18212a"}


def of(name: str) -> pl.DataFrame:
    return FRAMES[CHARTS[name].frame]


def spec(name: str, rows: pl.DataFrame, language: str = "en") -> dict[str, Any]:
    return CHARTS[name].draw(rows, words=load_words(language)).to_dict()


def texts(drawn: dict[str, Any]) -> list[str]:
    """Every text that a picture shows, as it stands in its SVG; the lines of one text each by itself."""
    root = ET.fromstring(vl_convert.vegalite_to_svg(drawn))
    lines = [element.text for element in root.iter() if element.tag.endswith(("}text", "}tspan"))]
    return [line for line in lines if line and line.strip()]


def without_data(drawn: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in drawn.items() if key not in ("datasets", "usermeta")}


@PICTURES
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_is_drawn_in_every_language_and_no_text_of_it_is_a_gap(name, language):
    shown = texts(spec(name, of(name), language))
    assert shown
    assert [
        text for text in shown if re.search(r"null|NaN|undefined|\{|\bNone\b|<OTHERS>|path_(start|end)", text)
    ] == []


@PICTURES
def test_a_picture_of_one_row_is_drawn(name):
    for number in (0, of(name).height - 1):
        assert texts(spec(name, of(name)[number : number + 1])), number


@PICTURES
def test_a_picture_of_an_empty_frame_is_drawn_as_svg(name):
    assert "<svg" in vl_convert.vegalite_to_svg(spec(name, of(name).clear()))


@PICTURES
def test_only_what_is_drawn_is_in_the_data_of_a_picture(name):
    drawn = spec(name, of(name))
    form = json.dumps(without_data(drawn))
    for rows in drawn["datasets"].values():
        columns = sorted({column for row in rows for column in row})
        assert [column for column in columns if not re.search(rf"\"{column}\"|datum\.{column}\b", form)] == []


@PICTURES
def test_what_people_wrote_is_data_and_never_an_expression(name):
    drawn = spec(name, with_names(of(name), HOSTILE))

    def expressions(value: object, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for inner, each in value.items():
                yield from expressions(each, inner)
        elif isinstance(value, list):
            for each in value:
                yield from expressions(each, key)
        elif key in ("expr", "labelExpr", "filter", "test", "calculate", "signal"):
            yield str(value)

    assert [text for text in expressions(without_data(drawn)) if "7*7" in text or "alert" in text] == []
    svg = vl_convert.vegalite_to_svg(drawn)
    assert not re.search(r"<img|<script", svg)
    assert not any(element.tag.endswith(("img", "script")) for element in ET.fromstring(svg).iter())


@PICTURES
def test_rows_that_are_called_alike_stay_apart(name):
    alike, usual = (spec(name, rows) for rows in (with_names(of(name), "Same"), of(name)))
    counts = [[len(rows) for rows in drawn["datasets"].values()] for drawn in (alike, usual)]
    assert sorted(counts[0]) == sorted(counts[1])
    for layer_alike, layer in zip(alike["layer"], usual["layer"], strict=True):
        for channel in ("x", "y"):
            domains = [
                each["encoding"].get(channel, {}).get("scale", {}).get("domain") for each in (layer_alike, layer)
            ]
            if isinstance(domains[1], list) and all(isinstance(value, str) for value in domains[1]):
                assert len(set(domains[0])) == len(domains[1])


@pytest.mark.parametrize("name", [name for name in NEW if name != "pattern_strip"])  # its names are the kit's own
def test_a_very_long_name_is_cut_in_the_picture_and_whole_in_its_table(name):
    rows = with_names(of(name), "Recollida a la botiga del barri de Gràcia " * 8)
    drawn = spec(name, rows)
    assert max(len(text) for text in texts(drawn)) <= 180
    labelled = [row for row in drawn["usermeta"]["cjtools"]["table"]["rows"] if any(len(cell) > 300 for cell in row)]
    assert labelled


@PICTURES
def test_every_colour_of_a_picture_is_known_at_night(name):
    colours = set(re.findall(r"#[0-9a-fA-F]{6}", json.dumps(without_data(spec(name, of(name))))))
    assert colours
    assert colours <= set(NIGHT)


@PICTURES
def test_nothing_in_a_picture_is_smoothed_or_set_by_chance(name):
    drawn = json.dumps(without_data(spec(name, of(name))))
    assert "interpolate" not in drawn
    assert drawn == json.dumps(without_data(spec(name, of(name).clone())))


@PICTURES
def test_numbers_in_the_picture_are_those_of_its_table(name):
    """Each figure that is drawn as text is a figure of the twin, or what the scale of the picture is marked with."""
    drawn = spec(name, of(name), "ca")
    rows = drawn["usermeta"]["cjtools"]["table"]["rows"]
    told = " ".join(cell for row in rows for cell in row) + " " + drawn["description"]
    allowed = (
        set(re.findall(r"\d+", told)) | {str(number) for number in range(11)} | {"25", "50", "75", "95", "100", "30"}
    )
    # A share is written to the whole per cent in the picture, to a tenth in the table; a rounded half goes either way.
    allowed |= {str(int(whole) + 1) for whole in re.findall(r"(\d+),[5-9]", told)}
    extra = {
        "stage_flow": {str(round(100 * n / 1000)) for n in (610, 390, 300, 340, 130, 220)},
        "attribution_bars": {"20", "40", "60", "80"},
    }.get(name, set())
    written = " ".join(texts(drawn))
    assert set(re.findall(r"\d+", written)) - allowed - extra == set()


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def over(colour: str, ground: str, full: float) -> str:
    mixed = (
        round(full * int(colour[place : place + 2], 16) + (1 - full) * int(ground[place : place + 2], 16))
        for place in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


FILLS = [
    *TONES.values(),
    *((colour, full) for _, colour in CELLS.values() for full in (WEAK, STRONG)),
    *((colour, full) for _, colour in WAYS.values() for full in (0.06, FULL)),
    *((theme.CATEGORIES[number], 0.38) for number in range(1, len(theme.CATEGORIES))),
]


@pytest.mark.parametrize("light", SURFACES)
@pytest.mark.parametrize(("colour", "full"), FILLS)
def test_text_can_be_read_on_every_fill_by_day_and_by_night(colour, full, light):
    ink, fill = (theme.INK, colour) if light == "day" else (NIGHT[theme.INK], NIGHT[colour])
    assert contrast(ink, over(fill, SURFACES[light], full)) >= 4.5


@pytest.mark.parametrize("marks", [CELLS, WAYS, CHANGES], ids=["cells", "ways", "changes"])
def test_colour_never_tells_alone(marks):
    assert len({mark for mark, _ in marks.values()}) == len(marks)


def test_the_crosscheck_knows_every_state_and_marks_verdicts_as_the_map_does():
    kinds = {
        "behaviour": crosscheck.Behaviour,
        "interviews": crosscheck.Interviews,
        "social": crosscheck.Social,
        "verdict": crosscheck.Verdict,
    }
    for column, kind in kinds.items():
        assert set(STATES[column]) == set(get_args(kind)) - {"any"}
    assert STATES["verdict"] == VERDICT_TONES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_the_pictures_has_the_same_places_in_every_language(language):
    english = EN.sections["pictures"]
    for key, text in load_words(language).sections["pictures"].items():
        places = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (text, english[key])]
        assert places[0] == places[1], key


def test_the_others_are_called_as_the_measures_call_them():
    assert OTHERS == walks.OTHERS


def test_the_axis_cuts_long_names_and_numbers_those_alike():
    rows = pl.DataFrame({"id": ["a", "b", "c"], "label": [LONG, LONG, "Shop"]})
    names = names_of(rows, key="id")
    assert all(len(name) <= LONGEST + 4 for name in names.values())
    assert len(set(names.values())) == 3
    assert told_apart(["A", "A (2)", "A", "A"]) == ["A", "A (2)", "A (3)", "A (4)"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.416, "share", "42%"), (0.0123, "share", "1.2%"), (0.0, "share", "0%"), (-1.24, "score", "−1.2"),
        (0.12, "net", "+12"), (31.0, "nps", "+31"), (12.5, "number", "12.5"), (1064.0, "number", "1,064"),
        (None, "share", "–"),
    ],
)  # fmt: skip
def test_a_figure_is_written_in_its_unit(value, unit, text):
    assert figure(EN, value, unit=unit) == text


def test_a_share_below_nothing_has_a_true_minus_and_an_interval_stands_in_brackets():
    assert share_of(EN, -0.31) == "−31%"
    assert share_of(EN, -0.001) == "0%"
    assert with_interval(EN, 0.4, 0.3, None, unit="share") == "40%"
    assert with_interval(EN, -1.0, -1.5, -0.5, unit="score") == "−1.0 [−1.5 to −0.5]"
    assert [mark_of(value) for value in (0.25, 0.24, -0.25)] == ["▲", "■", "▼"]


def test_the_opportunities_are_placed_by_the_survey_only_where_it_asked_for_all():
    asked = opportunities(asked=True)
    partly = asked.with_columns(importance=pl.when(pl.col("rank") > 1).then("importance"))
    titles = [spec("opportunity_matrix", rows)["layer"][0]["encoding"]["x"]["title"] for rows in (asked, partly)]
    assert titles == ["satisfaction, 0 to 10", "reach: participants who raise it"]
    assert "A survey did not ask" in spec("opportunity_matrix", partly)["description"]
    assert "Placed by the survey" in spec("opportunity_matrix", asked)["description"]
    twin = CHARTS["opportunity_matrix"].tabulate(asked, words=EN)
    assert twin.row(0)[1:5] == ("Pay in two steps", "3.0", "8.5", "11 of 15")
    assert twin.row(0)[-1] == "Survey"


def test_a_touchpoint_at_a_stage_that_nobody_expects_or_mentions_has_no_cell():
    rows = [
        tuple(row) for row in CHARTS["touchpoint_stage_grid"].tabulate(of("touchpoint_stage_grid"), words=EN).rows()
    ]
    assert ("Returns page", "Loyalty", "no evidence", "", "0") in rows
    assert ("Returns page", "Consideration", "too few people", "", "1") in rows
    assert not [row for row in rows if row[:2] == ("Returns page", "Awareness")]
    assert ("Social media", "Awareness", "▲ +1.4", "+0.9 to +1.9", "9") in rows


def test_a_trait_that_nobody_was_asked_about_has_no_bar():
    (data,) = spec("persona_card", of("persona_card"))["datasets"].values()
    (row,) = [row for row in data if "bad fit" in row["text"]]
    assert row["value"] is None
    assert row["text"] == "○ Fears a bad fit · not asked · assumption"


@pytest.mark.parametrize(
    ("declared", "n", "text"),
    [(True, 3, "■ shop · 3 of 9 · declared and used"), (True, 0, "□ shop · 0 of 9 · declared, nobody told of using it"),
     (False, 2, "◆ shop · 2 of 9 · used, not declared")],
)  # fmt: skip
def test_a_channel_tells_whether_it_was_declared_and_used(declared, n, text):
    fact = {"persona": "p", "position": 0, "name": "P", "kind": "channel", "rank": 0, "label": "shop", "n": n, "of": 9}
    assert text in texts(spec("persona_card", frame("persona_facts", [{**fact, "declared": declared}])))


def test_an_objective_that_should_fall_counts_its_way_downward_and_what_lies_beyond_stands_at_the_end():
    row = {
        "position": 0, "stage": "loyalty", "label": "Loyalty", "statement": "Fewer exits", "metric": "exit_rate",
        "baseline": 0.4, "target": 0.2, "due": "2026-12-31", "current": 0.3, "low": 0.25, "high": 0.36, "n": 90,
        "attainment": 0.5,
    }  # fmt: skip
    falling = frame("objectives", [{**row, "due": of("objective_bullets")["due"][0]}])
    (data,) = spec("objective_bullets", falling)["datasets"].values()
    assert (data[0]["low"], data[0]["way"], data[0]["high"]) == pytest.approx((0.2, 0.5, 0.75))
    beyond = {
        line["statement"][:8]: line
        for rows in spec("objective_bullets", of("objective_bullets"))["datasets"].values()
        for line in rows
    }
    assert (beyond["Advocacy"]["way"], beyond["Advocacy"]["mark"]) == (1.5, "right")
    assert (beyond["Awarenes"]["way"], beyond["Awarenes"]["done"]) == (None, "Way done: not measured")


@pytest.mark.parametrize(
    ("low", "high", "comparable", "change"),
    [(0.01, 0.09, True, "▲ up"), (-0.09, -0.01, True, "▼ down"), (-0.01, 0.09, True, "■ no clear change"),
     (0.0, 0.09, True, "■ no clear change"), (None, None, True, "■ no clear change"),
     (0.01, 0.09, False, "≠ not comparable: another scale")],
)  # fmt: skip
def test_a_change_is_said_only_where_the_interval_leaves_out_zero(low, high, comparable, change):
    pair = of("wave_comparison")[0].with_columns(
        low=pl.lit(low, dtype=pl.Float64), high=pl.lit(high, dtype=pl.Float64), comparable=pl.lit(comparable),
        difference=pl.lit(-0.05 if change.endswith("down") else 0.05), reason=pl.lit("scale"),
    )  # fmt: skip
    (row,) = CHARTS["wave_comparison"].tabulate(pair, words=EN).rows()
    assert row[3].startswith(change)


def test_waves_that_may_not_be_compared_are_not_joined():
    (data,) = spec("wave_comparison", of("wave_comparison"))["datasets"].values()
    assert {row["name"]: row["joined"] for row in data if row["name"] in ("NPS", "ROPO", "Net sentiment")} == {
        "NPS": False, "ROPO": False, "Net sentiment": True,
    }  # fmt: skip


def test_a_quartile_that_nobody_reached_leaves_the_bar_open():
    (data,) = spec("stage_times", of("stage_times"))["datasets"].values()
    assert [row["open"] for row in data] == [False, False, True, False]
    assert data[2]["text"] == "Median 28 days (quartiles 2 days to not reached) · 160 of 300 came, 140 still on the way"
    assert data[3]["text"] == "Too few came for a median · 5 of 90 came, 85 still on the way"
    assert data[3]["median"] is None


def test_a_funnel_shows_both_denominators():
    rows = CHARTS["funnel_bars"].tabulate(of("funnel_bars"), words=EN).rows()
    assert [row[1:4] for row in rows[2:4]] == [
        ("of all", "500 of 2,000", "25.0%"), ("of the step before", "500 of 1,200", "41.7%"),
    ]  # fmt: skip
    assert rows[-1][1:4] == ("of the step before", "0 of 0", "no value")


def test_the_way_of_a_move_is_told_by_its_arrow():
    rows = {row[:2]: row[2] for row in CHARTS["transition_matrix"].tabulate(of("transition_matrix"), words=EN).rows()}
    assert rows["Awareness", "Consideration"] == "→ forward"
    assert rows["Decision", "Consideration"] == "← back"
    assert rows["Consideration", "Consideration"] == "↻ the same stage again"
    assert rows["(start of the path)", "Awareness"] == "· into or out of the path"
    assert ("Purchase", "Advocacy") not in rows


def test_models_stand_beside_each_other_and_a_model_may_give_less_than_nothing():
    rows = CHARTS["attribution_bars"].tabulate(of("attribution_bars"), words=EN).rows()
    assert [row[0] for row in rows[::8]] == ["Organic search", "E-mail", "Direct", "no touch before"]
    assert ("Direct", "Shapley", "−8.0", "−2.0%", "") in [
        (*row[:2], row[2].replace("-", "−"), *row[3:]) for row in rows
    ]
    (data,) = spec("attribution_bars", of("attribution_bars"))["datasets"].values()
    assert min(row["share"] for row in data if row["share"] is not None) == -0.02
