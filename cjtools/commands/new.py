"""A new client's folder, with a client.toml that explains itself."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from cjtools.client import FILE
from cjtools.errors import ClientError, Fault, cut
from cjtools.settings import RESERVED

PLACES = ("interviews", "mentions", "web", "orders", "email", "search", "surveys")


def new_client(name: str) -> Path:
    """Make `data/<name>/` (or the path given) and return it.

    Raises ClientError when the name cannot be a folder everywhere, or when there is a client already.
    """
    folder = Path(name) if re.search(r"[/\\]", name) else Path("data") / name
    identifier = folder.name
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", identifier) or identifier in RESERVED:
        fault = Fault("name", f"{cut(identifier)} cannot be a client's short name", "a-z, 0-9, - and _", "such as acme")
        raise ClientError(name, [fault])
    if (folder / FILE).exists():
        raise ClientError(folder.as_posix(), [Fault(FILE, "there is a client here already", "", "choose another name")])
    for place in PLACES:
        (folder / place).mkdir(parents=True, exist_ok=True)
    text = (resources.files("cjtools") / "commands" / "new_client.toml").read_text("utf-8")
    (folder / FILE).write_text(text.replace("<client>", identifier), encoding="utf-8")
    return folder
