"""Interviews in Word: what a reader of the accepted document sees, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.make_docx import W, document, par, run, style, table

import cjtools as cj
from cjtools.sources.opening.files import Opened
from cjtools.sources.readers.docx_text import WordText, read_word

NOTES = '[[sources]]\nid = "notes"\npath = "*.docx"\nformat = "{form}"\nconsent = "report"\nlanguage = "ca"\n'
TALK = '[sources.speakers]\n"Ana Puig" = "interviewer"\n"Pere Roca" = "participant"\n'
HEAD = ("---", "participant: P07", "consent: report", "---")


def read(*paragraphs: str, styles: str = "") -> WordText:
    return read_word(Opened("a.docx", document(*paragraphs, styles=styles), ""))


def lines(*paragraphs: str, styles: str = "") -> list[str]:
    return [line for line in read(*paragraphs, styles=styles).text.split("\n") if line]


def client_of(tmp_path: Path, data: bytes, *, form: str = "interview_notes", rest: str = "") -> cj.Client:
    return make_client(tmp_path, NOTES.format(form=form) + rest, P01__docx=data)


def test_tracked_changes_are_accepted_and_counted() -> None:
    changed = par(
        inside=run("Vaig pagar ")
        + '<w:del w:author="x"><w:r><w:delText>amb Maria Puig</w:delText></w:r></w:del>'
        + f'<w:ins w:author="x">{run("ahir")}</w:ins>'
        + f'<w:moveFrom w:author="x">{run(" fora")}</w:moveFrom><w:moveTo w:author="x">{run(" dins")}</w:moveTo>'
    )
    found = read(changed)
    assert found.text.strip() == "Vaig pagar ahir dins"
    assert found.flags == {"tracked_deletions": 2, "tracked_insertions": 2}


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next() -> None:
    deleted = par("Vaig ", properties='<w:rPr><w:del w:author="x"/></w:rPr>')
    assert lines(deleted, par("pagar.")) == ["Vaig pagar."]


def test_hidden_text_is_dropped_and_counted_by_itself_and_by_its_style() -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:name w:val="H"/><w:rPr><w:vanish/></w:rPr></w:style>'
    shown = run("no", properties='<w:vanish w:val="0"/>')
    hidden = run("secret", properties="<w:vanish/>") + run("secret", properties='<w:rStyle w:val="H"/>')
    found = read(par(inside=run("Sí ") + hidden + shown), styles=styles)
    assert (found.text.strip(), found.flags) == ("Sí no", {"hidden_texts": 2})


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{par('en un requadre')}</w:txbxContent>"
    twice = (
        f"<mc:AlternateContent><mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert lines(par(inside=run("abans") + f"<w:r>{twice}</w:r>"), par("després")) == [
        "abans",
        "en un requadre",
        "després",
    ]


def test_tabs_breaks_and_hyphens_are_kept_and_notes_and_comments_counted() -> None:
    marks = "<w:r><w:tab/><w:noBreakHyphen/><w:softHyphen/><w:footnoteReference w:id='2'/></w:r>"
    field = "<w:r><w:instrText>HYPERLINK x</w:instrText></w:r><w:r><w:commentReference w:id='0'/></w:r>"
    found = read(par(inside=run("a\nb") + marks + field))
    assert (found.text.strip(), found.flags) == ("a\nb\t-", {"footnotes": 1, "comments": 1})


@pytest.mark.parametrize(
    ("key", "name", "sign"),
    [
        ("Heading2", "heading 2", "## "),
        ("Ttulo1", "heading 1", "# "),
        ("Titlu3", "", "### "),
        ("Titolo1", "Titolo 1", "# "),
        ("Encapalament1", "Encapçalament 1", "# "),
        ("Cita", "Quote", "> "),
        ("Titol", "Title", "# "),
        ("Normal", "Normal", ""),
    ],
)
def test_styles_say_what_a_paragraph_is(key: str, name: str, sign: str) -> None:
    styles = style(key, name) if name else ""
    assert lines(par("Compra", style=key), styles=styles) == [f"{sign}Compra"]


def test_a_style_takes_what_it_does_not_say_from_the_one_it_is_based_on() -> None:
    styles = style("Heading1", "heading 1") + style("Mine", "My own", '<w:basedOn w:val="Heading1"/>')
    assert lines(par("Compra", style="Mine"), styles=styles) == ["# Compra"]


def test_bullets_are_bullets_and_what_only_looks_like_markdown_is_words() -> None:
    bullet = par("un", properties='<w:numPr><w:numId w:val="1"/></w:numPr>')
    assert lines(bullet, par("# no és un títol"), par("2024. Un any")) == [
        "- un",
        "\\# no és un títol",
        "2024\\. Un any",
    ]


def test_notes_in_word_are_read_as_markdown_notes(tmp_path: Path) -> None:
    data = document(
        *map(par, HEAD),
        par("Consideració", style="Heading1"),
        par("L'enviament és car. [@website dolor -2]"),
        par("Però arriba bé."),
        table(
            ("a la cel·la", "i a l'altra"),
        ),
        styles=style("Heading1", "heading 1"),
    )
    tables = cj.read_sources(client_of(tmp_path, data))
    assert tables.quotes.select("source_row", "text", "participant_id").rows() == [
        (6, "L'enviament és car.", "P07"),
        (7, "Però arriba bé.", "P07"),
        (8, "a la cel·la", "P07"),
        (9, "i a l'altra", "P07"),
    ]
    assert tables.codings.filter(kind="stage")["code"].unique().to_list() == ["consideration"]
    assert tables.codings.filter(kind="touchpoint")["code"].to_list() == ["website"]
    assert tables.sources["encoding"].to_list() == ["docx"]


@pytest.mark.parametrize(
    "head",
    [
        [par("Participant: P07"), par("consent: public"), par("edat: 30-44")],
        [table(("Participant", "P07"), ("consent", "public")), par("edat: 30-44")],
    ],
)
def test_the_head_needs_no_dashes_which_word_makes_a_rule_of(tmp_path: Path, head: list[str]) -> None:
    tables = cj.read_sources(client_of(tmp_path, document(*head, par(), par("Hola."))))
    assert tables.quotes["text"].to_list() == ["Hola."]
    assert tables.participants.select("participant_id", "consent").row(0) == ("P07", "public")
    assert tables.participants["attributes"].to_list() == [[{"name": "edat", "value": "30-44"}]]


def test_faults_name_the_paragraph(tmp_path: Path) -> None:
    data = document(*map(par, HEAD), par(), par("Hola [@webiste dolor]."))
    assert faults_of(client_of(tmp_path, data)) == [
        "P01.docx paragraph 6, column 7: '@webiste' is no touchpoint; did you mean 'website'?"
    ]


@pytest.mark.parametrize(
    "paragraphs",
    [
        [
            par(f"{time}\n{name}\n{text}")
            for time, name, text in (
                ("0:0:0.0 --> 0:0:1.250", "Ana Puig", "Com va anar?"),
                ("0:0:1.250 --> 0:0:4.0", "Pere Roca", "Bé: ràpid."),
            )
        ],
        [
            par(part)
            for part in (
                "0:0:0.0 --> 0:0:1.250",
                "Ana Puig",
                "Com va anar?",
                "0:0:1.250 --> 0:0:4.0",
                "Pere Roca",
                "Bé: ràpid.",
            )
        ],
        [
            par("Ana Puig   0:03\nCom va anar?"),
            par("Pere Roca   0:05\nBé: ràpid."),
            par("Ana Puig stopped transcription"),
        ],
        [par("Ana Puig: Com va anar?"), par("Pere Roca: Bé: ràpid.")],
        [
            table(
                ("Ana Puig", "Com va anar?"), ("Pere Roca", "Bé: ràpid."), ("Ana Puig", "I més?"), ("Pere Roca", "Res.")
            )
        ],
    ],
    ids=["teams", "teams-paragraphs", "teams-new", "labels", "table"],
)
def test_transcripts_in_word_are_read_as_transcripts(tmp_path: Path, paragraphs: list[str]) -> None:
    tables = cj.read_sources(client_of(tmp_path, document(*paragraphs), form="transcript", rest=TALK))
    assert tables.quotes.select("speaker_role", "participant_id", "text").rows()[:2] == [
        ("interviewer", None, "Com va anar?"),
        ("participant", "notes-1", "Bé: ràpid."),
    ]


def test_the_content_of_a_document_tells_notes_from_transcripts(tmp_path: Path) -> None:
    talk = [par(f"{name}: a") for name in ("Interviewer", "Respondent") * 3]
    for name, data in (("a", document(*map(par, HEAD), par("Hola."))), ("b", document(*talk))):
        (tmp_path / name).mkdir()
        client = client_of(tmp_path / name, data, form="detect")
        assert cj.read_sources(client).sources["format"].to_list() == [
            {"a": "interview_notes", "b": "transcript"}[name]
        ]


def test_the_main_part_may_have_another_name() -> None:
    found = read_word(Opened("a.docx", document(par("Hola"), main="word/document2.xml"), ""))
    assert found.text.strip() == "Hola"


ENTITY = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b">]><w:document {W}><w:body/></w:document>'
DEEP = f"<w:document {W}><w:body><w:p>{'<w:sdt>' * 30000}{'</w:sdt>' * 30000}</w:p></w:body></w:document>"
FORMS = "Word (.docx), Markdown (.md) or text (.txt); save it as .docx"


def main(text: str) -> bytes:
    return document(more={"word/document.xml": text})


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (main(ENTITY), "holds a DTD or an entity; plain XML; save or export it again"),
        (main(DEEP), "nested too deep; a plain document; save it again as .docx"),
        (main("<a"), "broken XML ('unclosed token: line 1, column 0'); save or export it again"),
        (document(more={"../x": "y"}), "holds '../x', which leads out of the zip; plain names inside the zip"),
        (document(), "the file is empty ({size} bytes); notes of an interview"),
        (b"\xd0\xcf\x11\xe0\xa1", f"this is an old or locked Office file (.doc); {FORMS}"),
        (b"{\\rtf1 x}", f"this is rich text (.rtf); {FORMS}"),
        (b"PK\x03\x04 broken", "broken or locked zip (File is not a zip file); export it again without a password"),
    ],
    ids=["entity", "deep", "broken", "traversal", "empty", "doc", "rtf", "zip"],
)
def test_what_is_hostile_or_broken_is_a_fault(tmp_path: Path, data: bytes, fault: str) -> None:
    assert faults_of(client_of(tmp_path, data)) == [f"P01.docx: {fault.format(size=len(data))}"]


def test_a_bomb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    (fault,) = faults_of(client_of(tmp_path, document("<w:p/>" * 3_000_000)))
    assert fault.startswith("P01.docx: 'word/document.xml' unpacks to more than ")
