"""Charts on the page: what they must bring, what their picture may be made of, how their specification is written."""

from __future__ import annotations

import json
import re

import pytest
from report_fixture import bars, code_cell, empty_map, example_map, notebook_of

from cjtools.errors import ReportError
from cjtools.report.export import CHART_MIMES, section_names, to_page
from cjtools.report.figure import clean_svg, read_chart, runtime, spec_json, static_picture
from cjtools.report.page import content_hash, read

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("description", "cell 3: a chart without a description; set it on the outermost chart"),
        ("title", "cell 3: a chart without a title"),
        ("usermeta", "cell 3: a chart without a name"),
    ],
)
def test_a_chart_must_bring_title_description_and_name(lost, said):
    spec = {key: value for key, value in bars().items() if key != lost}
    with pytest.raises(ReportError) as caught:
        read_chart(spec, where="cell 3")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "part",
    [
        {"data": {"url": "https://tracker.example/x.json"}},
        {"encoding": {"href": {"field": "label"}}},
        {"mark": {"type": "image"}},
        {"mark": "image"},
        {"layer": [{"encoding": {"url": {"field": "label"}}}]},
    ],
)
def test_a_chart_that_loads_something_is_refused(part):
    with pytest.raises(ReportError, match="a chart that loads something"):
        read_chart({**bars(), **part}, where="cell 3")


def test_a_chart_brings_only_the_columns_that_it_draws():
    spec = bars()
    (name, rows), *_ = spec["datasets"].items()
    more = {**spec, "datasets": {name: [{**row, "participant": "P01"} for row in rows]}}
    assert read_chart(more, where="cell 3").spec == read_chart(spec, where="cell 3").spec


def test_a_data_value_called_url_is_only_text():
    assert (
        read_chart({**bars(), "datasets": {"d": [{"url": "x", "href": "y"}]}}, where="cell 3").name
        == "experience_curve"
    )


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        '<a xlink:href="javascript:alert(1)"><rect width="1" height="1"/></a>',
        '<image href="https://tracker.example/x.png"/>',
        "<foreignObject><div/></foreignObject>",
        "<style>*{background:url(https://tracker.example)}</style>",
        '<rect onload="alert(1)" style="fill:url(https://tracker.example)"/>',
        '<rect fill="url(https://tracker.example/x)"/>',
        "<use href='#x'/><set attributeName='href' to='javascript:alert(1)'/>",
    ],
)
def test_nothing_in_a_picture_runs_loads_or_links(bad):
    svg = clean_svg(SVG.format(bad), prefix="p", label="d")
    assert not re.search(r"script|alert|tracker|href|onload|style|foreign|image|<set|<use", svg)


@pytest.mark.parametrize("root", ["<style>*{}</style>", '<script xmlns="http://www.w3.org/2000/svg"/>', "<svg/>"])
def test_a_picture_is_an_svg_and_nothing_else(root):
    with pytest.raises(ReportError, match="a picture: its root is"):
        clean_svg(root, prefix="p")


def test_ids_of_a_picture_are_its_own():
    svg = clean_svg(SVG.format('<clipPath id="c"/><g clip-path="url(#c)"/>'), prefix="curve", label="d")
    assert 'id="curve-c"' in svg
    assert 'clip-path="url(#curve-c)"' in svg


def test_a_picture_is_described_and_takes_the_width_of_the_page():
    chart = read_chart(bars(title="Exits"), where="cell 1")
    svg = static_picture(chart)
    assert 'role="img" aria-label="Bars: Exits"' in svg
    assert svg == static_picture(chart)


def test_a_specification_cannot_end_its_script():
    chart = read_chart(bars(labels=("</script><script>alert(1)</script>", "<!--", "&amp;\u2028")), where="cell 1")
    text = spec_json(chart)
    assert not re.search(r"[<>&\u2028]", text)
    assert json.loads(text) == chart.spec


def test_the_page_carries_one_runtime_and_names_its_hash():
    page = to_page(notebook_of(example_map(), bars(), bars(name="drop_off_bars")), language="en")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert page.count(runtime().packed) == 1
    assert f"&#39;{content_hash(runtime().source)}&#39;" in policy
    assert f"&#39;{content_hash(read('page.js'))}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;; script-src ")
    assert "unsafe-eval" not in policy
    assert len(page) < 1_600_000


def test_a_page_without_charts_carries_no_runtime():
    page = to_page(notebook_of(empty_map()), language="en")
    assert "DecompressionStream" in page
    assert 'id="runtime"' not in page


def test_a_runtime_that_was_cut_in_the_cache_is_packed_again(tmp_path, monkeypatch):
    whole = runtime()
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path)
    runtime.cache_clear()
    assert runtime() == whole
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    runtime.cache_clear()
    assert runtime() == whole


def test_the_title_of_the_page_is_the_headers_own():
    assert "<title>Terra i Fil – Customer journey map – 2026-Q3</title>" in to_page(
        notebook_of(example_map()), language="en"
    )


def test_the_same_notebook_gives_the_same_bytes():
    notebook = notebook_of(example_map(), bars())
    assert to_page(notebook, language="ca") == to_page(notebook, language="ca")


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "lab-only", "hide"])
def test_hidden_cells_do_not_appear(tag):
    cells = [code_cell("secret = 1", {"text/plain": "secret"}, tags=(tag,))]
    assert "secret" not in to_page({"cells": cells}, language="en")


def test_code_and_plain_output_are_shown_to_the_team_only():
    notebook = {"cells": [code_cell("mine()", {"text/html": "<b onclick=x>rich</b>", "text/plain": "<plain>"})]}
    team, client = (to_page(notebook, language="en", audience=audience) for audience in ("team", "client"))
    assert "mine()" in team
    assert "&lt;plain&gt;" in team
    assert "rich" not in team
    assert "mine()" not in client
    assert "plain" not in client[client.index("<main") :]


def test_the_executive_gets_one_page():
    notebook = notebook_of(example_map(audience="executive"), bars(), bars(name="exit_rates"))
    page = to_page(notebook, language="en", audience="executive")
    assert re.findall(r'<section class="cj view view-\w+" id="(\w+)"', page) == ["header", "definitions", "provenance"]


def test_markdown_of_ones_own_becomes_a_section_and_its_html_text():
    cells = [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "## Why *this*?\n\n<img src=x onerror=alert(1)> ![p](x.png) [l](javascript:alert(1))",
        }
    ]
    page = to_page({"cells": cells}, language="en")
    assert '<a href="#text-1">Why this?</a>' in page
    assert "<h2>Why <em>this</em>?</h2>" in page
    assert "&lt;img src=x" in page
    assert not re.search(r"<img|javascript:alert\(1\)\"", page)


def test_the_sections_of_a_notebook_are_listed_in_order():
    notebook = {"cells": [code_cell("x", {CHART_MIMES[1]: bars()}), *notebook_of(empty_map())["cells"]]}
    assert section_names(notebook)[:3] == ["experience_curve", "header", "matrix"]
