"""What must not leave the machine with a report: its paths, its user, its name."""

from __future__ import annotations

import getpass
import html
import json
import re
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cjtools.errors import Fault, ReportError, raise_if_any


def refuse_leaks(what: str, files: Mapping[str, str], *, folder: Path) -> None:
    """Raise ReportError when a file that is about to be published names this machine.

    `files` from name to text, without the chart runtime; `folder` is the client's.
    """
    faults = [
        Fault(name, f"holds {kind}", "", "a report must not name the machine that it was made on")
        for kind, patterns in secrets(folder).items()
        for name in found_in(files, list(patterns))
    ]
    raise_if_any(ReportError, what, sorted(faults))


def found_in(files: Mapping[str, str], patterns: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the files that hold one of the patterns; a word that must be there spares the search in most texts."""
    for name, text in files.items():
        lower = text.lower()
        if any(word.lower() in lower and re.search(pattern, text, re.IGNORECASE) for word, pattern in patterns):
            yield name


def secrets(folder: Path) -> dict[str, Iterator[tuple[str, str]]]:
    """Return what to look for, by what it is: a word that is always there, and the pattern."""
    return {
        "the home folder": path_patterns(Path.home()),
        "the path of the client's folder": path_patterns(folder.resolve()),
        "the path of the working folder": path_patterns(Path.cwd()),
        "the path of Python's environment": path_patterns(Path(sys.prefix)),
        "the path of the temporary folder": path_patterns(Path(tempfile.gettempdir())),
        "the name of the user": user_patterns(getpass_user()),
        "the name of the machine": host_patterns(socket.gethostname()),
    }


def path_patterns(path: Path) -> Iterator[tuple[str, str]]:
    """Yield how an absolute path may be written: as it is, with slashes, inside JSON, inside HTML."""
    for text in {str(path), path.as_posix()}:
        for form in {text, html.escape(text), json.dumps(text)[1:-1]}:
            # A root ("/", "C:\\") is in every text; a longer name that only begins alike is another folder.
            if len(path.parts) > 1:
                yield form, r"(?<![\w.])" + re.escape(form) + r"(?![\w.-])"


def user_patterns(user: str) -> Iterator[tuple[str, str]]:
    """Yield how a user's name gives the machine away: in a path or before an @. A first name in a quote is no leak."""
    if user:
        yield user, rf"(?:/home/|/Users/|\\Users\\|\\\\Users\\\\){re.escape(user)}\b|\b{re.escape(user)}@"


def host_patterns(host: str) -> Iterator[tuple[str, str]]:
    """Yield a host's name where it cannot be an ordinary word: with a digit, a dot or a hyphen in it, or after an @."""
    if not host or host == "localhost":
        return
    if re.search(r"[\d.-]", host):
        yield host, rf"(?<![\w.-]){re.escape(host)}(?![\w-])"
    yield host, rf"\w@{re.escape(host)}\b"


def getpass_user() -> str:
    """Return the name of the user, or nothing where there is none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def mask_paths(text: str, *, folder: Path) -> str:
    """Return a message without this machine's folders, for the page that says what went wrong."""
    names = {folder.resolve(): folder.name, Path.cwd(): ".", Path.home(): "~", Path(sys.prefix): "<env>"}
    for path, name in sorted(names.items(), key=lambda pair: -len(str(pair[0]))):
        if len(path.parts) > 1:
            for form in (str(path), path.as_posix()):
                text = text.replace(form, name)
    return text
