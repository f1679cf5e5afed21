"""The command that shows the codebook, gives it to other tools and takes it from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.make_client import make_client
from fixtures.run_command import cjtools

import cjtools as cj
from cjtools.commands.codebook import exchange_codebook
from cjtools.errors import ReportError

BOOK = '[[codes]]\nid = "fees"\nlabel = { ca = "Despeses", en = "Fees" }\ndefinition = { ca = "El cost al final" }\n'


def client_in(folder: Path, **files: str) -> cj.Client:
    folder.mkdir()
    return make_client(folder, **files)


def exchange(client: cj.Client, **asked: object) -> str:
    return exchange_codebook(client.folder, **{"to": None, "from_": None, "language": "", "force": False, **asked})


def test_the_codes_are_shown_in_the_language_asked_for(tmp_path):
    client = make_client(tmp_path, codebook__toml=BOOK)
    assert "Despeses" in exchange(client)
    english = exchange(client, language="en")
    assert "Fees" in english
    assert "coming back" in english


def test_a_codebook_goes_out_and_comes_back_as_it_was(tmp_path):
    client = client_in(tmp_path / "a", codebook__toml=BOOK)
    path = tmp_path / "book.qdc"
    assert exchange(client, to=path).startswith(path.as_posix())
    other = client_in(tmp_path / "b")
    assert (other.folder / "codebook.toml").as_posix() in exchange(other, from_=path)
    codes = {code.id: code for code in cj.load_codebook(other).codes}
    assert codes["fees"].label == {"ca": "Despeses"}
    assert codes["fees"].definition == {"ca": "El cost al final"}
    again = tmp_path / "again.qdc"
    exchange(other, to=again)
    assert again.read_bytes() == path.read_bytes()


def test_a_codebook_that_is_there_is_written_over_only_by_force(tmp_path):
    client = client_in(tmp_path / "a", codebook__toml=BOOK)
    path = tmp_path / "book.qdc"
    exchange(client, to=path)
    (client.folder / "codebook.toml").write_text(BOOK + "# mine\n")
    with pytest.raises(cj.ParameterError, match="there is one already; move it away, or --force"):
        exchange(client, from_=path)
    assert "# mine" in (client.folder / "codebook.toml").read_text()
    exchange(client, from_=path, force=True)
    assert "# mine" not in (client.folder / "codebook.toml").read_text()


def test_what_cannot_be_exchanged_is_said(tmp_path):
    client = make_client(tmp_path, book__qdc="no xml", codebook__toml=BOOK)
    with pytest.raises(cj.ParameterError, match="No such file"):
        exchange(client, from_=tmp_path / "none.qdc", force=True)
    with pytest.raises(cj.SourceError, match="a REFI-QDA codebook"):
        exchange(client, from_=tmp_path / "book.qdc", force=True)
    with pytest.raises(cj.ParameterError, match="one of both"):
        exchange(client, from_=tmp_path / "book.qdc", to=tmp_path / "x.qdc")
    with pytest.raises(cj.ParameterError, match="'xx' has no words"):
        exchange(client, language="xx")
    with pytest.raises(ReportError, match="this file was read"):
        exchange(client, to=tmp_path / "codebook.toml")
    assert (tmp_path / "codebook.toml").read_text() == BOOK


def test_the_command_says_what_it_wrote(tmp_path):
    client_in(tmp_path / "acme")
    done = cjtools("codebook", "acme", "--to", "acme.qdc", "--language", "it", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["acme.qdc", "9 codes in it"]
    again = cjtools("codebook", "acme", "--from", "acme.qdc", cwd=tmp_path)
    assert again.stdout.splitlines()[0] == "acme/codebook.toml"
    refused = cjtools("codebook", "acme", "--from", "acme.qdc", cwd=tmp_path)
    assert (refused.returncode, "there is one already" in refused.stderr) == (1, True)
