"""What a kind of table needs, found in a file by client.toml's mapping and turned into typed columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut, nearest
from cjtools.settings import SourceSection
from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.amounts import MONEY, already_plain, clock_seconds, money, plain_number, real, whole
from cjtools.sources.parsing.field_advice import advice, article, said_in_constants
from cjtools.sources.parsing.ids import private_addresses
from cjtools.sources.parsing.languages import language_of
from cjtools.sources.parsing.times import parse_times, time_advice
from cjtools.sources.reader import said_in, zone_of
from cjtools.words import fold

Kind = Literal[
    "id", "person", "text", "time", "money", "number", "whole", "seconds", "choice", "flag", "language", "sentiment"
]

# Marks that are not seen but make two ids of one: zero width, direction, soft hyphen, byte order.
UNSEEN = r"[\x{00ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]"
CUT_BY_EXCEL = r"^\d(?:[.,]\d+)?[eE]\+\d+$"
SENTIMENTS = {
    1.0: ("positive", "positiu", "positiva", "positivo", "pozitiv"),
    0.0: ("neutral", "neutra", "neutro", "neutru", "neutrale"),
    -1.0: ("negative", "negatiu", "negativa", "negativo", "negativ"),
}
# The types of fields that are no texts.
TYPES: Mapping[Kind, pl.DataType] = {
    "money": MONEY,
    "number": pl.Float64(),
    "seconds": pl.Float64(),
    "sentiment": pl.Float64(),
    "whole": pl.Int64(),
    "flag": pl.Boolean(),
}
FLAGS = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}


@dataclass(frozen=True)
class Field:
    """One thing that a table can tell: its name in client.toml, how it is written, whether it must be there.

    `column` is the file's column, once known; `choices` are the folded words of a choice and what they mean; a number
    off its `scale` is a fault.
    """

    name: str
    kind: Kind
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    column: str | None = None
    constant: str | None = None
    scale: tuple[float, float] | None = None

    @property
    def key(self) -> str:
        """Its name in client.toml: of 'question nps' the id of the question."""
        return self.name.partition(" ")[2] or self.name


def bind_fields(
    fields: Sequence[Field], section: SourceSection, *, extra: Iterable[str] = ()
) -> tuple[list[Field], list[Fault]]:
    """Return the fields with the columns and constants that client.toml gives them, and what is wrong there.

    `extra` are names that [sources.values] may translate besides the fields, such as ids of questions.
    """
    names = [each.name for each in fields]
    faults = []
    for key, given, known in (
        ("mapping", section.mapping, names),
        ("constants", section.constants, names),
        ("values", section.values, [*names, *extra]),
    ):
        faults += [
            Fault(said_in(section, f"{key}.{name}"), f"not something that {section.kind} have", nearest(name, known))
            for name in given
            if name not in known
        ]
    both = section.mapping.keys() & section.constants.keys()
    faults += [
        Fault(said_in(section, f"constants.{name}"), "is in mapping too", "one of the two") for name in sorted(both)
    ]
    bound = [
        replace(each, column=section.mapping.get(each.name), constant=section.constants.get(each.name))
        for each in fields
    ]
    faults += [
        Fault(said_in(section, "mapping"), f"{each.name} is missing", "", f'add {each.name} = "the column\'s name"')
        for each in bound
        if each.required and each.column is None and each.constant is None
    ]
    return bound, faults


def columns_of(fields: Iterable[Field]) -> list[str]:
    """Return the columns that the fields name."""
    return [each.column for each in fields if each.column is not None]


@dataclass(frozen=True)
class Typed:
    """The typed columns of a file, what could not be read in it, and how often clocks or unseen marks mattered."""

    frame: pl.DataFrame
    faults: list[Fault]
    clocks: dict[str, int]


def read_fields(sheet: Sheet, fields: Sequence[Field], *, section: SourceSection, client: Client) -> Typed:
    """Return a frame with one typed column a field, `source_file` and `source_row` before them.

    A time gives three columns: the moment in UTC, `<name>_precision` and `<name>_day`. An empty cell is null; a field
    without a column is null everywhere, or its constant.
    """
    columns: list[pl.Series] = [
        pl.repeat(sheet.name, len(sheet.lines), eager=True).alias("source_file"),
        sheet.lines.alias("source_row"),
    ]
    faults: list[Fault] = []
    clocks: dict[str, int] = {"clock_gap": 0, "clock_fold": 0, "unseen_characters": 0}
    for each in fields:
        texts, wrong = read_texts(sheet, each, section)
        faults += wrong
        if texts.null_count() == len(texts) and each.kind not in ("time", "person"):
            columns.append(none_of(each, rows=len(texts)))
            continue
        if each.kind == "time":
            times = parse_times(texts, form=section.date_format, zone=zone_of(section, client))
            clocks["clock_gap"] += times.gap
            clocks["clock_fold"] += times.fold
            faults += cell_faults(sheet, each, texts, times.moment, *time_advice(texts, section.date_format))
            columns += [
                times.moment.alias(each.name),
                times.precision.alias(f"{each.name}_precision"),
                times.day.alias(f"{each.name}_day"),
            ]
        else:
            simple = sheet.ascii or is_ascii(texts)
            told = each.column is not None and section.values.get(each.key) is None  # in the file, as it stands there
            absent = sheet.absent if told else frozenset()
            values = parse_texts(texts, each, section, simple=simple, absent=absent)
            if each.kind in ("id", "person") and not simple:
                clocks["unseen_characters"] += int(texts.str.contains(UNSEEN).sum())
            if each.kind == "person" and "@" not in absent:
                values = private_addresses(values, salt=client.client.id)
            faults += cell_faults(sheet, each, texts, values, *advice(each, section))
            columns.append(values.alias(each.name))
    return Typed(pl.DataFrame(columns), list(dict.fromkeys(faults)), clocks)


def none_of(each: Field, *, rows: int) -> pl.Series:
    """Return as many nulls of the type that a field has."""
    return pl.Series(each.name, [], dtype=TYPES.get(each.kind, pl.String())).clear(rows)


def read_texts(sheet: Sheet, each: Field, section: SourceSection) -> tuple[pl.Series, list[Fault]]:
    """Return the texts of a field, translated by [sources.values]; an empty text is null."""
    rows = len(sheet.lines)
    if each.column is None:
        return pl.repeat(each.constant or None, rows, dtype=pl.String, eager=True).alias(each.name), []
    cells = sheet.rows[each.column]
    cells = cells if sheet.trimmed and (sheet.ascii or is_ascii(cells)) else cells.str.strip_chars()
    faults: list[Fault] = []
    table = section.values.get(each.key)
    if table is not None:
        cells = cells.fill_null("")
        unknown = ~cells.is_in(list(table))
        faults = [
            Fault(sheet.where(line, each.column), f"{cut(cell)} is not in values.{each.key}", nearest(cell, table))
            for cell, line in zip(cells.filter(unknown), sheet.lines.filter(unknown), strict=True)
        ]
        cells = cells.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
    if sheet.nulls and table is None:
        return cells, faults
    return cells.to_frame().select(pl.when(pl.col(cells.name) != "").then(pl.col(cells.name))).to_series(), faults


def parse_texts(
    texts: pl.Series, each: Field, section: SourceSection, *, simple: bool = False, absent: Collection[str] = ()
) -> pl.Series:
    """Return the values that texts of a field mean; what means nothing is null.

    `simple` ones are known as ASCII; `absent` letters are known to stand in none of them.
    """
    text = pl.col(texts.name)
    if each.kind == "text":
        return texts
    if each.kind == "choice":
        return choose(texts, each.choices)
    if each.kind == "flag":
        return choose(texts, FLAGS) == "true"
    if each.kind == "language":
        return language_of(texts)
    if each.kind in ("id", "person") and (simple or is_ascii(texts)):
        if "+" in absent or not texts.str.contains("+", literal=True).any():
            return texts
        return texts.to_frame().select(pl.when(~text.str.contains(CUT_BY_EXCEL)).then(text)).to_series()
    if each.kind in ("id", "person"):
        bare = pl.when(~text.str.contains(CUT_BY_EXCEL)).then(text.str.replace_all(UNSEEN, "").str.strip_chars())
        return one_spelling(texts.to_frame().select(bare).to_series())
    grouped = "decimal" in section.model_fields_set
    plain = already_plain(texts, decimal=section.decimal)
    number = plain_number(text, decimal=section.decimal, grouped=grouped) if plain is None else plain
    meaning = {
        "money": money(number_of_money(text, section, grouped=grouped) if plain is None else plain),
        "number": on_scale(real(number), each.scale),
        "seconds": on_scale(pl.coalesce(clock_seconds(text), real(number)), each.scale),
        "sentiment": pl.coalesce(sentiment_word(text), on_scale(real(number), (-1, 1))),
        "whole": pl.when(whole(number) >= 0).then(whole(number)),
    }[each.kind]
    return texts.to_frame().select(meaning).to_series()


def is_ascii(texts: pl.Series) -> bool:
    """Say whether some texts have no letter beyond the first 128, which is fast to see: as many bytes as letters."""
    return texts.str.len_bytes().sum() == texts.str.len_chars().sum()


def one_spelling(ids: pl.Series) -> pl.Series:
    """Return ids in one spelling: composed, with the comma below of Romanian for the cedilla that stands for it."""
    if not is_ascii(ids):
        return ids.str.normalize("NFC").str.replace_many({"ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț"})
    return ids


def on_scale(value: pl.Expr, scale: tuple[float, float] | None) -> pl.Expr:
    """Return a number that is on its scale, ends included; others are null."""
    return value if scale is None else pl.when(value.is_between(*scale)).then(value)


def sentiment_word(text: pl.Expr) -> pl.Expr:
    """Return what a word for a sentiment means, in any of the five languages."""
    meanings = {word: value for value, words in SENTIMENTS.items() for word in words}
    return text.str.to_lowercase().replace_strict(meanings, default=None, return_dtype=pl.Float64)


def number_of_money(text: pl.Expr, section: SourceSection, *, grouped: bool) -> pl.Expr:
    """Return an amount without its currency sign as a plain number; one with an exponent is null."""
    bare = text.str.replace(r"^\s*[€$£]\s*|\s*[€$£]\s*$", "")
    number = plain_number(bare, decimal=section.decimal, grouped=grouped)
    return pl.when(~number.str.contains("[eE]")).then(number)


def choose(texts: pl.Series, choices: Mapping[str, str]) -> pl.Series:
    """Return what words mean, whatever their case and accents."""
    known = {text: choices.get(fold(text)) for text in texts.drop_nulls().unique()}
    meant = {text: choice for text, choice in known.items() if choice is not None}
    return texts.replace_strict(list(meant), list(meant.values()), default=None, return_dtype=pl.String)


def cell_faults(
    sheet: Sheet, each: Field, texts: pl.Series, values: pl.Series, expected: str, step: str
) -> Iterator[Fault]:
    """Yield the cells that hold a text but have no value."""
    wrong = texts.is_not_null() & values.is_null()
    if wrong.any():
        for text, line in zip(texts.filter(wrong), sheet.lines.filter(wrong), strict=True):
            where = sheet.where(line, each.column) if each.column else said_in_constants(each)
            yield Fault(where, f"{cut(text)} is not {article(each.kind)}", expected, step)
            if not each.column:
                return
