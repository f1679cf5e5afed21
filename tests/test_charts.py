"""Every picture: draws an empty frame, speaks five languages, carries only what it draws, has a twin."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from chart_frames import FRAMES

import cjtools as cj
from cjtools.charts import CHART_TABLES, CHARTS
from cjtools.inventory import INVENTORY_TABLES
from cjtools.map_tables import MAP_TABLES
from cjtools.settings import LANGUAGES
from cjtools.study import STUDY_TABLES
from cjtools.words import load_words

PICTURES = pytest.mark.parametrize("name", CHARTS)
TABLES = {**CHART_TABLES, **INVENTORY_TABLES, **STUDY_TABLES, **MAP_TABLES}
GOLDENS = Path(__file__).parent / "goldens"


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings)


@pytest.fixture(scope="module")
def frames(journey, example) -> dict[str, pl.DataFrame]:
    """The tables that pictures are drawn from: of the map, the inventory, the study of texts, or small ones."""
    made = dict.fromkeys(STUDY_TABLES, cj.study_texts(example))
    made |= {**dict.fromkeys(INVENTORY_TABLES, cj.take_inventory(example)), **dict.fromkeys(MAP_TABLES, journey)}
    named = {picture.frame for picture in CHARTS.values()}
    return FRAMES | {name: getattr(made[name], name) for name in sorted(named & set(made))}


def spec(name: str, frame: pl.DataFrame, language: str = "en") -> dict:
    return CHARTS[name].draw(frame, words=load_words(language)).to_dict()


@PICTURES
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_draws_an_empty_frame_in_every_language(name, language):
    empty = TABLES[CHARTS[name].frame].create_empty()
    drawn = spec(name, empty, language)
    assert drawn["title"]
    assert drawn["description"]
    assert drawn["usermeta"]["cjtools"]["table"]["rows"] == []


@PICTURES
def test_a_picture_says_what_it_shows_and_has_its_numbers_beside_it(name, frames):
    drawn = spec(name, frames[CHARTS[name].frame], "ca")
    table = drawn["usermeta"]["cjtools"]["table"]
    twin = CHARTS[name].tabulate(frames[CHARTS[name].frame], words=load_words("ca"))
    assert drawn["usermeta"]["cjtools"]["name"] == name
    assert table["columns"] == twin.columns
    assert [tuple(row) for row in table["rows"]] == twin.rows()
    assert table["rows"]


@PICTURES
def test_only_the_columns_that_are_drawn_go_into_the_page(name, frames):
    frame = frames[CHARTS[name].frame].with_columns(secret=pl.lit("CANARY"))
    assert "CANARY" not in json.dumps(spec(name, frame))


@PICTURES
def test_a_picture_is_the_same_twice(name, frames):
    frame = frames[CHARTS[name].frame]
    assert json.dumps(spec(name, frame)) == json.dumps(spec(name, frame))


@PICTURES
def test_the_form_of_a_picture_is_as_it_was_agreed(name, frames):
    drawn = spec(name, frames[CHARTS[name].frame])
    form = {key: value for key, value in drawn.items() if key not in ("datasets", "usermeta", "description", "$schema")}
    text = json.dumps(without_data(form), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    golden = GOLDENS / f"{name}.json"
    if not golden.is_file():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was not there and is written now: look at it, then run again")
    assert text == golden.read_text("utf-8")


def without_data(form: object) -> object:
    """The form of a picture without what changes with the data: inline values, names of data sets, domains."""
    if isinstance(form, dict):
        return {key: without_data(value) for key, value in form.items() if key not in ("data", "domain", "sort")}
    return [without_data(value) for value in form] if isinstance(form, list) else form
