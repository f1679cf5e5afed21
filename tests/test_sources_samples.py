"""Every format has a sample in tests/samples/<format>: it reads, is detected, and gives what its source.toml counts.

`source.toml` holds the lines below [[sources]] in client.toml (without id and format), and [expect]: rows_in, used,
rejected, merged, and how many rows of which table. `detect = false` there says why the content alone does not tell.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from fixtures.make_client import frame_of, make_client

import cjtools as cj
from cjtools.sources import READERS
from cjtools.tables import SCHEMAS

SAMPLES = ROOT / "tests" / "samples"
ELSEWHERE = ("interview_notes", "transcript", "table", "ga4_bigquery", "search_console")  # in test_sources_index.py
FORMATS = sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())


def source_of(form: str) -> tuple[str, dict[str, Any]]:
    text = (SAMPLES / form / "source.toml").read_text("utf-8")
    return text.partition("[expect]")[0], tomllib.loads(text)["expect"]


def client_of(tmp_path: Path, form: str, *, said: str) -> cj.Client:
    for file in (SAMPLES / form).rglob("*"):
        if file.is_file() and file.name != "source.toml":
            target = tmp_path / file.relative_to(SAMPLES / form)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return make_client(tmp_path, f'[[sources]]\nid = "s"\nformat = "{said}"\n{source_of(form)[0]}')


def test_every_reader_has_a_sample() -> None:
    assert set(FORMATS) | set(ELSEWHERE) == READERS.keys()
    assert all(reader.name == name for name, reader in READERS.items())


@pytest.mark.parametrize("form", FORMATS)
def test_a_sample_gives_what_was_counted_in_it_and_no_row_is_lost(tmp_path: Path, form: str) -> None:
    expect = source_of(form)[1]
    tables = cj.read_sources(client_of(tmp_path, form, said=form))
    sums = {
        name: tables.sources[f"rows_{name.removeprefix('rows_')}"].sum()
        for name in ("rows_in", "used", "rejected", "merged")
    }
    counts = {name: frame_of(tables, name).height for name in SCHEMAS if name not in ("sources", "left_out")}
    found = {**sums, **{name: count for name, count in counts.items() if count}}
    assert found == {name: value for name, value in expect.items() if name != "detect"}
    assert tables.sources["format"].unique().to_list() == [form]
    for name, schema in SCHEMAS.items():
        schema.validate(frame_of(tables, name))


@pytest.mark.parametrize("form", [form for form in FORMATS if source_of(form)[1].get("detect", True)])
def test_the_content_of_a_sample_tells_its_format(tmp_path: Path, form: str) -> None:
    assert cj.read_sources(client_of(tmp_path, form, said="detect")).sources["format"].unique().to_list() == [form]
