"""The codebook of a client: shown, written for other tools, or taken from them."""

from __future__ import annotations

from pathlib import Path

from cjtools.client import OWN_FILES, Client, in_language, load_client
from cjtools.commands.text import Column, table
from cjtools.errors import Fault, ParameterError
from cjtools.text.codebook import FILE, Codebook, from_qdc, load_codebook, to_qdc, to_toml
from cjtools.whole_file import write_whole
from cjtools.words import load_words


def exchange_codebook(folder: str | Path, *, to: Path | None, from_: Path | None, language: str, force: bool) -> str:
    """Return what was done, or the codes when neither `to` nor `from_` names a file.

    `to` is written as REFI-QDA in one language; `from_` becomes codebook.toml, over one that is there only by `force`.
    """
    client = load_client(folder)
    spoken = load_words(language or client.client.language).language
    if to and from_:
        raise ParameterError("the codebook", [Fault("--to", "stands beside --from", "one of both")])
    if from_:
        return take_codebook(client, from_, language=spoken, force=force)
    book = load_codebook(client)
    if to:
        inputs = [client.folder / name for name in OWN_FILES]
        write_whole(to, [to_qdc(book, language=spoken, client_id=client.client.id)], inputs=inputs)
        return f"{to.as_posix()}\n{len(book.codes)} codes in {spoken}"
    return "\n".join(listed(book, language=spoken))


def take_codebook(client: Client, path: Path, *, language: str, force: bool) -> str:
    """Make the client's codebook.toml of a REFI-QDA file and return what was written."""
    target = client.folder / FILE
    if target.exists() and not force:
        fault = Fault(target.as_posix(), "there is one already", "", "move it away, or --force")
        raise ParameterError("the codebook", [fault])
    try:
        xml = path.read_bytes()
    except OSError as error:
        found = str(error.strerror or error)
        raise ParameterError("the codebook", [Fault(path.as_posix(), found, "a REFI-QDA codebook (.qdc)")]) from error
    book = from_qdc(xml, language=language, name=path.name)
    write_whole(target, [to_toml(book)], inputs=[path])
    return f"{target.as_posix()}\n{len(book.codes)} codes in {language}"


def listed(book: Codebook, *, language: str) -> list[str]:
    """Return the codes as lines."""
    columns = [Column("kind"), Column("code", least=8), Column("label", least=12)]
    return table(columns, [(code.kind, code.id, in_language(code.label, language)) for code in book.codes])
