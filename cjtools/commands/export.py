"""The joined events of a client as a file for process-mining tools."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import cjtools as cj
from cjtools.client import Client, load_client
from cjtools.commands.progress import progress_over
from cjtools.commands.text import wrapped
from cjtools.errors import Fault, ParameterError

# Git and `cjtools check` look past it.
KEY_FILE = Path(".cjtools") / "pseudonyms.key"
LEFT = {
    "outside": "outside the wave",
    "denied": "without consent",
    "bot": "of robots",
    "internal": "of the company itself",
}


def export_client(
    folder: str | Path, *, form: str, case: str, wave: str, out: Path | None, key: Path | None, also: Sequence[str]
) -> str:
    """Write the event log of a client and return what was written and what was kept back.

    `key` is a file with the secret that ids are hashed with; without one the client's own is taken, and made when it is
    not there yet. Everything is checked before a file is read.
    """
    client = load_client(folder)
    form, case = cj.event_log.known_format(form), cj.event_log.known_case(case)
    period = client.wave_named(wave)
    secret, place = read_key(client, key)
    cj.event_log.check_parameters(key=secret, also=also)
    path = out or Path(f"{client.client.id}-{period.name}.{cj.event_log.FORMATS[form].ending}")
    with progress_over(None, what="exporting"):
        tables = cj.read_sources(client)
        log = cj.write_event_log(tables, path, client=client, key=secret, form=form, case=case, wave=wave, also=also)
        without = cj.event_log.without_case(log, form=form, case=case)
    left = [f"{count:,} {LEFT[name]}" for name, count in log.left.items() if count]
    left += [f"{without:,} that belong to no {'object' if form == 'ocel' else case}"] if without else []
    lines = [path.as_posix(), f"{log.count - without:,} events" + (f"; left out: {', '.join(left)}" if left else "")]
    lines += wrapped(f"Ids are hashed with {place.as_posix()}: keep that file in the house, apart from what you send.")
    lines += wrapped("A log under pseudonyms is still about people: the GDPR holds for it.")
    return "\n".join(lines)


def read_key(client: Client, path: Path | None) -> tuple[str, Path]:
    """Return the secret that ids are hashed with, and the file that holds it."""
    place = path or client.folder / KEY_FILE
    try:
        if path is None and not place.is_file():
            make_key(place)
        return place.read_text("utf-8").strip(), place
    except (OSError, UnicodeDecodeError) as error:
        found = getattr(error, "strerror", None) or "not a text"
        raise ParameterError("the key", [Fault(place.as_posix(), found, "a file with a text of your own")]) from error


def make_key(place: Path) -> None:
    """Make a secret that nobody knows, in a file that only its owner may read."""
    place.parent.mkdir(exist_ok=True)
    place.touch(mode=0o600)
    place.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")
