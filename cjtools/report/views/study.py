"""The sections on what people say: languages, what the machine says, coders' agreement, the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from cjtools.report.view import View
from cjtools.report.views.shown import Row, heading, make_view, rows, word
from cjtools.settings import OTHER
from cjtools.study import Study
from cjtools.words import Words

NONE = "–"


def coding(study: Study) -> View:
    """Return the first screen: how many texts there are, who coded them, how good people and machine agree."""
    words, wave = study.words, study.wave
    facts = [
        ("wave", f"{wave.name} · {words.period(wave.from_, wave.to)}"),
        ("audience", heading(words[f"audience_{study.audience}"])),
    ]
    counts = {"texts": words.count("texts", study.texts), "coders": words.count("coders", study.coders)}
    line = words("study_line", coded=words.number(study.coded), **counts)
    lost = words("study_lost", decisions=words.count("decisions", study.orphans)) if study.orphans else ""
    return make_view(
        "coding",
        words,
        client=study.client_name,
        page_title=f"{study.client_name} – {words['section_coding']} – {wave.name}",
        audience=study.audience,
        facts=[{"term": words[f"header_{key}"], "text": text} for key, text in facts],
        line="; ".join(part for part in (line, lost) if part),
        tiles=[coded_tile(study), machine_tile(study), coders_tile(study), themes_tile(study)],
    )


def coded_tile(study: Study) -> dict[str, str]:
    """Return how many texts people coded."""
    words = study.words
    share = words.percent(study.coded / study.texts) if study.texts else NONE
    detail = words("of_number", part=words.number(study.coded), all=words.number(study.texts))
    return {"label": words["study_tile_coded"], "value": share, "detail": detail}


def machine_tile(study: Study) -> dict[str, str]:
    """Return how often the machine gives the stage that people gave."""
    words = study.words
    found = rows(study.machine.filter(pl.col("kind") == "stage"))[-1:]
    agreement = found[0]["agreement"] if found else None
    detail = words.count("codes", sum(row["codes"] or 0 for row in found))
    return {"label": words["study_tile_machine"], "value": share_of(words, agreement), "detail": detail}


def coders_tile(study: Study) -> dict[str, str]:
    """Return how far coders agree on the stage."""
    words = study.words
    found = rows(study.agreement.filter((pl.col("kind") == "stage") & pl.col("code").is_null()))
    row = found[0] if found else {"alpha": None, "units": 0}
    detail = words.count("texts", int(row["units"] or 0))
    return {"label": words["study_tile_coders"], "value": figure(words, row["alpha"]), "detail": detail}


def themes_tile(study: Study) -> dict[str, str]:
    """Return how many themes there are, and the first of them."""
    words, found = study.words, study.themes
    detail = found["label"][0] if found.height else words["themes_none"]
    return {"label": words["study_tile_themes"], "value": words.number(found.height), "detail": detail}


def text_languages(study: Study) -> View:
    """Return how many texts are in each language, and who said so."""
    words = study.words
    heads = {None: words["study_unknown"], OTHER: words["study_other"]}
    bases = ("source", "text", "document", "person")
    entries = [
        entry(heads.get(row["language"], row["language"]), (words.number(row[key]) for key in ("texts", *bases)))
        for row in rows(study.languages)
    ]
    names = ("study_texts", *(f"study_by_{basis}" for basis in bases))
    return table("text_languages", words, "explore_language", *names, entries=entries)


def machine_codes(study: Study) -> View:
    """Return what the machine said of how many texts, what it learned from, and how often it agrees with people."""
    words = study.words
    entries = [
        entry(
            word(words, "study_kind", row["kind"]),
            (
                row["method"],
                words("of_number", part=words.number(row["texts"]), all=words.number(row["of"])),
                NONE if row["codes"] is None else words.count("codes", row["codes"]),
                share_of(words, row["agreement"]),
                words["study_yes" if row["counts"] else "study_no"],
            ),
        )
        for row in rows(study.machine)
    ]
    names = ("study_method", "study_texts", "study_learned", "study_agrees", "study_counts")
    return table("machine_codes", words, "study_what", *names, entries=entries, plain=("study_method", "study_counts"))


def coder_agreement(study: Study) -> View:
    """Return how far coders agree on each kind of code and on each code."""
    words = study.words
    labels = {(row["kind"], row["code"]): heading(row["label"]) for row in rows(study.codes)}
    entries = [
        entry(
            labels.get((row["kind"], row["code"]), row["code"]) if row["code"] else words["study_whole"],
            (
                figure(words, row["alpha"]),
                figure(words, row["kappa"]),
                share_of(words, row["observed"]),
                words.number(row["units"]),
                words.number(row["coders"]),
            ),
            tag=word(words, "study_kind", row["kind"]),
        )
        for row in rows(study.agreement)
    ]
    names = ("α", "κ", "study_observed", "study_texts", "study_coders")
    return table("coder_agreement", words, "study_code", *names, entries=entries)


def codebook(study: Study) -> View:
    """Return every code with what it means, and how often people gave it. Examples stay in the house."""
    words = study.words
    minimum = words.number(study.minimum_group)
    entries = [
        entry(
            heading(row["label"]),
            (
                words.number(row["texts"]),
                words("study_fewer", minimum=minimum) if row["people"] is None else words.number(row["people"]),
            ),
            tag=word(words, "study_kind", row["kind"]),
            notes=list(notes_of(row, words)),
        )
        for row in rows(study.codes)
    ]
    return table("codebook", words, "study_code", "study_texts", "study_people", entries=entries)


def notes_of(row: Row, words: Words) -> Iterable[str]:
    """Yield what is said of a code."""
    if row["definition"]:
        yield row["definition"]
    for name in ("include", "exclude"):
        if row[name]:
            yield words(f"study_{name}", text=row[name])
    if not row["listed"]:
        yield words["study_unlisted"]


def entry(head: str, cells: Iterable[str], *, tag: str = "", notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return one row of a table: its heading with a tag and notes, and its cells."""
    return {"head": head, "cells": list(cells), "tag": tag, "notes": list(notes)}


def table(
    kind: str, words: Words, first: str, *names: str, entries: Sequence[dict[str, Any]], plain: Sequence[str] = ()
) -> View:
    """Return a view that is one table; its columns hold numbers, but the first and those in `plain`."""
    columns = [
        {
            "label": words[name] if words.has("words", name) else name,
            "number": place > 0 and name not in plain,
        }
        for place, name in enumerate((first, *names))
    ]
    return make_view(kind, words, columns=columns, entries=list(entries))


def share_of(words: Words, value: float | None) -> str:
    """Return a share, or that there is none."""
    return NONE if value is None else words.percent(value)


def figure(words: Words, value: float | None) -> str:
    """Return a coefficient with two decimals and a true minus, or that there is none."""
    return NONE if value is None else words.number(value, digits=2).replace("-", "−")
