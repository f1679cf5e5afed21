"""Ours on the kept store: the events are ordered and kept once (+), then each operation is a second question."""

from __future__ import annotations

from pathlib import Path

from cjtools.journeys.store import Store, open_store
from ways import ours
from ways.ours import Asked, versions

__all__ = ["order", "prepare", "together", "versions"]

STEPS = "HJ"  # what asks for nothing but the events at which the stage changes, which are kept beside the others


def order(what: str) -> str:
    """Return the operations in the order in which they are asked."""
    return what


def prepare(folder: Path, what: str, threads: int) -> Asked:
    """Return the kept store; for + the store that is to be kept."""
    if what == "+":
        return ours.prepare(folder, what, threads)
    return Asked(open_store(folder / "kept"), threads, folder, steps="stage" if set(what) <= set(STEPS) else "")


def together(state: Asked, what: str) -> tuple[dict[str, ours.Answer], dict[str, dict[str, float]]]:
    """Keep the events, or answer."""
    if what != "+":
        return ours.together(state, what)
    store: Store = state.store
    store.keep(state.folder / "kept")
    return {}, {}
