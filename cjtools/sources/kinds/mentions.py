"""Public posts and reviews: one voice counts once, a share is reach, a star without words is a rating."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl
from ftfy import fix_encoding

from cjtools.client import Client
from cjtools.errors import Fault, cut
from cjtools.settings import SourceSection
from cjtools.sources.kinds.built import Built, fates_of, merge_rows, used, with_fate
from cjtools.sources.parsing.fields import Field
from cjtools.sources.parsing.ids import APART, occurrence, pseudonyms, short_ids
from cjtools.sources.reader import empty, place, said_in, shape
from cjtools.tables import Coding, Quote

ENTRY_TYPES = {
    **dict.fromkeys(("post", "original", "tweet", "status", "review", "article", "quote", "thread", "topic"), "post"),
    **dict.fromkeys(("reply", "comment", "answer"), "reply"),
    **dict.fromkeys(("share", "repost", "retweet", "reblog", "boost"), "share"),
}
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"
# What a letter of UTF-8 becomes when its bytes are taken for cp1252: what ftfy then looks at more closely.
PERHAPS_TWICE = (
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)
UNKNOWN_LANGUAGE = ["und", "mul", "zxx", "qme", "qst", "qht", "qam", "qct"]


def fields(section: SourceSection) -> list[Field]:
    """Return what a table of mentions or reviews can tell.

    `updated_at` says which row of one id is its newest, `shared_id` which post a share repeats, `handle` is another
    name of the author by which the brand's `own_accounts` may be known, `left_out` a word for why a row is no evidence,
    `translation` the text in the client's language.
    """
    return [
        Field("said_at", "time"),
        Field("updated_at", "time"),
        Field("mention_id", "id"),
        Field("parent_id", "id"),
        Field("shared_id", "id"),
        Field("text", "text"),
        Field("title", "text"),
        Field("translation", "text"),
        Field("author", "id"),
        Field("handle", "text"),
        Field("left_out", "text"),
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
    if not given & {"text", "title", "rating"}:
        yield Fault(said_in(section, "mapping"), "neither text nor rating", "", 'add text = "the column\'s name"')
    if section.own_accounts and not given & {"author", "handle"}:
        yield Fault(said_in(section, "own_accounts"), "no author to compare them with", "", "map author")
    if not is_dated(section) and section.period is None:
        step = 'add said_at = "the column\'s name", or to the source period = { from = 2026-01-01, to = 2026-03-31 }'
        yield Fault(said_in(section, "mapping"), "said_at is missing", "", step)
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

    Merged are: the same id again, of which the newest version stays; the same author, day and words (links and @names
    aside); without words, the same row again. A share keeps its row, with `repost_of` the quote it repeats, or a mark
    of its own for those who share the same missing one. What the brand's own accounts say has the role brand: it is
    context, no voice. A source without dates takes the first day of its period, with the precision unknown.
    """
    rows = with_fate(rows.with_row_index("row"), *(["said_at"] if is_dated(section) else []))
    rows = rows.with_columns(
        text=whole_text(section).str.replace_all(CONTROL, ""),
        controls=whole_text(section).str.contains(CONTROL),
        own=is_own(section.own_accounts),
        author_hash=pseudonyms(rows["author"], salt=client.client.id),
        said_at_day=pl.col("said_at_day") if is_dated(section) else pl.lit(first_day(section)),
    ).with_columns(left_out_row(), clean=clean_text(pl.col("text")), share=is_share())
    rows = merge_versions(rows).sort("said_at", "row", nulls_last=True)
    faults = list(id_faults(rows))
    rows = merge_copies(rows)
    quotes = to_quotes(used(rows).sort("row"), section)
    tables = {
        "quotes": shape(Quote, quotes, source_id=section.id),
        "codings": declared_codings(quotes["quote_id"], stage=section.stage, touchpoint=section.touchpoint),
    }
    return Built(tables, fates_of(rows), faults, notes_of(rows))


def is_dated(section: SourceSection) -> bool:
    """Say whether the rows of a source have dates; without, client.toml gives their period."""
    return "said_at" in section.mapping or "said_at" in section.constants


def first_day(section: SourceSection) -> dt.date | None:
    """Return the first day of the period that client.toml gives to a source."""
    return section.period.from_ if section.period else None


def whole_text(section: SourceSection) -> pl.Expr:
    """Return what was said: of a review its title and its text, of a mention its text, or else its title."""
    text, title = pl.col("text").fill_null(""), pl.col("title").fill_null("")
    if section.kind != "reviews":
        return pl.when(text == "").then(title).otherwise(text)
    both = (text != "") & (title != "") & ~text.str.starts_with(title)
    return pl.when(both).then(pl.concat_str(title, text, separator="\n")).when(text == "").then(title).otherwise(text)


def is_own(accounts: Sequence[str]) -> pl.Expr:
    """Return whether a row is of one of the brand's own accounts, by either name, without case and @."""
    own = [account_key(account) for account in accounts]
    names = (pl.col(name).str.to_lowercase().str.strip_chars(" @").is_in(own) for name in ("author", "handle"))
    return pl.any_horizontal(each.fill_null(False) for each in names)


