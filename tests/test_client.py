"""client.toml: what is taken, and how everything that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MINIMAL

import cjtools as cj
from cjtools.client import in_language, stage_models
from cjtools.settings import LANGUAGES
from cjtools.words import load_words


def write(folder: Path, text: str) -> Path:
    (folder / "client.toml").write_text(text, encoding="utf-8")
    return folder


def message(folder: Path) -> list[str]:
    with pytest.raises(cj.ClientError) as caught:
        cj.load_client(folder)
    return str(caught.value).splitlines()


def test_a_named_model_gives_its_stages_in_order(client):
    stages = [stage.id for stage in client.journey]
    assert stages == ["awareness", "consideration", "decision", "purchase", "loyalty", "advocacy"]
    assert client.journey[0].band == "before"


@pytest.mark.parametrize("model", ["four", "five", "six", "before_during_after"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_of_every_model_has_a_label_in_every_language(model, language):
    assert all(load_words(language).stage(stage) for stage in stage_models()[model])


def test_stages_of_ones_own_keep_the_order_of_the_file(folder):
    own = '[stages]\n[[stages.stage]]\nid = "try"\nband = "before"\n[[stages.stage]]\nid = "buy"\nband = "during"\n'
    text = MINIMAL.split("[stages]")[0] + own
    assert [stage.id for stage in cj.load_client(write(folder, text)).journey] == ["try", "buy"]


def test_all_faults_are_listed_at_once_with_the_nearest_name(folder):
    text = MINIMAL.replace('timezone = "Europe/Madrid"', 'timezone = "Europe/Madird"\nnam = "x"')
    text = text.replace('["decision"]', '["decison"]').replace("to = 2026-09-30", 'to = "soon"')
    text += '\n[[sources]]\nid = "s"\npath = "notes/*.md"\nmappin = { a = "b" }\n[stagess]\n'
    assert message(write(folder, text)) == [
        f"{folder.as_posix()}/client.toml cannot be used: 7 faults",
        "  client.nam: unknown key; did you mean 'name'?",
        "  client.timezone: 'Europe/Madird' is not an IANA time zone; did you mean 'Europe/Madrid'?",
        "  sources[1].mappin: unknown key; did you mean 'mapping'?",
        "  sources[1].path: no such file: 'notes/*.md'; paths start at this file's folder",
        "  stagess: unknown key; did you mean 'stages'?",
        "  touchpoints[2].stages: 'decison' is not a stage; did you mean 'decision'?",
        "  wave.to: found 'soon'; input should be a valid date or datetime, input is too short",
    ]


def test_a_missing_section_is_named(folder):
    assert message(write(folder, "[client]\nid = 'a'\nname = 'A'\n"))[1] == "  wave: missing; this key is required"


def test_a_missing_file_is_named_with_what_to_do(tmp_path):
    assert message(tmp_path)[1] == "  client.toml: the file is not there; `cjtools new NAME` makes one"


def test_a_file_that_is_nearly_there_is_suggested(folder):
    (folder / "mentions.csv").write_text("a\n", encoding="utf-8")
    text = MINIMAL + '\n[[sources]]\nid = "m"\npath = "mention.csv"\nformat = "table"\nkind = "mentions"\n'
    assert (
        message(write(folder, text))[1]
        == "  sources[1].path: no such file: 'mention.csv'; did you mean 'mentions.csv'?"
    )


def test_a_file_that_is_no_toml_says_where(folder):
    assert "not valid TOML" in message(write(folder, "[client\n"))[1]


def test_a_file_that_is_no_utf8_says_which_byte(folder):
    (folder / "client.toml").write_bytes(b'[client]\nname = "\xe9"\n')
    assert message(folder)[1] == "  client.toml: byte 17 is not UTF-8; save the file as UTF-8"


def test_an_objective_without_metric_target_and_date_is_refused(folder):
    text = MINIMAL + '\n[[objectives]]\nstage = "decision"\nstatement = "More"\nbaseline = 0.1\n'
    lines = message(write(folder, text))
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "objectives[1].due",
        "objectives[1].metric",
        "objectives[1].target",
    ]


@pytest.mark.parametrize("name", ["../escape", "Acme", "con", "a b", "-x", "", "a" * 64])
def test_a_client_id_that_cannot_be_a_folder_everywhere_is_refused(folder, name):
    assert message(write(folder, MINIMAL.replace('id = "acme"', f'id = "{name}"')))[1].startswith("  client.id: ")


def test_a_wave_that_runs_backwards_is_refused(folder):
    line = message(write(folder, MINIMAL.replace("2026-07-01", "2027-07-01")))[1]
    assert line == "  wave: the wave ends (2026-09-30) before it begins (2027-07-01)"


def test_a_wave_is_found_by_name_and_an_unknown_one_is_named(folder):
    extra = '\n[[waves]]\nid = "w0"\nfrom = 2026-04-01\nto = 2026-06-30\n'
    client = cj.load_client(write(folder, MINIMAL + extra))
    assert client.wave_named("").name == "w1"
    assert client.wave_named("w0").to.month == 6
    with pytest.raises(cj.ClientError, match=r"no wave is called 'w2'; known: w1, w0; add it as a"):
        client.wave_named("w2")


def test_the_same_id_twice_is_a_fault(folder):
    line = message(write(folder, MINIMAL.replace('id = "checkout"', 'id = "website"')))[1]
    assert line == "  touchpoints[2].id: 'website' is there twice; an id of its own"


def test_a_label_falls_back_to_the_clients_language_then_english():
    assert in_language({"en": "Shop", "ca": "Botiga"}, "it", "ca") == "Botiga"
    assert in_language({"en": "Shop", "es": "Tienda"}, "it", "ca") == "Shop"
    assert in_language({"ro": "Magazin"}, "it", "ca") == "Magazin"


def test_a_client_is_found_from_the_folder_of_a_notebook_too(folder, monkeypatch):
    (folder.parent / "notebooks").mkdir()
    monkeypatch.chdir(folder.parent / "notebooks")
    assert cj.load_client("acme").client.id == "acme"
