"""The ordered events of a client, kept in the client's folder: the next question need not sort them again."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib import resources
from pathlib import Path

from cjtools.client import Client
from cjtools.errors import ParameterError, ReportError
from cjtools.journeys.store.columns import CLIENT_EVENTS
from cjtools.journeys.store.ordering import GIGABYTE, order_events_of
from cjtools.journeys.store.stored import Store, open_store
from cjtools.sources.store import FOLDER, files_in, finished, kit_version
from cjtools.tables import Tables

EVENTS = "_events"  # beside the folders of the sources; no source can be called so


def store_of(tables: Tables, *, client: Client, memory: int = GIGABYTE) -> Store:
    """Return the events of a client that may be followed, in their total order: those kept, or ordered and kept now.

    What is kept is used as long as nothing changes that the events depend on: the bytes of the files, client.toml, the
    kit itself. Where the client's folder cannot be written they are ordered each time.
    """
    folder = client.folder / FOLDER / EVENTS / key_of(tables, client)
    try:
        return open_store(folder, client=client)
    except ParameterError:  # none are kept
        store = order_events_of(tables.events, CLIENT_EVENTS, client=client, memory=memory)
    return kept(store, folder, client)


def kept(store: Store, folder: Path, client: Client) -> Store:
    """Return a store as it is kept in a folder, alone; the store itself where nothing can be written there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        store.keep(folder)
        for old in finished(folder.parent):
            if old != folder:  # it belongs to other files
                shutil.rmtree(old, ignore_errors=True)
        return open_store(folder, client=client)
    except (OSError, ReportError):
        return store


def key_of(tables: Tables, client: Client) -> str:
    """Return a hash of everything that the events depend on."""
    files = tables.sources.select("source_id", "source_file", "sha256", "rows_used").rows()
    settings = client.model_dump(mode="json", exclude={"folder"})
    code = sorted(files_in(resources.files("cjtools") / "journeys" / "store", ""))
    digest = hashlib.sha256(kit_version().encode())
    for name, text in code:
        digest.update(f"{name}\0".encode() + text)
    digest.update(json.dumps([sorted(files), settings], sort_keys=True).encode())
    return digest.hexdigest()[:24]
