"""Interviews as captions, and as the text that meeting tools and transcribers write."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SHARED
from fixtures.make_client import faults_of, make_client
from hypothesis import given
from hypothesis import strategies as st

import cjtools as cj
from cjtools.sources.parsing.cues import form_of, read_cues
from cjtools.sources.parsing.speakers import blank_marks, find_marks

SOURCE = '[[sources]]\nid = "talks"\npath = "{name}"\nformat = "{form}"\nconsent = "report"\nlanguage = "ca"\n'
WHO = '[sources.speakers]\n"Ana Puig" = "interviewer"\n"Pere Roca" = "participant"\n'
ONE = 'participant = "P01"\n'
CAPTIONS = SHARED / "samples" / "interviews" / "webvtt_srt_edge_cases"
needs_samples = pytest.mark.skipif(not CAPTIONS.is_dir(), reason="the shared samples are not here")


def client_of(folder: Path, text: str, rest: str, *, name: str = "talk.vtt", form: str = "captions") -> cj.Client:
    (folder / name).write_bytes(text.encode())
    return make_client(folder, SOURCE.format(name=name, form=form) + rest)


def told(folder: Path, text: str, rest: str = WHO, **more: str) -> list[tuple[str, str]]:
    tables = cj.read_sources(client_of(folder, text, rest, **more))
    return tables.quotes.select("speaker_role", "text").rows()


def vtt(*cues: str, step: int = 2) -> str:
    """The text of captions: a cue every two seconds, each shown to the next."""
    shown = (
        f"{number}\n{clock(number * step)} --> {clock(number * step + step)}\n{cue}\n"
        for number, cue in enumerate(cues)
    )
    return "WEBVTT\n\n" + "\n".join(shown)


def clock(second: int) -> str:
    return f"00:{second // 60:02}:{second % 60:02}.000"


@needs_samples
@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("sample.vtt", 16, "Caption text #1 Caption text #2 Caption text #3"),
        ("sample.srt", 5, "Caption text #1 Caption text #2"),
        ("two_captions.sbv", 2, "Caption text #1 Caption text #2 (line 1) Caption text #2 (line 2)"),
        ("captions_with_bom.vtt", 4, "Caption text #1 Caption text #2 Caption text #3 Caption text #4"),
        ("cue_tags.vtt", 3, "When the moon hits your eye Like a big-a pizza pie That's amore"),
        ("comments.vtt", 3, "- Ta en kopp varmt te. - Det är inte varmt. - Har en kopp te."),
        ("youtube_dl.vtt", 4, "yeah what this will happen is I'm telling"),
    ],
)
def test_real_captions_are_read_whole_and_every_cue_is_a_row(tmp_path: Path, name: str, rows: int, words: str) -> None:
    tables = cj.read_sources(client_of(tmp_path, (CAPTIONS / name).read_text("utf-8"), ONE, name=name))
    assert tables.sources["rows_in"].item() == rows
    assert tables.quotes["text"].item().startswith(words)
    assert tables.quotes.select("participant_id", "speaker_role").row(0) == ("P01", "participant")


def test_the_fragments_of_a_speaker_are_one_passage_and_names_are_masked(tmp_path: Path) -> None:
    text = vtt("<v Ana Puig>Com va</v>", "<v Ana Puig>anar?</v>", "<v Pere Roca>Bé, Ana.</v>\n<v Ana Puig>I més?</v>")
    tables = cj.read_sources(client_of(tmp_path, text, WHO))
    assert set(tables.quotes.select("source_row", "speaker_role", "text", "participant_id").iter_rows()) == {
        (4, "interviewer", "Com va anar?", None),
        (12, "participant", "Bé, ▮▮▮.", "talks-1"),
        (12, "interviewer", "I més?", None),
    }
    assert tables.sources.select("rows_in", "rows_used", "rows_merged", "flags").row(0) == (3, 2, 1, ["same_turn:1"])


def test_a_voice_that_is_not_named_is_nobodys(tmp_path: Path) -> None:
    assert told(tmp_path, vtt("<v Pere Roca>Sí.</v>", "(soroll)", "<v Pere Roca>Clar.</v>")) == [
        ("participant", "Sí. Clar.")
    ]


def test_a_block_of_teams_keeps_its_speaker(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nab-cd/3-0\n00:01.000 --> 00:02.000\n<v Pere Roca>Un</v>\n\nab-cd/3-1\n00:02.000 --> 00:03.000\ndos\n"
    )
    assert told(tmp_path, text) == [("participant", "Un dos")]


def test_labels_are_split_at_the_first_colon_and_go_on_without_one(tmp_path: Path) -> None:
    text = vtt("Ana Puig: Per què?", "Pere Roca: El preu: car.", "i l'enviament,", "dic jo: també")
    assert told(tmp_path, text) == [
        ("interviewer", "Per què?"),
        ("participant", "El preu: car. i l'enviament, dic jo: també"),
    ]


def test_a_listed_name_may_hold_a_colon(tmp_path: Path) -> None:
    who = '[sources.speakers]\n"Ana: UX" = "interviewer"\n"Pere Roca" = "participant"\n'
    assert told(tmp_path, vtt("Ana: UX: Hola", "Pere Roca: Bé"), who)[0] == ("interviewer", "Hola")


def test_words_for_a_role_need_no_table(tmp_path: Path) -> None:
    text = vtt("Entrevistadora: Com?", "Entrevistat: Així.", "Intervistatrice: E poi?", "Respondent 2: Atât.")
    assert [role for role, _ in told(tmp_path, text, "")] == ["interviewer", "participant"] * 2


def test_a_long_pause_and_a_long_speech_begin_another_passage(tmp_path: Path) -> None:
    sentence = "Això és una frase de quaranta lletres. "
    text = vtt(*(f"Pere Roca: {sentence}" for _ in range(20))) + "\n00:05:00.000 --> 00:05:01.000\nPere Roca: Adéu.\n"
    tables = cj.read_sources(client_of(tmp_path, text, WHO))
    assert [len(text) > 500 for text in tables.quotes["text"]] == [True, False, False]
    assert tables.quotes["parent_id"].to_list() == [None, tables.quotes["quote_id"][0], tables.quotes["quote_id"][0]]


def test_lines_that_roll_upwards_are_said_once_and_a_word_said_twice_is_said_twice(tmp_path: Path) -> None:
    rolling = vtt("un", "un\ndos", "dos\n<00:05.000><c>tres</c>", "tres")
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    tables = cj.read_sources(client_of(tmp_path / "a", rolling, ONE))
    assert tables.quotes["text"].to_list() == ["un dos tres"]
    assert tables.sources["flags"].to_list() == [["rolling:1", "same_turn:2"]]
    assert told(tmp_path / "b", vtt("Pere Roca: sí", "Pere Roca: sí", "Ana Puig: a", "Pere Roca: b")) == [
        ("participant", "sí sí"),
        ("interviewer", "a"),
        ("participant", "b"),
    ]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("00:99:00.000 --> 00:99:01.000\nx", "bad_cue"),
        ("00:01 --> 00:02\nx", "bad_cue"),
        ("00:00:03.000 -->\nx", "bad_cue"),
        ("00:00:03.000 --> 00:00:04.000\n", "no_text"),
        ("00:00:03.000 --> 00:00:04.000\n<i></i>", "no_text"),
    ],
)
def test_a_broken_cue_is_counted_and_the_others_are_read(tmp_path: Path, broken: str, why: str) -> None:
    tables = cj.read_sources(
        client_of(tmp_path, vtt("abans") + f"\n{broken}\n\n00:00:09.000 --> 00:00:10.000\nfi\n", ONE)
    )
    assert tables.sources.select("rows_in", "rows_rejected").row(0) == (3, 1)
    assert tables.left_out.filter(fate="rejected")["why"].to_list() == [why]
    assert " ".join(tables.quotes["text"]) == "abans fi"


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nHola\r\n",
        "00:00:01,000 --> 00:00:02,000\nHola\n",
        "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nHola\n",
        "\n\n0:00:01.000,0:00:02.000\nHola\n",
        "WEBVTT\nKind: x\n\nNOTE x\n\nSTYLE\n::cue {}\n\n00:01.000 --> 00:02.000\n<c.x>Hola</c>\n",
    ],
)
def test_every_form_of_captions_is_known_by_its_content(tmp_path: Path, text: str) -> None:
    client = client_of(tmp_path, text, ONE, name="talk.txt", form="detect")
    tables = cj.read_sources(client)
    assert (tables.sources["format"].item(), tables.quotes["text"].to_list()) == ("captions", ["Hola"])


def test_a_broken_first_cue_hides_none_of_the_others(tmp_path: Path) -> None:
    text = "0:00:01.000,0:00:02.000\n\n0:00:02.000,0:00:03.000\nHola\n"
    tables = cj.read_sources(client_of(tmp_path, text, ONE))
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected").row(0) == (2, 1, 1)
    assert tables.quotes["text"].to_list() == ["Hola"]


def test_captions_that_name_nobody_ask_for_a_participant(tmp_path: Path) -> None:
    (fault,) = faults_of(client_of(tmp_path, vtt("Hola"), ""))
    assert fault == (
        'talk.vtt: nobody is named in these captions; add participant = "P01" to this source when it is all one '
        "person, else names in the file (Ana: text)"
    )


def test_the_file_itself_may_be_named_after_the_participant(tmp_path: Path) -> None:
    tables = cj.read_sources(client_of(tmp_path, vtt("Hola"), "", name="P12.vtt"))
    assert tables.quotes["participant_id"].to_list() == ["P12"]


def test_unlisted_speakers_are_a_fault_that_says_what_to_add(tmp_path: Path) -> None:
    (fault,) = faults_of(client_of(tmp_path, vtt("Ana Puig: a", "Pere Roca: b"), ""))
    assert fault == (
        "client.toml, source 'talks', speakers: speakers that are not listed: 'Ana Puig', 'Pere Roca'; add below "
        '[sources.speakers]: "Ana Puig" = "participant" or "interviewer", "Pere Roca" = "participant" or "interviewer"'
    )


def test_what_is_no_captions_is_a_fault(tmp_path: Path) -> None:
    assert faults_of(client_of(tmp_path, "Hola\n", ONE)) == [
        "talk.vtt: no captions; WEBVTT, or numbers and times such as 00:00:01,000 --> 00:00:02,000"
    ]


@pytest.mark.parametrize(("name", "day"), [("zoom_20260504.vtt", "2026-05-04"), ("t_2026-13-41.vtt", None)])
def test_the_day_may_stand_in_the_name_of_the_file(tmp_path: Path, name: str, day: str | None) -> None:
    tables = cj.read_sources(client_of(tmp_path, vtt("Hola"), ONE, name=name))
    assert tables.quotes["local_date"].cast(str).to_list() == [day]


def test_others_who_speak_are_left_out_when_client_toml_says_so(tmp_path: Path) -> None:
    text = vtt("Pere Roca: Sí.", "Bot: Gravant.", "Pere Roca: Ja.")
    tables = cj.read_sources(client_of(tmp_path, text, WHO + '"Bot" = "other"\n'))
    assert tables.quotes["text"].to_list() == ["Sí.", "Ja."]
    assert tables.left_out.select("source_row", "why").rows() == [(8, "other_speaker")]


def test_without_any_consent_nothing_is_used_and_every_cue_is_told(tmp_path: Path) -> None:
    client = client_of(tmp_path, vtt("Pere Roca: a", "Pere Roca: b"), WHO)
    text = (tmp_path / "client.toml").read_text().replace('consent = "report"\n', "")
    (tmp_path / "client.toml").write_text(text)
    tables = cj.read_sources(cj.load_client(client.folder))
    assert tables.quotes.is_empty()
    assert tables.participants.is_empty()
    assert tables.sources.select("rows_in", "rows_rejected", "rows_merged").row(0) == (2, 1, 1)


@given(st.text(alphabet=st.sampled_from("WEBVTT\n0123:.,<>-v/ c{}&;aé\r\ufeff"), max_size=200))
def test_no_text_breaks_the_reading_of_captions(text: str) -> None:
    for form in ("vtt", "srt", "sbv", form_of(text) or "srt"):
        cues = read_cues("WEBVTT\n\n" + text if form == "vtt" else text, form)
        assert [cue.line for cue in cues] == sorted({cue.line for cue in cues})
        assert all(0 <= cue.text_start <= cue.text_end for cue in cues)


MEET = """# Entrevista - Transcript
## Attendees
Ana Puig, Pere Roca

