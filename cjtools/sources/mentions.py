"""Public posts and reviews: one voice counts once, a share is reach, a star without words is a rating."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.fields import Field
from cjtools.sources.ids import APART, occurrence, pseudonyms, short_ids
from cjtools.sources.reader import empty, said_in, shape
from cjtools.tables import Coding, Quote

ENTRY_TYPES = {
    **dict.fromkeys(("post", "original", "tweet", "status", "review"), "post"),
    **dict.fromkeys(("reply", "comment"), "reply"),
    **dict.fromkeys(("share", "repost", "retweet", "reblog"), "share"),
}
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"
DOUBLE_ENCODED = "Ã[\u0080-\u00bf]|Â[\u00a0-\u00bf]|È[\u0098-\u009b]|â€"
UNKNOWN_LANGUAGE = ["und", "mul", "zxx", "qme", "qst", "qht", "qam", "qct"]


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of mentions or reviews can tell."""
    return [
        Field("said_at", "time", required=True),
        Field("mention_id", "id"),
        Field("parent_id", "id"),
        Field("text", "text"),
        Field("author", "id"),
        Field("language", "language"),
        Field("platform", "text"),
        Field("sentiment", "sentiment"),
        Field("entry_type", "choice", choices=ENTRY_TYPES),
        Field("reach", "whole"),
        Field("rating", "number", scale=section.rating_scale),
    ]


def check(section: SourceSection) -> Iterator[Fault]:
    """Yield what a table of mentions or reviews lacks in client.toml."""
    given = section.mapping.keys() | section.constants.keys()
    if not given & {"text", "rating"}:
        yield Fault(said_in(section, "mapping"), "neither text nor rating", "", 'add text = "the column\'s name"')
    if "rating" in given and section.rating_scale is None:
        yield Fault(said_in(section), "a rating without its scale", "", "add rating_scale = [1, 5]")


def may_be_quoted(section: SourceSection) -> bool:
    """Say whether public words may be quoted outside the team: only when client.toml says so for the source.

    A search for the words of a public post finds its author: without consent = "report" or "public" it is counted
    and read inside, never shown to clients.
    """
    return section.consent in ("report", "public")


def build(rows: pl.DataFrame, *, section: SourceSection, client: Client, order: int) -> Built:
    """Return the quotes of a source, each voice once.

    Merged are: the same id again; the same author, day and words (links and @names aside); without words, the same row
    again. A share keeps its row, with `repost_of` the quote it repeats, or a mark of its own for those who share the
    same missing one.
    """
    rows = with_fate(rows.with_row_index("row"), "said_at").with_columns(
        text=pl.col("text").fill_null("").str.replace_all(CONTROL, ""),
        controls=pl.col("text").str.contains(CONTROL).fill_null(False),
        double=pl.col("text").str.contains(DOUBLE_ENCODED).fill_null(False),
        author_hash=pseudonyms(rows["author"], salt=client.client.id),
    )
    empty = (pl.col("text") == "") & pl.col("rating").is_null() & (pl.col("fate") == "used")
    rows = rows.with_columns(
        fate=pl.when(empty).then(pl.lit("rejected")).otherwise("fate"),
        why=pl.when(empty).then(pl.lit("no_text")).otherwise("why"),
    ).with_columns(clean=clean_text(pl.col("text")), share=is_share())
    rows = rows.sort("said_at", "row", nulls_last=True)
    faults = list(id_faults(rows))
    rows = merge_copies(rows)
    quotes = to_quotes(used(rows).sort("row"), section)
    tables = {
        "quotes": shape(Quote, quotes, source_id=section.id),
        "codings": declared_codings(quotes["quote_id"], stage=section.stage, touchpoint=section.touchpoint),
    }
    return Built(tables, fates_of(rows), faults, notes_of(rows))


def clean_text(text: pl.Expr) -> pl.Expr:
    """Return the words of a text that make it the same as another: no links, names, marks of a share, case, accents."""
    bare = (
        text.str.replace_all(r"https?://\S+|www\.\S+", " ")
        .str.replace(r"^\s*RT\s+@\w+:?", " ")
        .str.replace_all(r"@\w+", " ")
    )
    return (
        bare.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )


def is_share() -> pl.Expr:
    """Return whether a row repeats another's words: by its type, or by the mark RT @name."""
    return (pl.col("entry_type") == "share").fill_null(False) | pl.col("text").str.contains(r"^RT @\w+")


