"""Another model, a bigger one or a service, behind one interface: off unless the client's file names it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, cut, nearest
from cjtools.text.redact import redact_text

GROUP = "cjtools.annotators"
CACHE = Path(".cache") / "annotations"

# What is asked of each text: the name of an answer and its allowed values.
Schema = Mapping[str, Sequence[str]]


class Annotator(Protocol):
    """What another model has to offer; `fingerprint` changes whenever its answers may: model, version, prompt."""

    name: str
    fingerprint: str

    def annotate(self, texts: Sequence[str], language: str, schema: Schema) -> Sequence[Mapping[str, Any]]:
        """Return one answer a text: for each name of the schema one of its values, or none."""
        ...


def load_annotator(client: Client) -> Annotator | None:
    """Return the annotator that client.toml names ([text] annotator), or None: then no text leaves the machine.

    Annotators are installed packages with an entry point in the group "cjtools.annotators". Raises ParameterError for
    one that is not installed.
    """
    wanted = client.text.annotator
    if not wanted:
        return None
    installed = {point.name: point for point in entry_points(group=GROUP)}
    if wanted not in installed:
        fault = Fault(
            "text.annotator", f"{cut(wanted)} is not installed", nearest(wanted, installed), "install its package"
        )
        raise ParameterError("client.toml", [fault])
    made: Annotator = installed[wanted].load()()
    return made


def annotate(
    texts: Sequence[str],
    *,
    language: str,
    schema: Schema,
    annotator: Annotator,
    folder: Path,
    names: Iterable[str] = (),
) -> list[dict[str, str | None]]:
    """Return an annotator's answers, one a text, in their order; each distinct text is asked once, and kept.

    Identifiers and the given names are masked before a text is handed over. Answers lie in the client's hidden cache
    by the hash of the masked text, the annotator, its fingerprint, the language and the schema. An answer that the
    schema does not allow is none. Raises ParameterError when the annotator gives another number of answers.
    """
    known = tuple(names)
    masked = [redact_text(text, names=known).text for text in texts]
    asked = {
        text: folder / CACHE / f"{key_of(text, language, schema, annotator)}.json" for text in dict.fromkeys(masked)
    }
    answers = {text: kept(path) for text, path in asked.items()}
    missing = [text for text, answer in answers.items() if answer is None]
    if missing:
        fresh = annotator.annotate(missing, language, schema)
        if len(fresh) != len(missing):
            found = f"{len(fresh)} answers for {len(missing)} texts"
            raise ParameterError(annotator.name, [Fault("annotate", found, "one answer a text, in their order")])
        for text, answer in zip(missing, fresh, strict=True):
            answers[text] = allowed(answer, schema)
            keep(asked[text], answers[text])
    return [dict(answers[text] or {}) for text in masked]


def key_of(text: str, language: str, schema: Schema, annotator: Annotator) -> str:
    """Return under which name an answer is kept."""
    told = {name: list(values) for name, values in schema.items()}
    parts = [text, language, json.dumps(told, sort_keys=True), annotator.name, annotator.fingerprint]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def allowed(answer: Mapping[str, Any], schema: Schema) -> dict[str, str | None]:
    """Return an answer with only what the schema allows."""
    return {name: answer[name] if answer.get(name) in values else None for name, values in schema.items()}


def kept(path: Path) -> dict[str, str | None] | None:
    """Return a kept answer, or None where there is none that can be read."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def keep(path: Path, answer: Mapping[str, str | None] | None) -> None:
    """Keep an answer, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(answer, sort_keys=True), "utf-8")
    draft.replace(path)
