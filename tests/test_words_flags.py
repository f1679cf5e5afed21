"""Every flag and every reason that a reader can write has its words in all five languages; found in the code."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from conftest import ROOT
from fixtures.find_flags import flags_in

from cjtools.privacy import FORMS
from cjtools.settings import LANGUAGES
from cjtools.sources.parsing.speakers import Mark
from cjtools.sources.preset import load_presets
from cjtools.tables import Answer
from cjtools.words import load_words

SOURCES = ROOT / "cjtools" / "sources"

# Columns and dimensions that stand where flags stand.
NO_FLAGS = {"day", "week", "month", "year", "period", "first", "last", "fate", "why", "own", "name", "source_file",
            "source_row"}  # fmt: skip
# Reasons that are a tool's own words: Reddit's [removed], Mastodon's visibilities, a response's status in Qualtrics.
OF_TOOLS = {"deleted", "removed", "private", "direct", "limited", "preview", "test", "spam"}


def dialects() -> set[str]:
    known = tomllib.loads((SOURCES / "readers" / "access_log.toml").read_text("utf-8"))["dialects"]
    return {each["name"] for each in known} | {"json", "w3c"}


# What the flags that begin so end with.
FAMILIES = {
    "dialect_": dialects(),
    "looks_like_": set(Answer.instrument.categories) - {"other"},
    "pii_found_": (FORMS.keys() - {"link"}) | {"name"},
}


def of_turns() -> set[str]:
    """What stands between the turns of a transcript, and a name without words."""
    return (set(get_args(get_type_hints(Mark)["kind"])) - {"speaker", "heading"}) | {"empty"}


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return flags_in(SOURCES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flag_in_the_code_has_its_words(language: str, found: dict[str, str]) -> None:
    words = load_words(language)
    plain = {name for name in found if not name.endswith("_")}
    families = {start + end for start, ends in FAMILIES.items() for end in ends}
    presets = {flag for preset in load_presets().values() for flag in preset.flags}
    every = (plain | families | presets | OF_TOOLS | of_turns()) - NO_FLAGS
    assert len(every) > 150
    assert sorted(name for name in every if not words.has("flags", name)) == []


def test_every_family_of_flags_is_known(found: dict[str, str]) -> None:
    assert {name for name in found if name.endswith("_")} == FAMILIES.keys()


def test_no_language_has_words_for_a_flag_that_nothing_writes(found: dict[str, str]) -> None:
    written = found.keys() | OF_TOOLS | of_turns() | {flag for each in load_presets().values() for flag in each.flags}
    families = {start + end for start, ends in FAMILIES.items() for end in ends}
    unused = load_words("en").sections["flags"].keys() - written - families
    assert unused <= {"direct_message", "excluded"}  # what client.toml's own columns may say


CODE = """
def notes_of(rows):
    yield "in_a_function", 1
    return rows.select(in_a_select=1)
def why():
    return "as_a_reason" if x else None
notes = {"in_a_dictionary": 1, **{f"of_a_family_{kind}": 2}}
notes["by_its_name"] += 1
more = (("in_a_list_of_one", 3),)
fates.append((line, "rejected", "behind_a_fate"))
rows = merge_rows(with_fate(rows, "text"), copies, "as_a_copy")
rows.with_columns(why=pl.when(total).then(pl.lit("in_a_literal")))
row = {"left_out": "as_a_key" if hidden else None, "other": "no_flag"}
FileLine(flags=tuple(counted({"counted_ones": 1})))
kept.select(flag=pl.format("in_a_form:{}", "len"))
"""


def test_flags_are_found_wherever_code_writes_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE, encoding="utf-8")
    assert sorted(flags_in(tmp_path)) == [
        "as_a_copy", "as_a_key", "as_a_reason", "behind_a_fate", "by_its_name", "counted_ones", "in_a_dictionary",
        "in_a_form", "in_a_function", "in_a_list_of_one", "in_a_literal", "in_a_select", "no_text", "of_a_family_",
    ]  # fmt: skip
