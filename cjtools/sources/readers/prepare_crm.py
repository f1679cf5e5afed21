"""What exports of customer databases need before their columns are read: one customer of a sale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.readers.prepare_shop import columns_named, with_cells

CONTACTS = (
    "Associated Contact IDs", "IDs de contactos asociados", "IDs de contacto asociado", "ID contatti associati",
    "ID dei contatti associati", "Associated contact ids",
)  # fmt: skip


def hubspot_deals(sheet: Sheet) -> Sheet:
    """Return HubSpot's deals with the first of the contacts of each: who of several bought is not told."""
    names = columns_named(sheet, *CONTACTS)
    if not names:
        return sheet
    several = int(sheet.rows[names[0]].str.contains(r"\d\s*;\s*\d").sum())
    first = pl.col(names[0]).str.extract(r"^\s*([^;]*)", 1).str.strip_chars()
    return replace(with_cells(sheet, first.alias(names[0])), notes=(*sheet.notes, ("several_contacts", several)))


PREPARE: Mapping[str, Callable[[Sheet], Sheet]] = {"hubspot_deals": hubspot_deals}
