"""How often what is joined finds its other side: each join with its numerator and denominator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from cjtools.client import Client
from cjtools.inventory.coverage import voices
from cjtools.inventory.tables import MatchRate
from cjtools.journeys.touches import VIEWS, bind_pages
from cjtools.tables import Tables, shape_of
from cjtools.text.touchpoints import touchpoint_of

# One join of one scope: how many found their other side, of how many.
Count = tuple[str, int, int]

# Acts of one's own and not of the sender's; an address that got a mailing did nothing yet.
SENT = r"^(email_(sent|delivered|send)|sent|delivered|mailing|campaign(_sent)?|sms_sent|push_sent)$"
MAILED = r"^(email|e-mail|mail|sms|push|mailing|post)"
BOUGHT = ("purchase", "pos_purchase")
# Ids that a browser or device carries before anybody has said who it is.
PSEUDO = r"pseudo|visitor|anonymous|client_?id|cookie|device"


def match_rates(tables: Tables, *, client: Client) -> pl.DataFrame:
    """Return every join with what it found: match, scope, numerator, denominator. Rows as inventory.tables.MatchRate.

    A join whose denominator is nothing has no line. Events are counted lazily and never collected as a whole.

    >>> import cjtools as cj
    >>> client = cj.load_client("data/example")
    >>> rates = match_rates(cj.read_sources(client), client=client)
    >>> rates.filter(match="orders_with_profile", scope="all").select("numerator", "denominator").row(0)
    (963, 1127)
    """
    events = count_events(tables)
    rows = [
        (name, scope, place, found, of, found / of)
        for place, (name, count) in enumerate(MATCHES.items())
        for scope, found, of in count(tables, events, client)
        if of
    ]
    return MatchRate.validate(pl.DataFrame(rows, schema=shape_of(MatchRate), orient="row"), cast=True)


def count_events(tables: Tables) -> dict[str, int]:
    """Return everything that is counted of the events as a whole, in one lazy pass."""
    online = pl.coalesce(
        pl.col("environment").cast(pl.String), pl.when(pl.col("page").is_not_null()).then(pl.lit("online"))
    )
    marked = (pl.col("consent") == "denied") | pl.col("is_bot") | pl.col("is_internal")
    counts = tables.events.select(
        all=pl.len(),
        profile=pl.col("profile_id").count(),
        online=(online == "online").sum(),
        session=((online == "online") & pl.col("session_id").is_not_null()).sum(),
        denied=(pl.col("consent") == "denied").sum(),
        bot=pl.col("is_bot").sum(),
        internal=pl.col("is_internal").sum(),
        followed=(pl.col("profile_id").is_not_null() & ~marked).sum(),
    ).collect(engine="streaming")
    return {name: int(value or 0) for name, value in counts.row(0, named=True).items()}


def orders_with_profile(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield orders that say who bought, of all orders, together and by where they were placed."""
    for scope, orders in by_environment(tables.orders):
        yield scope, int(orders["profile_id"].count()), orders.height


