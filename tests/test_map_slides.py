"""The map as slides, read back: real tables, notes, languages, and the same bytes at every run."""

from __future__ import annotations

import io

import pytest
from report_fixture import empty_map, example_map

from cjtools.map_files.slides import to_slides
from cjtools.words import load_words

pptx = pytest.importorskip("pptx", reason="python-pptx is an extra")


@pytest.mark.parametrize("make", [example_map, empty_map])
def test_slides_hold_tables_notes_and_languages(make):
    content = to_slides(make(language="ca"))
    assert content == to_slides(make(language="ca"))
    deck, words = pptx.Presentation(io.BytesIO(content)), load_words("ca")
    titles = [slide.shapes.title.text for slide in deck.slides]
    named = ["section_matrix", "section_opportunities", "section_questions", "header_curve"]
    assert {words[name] for name in named} <= set(titles)
    assert all(slide.has_notes_slide and slide.notes_slide.notes_text_frame.text for slide in deck.slides)
    for slide in deck.slides:
        runs = slide._element.findall(".//{*}r/{*}rPr")
        assert {run.get("lang") for run in runs} == {"ca-ES"}
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width


def test_the_map_is_a_table_with_a_column_a_stage_and_the_curve_has_its_description():
    deck = pptx.Presentation(io.BytesIO(to_slides(example_map())))
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    assert [cell.text for cell in tables[0].rows[0].cells][1:3] == ["awareness", "consideration"]
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert [bool(each._element.nvPicPr.cNvPr.get("descr")) for each in pictures] == [True]
