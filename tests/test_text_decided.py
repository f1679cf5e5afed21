"""The files beside client.toml: never evidence, checked with the sources, and no decision is lost in silence."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from fixtures.make_client import make_client
from fixtures.run_command import NOTE, cjtools

import cjtools as cj
from cjtools import client as client_file
from cjtools import crosscheck
from cjtools.claims import files as claim_files
from cjtools.client import OWN_FILES, files_at
from cjtools.commands.check import check_client
from cjtools.remarks import files as remark_files
from cjtools.report import views
from cjtools.settings import LANGUAGES
from cjtools.sources import unlisted_files
from cjtools.text import codebook, codings, theme_file, translations
from cjtools.text.codings import load_codings, orphans

MENTIONS = """
[[sources]]
id = "m"
path = "{}"
format = "table"
kind = "mentions"
date_format = "%Y-%m-%d"
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
"""
CSV = "id,date,text\n1,2026-05-01,Molt bé\n2,2026-05-02,No gaire bé\n"
DECIDED = "quote_id,kind,code,value,coder\n"
NOTES = '[[sources]]\nid = "i"\npath = "*.md"\nformat = "interview_notes"\n'
KEPT = {
    "codings__csv": DECIDED,
    "codebook__csv": "id,label\nfees,Despeses\n",
    "codebook__qdc": "<x/>",
    "themes__json": '{"encoder": "small", "themes": []}',
}


def test_the_list_of_own_files_has_the_name_of_every_module_that_keeps_one():
    kept = {module.FILE for module in (client_file, crosscheck, codebook, codings, theme_file, translations)}
    assert kept | {claim_files.CLAIMS, claim_files.LINKS, remark_files.REMARKS} == set(OWN_FILES)


@pytest.mark.parametrize("pattern", ["*.csv", "**/*.csv", "c*.csv", "[a-z]*.csv", "*"])
def test_a_pattern_never_reads_the_kits_own_files(tmp_path, pattern):
    make_client(tmp_path, comments__csv=CSV, **KEPT)
    assert [path.name for path in files_at(pattern, tmp_path)] == ["comments.csv"]


def test_what_is_called_like_an_own_file_elsewhere_is_evidence(tmp_path):
    make_client(tmp_path, exports___codings__csv=CSV, **KEPT)
    assert [path.name for path in files_at("**/*.csv", tmp_path)] == ["codings.csv"]
    assert [path.name for path in files_at("exports/*", tmp_path)] == ["codings.csv"]


def test_a_pattern_that_comes_back_into_the_folder_reads_them_no_more(tmp_path):
    folder = tmp_path / "acme"
    make_client(folder, comments__csv=CSV, **KEPT)
    assert [path.name for path in files_at("../acme/*.csv", folder)] == ["comments.csv"]


def test_decisions_made_in_the_meantime_change_nothing_of_what_is_read(tmp_path):
    client = make_client(tmp_path, MENTIONS.format("*.csv"), comments__csv=CSV)
    before = cj.read_sources(client)
    (tmp_path / "codings.csv").write_text(f"{DECIDED}{before.quotes['quote_id'][0]},stage,purchase,,ana\n", "utf-8")
    after = cj.read_sources(client)
    assert after.quotes.equals(before.quotes)
    assert after.sources["source_file"].to_list() == ["comments.csv"]
    assert unlisted_files(client) == []


def test_a_pattern_that_finds_only_own_files_finds_nothing(tmp_path):
    with pytest.raises(cj.ClientError, match=r"no such file: '\*\.csv'"):
        make_client(tmp_path, MENTIONS.format("*.csv"), **KEPT)


def test_check_lists_the_faults_of_sources_decisions_codebook_and_themes_together(tmp_path):
    (tmp_path / "P01.md").write_text(NOTE.replace("@website pain", "@webste pain"), encoding="utf-8")
    make_client(
        tmp_path,
        NOTES,
        codings__csv=f"{DECIDED}q,stage,purchse,,ana\nq,valence,,7,ana\n",
        codebook__toml='[[codes]]\nid = "a"\nlable = "x"\n',
        themes__json="{",
    )
    text, faults = check_client(tmp_path)
    said = [str(fault) for fault in faults]
    assert len(said) == 5
    for part in (
        "'purchse'; did you mean 'purchase'?",
        "a whole number from -2 to 2",
        "P01.md",
        "webste",
        "codebook.toml, codes[1].lable: unknown key; did you mean 'label'?",
        "themes.json: no list of themes",
    ):
        assert part in " ".join(said)  # fmt: skip
    assert "5 faults:" in text
    done = cjtools("check", str(tmp_path))
    assert done.returncode == 1
    assert "purchse" in done.stdout


@pytest.mark.parametrize("content", ['[[codes]\nid = "a"', b"\xff\xfe"])
def test_a_codebook_that_is_no_toml_is_named_as_itself(tmp_path, content):
    make_client(tmp_path, codebook__toml=content)
    _, faults = check_client(tmp_path)
    assert [fault.where for fault in faults] == ["codebook.toml"]


def decided_client(folder: Path) -> cj.Client:
    """Return a client with an interview, two decisions on what is said in it, and one code and one theme."""
    (folder / "P01.md").write_text(NOTE, encoding="utf-8")
    client = make_client(folder, NOTES)
    quotes = cj.read_sources(client).quotes["quote_id"].to_list()
    rows = "".join(f"{quote},stage,purchase,,ana\n" for quote in quotes)
    theme = '{"id": "a", "label": {"ca": "x"}, "people": 3, "centre": [1.0]}'
    return make_client(
        folder,
        NOTES,
        codings__csv=DECIDED + rows,
        codebook__toml='[[codes]]\nid = "a"\n',
        themes__json=f'{{"encoder": "small", "themes": [{theme}]}}',
    )


def test_decisions_on_a_text_that_was_edited_are_counted_and_not_lost_in_silence(tmp_path):
    client = decided_client(tmp_path)
    text, faults = check_client(tmp_path)
    assert faults == []
    assert "decisions 2 · codes in the codebook 1 · themes 1\n" in text
    (tmp_path / "P01.md").write_text(NOTE.replace("Compared three", "Compared four"), encoding="utf-8")
    text, faults = check_client(tmp_path)
    assert faults == []
    told = " ".join(text.split())  # the terminal breaks long lines where it likes
    assert "decisions 2 (1 of texts that are no longer there) · codes in the codebook 1 · themes 1" in told
    quotes = cj.read_sources(client).quotes
    gone = orphans(load_codings(client), quotes)
    assert gone.height == 1
    assert gone["quote_id"][0] not in quotes["quote_id"].to_list()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coding_notebook_tells_of_decisions_whose_text_is_gone_and_does_not_count_them(tmp_path, language):
    client = decided_client(tmp_path)
    (tmp_path / "themes.json").unlink()
    before = cj.study_texts(client, language=language)
    assert (before.coded, before.texts, before.orphans) == (2, 2, 0)
    (tmp_path / "P01.md").write_text(NOTE.replace("Compared three shops first [@website comparing +1]", "Nothing"))
    after = cj.study_texts(client, language=language)
    assert (after.coded, after.texts, after.orphans) == (2, 2, 1)
    words = cj.load_words(language)
    line = words("study_lost", decisions=words.count("decisions", 1))
    pages = [html.unescape(views.coding(study)._repr_mimebundle_()["text/html"]) for study in (before, after)]
    assert [line in re.sub(r"\s+", " ", page) for page in pages] == [False, True]


def test_a_decision_that_was_taken_back_is_no_decision_that_is_lost(tmp_path):
    rows = "gone,stage,purchase,,ana,true\ngone,stage,purchase,,ana,undone\n"
    client = make_client(tmp_path, codings__csv="quote_id,kind,code,value,coder,accepted\n" + rows)
    assert cj.check_decisions(client, cj.Tables().quotes)[0].decisions == 0


def test_what_a_report_was_made_from_names_every_own_file(tmp_path):
    client = decided_client(tmp_path)
    inputs = cj.study_texts(client).provenance["inputs"]
    assert [row["file"] for row in inputs] == ["client.toml", "codebook.toml", "codings.csv", "themes.json", "P01.md"]


@pytest.mark.parametrize("name", OWN_FILES)
def test_no_list_of_rows_is_written_over_an_own_file(tmp_path, name):
    decided_client(tmp_path)
    before = (tmp_path / name).read_bytes() if (tmp_path / name).is_file() else None
    done = cjtools("check", str(tmp_path), "--rejected", str(tmp_path / name))
    assert done.returncode == 1
    assert ((tmp_path / name).read_bytes() if (tmp_path / name).is_file() else None) == before
