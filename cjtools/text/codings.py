"""The codes that people give and correct: codings.csv in the client's folder, a row a decision, only ever added to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import dataframely as dy
import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, SourceError, cut, nearest, raise_if_any
from cjtools.settings import LANGUAGES, OTHER
from cjtools.sources.opening.delimited import Sheet, parse_sheet
from cjtools.sources.opening.files import decode, open_file
from cjtools.sources.reader import place
from cjtools.spreadsheet import as_csv
from cjtools.tables import Coding, shape_of
from cjtools.whole_file import write_whole
from cjtools.words import load_words

FILE = "codings.csv"

# Of these kinds a quote has one code: a later decision takes the place of an earlier one. Of the others, many.
SINGLE = ("stage", "valence", "persona", "language")
METHODS = ("person", "rule", "model")
# What stands under "accepted" in a row that takes back the row before it: decisions are added, never deleted.
UNDONE = "undone"
YES, NO = frozenset({"true", "yes", "1", "sí", "si", "da"}), frozenset({"false", "no", "0", "nu"})
MOMENT = re.compile(r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$")


class Decision(Coding):
    """One row of codings.csv: a coding, and when it was made (as written, ISO 8601).

    `accepted` is null in a row that takes back what its coder said of that code ("undone" in the file).
    """

    accepted = dy.Bool(nullable=True)
    coded_at = dy.String(nullable=True)


COLUMNS = ("quote_id", "kind", "code", "value", "coder", "method", "confidence", "accepted", "coded_at")
NEEDED = ("quote_id", "kind", "code", "coder")


def load_codings(client: Client) -> pl.DataFrame:
    """Return the rows of the client's codings.csv as declared in Decision, in their order; none without the file.

    Only quote_id, kind, code and coder are needed: a row without a method is a person's, and accepted. Raises
    SourceError that lists every fault of the file.
    """
    sheet = read_sheet(client)
    return Decision.create_empty() if sheet is None else checked(sheet, client)


def read_sheet(client: Client) -> Sheet | None:
    """Return codings.csv as it is written; null without the file."""
    path = client.folder / FILE
    if not path.is_file():
        return None
    opened = open_file(path, client)
    text, encoding = decode(opened, None)
    sheet = parse_sheet(opened, text, encoding, wanted=COLUMNS)
    missing = [name for name in NEEDED if name not in sheet.header]
    if missing:
        found = f"no column {', '.join(missing)}"
        expected = f"the columns {', '.join(COLUMNS)}"
        raise SourceError(sheet.name, [Fault(place(sheet.name, sheet.header_line), found, expected)])
    return sheet


def checked(sheet: Sheet, client: Client) -> pl.DataFrame:
    """Return the rows of codings.csv as declared in Decision."""
    known = known_codes(client)
    rows = [row_of(cells) for cells in sheet.rows.to_dicts()]
    faults = [
        fault for row, line in zip(rows, sheet.lines, strict=True) for fault in faults_of(row, line, sheet, known)
    ]
    raise_if_any(SourceError, sheet.name, faults)
    return decisions(rows)


def row_of(cells: Mapping[str, str | None]) -> dict[str, str]:
    """Return the cells of a row by name, with what is understood where nothing was written."""
    row = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    if row["kind"] == "valence":
        row["value"], row["code"] = row["value"] or row["code"], "valence"
    # A spreadsheet guards a sign with an apostrophe.
    row["value"] = row["value"].lstrip("'").replace("−", "-")
    row["method"] = row["method"] or "person"
    row["accepted"] = row["accepted"].lower() or "true"
    return row


def known_codes(client: Client) -> dict[str, tuple[str, ...]]:
    """Return the codes that there are of each kind that has a closed list."""
    return {
        "stage": tuple(stage.id for stage in client.journey),
        "touchpoint": tuple(touchpoint.id for touchpoint in client.touchpoints),
        "type": tuple(load_words("en").sections["types"]),
        "persona": tuple(persona.id for persona in client.personas),
        "language": (*LANGUAGES, OTHER),
        "valence": ("valence",),
    }


def faults_of(row: Mapping[str, str], line: int, sheet: Sheet, known: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Yield what is wrong with a row."""
    kinds = list(Coding.columns()["kind"].dtype.categories)  # type: ignore[attr-defined]
    for name in NEEDED:
        if not row[name]:
            yield Fault(sheet.where(line, name), "nothing", "a value")
    if row["kind"] and row["kind"] not in kinds:
        yield Fault(sheet.where(line, "kind"), cut(row["kind"]), nearest(row["kind"], kinds))
    codes = known.get(row["kind"])
    if codes is not None and row["code"] and row["code"] not in codes:
        yield Fault(sheet.where(line, "code"), cut(row["code"]), nearest(row["code"], codes))
    if row["kind"] == "valence" and row["value"] not in {"-2", "-1", "0", "1", "2", "+1", "+2"}:
        yield Fault(sheet.where(line, "value"), cut(row["value"]), "a whole number from -2 to 2")
    if row["method"] not in METHODS:
        yield Fault(sheet.where(line, "method"), cut(row["method"]), nearest(row["method"], METHODS))
    if row["accepted"] not in {*YES, *NO, UNDONE}:
        yield Fault(sheet.where(line, "accepted"), cut(row["accepted"]), "true, false or undone")
    if row["confidence"] and not is_share(row["confidence"]):
        yield Fault(sheet.where(line, "confidence"), cut(row["confidence"]), "a number from 0 to 1")
    if row["coded_at"] and not MOMENT.match(row["coded_at"]):
        yield Fault(sheet.where(line, "coded_at"), cut(row["coded_at"]), "such as 2026-11-24T09:30:00Z")