def by_environment(orders: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the orders as a whole, then those of each environment when there are both."""
    yield "all", orders
    parts = {name: orders.filter(pl.col("environment") == name) for name in ("online", "offline")}
    if all(part.height for part in parts.values()):
        yield from parts.items()


def orders_seen(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield orders whose profile has looked at pages, of the orders with a profile."""
    if not has_views(tables):
        return
    for scope, orders in by_environment(tables.orders.filter(pl.col("profile_id").is_not_null())):
        seen = profiles_with(tables, pl.col("page").is_not_null(), among=orders["profile_id"])
        yield scope, orders.filter(pl.col("profile_id").is_in(seen.implode())).height, orders.height


def has_views(tables: Tables) -> bool:
    """Say whether any event has a page."""
    return not tables.events.filter(pl.col("page").is_not_null()).select("page").head(1).collect().is_empty()


def profiles_with(tables: Tables, condition: pl.Expr, *, among: pl.Series) -> pl.Series:
    """Return those of some profiles that have an event for which the condition holds."""
    wanted = pl.DataFrame({"profile_id": among}).drop_nulls().unique()
    found = tables.events.filter(condition).select("profile_id").join(wanted.lazy(), on="profile_id", how="semi")
    return found.unique().collect(engine="streaming")["profile_id"]


def analytics_purchases(tables: Tables) -> pl.DataFrame:
    """Return the order ids that events of other sources than the orders' own tell of."""
    shops = tables.orders["source_id"].unique().to_list()
    return (
        tables.events.filter((pl.col("activity") == "purchase") & ~pl.col("source_id").is_in(shops))
        .select("order_id")
        .drop_nulls()
        .unique()
        .collect(engine="streaming")
    )


def orders_measured(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield online orders that web analytics tells of too, of all online orders."""
    told = analytics_purchases(tables)
    online = tables.orders.filter(pl.col("environment") == "online")
    if told.height:
        yield "all", online.join(told, on="order_id", how="semi").height, online.height


def purchases_known(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield purchases of web analytics whose order is among the shop's, of all that carry an order number."""
    told = analytics_purchases(tables)
    if tables.orders.height:
        yield "all", told.join(tables.orders, on="order_id", how="semi").height, told.height


def recipients(tables: Tables) -> pl.Series:
    """Return the profiles that a mailing was sent to."""
    mailed = pl.col("activity").str.contains(SENT) | (
        pl.col("activity").str.contains("sent") & pl.col("channel").str.to_lowercase().str.contains(MAILED)
    )
    return (
        tables.events.filter(mailed.fill_null(False))
        .select("profile_id")
        .drop_nulls()
        .unique()
        .collect(engine="streaming")["profile_id"]
    )


def recipients_known(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield recipients of mailings who did anything else that another source tells of, of all recipients."""
    sent_to = recipients(tables)
    if sent_to.is_empty():
        return
    mailings = (
        tables.events.filter(pl.col("activity").str.contains(SENT)).select("source_id").unique().collect()["source_id"]
    )
    elsewhere = profiles_with(tables, ~pl.col("source_id").is_in(mailings.to_list()), among=sent_to)
    yield "all", elsewhere.len(), sent_to.len()


def recipients_bought(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield recipients of mailings who bought, of all recipients; the purchase may come before the mailing."""
    sent_to = recipients(tables)
    if sent_to.is_empty():
        return
    bought = pl.concat([
        profiles_with(tables, pl.col("activity").is_in(BOUGHT), among=sent_to),
        tables.orders["profile_id"].drop_nulls(),
    ]).unique()  # fmt: skip
    yield "all", sent_to.filter(sent_to.is_in(bought.implode())).len(), sent_to.len()


def responses(tables: Tables) -> pl.DataFrame:
    """Return survey responses, one row each, with the profile that any of their answers names."""
    return tables.answers.group_by("source_id", "response_id").agg(pl.col("profile_id").drop_nulls().first())


def responses_with_profile(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield survey responses that say who answered, of all responses."""
    rows = responses(tables)
    yield "all", int(rows["profile_id"].count()), rows.height


def responses_known(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield survey responses whose profile did anything, of those with a profile."""
    named = responses(tables).filter(pl.col("profile_id").is_not_null())
    if named.is_empty():
        return
    seen = profiles_with(tables, pl.lit(value=True), among=named["profile_id"])
    known = pl.concat([seen, tables.orders["profile_id"].drop_nulls()]).unique()
    yield "all", named.filter(pl.col("profile_id").is_in(known.implode())).height, named.height


def customers_seen(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield customers of a list who did anything that another source tells of, of all customers of lists."""
    listed = tables.profiles["profile_id"].unique()
    if listed.is_empty():
        return
    seen = profiles_with(tables, pl.lit(value=True), among=listed)
    told = pl.concat([seen, tables.orders["profile_id"].drop_nulls(), tables.answers["profile_id"].drop_nulls()])
    yield "all", listed.filter(listed.is_in(told.unique().implode())).len(), listed.len()


def pseudo_ids(tables: Tables, rule: str) -> Iterator[Count]:
    """Yield the ids of devices to which a rule applied, of all such ids, source by source."""
    ids = tables.identities.filter(pl.col("id_type").str.contains(f"(?i){PSEUDO}"))
    for source in ids["source_id"].unique().sort():
        own = ids.filter(pl.col("source_id") == source)
        met = own.filter(pl.col("rule").str.starts_with(rule))["id_value"].n_unique()
        yield source, met, own["id_value"].n_unique()


def pseudo_ids_linked(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield ids of devices that met exactly one user id, of all ids of devices."""
    yield from pseudo_ids(tables, "met one")


def pseudo_ids_shared(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield ids of devices that met several user ids, of all ids of devices; where there is none, no line."""
    yield from (count for count in pseudo_ids(tables, "met several") if count[1])


def profiles_joined(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield profiles that two sources or more tell of, of all profiles, when there are two sources with profiles."""
    frames = [tables.events, tables.orders.lazy(), tables.answers.lazy()]
    pairs = pl.concat([frame.select("profile_id", "source_id") for frame in frames]).drop_nulls().unique()
    per_profile = pairs.group_by("profile_id").agg(sources=pl.len(), first=pl.col("source_id").min())
    counts = per_profile.select(
        all=pl.len(), several=(pl.col("sources") > 1).sum(), alone=pl.col("first").n_unique()
    ).collect(engine="streaming")
    everybody, several, alone = counts.row(0)
    if several or alone > 1:
        yield "all", several, everybody


def share_of(part: str, whole: str) -> Callable[[Tables, dict[str, int], Client], Iterator[Count]]:
    """Return the join that is one count of the events, of another."""

    def count(_tables: Tables, events: dict[str, int], _client: Client) -> Iterator[Count]:
        yield "all", events[part], events[whole]

    return count


def views_at_touchpoint(tables: Tables, _events: dict[str, int], client: Client) -> Iterator[Count]:
    """Yield page views whose page belongs to a touchpoint, of all page views with a page."""
    pages = (
        tables.events.filter(pl.col("activity").is_in(VIEWS) & pl.col("page").is_not_null())
        .group_by("page")
        .agg(views=pl.len())
        .collect(engine="streaming")
        .sort("page")
    )
    bound = bind_pages(pages["page"], client.touchpoints).is_not_null()
    yield "all", int(pages.filter(bound)["views"].sum()), int(pages["views"].sum())


def texts_at_touchpoint(tables: Tables, _events: dict[str, int], client: Client) -> Iterator[Count]:
    """Yield texts that a code, their source or a term ties to a touchpoint, of all texts, by family."""
    quotes = voices(tables.quotes)
    whole = [row.id for row in client.sources if row.touchpoint]
    tied = touchpoint_of(quotes, tables.codings, client=client)["quote_id"].implode()
    found = pl.col("quote_id").is_in(tied) | pl.col("source_id").is_in(whole)
    counts = quotes.group_by(pl.col("kind").cast(pl.String)).agg(found=found.sum(), all=pl.len()).sort("kind")
    yield from counts.iter_rows()


def passages_coded(tables: Tables, _events: dict[str, int], _client: Client) -> Iterator[Count]:
    """Yield passages of interviews that a person has coded, of all passages of participants."""
    said = voices(tables.quotes).filter(pl.col("kind") == "interview")
    by_hand = tables.codings.filter(pl.col("method") == "person", pl.col("kind") != "stage")["quote_id"].implode()
    yield "all", said.filter(pl.col("quote_id").is_in(by_hand)).height, said.height


# Every join in the order of the page: the words match_<name> and match_note_<name>.
MATCHES: dict[str, Callable[[Tables, dict[str, int], Client], Iterator[Count]]] = {
    "orders_with_profile": orders_with_profile,
    "orders_seen": orders_seen,
    "orders_measured": orders_measured,
    "purchases_known": purchases_known,
    "profiles_joined": profiles_joined,
    "customers_seen": customers_seen,
    "pseudo_ids_linked": pseudo_ids_linked,
    "pseudo_ids_shared": pseudo_ids_shared,
    "recipients_known": recipients_known,
    "recipients_bought": recipients_bought,
    "responses_with_profile": responses_with_profile,
    "responses_known": responses_known,
    "events_with_profile": share_of("profile", "all"),
    "events_with_session": share_of("session", "online"),
    "events_followed": share_of("followed", "all"),
    "events_denied": share_of("denied", "all"),
    "events_bot": share_of("bot", "all"),
    "events_internal": share_of("internal", "all"),
    "views_at_touchpoint": views_at_touchpoint,
    "texts_at_touchpoint": texts_at_touchpoint,
    "passages_coded": passages_coded,
}
