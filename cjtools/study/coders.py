"""What people coded: how far they agree, how much new each interview brings, how often each code is given."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from cjtools.client import Client, in_language
from cjtools.privacy import enough
from cjtools.study.tables import CoderAgreement, CodeUse, SaturationPoint
from cjtools.tables import Tables, shape_of
from cjtools.text.agreement import cohen_kappa, krippendorff_alpha, saturation
from cjtools.text.codebook import Code, Codebook
from cjtools.text.codings import SINGLE, in_force
from cjtools.words import Words

KINDS = ("stage", "touchpoint", "type", "valence", "persona", "factor", "theme", "language")

# Codes that a study finds or fills, and that can run dry; the others are known before the first interview.
FOUND = ("theme", "factor", "touchpoint", "type")
TOLD = ("label", "definition", "include", "exclude")


def said_by_people(tables: Tables, decided: pl.DataFrame) -> pl.DataFrame:
    """Return what people said of quotes, in sources and in codings.csv: also what they refused, each once."""
    names = ["quote_id", "kind", "code", "value", "coder", "accepted"]
    person = pl.col("method").cast(pl.String) == "person"
    rows = [frame.filter(person).select(names) for frame in (tables.codings, in_force(decided))]
    return pl.concat(rows).with_columns(pl.col("kind").cast(pl.String)).unique(maintain_order=True)


def coder_agreement(said: pl.DataFrame) -> pl.DataFrame:
    """Return how far coders agree, on each kind and each code, where two or more looked at a quote.

    Rows as CoderAgreement. A quote of which a coder only refused codes was looked at, and given none.
    """
    rows = [row for kind in KINDS for row in agreement_on(kind, said.filter(pl.col("kind") == kind))]
    frame = pl.DataFrame(rows, schema={**shape_of(CoderAgreement), "position": pl.Null}, orient="row")
    return CoderAgreement.validate(frame.with_columns(position=pl.int_range(pl.len())), cast=True)


def agreement_on(kind: str, said: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """Yield the agreement on a kind of which a quote has one code, then on each code."""
    several = said.filter(pl.col("coder").n_unique().over("quote_id") > 1)
    if several.is_empty():
        return
    given = several.select(
        unit="quote_id",
        coder="coder",
        code=pl.when("accepted").then("code"),
        value=pl.when("accepted").then(pl.col("value") if kind == "valence" else pl.col("code")),
    )
    units, coders = given["unit"].n_unique(), given["coder"].n_unique()
    if kind in SINGLE:
        last = given.unique(["unit", "coder"], keep="last", maintain_order=True)
        whole = krippendorff_alpha(last, level="ordinal" if kind == "valence" else "nominal")
        yield kind, None, None, rounded(whole.value), None, rounded(whole.observed), units, coders
    for code in [] if kind == "valence" else given["code"].drop_nulls().unique().sort():
        looked = given.group_by("unit", "coder").agg(value=(pl.col("code") == code).fill_null(value=False).any())
        alpha = krippendorff_alpha(looked, code=code)
        kappa = cohen_kappa(given, code=code).value
        yield kind, code, None, rounded(alpha.value), rounded(kappa), rounded(alpha.observed), units, coders


def rounded(value: float | None) -> float | None:
    """Return a figure with as many digits as are stored."""
    return None if value is None else round(value, 6)


def saturation_of(tables: Tables, said: pl.DataFrame) -> pl.DataFrame:
    """Return how many new codes each interview brought, in the order of their days. Rows as SaturationPoint."""
    interviews = tables.quotes.filter(pl.col("kind").cast(pl.String) == "interview")
    order = interviews.group_by("doc_id").agg(pl.col("local_date").min()).sort("local_date", "doc_id", nulls_last=True)
    codes = said.filter(pl.col("accepted") & pl.col("kind").is_in(FOUND)).join(
        interviews.select("quote_id", "doc_id"), on="quote_id"
    )
    if codes.is_empty():
        return SaturationPoint.create_empty()
    named = codes.select("doc_id", code=pl.format("{}:{}", "kind", "code"))
    found = saturation(named, documents=order["doc_id"].to_list())
    curve = found.curve.select(
        pl.col("position").cast(pl.Int64), "new", "codes", pl.col("share").round(6),
        saturated=(pl.col("position") == found.saturated_at) if found.saturated_at else pl.lit(value=False),
    )  # fmt: skip
    return SaturationPoint.validate(curve, cast=True)


def codes_in_use(
    book: Codebook, said: pl.DataFrame, quotes: pl.DataFrame, *, client: Client, words: Words
) -> pl.DataFrame:
    """Return each code of the codebook and each that was given, with what it means and how often. Rows as CodeUse."""
    counts = counts_of(said, quotes)
    listed: dict[tuple[str, str], Code] = {(code.kind, code.id): code for code in book.codes}
    # As in the codebook; what does not stand there comes last of its kind, by name.
    order = {key: place for place, key in enumerate(listed)}
    keys = sorted({*listed, *counts}, key=lambda key: (KINDS.index(key[0]), order.get(key, len(order)), key[1]))
    rows = []
    for place, (kind, name) in enumerate(keys):
        # The kit's own types need no codebook.
        ours = kind == "type" and words.has("types", name)
        code = listed.get((kind, name))
        told = [in_language(getattr(code, part), words.language) if code else "" for part in TOLD]
        label = told[0] or (words.of("types", name) if ours else name)
        means = [text or None for text in told[1:]]
        rows.append((kind, name, place, code is not None or ours, label, *means, *counts.get((kind, name), (0, 0))))
    frame = pl.DataFrame(rows, schema=shape_of(CodeUse), orient="row")
    shown = (pl.col("people") == 0) | enough(pl.col("people"), minimum=client.privacy.minimum_group)
    return CodeUse.validate(frame.with_columns(people=pl.when(shown).then("people")), cast=True)


def counts_of(said: pl.DataFrame, quotes: pl.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """Return in how many texts, and of how many people, each kind and code was given."""
    of_whom = quotes.select("quote_id", person=pl.coalesce("participant_id", "author_hash", "doc_id"))
    given = said.filter(pl.col("accepted") & ~pl.col("kind").is_in(["valence", "language"]))
    used = (
        given.join(of_whom, on="quote_id")
        .group_by("kind", "code")
        .agg(texts=pl.col("quote_id").n_unique(), people=pl.col("person").n_unique())
    )
    return {(kind, code): (texts, people) for kind, code, texts, people in used.iter_rows()}