def is_share(text: str) -> bool:
    """Say whether a text is a number from 0 to 1."""
    return re.fullmatch(r"0(\.\d+)?|1(\.0+)?|\.\d+", text) is not None


def decisions(rows: Iterable[Mapping[str, str]]) -> pl.DataFrame:
    """Return checked rows as declared in Decision."""
    values = [
        {
            **{name: row[name] for name in ("quote_id", "kind", "code", "coder", "method")},
            "value": int(row["value"]) if row["value"] and row["kind"] == "valence" else None,
            "confidence": float(row["confidence"]) if row["confidence"] else None,
            "accepted": None if row["accepted"] == UNDONE else row["accepted"] in YES,
            "coded_at": row["coded_at"] or None,
        }
        for row in rows
    ]
    return Decision.validate(pl.DataFrame(values, schema=shape_of(Decision)), cast=True)


def add_codings(
    client: Client, codings: pl.DataFrame, *, coder: str, coded_at: dt.datetime, method: str = "person"
) -> Path:
    """Append decisions to the client's codings.csv, and return its path; what was there stays as it was.

    `codings` has quote_id, kind and code, and where wanted value, confidence and accepted (else true; null takes back
    what the coder said before). The file is written whole or not at all. Raises SourceError for faults in the rows, or
    in the file that is there.
    """
    there = read_sheet(client)
    before = Decision.create_empty() if there is None else checked(there, client)
    given = codings.with_columns(
        *(pl.lit(None).alias(name) for name in ("value", "confidence") if name not in codings.columns),
        *([] if "accepted" in codings.columns else [pl.lit(value=True).alias("accepted")]),
    ).with_columns(
        accepted=pl.col("accepted").cast(pl.String).fill_null(UNDONE),
        coder=pl.lit(coder), method=pl.lit(method), coded_at=pl.lit(coded_at.isoformat()),
    )  # fmt: skip
    rows = [
        {name: "" if row[name] is None else str(row[name]) for name in COLUMNS}
        for row in given.select(COLUMNS).to_dicts()
    ]
    new = [row_of(row) for row in rows]
    sheet = Sheet(FILE, "", "utf-8", ",", 1, COLUMNS, pl.DataFrame(), pl.Series([], dtype=pl.Int64))
    known = known_codes(client)
    first = before.height + 2
    faults = [fault for line, row in enumerate(new, first) for fault in faults_of(row, line, sheet, known)]
    raise_if_any(SourceError, FILE, faults)
    path = client.folder / FILE
    write_whole(path, [text_with(decisions(new), there=there, before=before, path=path)])
    return path


