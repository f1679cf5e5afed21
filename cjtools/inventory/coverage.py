"""What kinds of evidence there are and which are missing: online and offline, satisfaction and behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from cjtools.client import Client
from cjtools.evidence import FAMILY_OF_KIND
from cjtools.inventory.tables import Coverage, FamilyCoverage
from cjtools.tables import Tables, shape_of
from cjtools.text.touchpoints import touchpoint_of

ENVIRONMENTS = ("online", "offline", "untied")
# The kinds of evidence a map needs; other texts and totals of satisfaction have a line only where there are some.
EXPECTED = (
    ("reported", "satisfaction"),
    ("reported", "behaviour"),
    ("observed", "behaviour"),
    ("totals", "behaviour"),
)
OPTIONAL = (("reported", "other"), ("totals", "satisfaction"))
# Whose words are no evidence: those who ask, and the brand's own accounts.
NO_VOICE = ("interviewer", "brand")
# The types of a coded passage that tell of an act; the others tell how it was, or what is wished.
ACTS = ("action", "comparing", "lost", "goal")
# Totals whose name begins like this measure how content people are; the others count what they did.
CONTENT = r"^(nps|csat|ces|rating|score|satisf|sentiment|stars)"
# What is measured on screens and in the post box of a computer; shop counters tell of themselves.
ONLINE_FAMILIES = ("web", "search", "email", "social", "app", "ads")

# The families of sources in the order of the page, and what they are evidence of.
FAMILIES = {
    "interview": "reported",
    "social": "reported",
    "survey": "reported",
    "support": "reported",
    "web": "observed",
    "orders": "observed",
    "email": "observed",
    "search": "totals",
}
# What a kind of table tells of whatever its channel, and the channels that are a family by another name.
OF_KIND = {"mentions": "social", "reviews": "social", "answers": "survey", "tickets": "support", "orders": "orders"}
OF_CHANNEL = {
    **dict.fromkeys(("mention", "review", "mentions", "reviews"), "social"),
    **dict.fromkeys(("website", "site", "app", "webshop", "shop-online"), "web"),
    **dict.fromkeys(("e-mail", "mail", "newsletter", "mailing", "campaign"), "email"),
    **dict.fromkeys(("store", "retail", "till", "shop"), "orders"),
}


def source_coverage(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return how much there is of each kind of evidence in each environment. Rows as inventory.tables.Coverage.

    Said: quotes and survey answers, with a rating, a score or a valence (satisfaction), telling of an act (behaviour),
    or neither. Done: events. Totals: observations. Where: the touchpoint that a person coded, that the source belongs
    to, or whose terms stand in the text; of events their own environment, of web pages online.

    >>> import cjtools as cj
    >>> client = cj.load_client("data/example")
    >>> found = source_coverage(cj.read_sources(client), client=client)
    >>> found.filter(basis="observed", environment="offline").select("items", "people", "state").row(0)
    (550, 347, 'evidence')
    """
    parts = [
        said_items(tables, client=client),
        answer_items(tables, client=client),
        total_items(tables, client=client),
    ]
    said = (
        pl.concat(parts)
        .group_by("basis", "side", "environment")
        .agg(
            items=pl.col("item").n_unique(), people=pl.col("person").drop_nulls().n_unique(), families=pl.col("family")
        )
    )
    counts = pl.concat([said, count_acts(tables, client=client)]).rows_by_key(
        ["basis", "side", "environment"], named=True
    )
    there = {(basis, side) for basis, side, _ in counts}
    rows = []
    for basis, side in [*EXPECTED, *(kind for kind in OPTIONAL if kind in there)]:
        for environment in ENVIRONMENTS:
            found = counts.get((basis, side, environment), [])
            items = sum(row["items"] for row in found)
            people = None if basis == "totals" else sum(row["people"] for row in found)
            families = sorted({name for row in found for name in row["families"]})
            rows.append((basis, side, environment, items, people, families, "evidence" if items else "missing"))
    return Coverage.validate(pl.DataFrame(rows, schema=shape_of(Coverage), orient="row"), cast=True)


ITEM = ("basis", "side", "environment", "family", "item", "person")


def places(client: Client) -> pl.DataFrame:
    """Return the environment of each touchpoint."""
    rows = [(row.id, row.environment) for row in client.touchpoints]
    return pl.DataFrame(rows, schema={"touchpoint": pl.String, "environment": pl.String}, orient="row")


def touchpoint_of_source(client: Client) -> pl.Expr:
    """Return the touchpoint that client.toml gives to the whole source of a row."""
    given = {row.id: row.touchpoint for row in client.sources if row.touchpoint}
    return pl.col("source_id").replace_strict(given, default=None, return_dtype=pl.String)