def account_key(account: str) -> str:
    """Return an account as accounts are compared.

    >>> account_key("@Acme ")
    'acme'
    """
    return account.lower().strip(" @")


def left_out_row() -> list[pl.Expr]:
    """Return the fate of a row that is no evidence, for the reason that it gives itself or because it says nothing."""
    told = pl.col("left_out").is_not_null()
    empty = (pl.col("text") == "") & pl.col("rating").is_null() & (pl.col("fate") == "used")
    word = pl.col("left_out").str.strip_chars().str.to_lowercase().str.replace_all(r"\W+", "_")
    return [
        pl.when(told | empty).then(pl.lit("rejected")).otherwise("fate").alias("fate"),
        pl.when(told).then(word).when(empty).then(pl.lit("no_text")).otherwise("why").alias("why"),
    ]


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
    """Return whether a row repeats another's words: by its type, by the post it names, or by the mark RT @name."""
    by_type = (pl.col("entry_type") == "share").fill_null(False)
    return by_type | pl.col("shared_id").is_not_null() | pl.col("text").str.contains(r"^RT @\w+")


def id_faults(rows: pl.DataFrame) -> Iterator[Fault]:
    """Yield the rows whose id an earlier row has with other words."""
    named = used(rows).filter(pl.col("mention_id").is_not_null())
    first = {
        name: pl.col(name).first().over("mention_id", order_by="row") for name in ("source_file", "source_row", "text")
    }
    other = named.with_columns(**{f"first_{name}": column for name, column in first.items()})
    for row in other.filter(pl.col("text") != pl.col("first_text")).sort("row").iter_rows(named=True):
        first_place = place(row["first_source_file"], row["first_source_row"])
        found = f"id {cut(row['mention_id'])} is also in {first_place}, with another text"
        yield Fault(place(row["source_file"], row["source_row"]), found, "one id for each mention")


def merge_versions(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where what was edited later is merged into its newest version; without times of edits all stay."""
    if rows["updated_at"].null_count() == len(rows):
        return rows
    edited = pl.when(pl.col("fate") == "used").then(pl.coalesce("updated_at", "said_at"))
    newest = edited.max().over("mention_id")
    return merge_rows(rows, pl.col("mention_id").is_not_null() & (edited < newest), "earlier_version")


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
        speaker_role=pl.when("own").then(pl.lit("brand")).otherwise(pl.lit("author")),
        time_precision=pl.col("said_at_precision").fill_null("unknown"),
        local_date=pl.col("said_at_day"),
        parent_id=pl.col("parent"),
        rating_raw=pl.col("rating").cast(pl.String).str.strip_suffix(".0"),
        rating=(pl.col("rating") - low) / (high - low),
        rating_scale=pl.when(pl.col("rating").is_not_null()).then(pl.lit(f"{low:g}-{high:g}")),
        sentiment_method=pl.when(pl.col("sentiment").is_not_null()).then(pl.lit("source")),
        consent_to_quote=pl.lit(may_be_quoted(section)),
    )


def with_originals(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows where each share names the quote it repeats: by the id of that, else by its words."""
    by_id = rows.filter(pl.col("mention_id").is_not_null()).select(shared_id="mention_id", named="quote_id")
    originals = rows.filter(~pl.col("share"), pl.col("clean") != "").sort("said_at", "row")
    originals = originals.unique("clean", keep="first", maintain_order=True).select("clean", original="quote_id")
    joined = rows.join(by_id.unique("shared_id"), on="shared_id", how="left", maintain_order="left").join(
        originals, on="clean", how="left", maintain_order="left"
    )
    shares = joined.filter("share").select("quote_id", key=pl.coalesce("shared_id", "clean"))
    marks = shares.select("quote_id", mark=short_ids(shares["key"], prefix="share-"))
    joined = joined.join(marks, on="quote_id", how="left", maintain_order="left")
    return joined.with_columns(repost_of=pl.when("share").then(pl.coalesce("named", "original", "mark")))


def notes_of(rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return by file what is told of its texts: what was taken out of them, what looks broken, whose they are."""
    flags = rows.select(
        "source_file",
        control_characters="controls",
        broken_characters=pl.col("text").str.contains("\ufffd", literal=True),
        looks_double_encoded=looks_double_encoded(rows["text"]),
        brand_posts=pl.col("own") & (pl.col("fate") == "used"),
    )
    counts = flags.group_by("source_file").sum()
    return {row.pop("source_file"): row for row in counts.iter_rows(named=True)}


def looks_double_encoded(texts: pl.Series) -> pl.Series:
    """Return whether a text looks as if it had been encoded twice; it is told of, never changed.

    >>> looks_double_encoded(pl.Series(["opciÃ³n", "opción", "«Â»"])).to_list()
    [True, False, False]
    """
    perhaps = texts.str.contains(PERHAPS_TWICE)
    twice = {text for text in texts.filter(perhaps) if fix_encoding(text) != text}
    return texts.is_in(twice) & perhaps


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