### 00:00:00

**Ana Puig:** Com va?
**Pere Roca:** Bé: ràpid.

### Meeting ended after 00:06:12
*This editable transcript was computer generated and might contain errors.*
"""
SPANISH = """# Informe

- Dolor: el preu

#### Entrevista a la clienta
Ana Puig, Entrevistadora: Com va?
Pere Roca, tècnic de l'A255: Bé: ràpid.
EN: ¿I més?
PR: Res.
PR: De debò.
EN:I ja?
"""
MORE = '"Pere Roca, tècnic de l\'A255" = "participant"\nEN = "interviewer"\nPR = "participant"\n'
DIALECTS = {
    "otter": ("Ana Puig  0:01  \nCom va?\n\nPere Roca  1:00:04\nBé: ràpid.\n\nTranscribed by https://otter.ai\n", ""),
    "meet": (MEET, ""),
    "teams": ("0:0:0.0 --> 0:0:1.250\nAna Puig\nCom va?\n\n0:0:1.250 --> 0:0:3.0\nPere Roca\nBé: ràpid.\n", ""),
    "rev": ("Ana Puig (00:03):\nCom va?\n\nPere Roca (00:05): Bé: ràpid.\n", ""),
    "stamps before": ("[00:00:07] Ana Puig: Com va?\n00:09 Pere Roca: Bé: ràpid.\n", ""),
    "zoom text": ("[Ana Puig] 10:02:03\nCom va?\n\n[Pere Roca] 10:02:05\nBé: ràpid.\n", ""),
    "wide labels": ("Ana Puig:         Com \nva?\n\nPere Roca:     Bé: \nràpid.\n", ""),
    "a line a turn": ("Ana Puig: Com va?\nPere Roca: Bé: ràpid.\nAna Puig: Ja.\n", ""),
    "bullets": ("- Ana Puig: Com va?\n- Pere Roca: Bé: ràpid.\n", ""),
    "codes and roles": (SPANISH, MORE),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_of_meeting_tools_and_transcribers_is_read(tmp_path: Path, dialect: str) -> None:
    text, more = DIALECTS[dialect]
    found = told(tmp_path, text, WHO + more, name="talk.txt", form="transcript")
    assert found[:2] == [("interviewer", "Com va?"), ("participant", "Bé: ràpid.")]
    assert not any("otter" in words or "computer" in words or "ended" in words for _, words in found)


def test_two_labels_of_one_participant_are_one_person_when_the_source_says_so(tmp_path: Path) -> None:
    client = client_of(tmp_path, SPANISH, ONE + WHO + MORE, name="talk.md", form="transcript")
    tables = cj.read_sources(client)
    assert tables.participants["participant_id"].to_list() == ["P01"]
    assert tables.quotes.filter(speaker_role="participant").height == 3


def test_a_code_is_another_person_in_another_file_and_a_name_the_same(tmp_path: Path) -> None:
    for name, who in (("a", "Pere Roca"), ("b", "Pere Roca"), ("c", "PR"), ("d", "PR"), ("e", "P31")):
        (tmp_path / f"{name}.txt").write_text(f"Interviewer: Com?\n{who}: Així {name}.\nInterviewer: Ja.\n")
    source = SOURCE.format(name="*.txt", form="transcript") + WHO + 'PR = "participant"\nP31 = "participant"\n'
    tables = cj.read_sources(make_client(tmp_path, source))
    people = tables.quotes.filter(speaker_role="participant")["participant_id"].to_list()
    assert people == ["talks-1", "talks-1", "talks-2", "talks-3", "P31"]


def test_a_heading_ends_what_somebody_says(tmp_path: Path) -> None:
    text = "Ana Puig: Com va?\nPere Roca: Bé.\nAna Puig: Ja.\n\n## Segona part\n\nNotes de camp.\n\nPere Roca: Més.\n"
    tables = cj.read_sources(client_of(tmp_path, text, WHO, name="talk.md", form="transcript"))
    assert tables.left_out.select("source_row", "why").rows() == [(7, "no_speaker")]
    assert tables.quotes["text"].to_list() == ["Com va?", "Bé.", "Ja.", "Més."]


def test_a_name_that_stands_once_between_turns_is_asked_for_and_never_given_to_another(tmp_path: Path) -> None:
    text = "Ana Puig: Com va?\nPere Roca: Bé.\nLaia Mir: Jo no.\nAna Puig: Ja.\n"
    (fault,) = faults_of(client_of(tmp_path, text, WHO, name="talk.txt", form="transcript"))
    assert "speakers that are not listed: 'Laia Mir'" in fault


def test_a_transcript_may_have_the_head_of_a_note(tmp_path: Path) -> None:
    head = "---\nparticipant: P31\nconsent: public\ndate: 2026-05-04\n---\n"
    text = head + "Interviewer: Com?\n\nP31: Així. [dolor]\n\nInterviewer: Ja.\n\nP31: Sí.\n"
    tables = cj.read_sources(client_of(tmp_path, text, "", name="talk.md", form="detect"))
    assert tables.sources["format"].to_list() == ["transcript"]
    assert tables.participants.select("participant_id", "consent").rows() == [("P31", "public")]
    assert tables.codings["code"].to_list() == ["pain"]


def test_notes_with_a_few_colons_are_no_transcript(tmp_path: Path) -> None:
    text = "# P01\n\nNota: ha comprat.\n\n- Preu: car\n- Web: lent\n\nPreu: altra vegada car\n"
    (fault,) = faults_of(client_of(tmp_path, text, "", name="a.md", form="detect"))
    assert "perhaps interview_notes, but not surely" in fault


@given(st.text(alphabet=st.sampled_from("Ana B:\n\r*_[]()0123.-># \t\\é"), max_size=200), st.integers(0, 3))
def test_labels_never_move_what_stands_in_a_text(text: str, skip: int) -> None:
    marks = find_marks(text, skip=skip, listed={"Ana B"})
    bare = blank_marks(text, marks, skip=skip)
    assert len(bare) == len(text)
    assert all(new in (old, " ") for new, old in zip(bare, text, strict=True))
    assert [mark.start for mark in marks] == sorted({mark.start for mark in marks})


def test_a_cue_of_which_two_lines_have_no_speaker_is_left_out_once(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v>a\n<v>b\n\n00:02.000 --> 00:04.000\n<v Ana>Hola a tothom.\n"
    toml = '[[sources]]\nid = "s"\npath = "t.vtt"\nconsent = "internal"\n[sources.speakers]\nAna = "participant"\n'
    tables = cj.read_sources(make_client(tmp_path, toml, t__vtt=text))
    assert tables.sources.select("rows_in", "rows_used", "rows_rejected").row(0) == (2, 1, 1)
    assert tables.left_out.select("source_row", "why").rows() == [(3, "no_speaker")]
