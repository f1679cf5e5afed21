"""A client with interviews only, totals only, mentions only, or nothing: each map is made and says what it lacks."""

from __future__ import annotations

import html
import re

import pytest
from fixtures.run_command import NOTE
from report_fixture import notebook_of

import cjtools as cj
from cjtools.report.export import to_page
from cjtools.settings import LANGUAGES

INTERVIEWS = '\n[[sources]]\nid = "interviews"\npath = "P*.md"\nformat = "interview_notes"\n'
TOTALS = """
[[sources]]
id = "web"
path = "web.csv"
format = "table"
kind = "observations"
timezone = "UTC"
date_format = "%Y-%m-%d"
touchpoint = "website"
[sources.mapping]
observed_at = "day"
[sources.metrics]
sessions = { column = "sessions", unit = "sessions" }
"""
MENTIONS = """
[[sources]]
id = "mentions"
path = "mentions.csv"
format = "table"
kind = "mentions"
timezone = "UTC"
date_format = "%Y-%m-%d"
[sources.mapping]
mention_id = "id"
said_at = "day"
text = "text"
author = "author"
"""
NOTES = {f"P0{n}.md": NOTE.replace("P01", f"P0{n}").replace("2026-03", "2026-08") for n in (1, 2, 3, 4)}
FILES = {
    "interviews": (INTERVIEWS, NOTES),
    "totals": (TOTALS, {"web.csv": "day,sessions\n2026-07-01,120\n2026-08-01,140\n"}),
    "mentions": (MENTIONS, {"mentions.csv": "id,day,text,author\n" + "".join(
        f"m{n},2026-08-0{n},The checkout is too slow and I hate it number {n},a{n}\n" for n in range(1, 8))}),
    "nothing": ("", {}),
}  # fmt: skip


def map_of(folder, name: str, language: str = "en") -> cj.JourneyMap:
    declared, files = FILES[name]
    toml = folder / "client.toml"
    toml.write_text(toml.read_text("utf-8") + declared, encoding="utf-8")
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return cj.map_journey(cj.load_client(folder), language=language, audience="team")


def page_of(folder, name: str, language: str = "en") -> tuple[cj.JourneyMap, str]:
    journey = map_of(folder, name, language)
    return journey, to_page(notebook_of(journey), language=language, audience="team")


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_made_in_every_language_and_every_empty_cell_says_why(folder, name, language):
    _, page = page_of(folder, name, language)
    table = page[page.index('<table class="matrix"') :].split("</table>")[0]
    empty = re.findall(r'<p class="empty">(.*?)</p>', table, re.DOTALL)
    assert empty
    assert all(re.fullmatch(r"\S.* · \S.*", plain(each)) for each in empty)
    assert not re.search(r"\bNone\b|\bnan\b", plain(page))


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("interviews", "interview", {"social", "behaviour", "totals", "survey"}),
        ("totals", "totals", {"social", "behaviour", "interview", "survey"}),
        ("mentions", "social", {"interview", "behaviour", "totals", "survey"}),
        ("nothing", None, {"social", "behaviour", "interview", "totals", "survey"}),
    ],
)
def test_only_what_there_is_counts_as_evidence(folder, name, has, lacks):
    journey = map_of(folder, name)
    there = set(journey.coverage.filter(state="evidence")["family"])
    assert there == ({has} if has else set())
    assert set(journey.coverage.filter(state="no_source")["family"]) >= lacks - {"behaviour"}
    assert journey.questions.height > 0
    assert journey.verdicts["verdict"].is_in(["friction_confirmed", "natural_end"]).sum() == 0


def test_a_map_of_nothing_says_so_first(folder):
    journey, page = page_of(folder, "nothing")
    assert journey.header.evidence_line == journey.words["no_evidence_at_all"]
    assert journey.header.evidence_line in plain(page)


@pytest.mark.parametrize("name", ["interviews", "totals", "mentions"])
def test_a_map_of_one_kind_of_source_never_says_that_there_is_nothing(folder, name):
    journey = map_of(folder, name)
    assert journey.words["no_evidence_at_all"] not in journey.header.evidence_line
    assert journey.header.evidence_line.endswith(journey.words.count("stages_without_behaviour", 6))
