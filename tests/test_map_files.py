"""The map as files: JSON and back without loss, a schema that is current, and formats that hold hostile labels."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
from decimal import Decimal
from xml.etree.ElementTree import fromstring

import dataframely as dy
import polars as pl
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_fixture import empty_map, example_map

import cjtools as cj
from cjtools.commands.export_map import MAP_FORMATS, PDF, QDC, export_map
from cjtools.errors import ParameterError, ReportError, SourceError
from cjtools.map_files import FORMATS, as_json, cjml, map_files, mermaid, pdf, pictures, writing
from cjtools.map_files.json_schema import schema_text, table_schema

SCHEMA = json.loads((ROOT / "cjtools/map_files" / as_json.SCHEMA_FILE).read_text("utf-8"))
# The tokens of Mermaid's own lexer (journey.jison), for a line that is no comment.
TASK = re.compile(r"[^#:\n;]+:[^#\n;]+")
ENTITY = re.compile(r"#\w+;")


class Wide(dy.Schema):
    """One column of each kind that the kit's tables have, all of them nullable."""

    text = dy.String(nullable=True)
    whole = dy.Int64(nullable=True)
    real = dy.Float64(nullable=True)
    yes = dy.Bool(nullable=True)
    day = dy.Date(nullable=True)
    moment = dy.Datetime(time_zone="UTC", time_unit="us", nullable=True)
    money = dy.Decimal(18, 4, nullable=True)
    names = dy.List(dy.String(), nullable=True)
    band = dy.Enum(["before", "after"], nullable=True)
    pairs = dy.List(dy.Struct({"name": dy.String(), "value": dy.String()}), nullable=True)


def maybe(values):
    return st.none() | values


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
ROW = st.fixed_dictionaries(
    {
        "text": maybe(TEXTS),
        "whole": maybe(st.integers(-(2**63), 2**63 - 1)),
        "real": maybe(st.floats(allow_nan=False, allow_infinity=False)),
        "yes": maybe(st.booleans()),
        "day": maybe(st.dates()),
        "moment": maybe(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))),
        "money": maybe(st.decimals(-(10**9), 10**9, places=4)),
        "names": maybe(st.lists(TEXTS)),
        "band": maybe(st.sampled_from(["before", "after"])),
        "pairs": maybe(st.lists(st.fixed_dictionaries({"name": TEXTS, "value": TEXTS}))),
    }
)


def same(one, other) -> None:
    """Fail where two parts of a map differ in a table, its types, or anything else."""
    for name, hint in as_json.hints(type(one)).items():
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, pl.DataFrame):
            assert (name, left.schema) == (name, right.schema)
            assert left.equals(right), name
        elif left is not None and as_json.part_of(hint):
            same(left, right)
        else:
            assert left == right, name


@pytest.fixture(scope="module")
def journey(example, findings) -> cj.JourneyMap:
    return cj.map_journey(example, findings=findings, audience="team", language="ca")


def test_a_map_comes_back_equal_in_every_table_and_header(journey, tmp_path):
    (tmp_path / "map.json").write_text(as_json.to_json(journey), encoding="utf-8")
    back = as_json.read_map(tmp_path / "map.json")
    same(journey, back)
    assert as_json.to_json(back) == as_json.to_json(journey)


@pytest.mark.parametrize("make", [example_map, empty_map])
def test_invented_and_empty_maps_come_back_too_and_are_as_the_schema_says(make):
    text = as_json.to_json(make())
    same(make(), as_json.from_json(text))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(json.loads(text))] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=5))
def test_any_table_comes_back_with_days_lists_nulls_and_decimals(rows):
    frame = pl.DataFrame(rows, schema={name: column.dtype for name, column in Wide.columns().items()})
    packed = json.loads(json.dumps([as_json.plain(row) for row in frame.iter_rows(named=True)], allow_nan=False))
    back = as_json.frame_of(Wide, packed)
    assert (back.schema, back.equals(frame)) == (frame.schema, True)
    assert list(Draft202012Validator(table_schema(Wide)).iter_errors(packed)) == []


def test_no_digit_of_a_decimal_is_lost():
    assert as_json.typed(as_json.plain(Decimal("0.1000")), pl.Decimal(18, 4)) == Decimal("0.1000")


def test_the_published_schema_is_current_and_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(schema_text()) == SCHEMA, "run: python -m cjtools.map_files.json_schema"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda map_: map_["tables"]["stages"][0].update(band="never"), "'never' is not one of"),
        (lambda map_: map_["tables"]["stages"][0].pop("label"), "'label' is a required property"),
        (lambda map_: map_["header"].update(period_from="soon"), "soon"),
        (lambda map_: map_.pop("journeys"), "'journeys' is a required property"),
        (lambda map_: map_.update(version=9), "version '9'"),
    ],
)
def test_a_file_that_is_no_map_is_refused_with_what_is_wrong(change, says):
    document = json.loads(as_json.to_json(example_map()))
    change(document)
    with pytest.raises(SourceError, match=re.escape(says)):
        as_json.from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 3}', "[" * 100_000])
def test_what_is_no_map_at_all_is_refused(text):
    with pytest.raises(SourceError):
        as_json.from_json(text)


def test_readers_outside_the_team_get_no_item_of_evidence(example, findings):
    outside = cj.map_journey(example, findings=findings, audience="client")
    text = map_files(outside, form="json")[""].decode()
    unquoted = set(findings.evidence.filter(basis="reported")["text"].drop_nulls()) - set(outside.quotes["text"])
    assert as_json.from_json(text).evidence.is_empty()
    assert [said for said in sorted(unquoted) if len(said) > 40 and json.dumps(said, ensure_ascii=False) in text] == []


