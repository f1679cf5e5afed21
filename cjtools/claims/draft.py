"""Claims drafted from the evidence: what most people say at each stage, for a person to accept, edit or drop."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cjtools.claims.ids import code_in, ids_of, key_of
from cjtools.claims.tables import UNDONE, Claim, Link
from cjtools.client import Client, in_language
from cjtools.evidence import quote_of
from cjtools.lanes.labels import Labels, label_client
from cjtools.lanes.statements import LANE_OF_TYPE
from cjtools.map_tables import ALL
from cjtools.settings import LANGUAGES, Wave
from cjtools.tables import shape_of
from cjtools.text.codebook import load_codebook
from cjtools.words import Words, fold, load_words

# The lanes whose statements are drafted, in the order of the map.
LANES = ("needs", "pains", "gains", "questions", "factors")
TOP = 3
LEAST = 2
BY_KIT = "cjtools"
CELL = ("stage", "persona", "touchpoint", "lane", "type", "code")


@dataclass(frozen=True)
class Drafted:
    """The claims and links as they stand now, and how many of each are new."""

    claims: pl.DataFrame
    links: pl.DataFrame
    new_claims: int
    new_links: int


def draft_claims(
    evidence: pl.DataFrame,
    *,
    client: Client,
    codings: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
    links: pl.DataFrame | None = None,
    top: int = TOP,
    least: int = LEAST,
    wave: Wave | None = None,
) -> Drafted:
    """Return the claims with the top statements of each stage, persona and lane as drafts, and with their evidence.

    `evidence` as gather_evidence gives it, `codings` as Findings.tables has them (accepted themes and factors part the
    statements of a cell); `claims` and `links` are those that there are. Ranked by distinct people, not by quotes;
    drafted where `least` of them say it. What is there stays: a dropped draft is not drafted again, an edited one keeps
    its words; every claim but a dropped one gains the new evidence of its key, unless a person took that link back.
    """
    claims = Claim.create_empty() if claims is None else claims
    links = Link.create_empty() if links is None else links
    spoken = typed_evidence(evidence, codings)
    ranked = rank(spoken, client=client, top=top, least=least)
    keys = dict(claims.select("id", "key").iter_rows())
    ids = ids_of([*ranked["key"], *(key for key in keys.values() if key)], keys)
    fresh = [row for row in ranked.to_dicts() if row["key"] not in set(keys.values())]
    labels = label_client(client, words=load_words(client.client.language))
    new = [draft_row(row, ids[row["key"]], client=client, labels=labels) for row in fresh]
    every = pl.concat([claims, pl.DataFrame(new, schema=shape_of(Claim))])
    added = grown(every, spoken, links, wave=wave or client.wave)
    return Drafted(Claim.validate(every, cast=True), pl.concat([links, added]), len(new), added.height)


def typed_evidence(evidence: pl.DataFrame, codings: pl.DataFrame | None) -> pl.DataFrame:
    """Return what people said with a stage and a type, once for everybody and once for their persona.

    One row an item and code: the theme (of a factor, the factor) that somebody gave its quote and that was accepted.
    """
    lane = pl.col("type").replace_strict(LANE_OF_TYPE, default=None, return_dtype=pl.String)
    spoken = (
        evidence.filter((pl.col("basis") == "reported") & pl.col("stage").is_not_null() & pl.col("voice"))
        .with_columns(lane=lane, quote_id=quote_of())
        .filter(pl.col("lane").is_in(LANES))
        .with_columns(kind=pl.when(pl.col("lane") == "factors").then(pl.lit("factor")).otherwise(pl.lit("theme")))
        .join(codes_of(codings), on=["quote_id", "kind"], how="left", maintain_order="left")
        .with_columns(pl.col("code").fill_null(""))
    )
    both = [spoken.with_columns(persona=pl.lit(ALL)), spoken.filter(pl.col("persona").is_not_null())]
    parts = [pl.col(name).fill_null("") for name in CELL]
    return pl.concat(both).with_columns(key=pl.concat_str(parts, separator="|")).sort("key", "evidence_id")


def codes_of(codings: pl.DataFrame | None) -> pl.DataFrame:
    """Return the accepted themes and factors of each quote: quote_id, kind, code (as keys have it)."""
    shape = {"quote_id": pl.String, "kind": pl.String, "code": pl.String}
    if codings is None:
        return pl.DataFrame(schema=shape)
    kind = pl.col("kind").cast(pl.String)
    rows = codings.filter(pl.col("accepted") & kind.is_in(["theme", "factor"])).select("quote_id", kind, "code")
    folded = pl.col("code").map_elements(fold, return_dtype=pl.String)
    return rows.with_columns(folded).cast(shape).unique().sort(*shape)  # type: ignore[arg-type]


def rank(spoken: pl.DataFrame, *, client: Client, top: int, least: int) -> pl.DataFrame:
    """Return the cells that are drafted, in the order of the map: most people first within stage, persona and lane."""
    stages = {stage.id: place for place, stage in enumerate(client.journey)}
    personas = {ALL: 0, **{persona.id: place for place, persona in enumerate(client.personas, start=1)}}
    lanes = {lane: place for place, lane in enumerate(LANES)}
    placed = [
        pl.col(name).replace_strict(order, default=None, return_dtype=pl.Int64).alias(f"{name}_at")
        for name, order in (("stage", stages), ("persona", personas), ("lane", lanes))
    ]
    group = ["stage_at", "persona_at", "lane_at"]
    return (
        spoken.group_by("key", *CELL)
        .agg(people=pl.col("person").n_unique().cast(pl.Int64))
        .with_columns(placed)
        .filter((pl.col("people") >= least) & pl.all_horizontal(pl.col(group).is_not_null()))
        .with_columns(fewer=-pl.col("people"))
        .sort(*group, "fewer", "key")
        .filter(pl.int_range(pl.len()).over(group) < top)
    )


def draft_row(row: Mapping[str, str | None], identifier: str, *, client: Client, labels: Labels) -> dict[str, object]:
    """Return one draft as a row of claims.csv."""
    claim = {name: row[name] for name in ("stage", "persona", "touchpoint", "lane", "type", "key")}
    words = load_words(client.client.language)
    return {**claim, "id": identifier, "status": "draft", "statement": words_of_draft(claim, client, labels, words)}


def words_of_draft(claim: Mapping[str, object], client: Client, labels: Labels, words: Words) -> str:
    """Return what a draft says in a language: type, place, theme, and a reference to how many say it."""
    kind, place, code = str(claim["type"]), claim["touchpoint"] or claim["stage"], code_in(str(claim["key"]))
    label = words.of("types", kind)
    where = {**labels.stages, **labels.touchpoints}.get(str(place), str(place))
    parts = [label[:1].upper() + label[1:], where, *([theme_label(code, client, words)] if code else [])]
    return " · ".join(plainly(part) for part in parts) + ": {n}"


def theme_label(code: str, client: Client, words: Words) -> str:
    """Return the label of a theme or factor in a language, or the code as it can be read."""
    book = load_codebook(client)
    labels = {fold(each.id): each.label for each in (*book.of("theme"), *book.of("factor"))}
    return in_language(labels.get(code, ""), words.language, client.client.language) or code.replace("-", " ")


def plainly(label: str) -> str:
    """Return a label as it may stand in a statement: with a number or a brace it is marked as no reference.

    >>> plainly("Checkout"), plainly("Top 10")
    ('Checkout', '{plain: Top 10}')
    """
    bare = label.translate(str.maketrans("{}", "()"))
    return f"{{plain: {bare}}}" if re.search(r"[\d«“„\"]", bare) else bare


def grown(claims: pl.DataFrame, spoken: pl.DataFrame, links: pl.DataFrame, *, wave: Wave) -> pl.DataFrame:
    """Return links to the evidence of each claim's key that no row of links.csv speaks of yet."""
    there = set(links.select("claim", "evidence").iter_rows())
    items = {key: rows for (key,), rows in spoken.group_by("key", maintain_order=True)}
    rows = [
        {"claim": claim["id"], "evidence": item, "relation": "supports", "who": BY_KIT, "dated": said_on or wave.to}
        for claim in claims.to_dicts()
        if claim["status"] != "dropped" and claim["key"] in items
        for item, said_on in items[claim["key"]]
        .select("evidence_id", "said_on")
        .unique()
        .sort("evidence_id")
        .iter_rows()
        if (claim["id"], item) not in there
    ]
    return Link.validate(pl.DataFrame(rows, schema=shape_of(Link)), cast=True)