def id_faults(rows: pl.DataFrame) -> Iterator[Fault]:
    """Yield the rows whose id an earlier row has with other words."""
    named = used(rows).filter(pl.col("mention_id").is_not_null())
    first = {
        name: pl.col(name).first().over("mention_id", order_by="row") for name in ("source_file", "source_row", "text")
    }
    other = named.with_columns(**{f"first_{name}": column for name, column in first.items()})
    for row in other.filter(pl.col("text") != pl.col("first_text")).sort("row").iter_rows(named=True):
        first_place = f"{row['first_source_file']} line {row['first_source_row']}"
        found = f"id {cut(row['mention_id'])} is also in {first_place}, with another text"
        yield Fault(f"{row['source_file']} line {row['source_row']}", found, "one id for each mention")


def merge_copies(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where copies of an earlier row are merged into it."""
    rows = merge_rows(rows, pl.col("mention_id").is_not_null() & again("mention_id"), "same_id")
    said = pl.col("author_hash").is_not_null() & (pl.col("clean") != "")
    rows = merge_rows(rows, said & again("author_hash", "clean", "said_at_day", "share"), "same_author_text_day")
    return merge_rows(rows, (pl.col("text") == "") & pl.col("mention_id").is_null() & again("record"), "same_row")


def again(*names: str) -> pl.Expr:
    """Return whether an earlier used row has the same values."""
    return (pl.col("fate") == "used").cast(pl.Int32).cum_sum().over(*names) > 1


def to_quotes(rows: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return used rows as quotes."""
    kind = "review" if section.kind == "reviews" else "mention"
    by_id = pl.concat_str(pl.lit(section.id), pl.col("mention_id"), separator=APART)
    told = ("author_hash", pl.col("said_at").dt.timestamp("us").cast(pl.String), "text")
    by_words = pl.concat_str(pl.lit(section.id), *told, separator=APART, ignore_nulls=True)
    keys = rows.select(pl.coalesce(by_id, occurrence(by_words))).to_series()
    rows = rows.with_columns(quote_id=short_ids(keys, prefix="m"))
    parents = rows.filter(pl.col("mention_id").is_not_null()).select(parent_id="mention_id", parent="quote_id")
    rows = rows.join(parents.unique("parent_id"), on="parent_id", how="left", maintain_order="left")
    low, high = section.rating_scale or (0.0, 1.0)
    return with_originals(rows).with_columns(
        doc_id=pl.col("quote_id"),
        kind=pl.lit(kind),
        verbatim=pl.lit(True),
        language=pl.when(~pl.col("language").is_in(UNKNOWN_LANGUAGE))
        .then("language")
        .fill_null(pl.lit(section.language)),
        speaker_role=pl.lit("author"),
        time_precision=pl.col("said_at_precision"),
        local_date=pl.col("said_at_day"),
        parent_id=pl.col("parent"),
        rating_raw=pl.col("rating").cast(pl.String).str.strip_suffix(".0"),
        rating=(pl.col("rating") - low) / (high - low),
        rating_scale=pl.when(pl.col("rating").is_not_null()).then(pl.lit(f"{low:g}-{high:g}")),
        sentiment_method=pl.when(pl.col("sentiment").is_not_null()).then(pl.lit("source")),
        consent_to_quote=pl.lit(may_be_quoted(section)),
    )


def with_originals(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where each share names the quote it repeats."""
    originals = rows.filter(~pl.col("share"), pl.col("clean") != "").sort("said_at", "row")
    originals = originals.unique("clean", keep="first", maintain_order=True).select("clean", original="quote_id")
    joined = rows.join(originals, on="clean", how="left", maintain_order="left")
    lost = short_ids(joined["clean"].filter(joined["share"]), prefix="share-")
    marks = joined.filter(pl.col("share")).select("quote_id", mark=lost)
    joined = joined.join(marks, on="quote_id", how="left", maintain_order="left")
    return joined.with_columns(repost_of=pl.when("share").then(pl.coalesce("original", "mark")))


def notes_of(rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return by file how many texts held control characters, or look as if they were encoded twice."""
    counts = rows.group_by("source_file").agg(pl.col("controls").sum(), pl.col("double").sum())
    return {file: {"control_characters": a, "looks_double_encoded": b} for file, a, b in counts.iter_rows()}


def declared_codings(quote_ids: pl.Series, *, stage: str | None, touchpoint: str | None) -> pl.DataFrame:
    """Return the codes that client.toml declares for all quotes of a source or a question."""
    declared = [(kind, code) for kind, code in (("stage", stage), ("touchpoint", touchpoint)) if code is not None]
    frames = [
        shape(
            Coding,
            pl.DataFrame({"quote_id": quote_ids}),
            kind=kind,
            code=code,
            coder="client.toml",
            method="rule",
            accepted=True,
        )
        for kind, code in declared
    ]
    return pl.concat(frames) if frames else empty(Coding)