def text_with(added: pl.DataFrame, *, there: Sheet | None, before: pl.DataFrame, path: Path) -> str:
    """Return the text of codings.csv with more rows at its end.

    What is there stays to the letter; where it has not every column, or is not apart by commas, the same rows are
    written anew, with the columns that people added.
    """
    told = written(added)
    if there is None:
        return as_csv(told)
    own = [name for name in there.header if name not in COLUMNS]
    if set(COLUMNS) <= set(there.header) and (there.delimiter, there.encoding) == (",", "utf-8"):
        text = path.read_bytes().decode("utf-8")
        line = "\r\n" if "\r\n" in text else "\n"
        rows = told.with_columns(pl.lit(None).alias(name) for name in own).select(there.header)
        end = "" if text.endswith("\n") else line
        return text + end + as_csv(rows, header=False).replace("\n", line)
    return as_csv(pl.concat([written(before).hstack(there.rows.select(own)), told], how="diagonal"))


def written(decided: pl.DataFrame) -> pl.DataFrame:
    """Return decisions with the columns of codings.csv, as it has them."""
    return decided.select(COLUMNS).with_columns(accepted=pl.col("accepted").cast(pl.String).fill_null(UNDONE))


def settle(codings: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Return codings with the decisions of codings.csv in force: the last row of a quote, kind, code and coder counts.

    A person's accepted code of a kind of which there is one (stage, valence, persona, language) takes the place
    of every other code of that kind; of the other kinds a code that a person refused is gone. The machine's codes
    that nobody accepted stay as suggestions.

    >>> codings = Coding.validate(pl.DataFrame([("q", "stage", "use", None, "m", "model", 0.4, False)],
    ...     schema=shape_of(Coding), orient="row"))
    >>> by_hand = decisions([row_of({"quote_id": "q", "kind": "stage", "code": "purchase", "coder": "ana"})])
    >>> settle(codings, by_hand).select("code", "method", "accepted").rows()
    [('purchase', 'person', True)]
    """
    key = ["quote_id", "kind", "code"]
    names = Coding.column_names()
    last = in_force(decided)
    person = last.filter((pl.col("method") == "person") & (pl.col("kind") != "language"))
    single = pl.col("kind").cast(pl.String).is_in(SINGLE)
    one = person.filter(single & pl.col("accepted")).unique(key[:2], keep="last", maintain_order=True)
    refused = person.filter(~pl.col("accepted"))
    others = pl.concat([codings.select(names), last.filter(~single | (pl.col("method") != "person")).select(names)])
    kept = (
        others.filter(pl.col("kind") != "language")
        .join(one.select(key[:2]), on=key[:2], how="anti", maintain_order="left")
        .join(refused.select(key), on=key, how="anti", maintain_order="left")
    )
    settled = pl.concat([kept, one.select(names)])
    return settled.unique(maintain_order=True).sort(*key, "value", "coder", "method")


def in_force(decided: pl.DataFrame) -> pl.DataFrame:
    """Return the last row of each quote, kind, code and coder, in their order, without what was taken back.

    >>> rows = [{"quote_id": "q", "kind": "stage", "code": "use", "coder": "ana", "accepted": said}
    ...     for said in ("true", "undone")]
    >>> in_force(decisions(map(row_of, rows))).height
    0
    """
    last = decided.unique(["quote_id", "kind", "code", "coder"], keep="last", maintain_order=True)
    return last.filter(pl.col("accepted").is_not_null())


def orphans(decided: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the decisions in force whose quote is not there: its text was edited, its file is gone or is not used.

    >>> row = row_of({"quote_id": "gone", "kind": "stage", "code": "use", "coder": "ana"})
    >>> orphans(decisions([row]), pl.DataFrame({"quote_id": ["q"]}))["quote_id"].to_list()
    ['gone']
    """
    return in_force(decided).join(quotes.select("quote_id"), on="quote_id", how="anti", maintain_order="left")


def languages_given(decided: pl.DataFrame) -> dict[str, str]:
    """Return the language that a person gave to a quote, by quote_id."""
    rows = in_force(decided).filter((pl.col("kind") == "language") & pl.col("accepted"))
    return dict(rows.unique("quote_id", keep="last", maintain_order=True).select("quote_id", "code").iter_rows())
