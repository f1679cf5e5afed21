"""What people say, as it is understood so far: languages, codes of people and of the machine, themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from cjtools.settings import Wave
from cjtools.study.tables import STUDY_TABLES
from cjtools.words import Words

# What makes a study loads models; who shows one needs none of it.
if TYPE_CHECKING:
    from cjtools.text.theme_file import Themes

__all__ = ["STUDY_TABLES", "Study"]


@dataclass(frozen=True)
class Study:
    """The texts of a client as they are understood so far, as tables (study/tables.py declares them).

    `found` are the themes with their centres, for save_themes. `sources` is the table of sources itself. `orphans` are
    decisions on texts that are no longer there.
    """

    client_id: str
    client_name: str
    wave: Wave
    audience: str
    words: Words
    minimum_group: int
    sources: pl.DataFrame
    texts: int
    coded: int
    coders: int
    orphans: int
    languages: pl.DataFrame
    machine: pl.DataFrame
    agreement: pl.DataFrame
    saturation: pl.DataFrame
    themes: pl.DataFrame
    theme_stages: pl.DataFrame
    codes: pl.DataFrame
    found: Themes
    provenance: Mapping[str, object]
