"""Hostile and broken files: each gets its verdict, with its place, in one line, without a traceback, in time.

The files are written by ../shared/badinputs/make.py; its manifest says what must come of each. What the kit's own files
cover of the same ground stands in the other tests of sources. Names of client.toml stand for those of its YAML files.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from conftest import SHARED
from fixtures.make_client import HEAD, make_client

import cjtools as cj
from cjtools.errors import CjtoolsError
from cjtools.sources import check_sources
from cjtools.text.terms import match_terms

MAKE = SHARED / "badinputs" / "make.py"
pytestmark = pytest.mark.skipif(not MAKE.exists(), reason="../shared/badinputs is not there")

MENTIONS = """
[[sources]]
id = "bad"
path = "{path}"
format = "table"
kind = "mentions"
timezone = "Europe/Madrid"
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
author = "author"
platform = "platform"
language = "lang"
reach = "likes"
"""
RECORDS = """
[[sources]]
id = "bad"
path = "{path}"
format = "table"
kind = "mentions"
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
"""
ANALYTICS = """
[[sources]]
id = "bad"
path = "{path}"
format = "table"
kind = "observations"
timezone = "Europe/Madrid"
{more}
[sources.mapping]
observed_at = "date"
[sources.dimensions]
page = "page"
country = "country"
[sources.metrics]
sessions = {{ column = "sessions", unit = "sessions" }}
bounce_rate = {{ column = "bounce_rate", unit = "share" }}
"""
NOTES = """
[[sources]]
id = "bad"
path = "{path}"
format = "{format}"
"""

# Files whose fault is one of the whole line, or of a cell that is named by its letter: no column's name is told.
NO_COLUMN = {"vega_image_column.csv", "csv_missing_col.csv", "csv_unclosed_quote.csv", "enc_truncated_utf8.csv",
             "enc_cp1252_es_it.csv", "enc_nul_in_field.csv", "csv_10M_line.csv", "xlsx_error_cells.xlsx",
             "interview_no_consent.md", "interview_bad_frontmatter.md"}  # fmt: skip


def manifest() -> list[dict[str, str]]:
    if not MAKE.exists():
        return []
    with (MAKE.parent / "manifest.tsv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def of_roles(*roles: str) -> list[dict[str, str]]:
    return [row for row in manifest() if row["role"] in roles]


def name_of(row: dict[str, str]) -> str:
    return row["file"].removeprefix("files/")


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("badinputs")
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True, capture_output=True)
    return folder / "files"


def toml_of(row: dict[str, str]) -> str:
    name = name_of(row)
    path = name.replace("[", "[[]").replace("\\", "\\\\").replace('"', '\\"')
    if row["role"] == "analytics":
        more = 'delimiter = ";"\ndecimal = ","' if name == "csv_semicolon_decimal_comma.csv" else ""
        return ANALYTICS.format(path=path, more=more)
    if row["role"] == "interview":
        notes = NOTES.format(path=path, format="refi_qda" if name.endswith(".qdpx") else "interview_notes")
        return notes + ('participant = "P01"\nconsent = "internal"\n' if name.endswith(".docx") else "")
    return (RECORDS if name.endswith((".jsonl", ".json")) else MENTIONS).format(path=path)


def client_of(row: dict[str, str], corpus: Path, folder: Path) -> cj.Client:
    name = name_of(row)
    source, target = corpus / name, folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target, follow_symlinks=False)
    if name == "symlink_other_client.csv":
        shutil.copytree(corpus.parent / "other_client", folder.parent / "other_client")
    return make_client(folder, toml_of(row))


def verdict(row: dict[str, str], corpus: Path, folder: Path) -> tuple[list[str], cj.Tables | None]:
    """Return the faults of one file, each as one line, and what was read."""
    folder.mkdir()
    began = time.perf_counter()
    try:
        tables, faults = check_sources(client_of(row, corpus, folder))
    except CjtoolsError as error:
        tables, faults = None, list(error.faults)
    assert time.perf_counter() - began < 10
    lines = [str(fault) for fault in faults]
    assert not [line for line in lines if "\n" in line or "\x1b" in line or "Traceback" in line or len(line) > 600]
    assert not (Path.cwd() / "X").exists()
    assert not (folder / "X").exists()
    return lines, tables


FILES = of_roles("mentions", "analytics", "interview")


@pytest.mark.parametrize("row", [row for row in FILES if row["verdict"] == "reject"], ids=name_of)
def test_what_must_be_rejected_is_named_with_its_place(row: dict[str, str], corpus: Path, tmp_path: Path) -> None:
    name = name_of(row)
    lines, tables = verdict(row, corpus, tmp_path / "acme")
    if name == "date_dst_gap_madrid.csv":
        assert lines == []
        assert tables is not None
        assert "clock_gap:1" in tables.sources["flags"].to_list()[0]
        return
    if name == "interview_no_consent.md":
        assert tables is not None
        assert tables.sources.select("rows_in", "rows_rejected").rows() == [(1, 1)]
        assert tables.left_out["why"].to_list() == ["no_consent"]
        return
    assert lines, row["must"]
    assert any(name.rsplit("/", 1)[-1] in line or "path" in line for line in lines), lines
    if row["row"]:
        places = [f"line {row['row']}", f"row {row['row']}", f"record {row['row']}", f"{row['row']}'", f"C{row['row']}"]
        assert any(place in line for line in lines for place in places), (row["must"], lines)
    if row["column"] and name not in NO_COLUMN:
        assert any(row["column"] in line for line in lines), (row["must"], lines)


def rows_in(tables: cj.Tables) -> tuple[int, int]:
    return tables.sources["rows_in"].sum(), tables.sources["rows_used"].sum()


def sessions(tables: cj.Tables) -> float:
    return float(tables.observations.filter(metric="sessions")["value"].sum())


MUST: dict[str, Callable[[cj.Tables], bool]] = {
    "ok_mentions.csv": lambda t: rows_in(t) == (5, 5) and t.quotes["language"].n_unique() == 5,
    "ok_analytics.csv": lambda t: sessions(t) == 1055,
    "enc_utf16le_bom.csv": lambda t: rows_in(t) == (5, 5),
    "enc_utf8_bom.csv": lambda t: rows_in(t) == (5, 5),
    # One author in either spelling, who says the same words on one day: one voice, its text as typed.
    "enc_ro_cedilla_vs_comma.csv": lambda t: (
        t.quotes["text"].to_list() == ["Părinţi cu copii"] and t.left_out["why"].to_list() == ["same_author_text_day"]
    ),
    "csv_semicolon_decimal_comma.csv": lambda t: (
        sessions(t) == 1055 and 0.41 in t.observations.filter(metric="bounce_rate")["value"].to_list()
    ),
    "csv_sep_hint.csv": lambda t: sessions(t) == 1055,
    "csv_newline_in_quotes.csv": lambda t: t.quotes["source_row"].to_list() == [2, 6],
    "csv_blank_lines.csv": lambda t: rows_in(t)[0] == 2 and t.left_out["source_row"].to_list() == [7],
    "csv_ga4_preamble.csv": lambda t: sessions(t) == 1055,
    "date_mixed_offsets.csv": lambda t: (
        # Three times the same words of one author on one day of Madrid: the first by the instant stays.
        t.quotes["source_row"].to_list() == [2] and t.left_out["source_row"].to_list() == [3, 4]
    ),
    "xss_mentions.csv": lambda t: t.quotes.height == 15 and "<script>" in t.quotes["text"].to_list()[0],
    "xss_<img src=x onerror=alert(1)>.csv": lambda t: rows_in(t) == (5, 5),
    "formula_mentions.csv": lambda t: rows_in(t)[0] == 9 and t.quotes["text"].to_list()[0] == "=1+1",
    "emoji_zwj.csv": lambda t: "👨‍👩‍👧‍👦" in t.quotes["text"].to_list()[0],
    "markdown_injection.csv": lambda t: t.quotes.height == 3,
    "template_injection.csv": lambda t: "{{7*7}}" in t.quotes["text"].to_list(),
    "xlsx_far_cell.xlsx": lambda t: rows_in(t) == (1, 1),
}


@pytest.mark.parametrize("row", [row for row in FILES if row["verdict"] == "accept"], ids=name_of)
def test_what_must_be_accepted_is_read_exactly(row: dict[str, str], corpus: Path, tmp_path: Path) -> None:
    lines, tables = verdict(row, corpus, tmp_path / "acme")
    if row["file"].endswith("xlsx_far_cell.xlsx") and lines:
        assert "XFD1048576" in lines[0]  # the manifest allows to refuse it by the cell
        return
    assert lines == [], row["must"]
    assert tables is not None
    assert MUST[name_of(row)](tables), row["must"]


WARNED = {
    "enc_mojibake_double.csv": "looks_double_encoded",
    "enc_lone_surrogate.jsonl": "broken_characters",
    "bidi_zero_width.csv": "unseen_characters",
    "ansi_escape.csv": "control_characters",
    "docx_tracked_changes.docx": "tracked",
    "interview_pii.md": "pii",
}


@pytest.mark.parametrize("row", [row for row in FILES if row["verdict"] == "accept+w"], ids=name_of)
def test_what_is_accepted_with_a_warning_is_counted(row: dict[str, str], corpus: Path, tmp_path: Path) -> None:
    name = name_of(row)
    lines, tables = verdict(row, corpus, tmp_path / "acme")
    assert lines == [], row["must"]
    assert tables is not None
    flags = [flag for flags in tables.sources["flags"] for flag in flags]
    assert any(WARNED[name] in flag for flag in flags), (row["must"], flags)
    texts = " ".join(tables.quotes["text"])
    assert "\x1b" not in texts
    assert not any("\ud800" <= char <= "\udfff" for char in texts)
    if name == "docx_tracked_changes.docx":
        assert "Vaig pagar ahir" in texts
        assert "Puig" not in texts
    if name == "bidi_zero_width.csv":
        assert tables.quotes["author_hash"].n_unique() == 1


@pytest.mark.parametrize("row", [row for row in FILES if row["verdict"] == "ignore"], ids=name_of)
def test_what_is_ignored_is_listed_and_never_read(row: dict[str, str], corpus: Path, tmp_path: Path) -> None:
    name = name_of(row)
    if name.startswith("litter/"):
        folder = tmp_path / "acme"
        folder.mkdir()
        shutil.copytree(corpus / "litter", folder / "litter")
        (folder / "litter" / "good.csv").write_bytes((corpus / "ok_mentions.csv").read_bytes())
        client = make_client(folder, MENTIONS.format(path="litter/*"))
        tables, faults = check_sources(client)
        assert faults == []
        assert tables.sources["source_file"].to_list() == ["litter/good.csv"]
        return
    lines, tables = verdict(row, corpus, tmp_path / "acme")
    assert lines == []
    assert tables is not None
    assert tables.quotes.is_empty()
    assert tables.left_out["why"].unique().to_list() == ["retention_past"]


TABLES = {
    "sdc_small_cells.csv": ("persona", ["participants"], [78.0]),
    "sdc_dominance.csv": ("persona", ["participants", "total_spend", "max_spend"], [24.0, 20000.0, 10700.0]),
}


@pytest.mark.parametrize("row", of_roles("aggregate"), ids=name_of)
def test_tables_for_disclosure_control_are_read_exactly_when_declared(
    row: dict[str, str], corpus: Path, tmp_path: Path
) -> None:
    # What they are there for is what may be shown of small counts; of reading they ask no more than this.
    name = name_of(row)
    dimension, metrics, sums = TABLES[name]
    shutil.copy(corpus / name, tmp_path / name)
    toml = f'[[sources]]\nid = "bad"\npath = "{name}"\nformat = "table"\nkind = "observations"\n'
    toml += "period = { from = 2026-07-01, to = 2026-07-31 }\n"
    toml += f'[sources.dimensions]\nsegment = "{dimension}"\n[sources.metrics]\n'
    toml += "".join(f'{metric} = {{ column = "{metric}", unit = "people" }}\n' for metric in metrics)
    tables, faults = check_sources(make_client(tmp_path, toml))
    assert [str(fault) for fault in faults] == []
    read = tables.observations.group_by("metric").agg(pl.col("value").sum())
    assert dict(read.iter_rows()) == dict(zip(metrics, sums, strict=True))


@pytest.mark.parametrize("row", of_roles("aggregate", "batch"), ids=name_of)
def test_a_table_of_no_tool_is_refused_in_one_line_when_nothing_is_declared(
    row: dict[str, str], corpus: Path, tmp_path: Path
) -> None:
    # A list of clients has no place here: a folder is a client, and ids are small letters that no case tells apart.
    name = name_of(row)
    shutil.copy(corpus / name, tmp_path / name)
    client = make_client(tmp_path, NOTES.format(path=name, format="detect"))
    (fault,) = check_sources(client)[1]
    told = 'perhaps table, but not surely; add format = "table" to this source if it is'
    assert str(fault) == f"{name}, source 'bad': {told}"


TOMLS = {
    "batch_case_collision": (HEAD.replace('id = "acme"', 'id = "ACME"'), "client.id"),
    "batch_letters": (HEAD.replace('id = "acme"', 'id = "café"'), "client.id"),
    "params_traversal": (HEAD.replace('id = "acme"', 'id = "../../otra_empresa"'), "client.id"),
    "params_abs": (HEAD.replace('id = "acme"', 'id = "/tmp/evil"'), "client.id"),
    "params_types": (HEAD.replace('id = "acme"', "id = 007"), "line"),
    "params_number": (HEAD.replace('id = "acme"', "id = 7"), "client.id"),
    "params_dup_keys": (HEAD.replace('id = "acme"', 'id = "acme"\nid = "globex"'), "line 4"),
    "params_typo_key": (HEAD.replace("[wave]", "[wvae]"), "wave"),
    "params_key_injection": (HEAD + "\n\"x=1;__import__('os').system('touch X');y\" = 1\n", "x=1"),
    "map_unknown_stage": (HEAD.replace('stages = ["consideration"]', 'stages = ["consideratio"]'),
                          "did you mean 'consideration'?"),
}  # fmt: skip


@pytest.mark.parametrize(("toml", "told"), TOMLS.values(), ids=TOMLS)
def test_settings_with_the_faults_of_the_yaml_files_are_refused(tmp_path: Path, toml: str, told: str) -> None:
    (tmp_path / "client.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(CjtoolsError) as caught:
        cj.load_client(tmp_path)
    assert told in str(caught.value)
    assert not (tmp_path / "X").exists()


def test_a_pattern_that_would_never_end_has_no_place(tmp_path: Path) -> None:
    # Terms and pages are no regular expressions: `(a+)+$` is a word like any other, found in linear time.
    redos = HEAD.replace('codes = ["W1"]', 'codes = ["W1"]\nterms = ["(a+)+$", "(["]')
    (tmp_path / "client.toml").write_text(redos, encoding="utf-8")
    client = cj.load_client(tmp_path)
    frame = pl.DataFrame({"quote_id": ["q"], "text": ["a" * 40 + "!"]})
    began = time.perf_counter()
    match_terms(frame, touchpoints=client.touchpoints)
    assert time.perf_counter() - began < 1