def named(claims: pl.DataFrame) -> pl.DataFrame:
    """Return claims of which each has an id: a row that a person wrote without one gets it of its place and wording.

    Once written, the id stays, whatever becomes of the wording. Rows that are alike are told apart by their order.
    """
    rows = claims.to_dicts()
    seen: Counter[str] = Counter()
    bare = {}
    for row in rows:
        if row["id"] == f"line-{row['line']}":
            key = row["key"] or written_key(row)
            seen[key] += 1
            bare[row["id"]] = key if seen[key] == 1 else f"{key}#{seen[key]}"
    ids = ids_of(bare.values(), {row["id"]: row["key"] for row in rows if row["id"] not in bare})
    given = [{**row, "id": ids[bare[row["id"]]]} if row["id"] in bare else row for row in rows]
    return Claim.validate(pl.DataFrame(given, schema=shape_of(Claim)), cast=True)


def written_key(row: Mapping[str, str | None]) -> str:
    """Return what the id of a row that a person wrote is made from."""
    statements = (row["statement"], *(row[f"statement_{language}"] for language in LANGUAGES))
    said = next((text for text in statements if text), "")
    stage, persona, touchpoint, lane, kind = (row[name] or "" for name in CELL[:-1])
    return key_of(stage, persona, touchpoint, lane, kind, f"= {said}")


def verified(links: pl.DataFrame, days: Mapping[str, dt.date]) -> pl.DataFrame:
    """Return links with the day of their evidence where it is there and was not written yet; `days` by evidence_id."""
    day = pl.col("evidence").replace_strict(days, default=None, return_dtype=pl.Date)
    return links.with_columns(dated=pl.coalesce("dated", day))


def in_force(links: pl.DataFrame) -> pl.DataFrame:
    """Return the last row of each claim and item, without what was taken back."""
    last = links.unique(["claim", "evidence"], keep="last", maintain_order=True)
    return last.filter(pl.col("relation") != UNDONE)