def test_lanes_are_a_file_each_and_hold_no_formula():
    bad = example_map()
    bad = dataclasses.replace(bad, stages=bad.stages.with_columns(label=pl.lit("=HYPERLINK(1)")))
    files = {name: each.decode("utf-8-sig") for name, each in map_files(bad, form="lanes").items()}
    assert list(files) == sorted(files)
    rows = list(csv.DictReader(io.StringIO(files["01-stages.csv"])))
    assert [row["label"] for row in rows] == ["'=HYPERLINK(1)"] * 6
    stated = [name for name in files if name.split("-")[1] in {f"{lane}.csv" for lane in bad.statements["lane"]}]
    assert sum(len(list(csv.DictReader(io.StringIO(files[name])))) for name in stated) >= bad.statements.height
    assert "evidence.csv" not in "".join(files)


HOSTILE = ["a: b; c # d", "line\nbreak", "%% comment", "title of it", "section", "<b>&", "x,y", "", "🙂 ș"]


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(HOSTILE))
def test_a_label_of_mermaid_cannot_end_its_line_or_be_a_keyword(text):
    escaped = mermaid.label(text)
    bare = ENTITY.sub("", escaped)
    assert not re.search(r"[#:;,\n%<>&\"{}]", bare)
    assert escaped
    assert not re.match(r"(?i)(title|section|journey|acc\w+)\b", escaped)


def test_mermaid_holds_every_shown_touchpoint_with_a_score_from_1_to_5(journey):
    bad = dataclasses.replace(
        journey, touchpoints=journey.touchpoints.with_columns(label=pl.lit("Pay: now; #1\nsection x"))
    )
    lines = mermaid.to_mermaid(bad).splitlines()
    tasks = [line.strip() for line in lines if not line.strip().startswith(("%%", "journey", "title", "section"))]
    assert (lines[0], len(tasks) > 5) == ("journey", True)
    assert all(TASK.fullmatch(ENTITY.sub("e", task)) for task in tasks)
    assert {re.search(r": (\d): ", task)[1] for task in tasks} <= set("12345")
    assert any("Lossy" in line for line in lines)


@pytest.mark.parametrize("make", [example_map, empty_map])
def test_cjml_is_well_formed_and_of_the_published_structure(make):
    bad = make()
    bad = dataclasses.replace(bad, header=dataclasses.replace(bad.header, client_name="<A & \x00B>"))
    root = fromstring(cjml.to_cjml(bad))
    assert (root.tag, root.get("version"), cjml.check_cjml(root)) == ("CJML", "2.0", [])


def test_a_group_below_the_minimum_has_no_journey_of_its_own_in_cjml(journey):
    few = dataclasses.replace(journey, header=dataclasses.replace(journey.header, minimum_group=6))
    assert [cjml.to_cjml(each).count("<actualJourney>") for each in (journey, few)] == [4, 1]


@pytest.mark.parametrize("name", ["drop_off_bars", "experience_curve"])
def test_a_picture_is_the_same_at_every_run_and_says_what_it_shows(name):
    drawn = pictures.chart_svg(example_map(), name)
    assert drawn == pictures.chart_svg(example_map(), name)
    root = fromstring(drawn)
    assert root.get("aria-label")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= ids
    assert pictures.chart_png(example_map(), name) == pictures.chart_png(example_map(), name)


def test_a_chart_that_the_map_has_not_is_named():
    with pytest.raises(ParameterError, match="did you mean 'exit_rates'"):
        pictures.chart_svg(example_map(), "exit_rate")


def test_the_command_knows_every_format():
    assert set(MAP_FORMATS) == {*FORMATS, PDF, QDC}


def test_the_command_writes_whole_files_for_the_client_and_never_over_a_source(folder, tmp_path):
    out = tmp_path / "map.json"
    assert "--audience team" in export_map(folder, form="json", wave="", language="", audience="", out=out)
    assert as_json.read_map(out).header.audience == "client"
    before = (folder / "client.toml").read_bytes()
    with pytest.raises(ReportError, match="this file was read"):
        export_map(folder, form="cjml", wave="", language="", audience="", out=folder / "client.toml")
    assert (folder / "client.toml").read_bytes() == before
    with pytest.raises(ReportError):
        writing.write_files({tmp_path / "map.json" / "x": b""}, inputs=[])


def test_without_a_browser_the_pdf_says_what_to_do(monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, "/no/such/browser")
    with pytest.raises(ReportError, match="set CJTOOLS_CHROMIUM"):
        pdf.find_browser()


def test_a_page_is_printed_the_same_at_every_run(tmp_path, chromium, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, chromium)
    page = tmp_path / "page.html"
    page.write_text('<html lang="ca"><title>Mapa</title><h1>Mapa</h1></html>', encoding="utf-8")
    printed = pdf.print_page(page)
    assert printed.startswith(b"%PDF-")
    assert b"/Lang (ca)" in printed
    assert printed == pdf.print_page(page)


def test_the_wave_before_goes_along_and_leaves_the_house_without_its_evidence_too():
    before = example_map(language="ca", audience="client")
    journey = dataclasses.replace(before, before=before)
    text = as_json.to_json(journey)
    again = as_json.from_json(text)
    assert as_json.to_json(again) == text
    assert again.before is not None
    assert again.before.evidence.equals(before.evidence)
    assert list(Draft202012Validator(SCHEMA).iter_errors(json.loads(text))) == []
    assert as_json.shareable(journey).before.evidence.is_empty()
