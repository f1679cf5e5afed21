"""Interview notes and transcripts."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from hypothesis import given, settings
from hypothesis import strategies as st

import cjtools as cj
from cjtools.sources.parsing.codes import Code, CodeBook
from cjtools.sources.parsing.front_matter import read_front_matter
from cjtools.sources.parsing.passages import read_passages

NOTES = '[[sources]]\nid = "notes"\npath = "notes/*"\nformat = "interview_notes"\nconsent = "none"\n'
BOOK = CodeBook(
    {"consideration": "consideration", "purchase": "purchase", "compra": "purchase"},
    {"pain": "pain", "gain": "gain", "need": "need"},
    {"website": "website", "store": "store"},
)


def told(text: str) -> list[tuple[str, str | None, Code | None]]:
    """The passages of a text as words, stage of the heading, code."""
    passages, slips = read_passages(text, BOOK)
    assert slips == []
    return [(passage.text, passage.heading_stage, passage.code) for passage in passages]


def notes(tmp_path: Path, text: str, name: str = "notes___P01__md") -> cj.Tables:
    return cj.read_sources(make_client(tmp_path, NOTES, **{name: text}))


def test_a_bullet_a_paragraph_and_a_quotation_are_a_passage_each() -> None:
    passages, _ = read_passages("One.\n\n- two\n- three\n  on two lines\n\n> four\n> five\n\n1. six\n", BOOK)
    assert [passage.text for passage in passages] == ["One.", "two", "three on two lines", "four five", "six"]
    assert [passage.verbatim for passage in passages] == [False, False, False, True, False]
    assert [passage.line for passage in passages] == [1, 3, 4, 7, 10]


def test_a_passage_knows_its_place_in_the_text() -> None:
    text = "# Title\n\n- Massa **car**, diu. [pain -2]\n\n> Ho deixo\n> per demà [gain +1]\n"
    passages, _ = read_passages(text, BOOK)
    places = [text[passage.start : passage.end] for passage in passages]
    assert places == ["Massa **car**, diu.", "Ho deixo\n> per demà"]
    assert [passage.text for passage in passages] == ["Massa car, diu.", "Ho deixo per demà"]


def test_a_code_codes_what_stands_before_it_back_to_the_code_before() -> None:
    assert told("Too dear. [pain @website -2] But nice. [gain +1] Then he left.") == [
        ("Too dear.", None, Code(None, "website", ("pain",), -2)),
        ("But nice.", None, Code(None, None, ("gain",), 1)),
        ("Then he left.", None, None),
    ]


def test_a_full_stop_after_the_code_belongs_to_the_words_before() -> None:
    assert told("Too dear [pain -2].") == [("Too dear.", None, Code(None, None, ("pain",), -2))]


def test_a_code_before_all_words_codes_the_words_after_it() -> None:
    assert told("[pain @website] Too dear.") == [("Too dear.", None, Code(None, "website", ("pain",)))]


def test_codes_of_different_kinds_side_by_side_are_one() -> None:
    assert told("Too dear. [consideration] [@website] [pain -2]") == [
        ("Too dear.", None, Code("consideration", "website", ("pain",), -2))
    ]


def test_codes_of_the_same_kind_side_by_side_code_the_same_words_twice() -> None:
    passages, _ = read_passages("Dear, but near. [pain @website] [gain @store]", BOOK)
    assert [(passage.text, passage.code, passage.repeats) for passage in passages] == [
        ("Dear, but near.", Code(None, "website", ("pain",)), False),
        ("Dear, but near.", Code(None, "store", ("gain",)), True),
    ]


@pytest.mark.parametrize(
    "text", ["See [pain](https://x.example).", r"He \[pain\] said.", "![pain](x.png) a", "[inaudible] a", "- [ ] a"]
)
def test_links_images_escapes_and_other_brackets_are_no_codes(text: str) -> None:
    assert [code for _, _, code in told(text)] == [None]


def test_markup_is_taken_off_and_no_word_is_lost() -> None:
    text = "**Bold** _it_ `code` [link](https://x.example) <b>tag</b> &amp; a\\*b ![alt](x.png) <https://y.example>."
    assert told(text)[0][0] == "Bold it code link <b>tag</b> & a*b alt https://y.example."


@pytest.mark.parametrize(
    "text",
    ["    indented words", "```\nfenced words\n```", "<div>\nwords of html\n</div>", "[a]: words", "words\n===="],
)
def test_what_markdown_would_hide_is_said_all_the_same(text: str) -> None:
    assert "words" in " ".join(said for said, _, _ in told(text))


@pytest.mark.parametrize("bullet", ["•", "–", "—", "▪", "*", "+"])
def test_bullets_of_a_word_processor_are_bullets(bullet: str) -> None:
    passages, _ = read_passages(f"{bullet} one [pain]\n{bullet} two\n", BOOK)
    assert [passage.text for passage in passages] == ["one", "two"]


def test_a_heading_that_names_a_stage_holds_until_the_next_of_its_level() -> None:
    text = "# P01\nbefore\n## 2. Consideration:\na\n### Website\nb\n## Other\nc\n# Compra\nd\n"
    assert [(said, stage) for said, stage, _ in told(text)] == [
        ("before", None),
        ("a", "consideration"),
        ("b", "consideration"),
        ("c", None),
        ("d", "purchase"),
    ]


def test_a_bold_line_is_a_heading_and_a_bold_sentence_is_not() -> None:
    assert told("**Purchase**\n\na\n\n**He left.**") == [("a", "purchase", None), ("He left.", "purchase", None)]


def test_a_code_in_a_heading_names_its_stage() -> None:
    assert told("## At the shop [purchase]\na")[0][1] == "purchase"


def test_the_stage_of_the_code_is_stronger_than_that_of_the_heading(tmp_path: Path) -> None:
    tables = notes(tmp_path, "## Consideration\n- a [purchase pain]\n- b\n")
    stages = (
        tables.quotes.join(tables.codings.filter(kind="stage"), on="quote_id", maintain_order="left")
        .select("text", "code")
        .rows()
    )
    assert stages == [("a", "purchase"), ("b", "consideration")]


def test_a_note_becomes_quotes_codings_and_a_participant(tmp_path: Path) -> None:
    tables = notes(
        tmp_path,
        "---\nparticipant: P07\ndate: 2026-07-08\nlanguage: ro\nconsent: report\npersona: compra en línia\n"
        "coder: Ana\nage: 30-44\n---\n\n> Prea scump. [considerare @website problemă -2]\n\nAltceva.\n",
    )
    assert tables.quotes.select(
        "text", "verbatim", "language", "participant_id", "time_precision", "consent_to_quote"
    ).rows() == [
        ("Prea scump.", True, "ro", "P07", "day", True),
        ("Altceva.", False, "ro", "P07", "day", True),
    ]
    assert tables.quotes["said_at"][0].isoformat() == "2026-07-07T22:00:00+00:00"
    assert tables.codings.select("kind", "code", "value", "coder", "method", "accepted").rows() == [
        ("stage", "consideration", None, "Ana", "person", True),
        ("touchpoint", "website", None, "Ana", "person", True),
        ("type", "pain", None, "Ana", "person", True),
        ("valence", "valence", -2, "Ana", "person", True),
    ]
    assert tables.participants.row(0, named=True) | {"interviewed_on": None} == {
        "participant_id": "P07",
        "source_id": "notes",
        "persona": "online",
        "language": "ro",
        "interviewed_on": None,
        "consent": "report",
        "attributes": [{"name": "age", "value": "30-44"}],
    }


def test_without_front_matter_the_file_name_is_the_participant_and_nobody_may_be_quoted(tmp_path: Path) -> None:
    tables = notes(tmp_path, "Només text.")
    assert tables.quotes.select("participant_id", "consent_to_quote", "language", "time_precision").row(0) == (
        "P01",
        False,
        "ca",
        "unknown",
    )
    assert tables.sources["flags"].to_list() == [["language_assumed"]]


def test_a_name_is_masked_in_the_text_and_kept_nowhere(tmp_path: Path) -> None:
    tables = notes(tmp_path, "---\nname: Mercè Puig\nphone: 600 000 000\n---\nDiu la MERCE que Puig no hi era.\n")
    assert tables.quotes["text"].to_list() == ["Diu la ▮▮▮ que ▮▮▮ no hi era."]
    assert tables.participants["attributes"].to_list() == [[]]
    assert "contact_left_out:1" in tables.sources["flags"][0]
    everything = "".join(str(getattr(tables, name).rows()) for name in ("quotes", "participants", "sources", "codings"))
    assert "Puig" not in everything
    assert "600" not in everything


def test_the_id_of_a_quote_stays_when_others_come_before_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    short = notes(tmp_path / "a", "Same.\n\nSame.\n\nLast.\n").quotes
    longer = notes(tmp_path / "b", "# New\n\nFirst.\n\nSame.\n\nSame.\n\nLast.\n").quotes
    assert short["quote_id"].n_unique() == 3
    assert set(short["quote_id"]) < set(longer["quote_id"])


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    text = "---\nparticipant: P01\n---\n\nAixò és car. [dolor]\n"
    plain = notes(tmp_path / "a", text)
    windows = notes(tmp_path / "b", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "notes___P01__md")
    assert plain.quotes.equals(windows.quotes)


WRONG_HEAD = """---
participant: Maria Puig
date: 8 July
language: català
consent: yes
persona: onlin
consentt: x
---
a
"""


def test_every_fault_of_every_note_is_told_at_once(tmp_path: Path) -> None:
    client = make_client(
        tmp_path,
        NOTES,
        notes___a__md=WRONG_HEAD,
        notes___b__md="Hola [dolor @webiste].\n",
        notes___c__md="",
    )
    assert faults_of(client) == [
        "notes/a.md line 2: participant 'Maria Puig' is no pseudonym; such as P01; a real name goes under name:",
        "notes/a.md line 3: date '8 July' is not a date; a day such as 2026-07-08",
        "notes/a.md line 6: 'onlin' is not a persona; did you mean 'online'?",
        "notes/a.md line 4: language 'català' is not a language code; such as ca, es or en-GB",
        "notes/a.md line 5: consent 'yes' is not known; known: none, internal, report, public",
        "notes/a.md line 7: 'consentt' is not known here; did you mean 'consent'?",
        "notes/b.md line 1: participant is missing; begin the file with the lines ---, participant: P01, ---",
        "notes/b.md line 1, column 13: '@webiste' is no touchpoint; did you mean 'website'?",
        "notes/c.md: the file is empty (0 bytes); notes of an interview",
    ]


def test_a_file_named_after_the_participant_is_a_fault(tmp_path: Path) -> None:
    client = make_client(tmp_path, NOTES, notes___Merce_Puig__md="---\nparticipant: P01\nname: Mercè Puig\n---\na\n")
    assert faults_of(client) == [
        "notes/Merce_Puig.md line 3: the file's name holds the participant's name; rename the file, such as P01.md"
    ]


def test_one_pseudonym_is_one_person(tmp_path: Path) -> None:
    head = "---\nparticipant: P01\nconsent: {}\n---\na\n"
    client = make_client(tmp_path, NOTES, notes___a__md=head.format("report"), notes___b__md=head.format("none"))
    assert faults_of(client) == [
        "notes/b.md: participant P01 has consent none, but report in notes/a.md; one person, one pseudonym"
    ]


def test_a_second_interview_of_the_same_person_is_the_same_participant(tmp_path: Path) -> None:
    head = "---\nparticipant: P01\nconsent: report\ndate: 2026-0{}-01\n---\na\n"
    tables = cj.read_sources(make_client(tmp_path, NOTES, notes___a__md=head.format(1), notes___b__md=head.format(2)))
    assert tables.participants.height == 1
    assert tables.quotes.height == 2


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("a: &x 1", "P.md line 2: an alias or anchor (* or &); plain text; put the text in quotes"),
        (
            "a: !!python/object x",
            "P.md line 2: a tag ('tag:yaml.org,2002:python/object'); plain text; put the text in quotes",
        ),
        ("a: 1\nb: 2\na: 3", "P.md line 4: 'a' is there twice (line 2); once"),
        ("a: {b: c}", "P.md line 2: 'a' holds more than a text; a text, or a list of texts"),
        (
            "a: b: c",
            (
                "P.md line 2: not valid YAML: mapping values are not allowed here; key: text; "
                "a text with a colon needs quotes"
            ),
        ),
        ("- a", "P.md line 2: no keys; key: text"),
        ("a: " + "[" * 9 + "]" * 9, "P.md line 2: lists within lists; plain keys and texts"),
        ("a: " + "x" * 66000, "P.md line 1: more than 64 KB between the --- lines; a few short keys"),
    ],
)
def test_front_matter_holds_keys_and_texts_and_nothing_else(inside: str, fault: str) -> None:
    assert [str(each) for each in read_front_matter(f"---\n{inside}\n---\nx", "P.md")[1]] == [fault]


def test_front_matter_takes_every_value_as_text() -> None:
    head, _ = read_front_matter("---\nid: 007\ncountry: NO\nwhen: 12:30:45\nlist: [a, b]\n---\n", "P.md")
    assert {key: entry.text for key, entry in head.entries.items()} == {
        "id": "007",
        "country": "NO",
        "when": "12:30:45",
        "list": "a, b",
    }


def test_front_matter_that_never_closes_is_a_fault() -> None:
    assert (
        str(read_front_matter("---\nconsent: none\n", "P.md")[1][0])
        == "P.md line 1: --- opens here and never closes; a second line ---"
    )


def no_consent(text: str) -> str:
    return text.replace('consent = "none"\n', "")


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("participant: P01\n", "no_consent"),
        ("participant: P01\nconsent:\n", "no_consent"),
        ("participant: P01\nconsent: report\nretain_until: 2026-12-30\n", "retention_past"),
        ("participant: P01\nretain_until: 2020-01-01\n", "retention_past"),
    ],
)
def test_a_note_that_must_not_be_used_is_counted_and_leaves_nothing(tmp_path: Path, head: str, why: str) -> None:
    client = make_client(tmp_path, no_consent(NOTES), notes___P01__md=f"---\n{head}---\nMassa car. [dolor]\n\nBé.\n")
    tables = cj.read_sources(client)
    assert (tables.quotes.height, tables.codings.height, tables.participants.height) == (0, 0, 0)
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected").row(0) == (2, 0, 2)
    assert f"{why}:2" in tables.sources["flags"][0]
    assert tables.left_out["why"].to_list() == [why, why]


def test_a_note_may_be_kept_until_the_wave_is_over_and_the_source_may_give_the_consent(tmp_path: Path) -> None:
    head = "---\nparticipant: P01\nretain_until: 2026-12-31\n---\n"
    source = NOTES.replace('"none"', '"report"')
    tables = cj.read_sources(make_client(tmp_path, source, notes___P01__md=head + "Massa car.\n"))
    assert tables.quotes["consent_to_quote"].to_list() == [True]
    assert tables.participants["consent"].to_list() == ["report"]
    assert tables.participants["attributes"].to_list() == [[]]


def test_a_day_of_keeping_that_is_none_and_a_consent_of_the_source_that_is_none_are_faults(tmp_path: Path) -> None:
    client = make_client(tmp_path, NOTES, notes___P01__md="---\nparticipant: P01\nretain_until: soon\n---\na\n")
    assert faults_of(client) == ["notes/P01.md line 3: retain_until 'soon' is not a date; a day such as 2026-07-08"]
    client = make_client(tmp_path, NOTES.replace('"none"', '"yes"'))
    assert faults_of(client) == [
        "client.toml, source 'notes', consent: consent 'yes' is not known; known: none, internal, report, public"
    ]


def test_personal_data_is_counted_by_kind_and_the_values_stand_in_no_flag(tmp_path: Path) -> None:
    text = (
        "P09: Soy Lucía Fernández Ortega, mi DNI es 12345678Z, correo lucia.fdez@example.es, móvil 612 345 678, "
        "cuenta ES91 2100 0418 4502 0005 1332.\n\nMe llamo Lucía; soy Directora de Zona. ¿Lucía o no?\n"
    )
    tables = notes(tmp_path, text)
    kinds = [flag for flag in tables.sources["flags"][0] if flag.startswith("pii_found")]
    assert kinds == [
        "pii_found_email:1", "pii_found_iban:1", "pii_found_id:1", "pii_found_name:3", "pii_found_phone:1",
    ]  # fmt: skip
    assert tables.quotes["text"][0].startswith("P09: Soy ▮▮▮ ▮▮▮ ▮▮▮, mi DNI")
    assert tables.quotes["text"][1] == "Me llamo ▮▮▮; soy ▮▮▮ de ▮▮▮. ¿▮▮▮ o no?"


def test_what_the_interviewer_asks_in_a_note_is_not_the_participants(tmp_path: Path) -> None:
    tables = notes(tmp_path, "Entrevistadora: Com va anar?\n\nP01: Bé.\n\nA la fi, bé.\n")
    assert tables.quotes.select("speaker_role", "participant_id").rows() == [
        ("interviewer", None), ("participant", "P01"), ("participant", "P01"),
    ]  # fmt: skip


def test_a_head_needs_no_dashes_when_two_of_its_keys_are_known(tmp_path: Path) -> None:
    tables = notes(tmp_path, "Participant: P07\nConsent: public\nedat: 30-44\n\nHola.\n", "notes___a__txt")
    assert tables.quotes.select("text", "participant_id").rows() == [("Hola.", "P07")]
    assert tables.participants["attributes"].to_list() == [[{"name": "edat", "value": "30-44"}]]
    said = notes(tmp_path, "Participant: sí.\nNota: no.\n", "notes___P02__txt").quotes
    assert "Participant: sí. Nota: no." in said["text"].to_list()


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab .\n-#>*_`[]()@+12!\\&<\t\0é•—:"), max_size=120))
def test_no_note_breaks_the_parser_and_every_place_is_in_the_text(text: str) -> None:
    passages, _ = read_passages(text, BOOK)
    for passage in passages:
        assert 0 <= passage.start <= passage.end <= len(text)
        assert 1 <= passage.line <= text.count("\n") + 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Too dear", "it works", "why not"]), min_size=1, max_size=5))
def test_as_many_passages_as_codes_when_each_text_has_one(texts: list[str]) -> None:
    line = " ".join(f"{text} {number}. [pain -1]" for number, text in enumerate(texts))
    assert [said for said, _, _ in told(line)] == [f"{text} {number}." for number, text in enumerate(texts)]


TALK = """Recorded in May.

