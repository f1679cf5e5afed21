"""translations.csv in the client's folder: what people said, in another language, for readers who do not speak theirs.

A row a quote and language: `quote` (the id of a quote or of its evidence), `language`, `translation`, and `by`: human
(also when left empty) or machine. The quote itself stays; the translation stands beside it and says what it is. A table
of mentions or reviews may bring translations of its own, into the client's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.privacy import MASK, introduced, mask_names
from cjtools.settings import LANGUAGES
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import decode, open_file
from cjtools.sources.reader import place
from cjtools.text.redact import redact

FILE = "translations.csv"
COLUMNS = ("quote", "language", "translation", "by")
NEEDED = COLUMNS[:3]
BY = ("human", "machine")
MASKED = re.compile(rf"{MASK}(?:\s+{MASK})*")  # a name of several words is one
SHAPE = {"quote_id": pl.String, "language": pl.String, "translation": pl.String, "by": pl.String}


def load_translations(client: Client, quotes: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return the translations of a client: quote_id, language, translation (redacted), by; none without the file.

    `quotes` are texts by the id of their quote, names masked: a translation must mask what its quote masks. Raises
    SourceError that lists every fault of the file. A quote that is not there is none: it may be of another wave.
    """
    path = client.folder / FILE
    if not path.is_file():
        return pl.DataFrame(schema=SHAPE)
    opened = open_file(path, client)
    text, encoding = decode(opened, None)
    sheet = parse_sheet(opened, text, encoding, wanted=COLUMNS)
    where = place(FILE, sheet.header_line)
    missing = [Fault(where, f"no column {name!r}", ", ".join(COLUMNS)) for name in NEEDED if name not in sheet.header]
    raise_if_any(SourceError, FILE, missing)
    rows = [
        ({name: " ".join((cells.get(name) or "").split()) for name in COLUMNS}, line)
        for cells, line in zip(sheet.rows.to_dicts(), sheet.lines, strict=True)
    ]
    raise_if_any(SourceError, FILE, [*faults_of(rows, sheet), *unmasked(rows, sheet, quotes or {})])
    held = [
        (quote_of(row), row["language"], without_introduced(row["translation"]), row["by"] or BY[0]) for row, _ in rows
    ]
    frame = pl.DataFrame(held, schema=SHAPE, orient="row")
    return frame.with_columns(redact(pl.col("translation"))).sort("quote_id", "language")


def faults_of(rows: list[tuple[dict[str, str], int]], sheet: Sheet) -> Iterator[Fault]:
    """Yield what is wrong with the rows."""
    first: dict[tuple[str, str], int] = {}
    for row, line in rows:
        for name in ("quote", "translation"):
            if not row[name]:
                yield Fault(sheet.where(line, name), "nothing", f"a {name}")
        if row["language"] not in LANGUAGES:
            found = cut(row["language"]) if row["language"] else "nothing"
            yield Fault(sheet.where(line, "language"), found, nearest(row["language"], LANGUAGES))
        if row["by"] and row["by"] not in BY:
            yield Fault(sheet.where(line, "by"), cut(row["by"]), nearest(row["by"], BY))
        key = (quote_of(row), row["language"])
        if row["quote"] and first.setdefault(key, line) != line:
            yield Fault(
                sheet.where(line, "quote"), f"{cut(row['quote'])} stands in line {first[key]} too", "one a language"
            )


def quote_of(row: Mapping[str, str]) -> str:
    """Return the quote that a row of the file translates: an item of evidence may have a touchpoint behind its id."""
    return row["quote"].partition(".")[0]


def without_introduced(text: str) -> str:
    """Return a text without the names by which people introduce themselves in it.

    >>> without_introduced("My name is Pere Roca and I live nearby.")
    'My name is ▮▮▮ ▮▮▮ and I live nearby.'
    """
    sure, likely = introduced(text)
    return mask_names(text, [*sure, *likely])


def unmasked(rows: list[tuple[dict[str, str], int]], sheet: Sheet, quotes: Mapping[str, str]) -> Iterator[Fault]:
    """Yield the translations that mask less than their quotes: whoever wrote them had the names before them."""
    for row, line in rows:
        masks = len(MASKED.findall(quotes.get(quote_of(row), "")))
        there = len(MASKED.findall(without_introduced(row["translation"])))
        if there < masks:
            found = f"names masked: {there}, in its quote {masks}"
            yield Fault(sheet.where(line, "translation"), found, f"{MASK} for each name, as in the quote")


def translations_of(client: Client, quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the translations of the client's file, then those that came with the quotes, whose maker is not known."""
    given = quotes.filter(pl.col("translation").fill_null("") != "").select(
        "quote_id",
        language=pl.lit(client.client.language),
        translation=redact(pl.col("translation")),
        by=pl.lit(None, pl.String),
    )
    texts = dict(quotes.filter(pl.col("text").str.contains(MASK, literal=True)).select("quote_id", "text").iter_rows())
    return pl.concat([load_translations(client, texts), given.sort("quote_id")])


def translations_for(translations: pl.DataFrame, *, language: str, own: str) -> dict[str, Mapping[str, str]]:
    """Return the one translation of each quote that a reader of `language` is shown: in it, else in `own`, else any.

    Of several in one language the first, as translations_of orders them.

    >>> rows = pl.DataFrame([("q1", "es", "hola", "human"), ("q1", "ca", "ei", "human")], schema=SHAPE, orient="row")
    >>> translations_for(rows, language="it", own="ca")["q1"]["translation"]
    'ei'
    """
    order = {name: rank for rank, name in enumerate(dict.fromkeys((language, own, *LANGUAGES)))}
    chosen: dict[str, Mapping[str, str]] = {}
    for row in sorted(translations.iter_rows(named=True), key=lambda row: (row["quote_id"], order[row["language"]])):
        chosen.setdefault(row["quote_id"], row)
    return chosen