def said_items(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return one row a quote and environment, by side."""
    quotes = voices(tables.quotes)
    bound = touchpoint_of(quotes, tables.codings, client=client)
    codes = tables.codings.filter("accepted")
    valued = codes.filter(pl.col("kind") == "valence")["quote_id"].implode()
    acting = codes.filter((pl.col("kind") == "type") & pl.col("code").is_in(ACTS))["quote_id"].implode()
    content = pl.col("rating").is_not_null() | pl.col("sentiment").is_not_null() | pl.col("quote_id").is_in(valued)
    acts = pl.col("quote_id").is_in(acting)
    sides = [(content, "satisfaction"), (acts, "behaviour"), (~content & ~acts, "other")]
    rows = (
        quotes.join(bound, on="quote_id", how="left")
        .with_columns(touchpoint=pl.coalesce("touchpoint", touchpoint_of_source(client)))
        .join(places(client), on="touchpoint", how="left")
        .with_columns(
            basis=pl.lit("reported"),
            environment=pl.col("environment").fill_null("untied"),
            family=pl.col("kind").cast(pl.String).replace_strict(FAMILY_OF_KIND, return_dtype=pl.String),
            item="quote_id",
            person=pl.coalesce("participant_id", "author_hash", "doc_id"),
        )
    )
    return pl.concat([rows.filter(holds).with_columns(side=pl.lit(side)).select(ITEM) for holds, side in sides])


def voices(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the quotes of those whose words are evidence."""
    return quotes.filter(~pl.col("speaker_role").fill_null("participant").is_in(NO_VOICE))


def answer_items(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return one row an answer to a scored question (satisfaction) or to another one."""
    scored = pl.col("instrument").is_in(["nps", "csat", "ces"])
    return (
        tables.answers.filter(pl.col("value_num").is_not_null() | pl.col("value_text").is_not_null())
        .with_columns(touchpoint=pl.coalesce("touchpoint", touchpoint_of_source(client)))
        .join(places(client), on="touchpoint", how="left")
        .select(
            basis=pl.lit("reported"),
            side=pl.when(scored).then(pl.lit("satisfaction")).otherwise(pl.lit("other")),
            environment=pl.col("environment").fill_null("untied"),
            family=pl.lit("survey"),
            item=pl.concat_str("source_id", "response_id", "question_id", separator="\x1f"),
            person=pl.concat_str("source_id", "response_id", separator="\x1f"),
        )
    )


def total_items(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return one row a total; no touchpoint and no family of screens means that it belongs to neither environment."""
    families = tables.sources.select("source_id", "family").unique("source_id", keep="first")
    on_screen = pl.when(pl.col("family").is_in(ONLINE_FAMILIES)).then(pl.lit("online"))
    return (
        tables.observations.with_row_index("row")
        .with_columns(touchpoint=pl.coalesce("touchpoint", touchpoint_of_source(client)))
        .join(places(client), on="touchpoint", how="left")
        .join(families, on="source_id", how="left")
        .select(
            basis=pl.lit("totals"),
            side=pl.when(pl.col("metric").str.contains(CONTENT))
            .then(pl.lit("satisfaction"))
            .otherwise(pl.lit("behaviour")),
            environment=pl.coalesce("environment", on_screen, pl.lit("untied")),
            family=pl.col("family").fill_null("totals"),
            item=pl.col("row").cast(pl.String),
            person=pl.lit(None, pl.String),
        )
    )


def count_acts(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return events and profiles by environment, with the families that tell of them, in one lazy pass."""
    families = tables.sources.select("source_id", "family").unique("source_id", keep="first")
    on_screen = pl.col("page").is_not_null() | pl.col("family").is_in(ONLINE_FAMILIES)
    environment = pl.coalesce(
        pl.col("environment").cast(pl.String), pl.when(on_screen).then(pl.lit("online")), pl.lit("untied")
    )
    return (
        tables.events.join(families.lazy(), on="source_id", how="left")
        .group_by(environment=environment)
        .agg(
            items=pl.len(),
            people=pl.col("profile_id").drop_nulls().n_unique(),
            families=pl.col("family").unique().drop_nulls(),
        )
        .select(
            pl.lit("observed").alias("basis"),
            pl.lit("behaviour").alias("side"),
            "environment",
            "items",
            "people",
            "families",
        )
        .collect(engine="streaming")
    )


def family_coverage(sources: pl.DataFrame) -> pl.DataFrame:
    """Return how many files and rows there are of each family, and which families have none.

    `sources` as tables.Source, rows as inventory.tables.FamilyCoverage. Families that a map does not expect stand after
    those it does.

    >>> import cjtools as cj
    >>> family_coverage(cj.Tables().sources)["state"].unique().to_list()
    ['missing']
    """
    grouped = (
        sources.with_columns(family=family_of())
        .group_by("family", maintain_order=True)
        .agg(
            kinds=pl.col("kind").unique(),
            files=pl.len(),
            rows=pl.col("rows_used").sum(),
            first=pl.col("period_from").min(),
            last=pl.col("period_to").max(),
        )
    )
    found = {row["family"]: row for row in grouped.to_dicts()}
    rows = [family_line(place, name, found.get(name)) for place, name in enumerate(family_names(found))]
    return FamilyCoverage.validate(pl.DataFrame(rows, schema=shape_of(FamilyCoverage), orient="row"), cast=True)


def family_of() -> pl.Expr:
    """Return the family of a source: its kind decides, else its channel by whatever name."""
    of_kind = pl.col("kind").replace_strict(OF_KIND, default=None, return_dtype=pl.String)
    return pl.coalesce(of_kind, pl.col("family").replace(OF_CHANNEL))


def family_names(found: Mapping[str, object]) -> Iterator[str]:
    """Yield the families that a map expects, then the others that there are."""
    yield from FAMILIES
    yield from sorted(name for name in found if name not in FAMILIES)


def family_line(place: int, name: str, found: Mapping[str, object] | None) -> tuple[object, ...]:
    """Return the line of one family; of one that only has totals the totals are its basis."""
    basis = FAMILIES.get(name, "observed")
    if found is None:
        return name, basis, place, 0, 0, None, None, "missing"
    kinds = found["kinds"]
    if kinds == ["observations"]:
        basis = "totals"
    return name, basis, place, found["files"], found["rows"], found["first"], found["last"], "evidence"