**Ann Lee:** \\[00:01\\] How was it?

**Jo Ruiz:** \\[00:04:01.06\\] Fine, says Ann. [purchase gain +1]

Then \\[unintelligible 00:05\\] not.

**Break:** \\[01:24\\]

Still Jo. \\[laughs\\]

**Ann Lee:** \\[02:00\\]
"""
TRANSCRIPT = """
[[sources]]
id = "talks"
path = "*.md"
format = "transcript"
consent = "public"
language = "en"
date = 2026-05-04
"""
SPEAKERS = '[sources.speakers]\n"Ann Lee" = "interviewer"\n"Jo Ruiz" = "participant"\n'


def test_a_transcript_gives_each_paragraph_to_its_speaker(tmp_path: Path) -> None:
    tables = cj.read_sources(make_client(tmp_path, TRANSCRIPT + SPEAKERS, talk__md=TALK))
    assert tables.quotes.select("text", "speaker_role", "participant_id", "consent_to_quote").rows() == [
        ("How was it?", "interviewer", None, False),
        ("Fine, says ▮▮▮.", "participant", "talks-1", True),
        ("Then [unintelligible 00:05] not.", "participant", "talks-1", True),
        ("Still Jo. [laughs]", "participant", "talks-1", True),
    ]
    first = tables.quotes["quote_id"][1]
    assert tables.quotes["parent_id"].to_list() == [None, None, first, first]
    assert tables.codings.filter(pl.col("quote_id") == first)["code"].to_list() == ["purchase", "gain", "valence"]
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected", "flags").row(0) == (
        7, 4, 3, ["breaks:1", "empty:1", "no_speaker:1"],
    )  # fmt: skip


def test_an_unlisted_speaker_is_a_fault_that_says_what_to_add(tmp_path: Path) -> None:
    client = make_client(tmp_path, TRANSCRIPT + '[sources.speakers]\n"Ann Lee" = "interviewer"\n', talk__md=TALK)
    assert faults_of(client) == [
        (
            "client.toml, source 'talks', speakers: speakers that are not listed: 'Jo Ruiz'; "
            'add below [sources.speakers]: "Jo Ruiz" = "participant" or "interviewer"'
        )
    ]


def test_a_text_without_speakers_is_no_transcript(tmp_path: Path) -> None:
    client = make_client(tmp_path, TRANSCRIPT + SPEAKERS, talk__md="Nobody speaks.")
    assert faults_of(client) == ["talk.md line 1: no paragraph begins with a speaker; **Name:** text"]
