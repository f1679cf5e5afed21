"""Tables of tools that a preset knows: their columns are found by name, client.toml only adds what it knows better."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path

import polars as pl

from cjtools.client import Client
from cjtools.errors import SourceError, raise_if_any
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.opening.sheets import Layout, open_sheets, possible_headers
from cjtools.sources.parsing.markup import plain_text
from cjtools.sources.parsing.times import parse_times
from cjtools.sources.preset import Preset, apply_preset, load_presets, match_header, preset_faults, signature_fault
from cjtools.sources.reader import Reader, read_each
from cjtools.sources.readers import prepare_crm, prepare_email, prepare_shop, prepare_social
from cjtools.sources.readers.table import KINDS, check_section, read_sheets
from cjtools.tables import Tables

# What some presets do to a sheet before its columns are read, that cannot be said as data.
PREPARE: Mapping[str, Callable[[Sheet], Sheet]] = {
    **prepare_shop.PREPARE,
    **prepare_email.PREPARE,
    **prepare_crm.PREPARE,
    **prepare_social.PREPARE,
}


def detect(file: Path, head: bytes, *, preset: Preset) -> float:
    """Say how sure it is: surer, the more columns the signature has."""
    fits = any(match_header(preset, header) for header in possible_headers(file, head))
    return min(0.9 + 0.01 * len(preset.signature), 0.98) if fits else 0.0


def read(files: Sequence[Path], *, section: SourceSection, client: Client, order: int, preset: Preset) -> Tables:
    """Return the declared tables of some files of one tool."""
    raise_if_any(SourceError, section.path, list(preset_faults(preset, section)))
    layout = Layout(preset.known_columns, preset.records, preset.members, preset.sheet)

    def open_one(file: Path) -> list[tuple[Sheet, SourceSection]]:
        own = section.model_copy(update={"encoding": section.encoding or preset.encoding})
        sheets = open_sheets(file, section=own, client=client, layout=layout)
        fits = [sheet for sheet in sheets if match_header(preset, sheet.header)]
        if not fits:
            raise SourceError(section.path, [signature_fault(preset, sheet.header, sheet.name) for sheet in sheets])
        others = (("other_tables", len(sheets) - len(fits)),)
        first = replace(fits[0], notes=(*fits[0].notes, *others))
        return [applied(preset, section, prepared(sheet, preset)) for sheet in (first, *fits[1:])]

    pairs = [pair for group in read_each(files, section.path, open_one) for pair in group]
    whole = reduce(together, [own for _, own in pairs])
    raise_if_any(SourceError, section.path, list(check_section(whole, KINDS[preset.kind])))
    return read_sheets(pairs, section=whole, client=client, order=order, form=preset.name, family=preset.family)


def applied(preset: Preset, section: SourceSection, sheet: Sheet) -> tuple[Sheet, SourceSection]:
    """Return a sheet with the flags that a preset knows of it, and the section that reads it."""
    own = with_date_format(preset, apply_preset(preset, section, sheet.header), sheet)
    told = own.moments.keys() | own.metrics.keys()
    flags = [(flag, True) for flag, names in preset.flags.items() if told & set(names)]
    return replace(sheet, notes=(*sheet.notes, *flags)), own


def with_date_format(preset: Preset, own: SourceSection, sheet: Sheet) -> SourceSection:
    """Return a section with the first form of times that all of a sheet's have; ISO 8601 needs none.

    What client.toml says stands. When none fits, the preset's first form is left, and the faults tell what does not.
    """
    if not preset.date_format or own.date_format is not None:
        return own
    names = [*own.moments.values(), *(own.mapping[each] for each in TIMES if each in own.mapping)]
    if not names:
        return own
    texts = pl.concat([sheet.rows[name].str.strip_chars().rename("") for name in names]).replace("", None).drop_nulls()

    def fits(form: str | None) -> bool:
        return not parse_times(texts, form=form, zone="UTC").moment.has_nulls()

    form = next((form for form in (None, *preset.date_format) if fits(form)), preset.date_format[0])
    return own.model_copy(update={"date_format": form})


# The fields that are times, of all kinds.
TIMES = ("said_at", "timestamp", "ordered_at", "cancelled_at", "observed_at", "answered_at", "created_at", "solved_at",
         "updated_at")  # fmt: skip


def prepared(sheet: Sheet, preset: Preset) -> Sheet:
    """Return a sheet as its columns can be read: markup taken away, and what the preset's own code does."""
    plain = without_markup(sheet, preset.html)
    return PREPARE[preset.name](plain) if preset.name in PREPARE else plain


def without_markup(sheet: Sheet, columns: Sequence[str]) -> Sheet:
    """Return a sheet with the words alone of some columns of HTML."""
    there = [name for name in columns if name in sheet.header]
    if not there:
        return sheet
    rows = sheet.rows.with_columns(
        pl.Series(name, [plain_text(text) for text in sheet.rows[name]], dtype=pl.String) for name in there
    )
    return replace(sheet, rows=rows)


def together(one: SourceSection, other: SourceSection) -> SourceSection:
    """Return the sections of two files of one source as one: the columns that either has."""
    both = {
        name: {**getattr(other, name), **getattr(one, name)} for name in ("mapping", "moments", "dimensions", "metrics")
    }
    return one.model_copy(update={**both, "keys": one.keys if "profile" in one.mapping else other.keys})


def readers() -> dict[str, Reader]:
    """Return one reader a preset."""
    return {
        name: Reader(name, preset.family, partial(detect, preset=preset), partial(read, preset=preset))
        for name, preset in load_presets().items()
    }
