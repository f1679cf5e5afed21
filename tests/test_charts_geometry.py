"""Where the parts of pictures lie: bands that add up, labels apart, the curve over its columns with its gaps."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import polars as pl
import pytest
from chart_frames import FRAMES, frame
from hypothesis import given, settings
from hypothesis import strategies as st

from cjtools.charts import experience_curve, matrix_curve
from cjtools.charts.bands import STEPS, flow_of
from cjtools.charts.experience_curve import points_named
from cjtools.charts.matrix_curve import OUTLINES
from cjtools.charts.opportunity_matrix import spread
from cjtools.charts.stage_flow import band_rows, stage_names
from cjtools.charts.theme import SHAPES
from cjtools.map_tables import ALL, MapExperience
from cjtools.words import load_words

EN = load_words("en")
SVG = "{http://www.w3.org/2000/svg}"
WAYS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=8), st.integers(1, 500)), min_size=1, max_size=12
)
STAGES = ("awareness", "consideration", "decision", "purchase")


def routes_of(ways: list[tuple[list[str], int]]) -> pl.DataFrame:
    of = sum(n for _, n in ways)
    rows = [
        {"route": way, "labels": [stage.upper() for stage in way], "routes": 1, "n": n, "of": of} for way, n in ways
    ]
    return frame("paths", rows)


@settings(deadline=None, max_examples=60)
@given(WAYS)
def test_the_blocks_of_a_step_are_all_paths_that_get_so_far(ways):
    flow = flow_of(routes_of(ways))
    for step in range(1, STEPS + 1):
        blocks = [block for block in flow.blocks if block.place == step]
        assert sum(block.n for block in blocks) == sum(n for way, n in ways if len(way) >= step)
        assert all(upper.bottom < lower.top for upper, lower in pairwise(blocks))
        for block in blocks:
            assert block.bottom - block.top == pytest.approx(block.n / flow.of, abs=1e-5)


@settings(deadline=None, max_examples=60)
@given(WAYS)
def test_a_block_is_what_arrives_and_gives_what_goes_on_and_what_ends(ways):
    flow = flow_of(routes_of(ways))
    for block in flow.blocks:
        arriving = [band for band in flow.bands if (band.place + 1, band.target) == (block.place, block.stage)]
        leaving = [band for band in flow.bands if (band.place, band.source) == (block.place, block.stage)]
        ended = sum(n for way, n in ways if len(way[:STEPS]) == block.place and way[block.place - 1] == block.stage)
        assert block.place == 1 or sum(band.n for band in arriving) == block.n
        assert flow.ended(block) == ended
        for bands, side in ((arriving, "arrives"), (leaving, "leaves")):
            ordered = sorted(bands, key=lambda band: getattr(band, side))
            for band in ordered:
                assert block.top - 1e-5 <= getattr(band, side) <= block.bottom - band.thick + 2e-5
            for upper, lower in pairwise(ordered):
                assert getattr(upper, side) + upper.thick <= getattr(lower, side) + 3e-6


def test_a_band_goes_from_its_block_to_the_next_and_is_as_thick_all_the_way():
    flow, words = flow_of(FRAMES["paths"]), EN
    rows = band_rows(flow, stage_names(FRAMES["paths"], words=words), words=words)
    for number, band in enumerate(flow.bands):
        own = rows.filter(pl.col("band") == number)
        assert own["top"][0] == pytest.approx(band.leaves, abs=1e-4)
        assert own["top"][-1] == pytest.approx(band.arrives, abs=1e-4)
        assert own["x"].is_sorted()
        assert (own["bottom"] - own["top"] - band.thick).abs().max() < 2e-4


def test_unlisted_ways_are_a_block_of_their_own_and_no_band():
    flow = flow_of(FRAMES["paths"])
    assert [(block.place, block.n) for block in flow.blocks if block.stage == "<OTHERS>"] == [(1, 220)]
    assert not [band for band in flow.bands if "<OTHERS>" in (band.source, band.target)]
    assert flow.cut


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20), st.integers(1, 40))
def test_labels_stay_apart_in_order_and_inside(places, apart):
    room = 1000 + apart * len(places)
    moved = spread(sorted(places), apart=apart, room=room)
    assert all(upper + apart <= lower + 1e-6 for upper, lower in pairwise(moved))
    assert moved[0] >= 0
    assert moved[-1] <= room


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 20))
def test_labels_of_one_place_stay_inside_even_where_there_is_room_for_just_them(count):
    moved = spread([10.0 * count] * count, apart=10, room=10 * count)
    assert moved == pytest.approx([5 + 10 * number for number in range(count)])


def curve_of(values: dict[str, list[float | None]], *, labels: tuple[str, ...] = STAGES) -> pl.DataFrame:
    """An experience table: the values of each persona over the stages, with an interval of half a point each way."""
    rows = [
        {
            "scope": "stage", "name": STAGES[place], "persona": persona, "position": place, "label": labels[place],
            "persona_label": persona.title(), "value": value,
            "low": None if value is None else max(-2, value - 0.5),
            "high": None if value is None else min(2, value + 0.5), "n": 0 if value is None else 9,
            "shown": value is not None,
        }
        for persona, line in values.items()
        for place, value in enumerate(line)
    ]  # fmt: skip
    return MapExperience.validate(pl.DataFrame(rows, infer_schema_length=None), cast=True)


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([1.0, -1.5, 0.5, 1.0], {"Decision": "peak", "Loyalty": "end"}),
        ([1.5, -1.5, 0.5, None], {"Awareness": "peak", "Purchase": "end"}),
        ([None, None, None, -0.1], {"Loyalty": "peak, end"}),
        ([None, None, None, None], {}),
    ],
)
def test_the_peak_is_the_farthest_from_zero_and_the_end_the_last_that_is_known(values, marked):
    stages = curve_of({ALL: values}, labels=("Awareness", "Decision", "Purchase", "Loyalty"))
    assert dict(points_named(stages, words=EN).select("stage", "text").rows()) == marked


def test_the_moments_of_truth_are_marked_on_the_curve_in_its_table_and_in_its_sentence():
    moments = frame("moments", [{"stage": "decision", "touchpoint": "checkout", "label": "Checkout"}])
    drawn = experience_curve(curve_of({ALL: [1.0, 0.5, -1.5, 1.0]}), words=EN, moments=moments).to_dict()
    rows = drawn["usermeta"]["cjtools"]["table"]["rows"]
    assert [row[-1] for row in rows] == ["", "", "peak, ★ Checkout", "end"]
    assert drawn["description"].endswith("Moments of truth: ★ Checkout (decision).")
    assert {"stage": "decision", "mark": "peak ★", "told": "peak, ★ Checkout"} in [
        row for data in drawn["datasets"].values() for row in data
    ]


def test_the_stages_of_the_curve_stay_in_order_when_everybody_has_a_gap():
    drawn = experience_curve(curve_of({ALL: [None, 0.5, None, 1.0], "p": [1.0, 1.0, 1.0, 1.0]}), words=EN).to_dict()
    domains = [
        layer["encoding"]["x"]["scale"]["domain"]
        for layer in drawn["layer"]
        if "scale" in layer["encoding"].get("x", {})
    ]
    assert domains
    assert all(domain == list(STAGES) for domain in domains)
    lines = [layer["mark"] for layer in drawn["layer"] if layer["mark"]["type"] == "line"]
    assert [line["invalid"] for line in lines] == ["break-paths-show-path-domains"]


def parts(curve: str, name: str, persona: str) -> list[ET.Element]:
    group = next(each for each in ET.fromstring(curve).iter(f"{SVG}g") if each.get("class") == persona)
    return list(group.iter(f"{SVG}{name}"))


def test_the_curve_over_the_table_stands_in_the_middle_of_its_columns_and_is_open_at_gaps():
    curve = matrix_curve(curve_of({ALL: [1.0, None, -1.0, 0.0], "p": [2.0, 1.0, 0.0, -2.0]}), words=EN)
    spots = parts(curve.svg, "svg", "everybody")
    assert [spot.get("x") for spot in spots] == ["12.5%", "62.5%", "87.5%"]
    joined = [line for line in parts(curve.svg, "line", "everybody") if line.get("x1") != line.get("x2")]
    assert [(line.get("x1"), line.get("x2")) for line in joined] == [("62.5%", "87.5%")]
    assert len([line for line in parts(curve.svg, "line", "p0") if line.get("x1") != line.get("x2")]) == 3
    heights = [float(spot.get("y")) for spot in parts(curve.svg, "svg", "p0")]
    assert heights == pytest.approx([26, 57, 88, 150])
    shown = [text.text for text in ET.fromstring(curve.svg).iter(f"{SVG}text")]
    assert [text for text in shown if text.startswith(("▲", "▼", "■"))] == ["▲ +1.0", "▼ −1.0", "■ 0.0"]
    assert shown.count("no evidence") == 1
    assert [name for _, name in curve.key] == [ALL.title(), "P"]


def test_the_curve_over_the_table_tells_personas_apart_by_mark_and_line_too():
    curve = matrix_curve(curve_of({ALL: [1.0] * 4, "p": [0.0] * 4, "q": [-1.0] * 4}), words=EN)
    people = ("everybody", "p0", "p1")
    marks = {parts(curve.svg, "path", who)[0].get("d") for who in people}
    dashes = {parts(curve.svg, "line", who)[0].get("stroke-dasharray") for who in people}
    assert len(marks) == len(dashes) == 3
    assert tuple(OUTLINES) == tuple(SHAPES)


def test_the_curve_of_personas_alone_keeps_their_colours():
    curve = matrix_curve(curve_of({"p": [0.0] * 4}), words=EN)
    assert parts(curve.svg, "path", "p0")
    assert 'color="#0072b2"' in curve.svg


def test_the_curve_over_the_table_escapes_what_people_wrote_and_is_empty_without_stages():
    bad = '</svg><script>alert(1)</script>" onload="x'
    rows = curve_of({ALL: [1.0, 1.0, -2.0, 1.0]}, labels=(bad, "b", "c", "d"))
    moments = frame("moments", [{"stage": "awareness", "touchpoint": "t", "label": bad}])
    svg = matrix_curve(rows.with_columns(persona_label=pl.lit(bad)), words=EN, moments=moments).svg
    assert "<script" not in svg
    root = ET.fromstring(svg)
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]
    empty = matrix_curve(MapExperience.create_empty(), words=EN)
    assert list(ET.fromstring(empty.svg)) == []
    assert empty.key == ()


def test_the_curve_is_the_same_twice():
    rows = curve_of({ALL: [1.0, None, -1.0, 0.0], "p": [2.0, 1.0, 0.0, -2.0]})
    assert matrix_curve(rows, words=EN) == matrix_curve(rows.clone(), words=EN)
