"""From where a visit came, by what an address and a referrer say: campaign parameters, click ids, other sites."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import unquote_plus

import polars as pl

from cjtools.sources.parsing.channels import is_payment_page, site_kind, site_name

TAGS = "utm|mtm|pk|piwik|matomo"  # Google's tags, and those of Matomo in its years
CLICKS = {"gclid": "google", "gbraid": "google", "wbraid": "google", "msclkid": "bing"}  # of an ad, by who sold it
RARE = 100  # a translator or a cache may show a page under its own host: such hosts are not the shop's
OWN_MACHINE = r"^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\]|.*\.(?:localhost|local|test))$"


def host_of(address: pl.Expr) -> pl.Expr:
    """Return the host of an address, in small letters, without port and www; a bare path has none.

    >>> frame = pl.DataFrame({"a": ["https://www.Shop.example:8080/x", "news.example/item?id=1", "/p/1", "-", None]})
    >>> frame.select(host_of(pl.col("a")))["a"].to_list()
    ['shop.example', 'news.example', None, None, None]
    """
    with_scheme = address.str.extract(r"^(?i:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)")
    bare = address.str.extract(r"^([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?:[:/?#].*)?$")
    host = pl.coalesce(with_scheme, bare).str.to_lowercase().str.strip_prefix("www.")
    return pl.when(host != "").then(host)


def mapped(texts: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """Return what each text becomes, found once for each distinct one."""
    distinct = texts.drop_nulls().unique()
    changed = pl.Series([change(text) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, changed, default=None, return_dtype=pl.String)


def parameters(addresses: pl.Series) -> pl.DataFrame:
    """Return the source, medium and campaign that the parameters of some addresses name.

    A click id of an ad says its seller and cpc where no tag says otherwise.

    >>> parameters(pl.Series(["/?utm_source=Nova%20news&utm_medium=email&pk_campaign=may", "/?gclid=x", "/"])).rows()
    [('Nova news', 'email', 'may'), ('google', 'cpc', None), (None, None, None)]
    """
    frame = addresses.alias("address").to_frame()
    tags = frame.select(
        pl.col("address").str.extract(rf"[?&#;](?:{TAGS})_{name}=([^&#;]*)").alias(name)
        for name in ("source", "medium", "campaign")
    )
    tags = tags.with_columns(
        mapped(tags[name], lambda text: unquote_plus(text).strip() or None) for name in tags.columns
    )
    seller = pl.coalesce(
        *(pl.when(pl.col("address").str.contains(f"[?&#]{key}=")).then(pl.lit(name)) for key, name in CLICKS.items()),
        pl.lit(None, pl.String),
    )
    by_ad = pl.col("source").is_null() & pl.col("medium").is_null() & pl.col("seller").is_not_null()
    return tags.with_columns(frame.select(seller=seller)).select(
        source=pl.when(by_ad).then("seller").otherwise("source"),
        medium=pl.when(by_ad).then(pl.lit("cpc")).otherwise("medium"),
        campaign="campaign",
    )


def referrals(referrers: pl.Series, hosts: pl.Series, own: Iterable[str] = ()) -> pl.DataFrame:
    """Return source and medium of the sites that sent visitors: a search engine is organic, another a referral.

    Nobody is sent by the page's own host, by the `own` ones and by hosts of one page in a hundred or more, with their
    subdomains and parents, and by a payment provider's page.
    """
    sent = referrers.alias("sent").to_frame().select(host_of(pl.col("sent"))).to_series()
    sent = sent.zip_with((sent != hosts).fill_null(True), pl.Series([None], dtype=pl.String))
    shares = hosts.drop_nulls().value_counts(name="count")
    usual = shares.filter(pl.col("count") * RARE >= pl.col("count").sum()).to_series().to_list()
    mine = {each.removeprefix("www.") for each in (*own, *usual)}
    origins = mapped(sent, lambda host: None if is_payment_page(host) or is_own(host, mine) else origin_of(host))
    media = mapped(origins, lambda name: "organic" if site_kind(name) == "Search" else "referral")
    return pl.DataFrame({"source": origins, "medium": media})


def is_own(host: str, own: Iterable[str]) -> bool:
    """Say whether a host is one of those, a part of one, or holds one.

    >>> is_own("blog.shop.example", ["shop.example"]), is_own("other.example", ["shop.example"])
    (True, False)
    """
    return any(host == each or host.endswith(f".{each}") or each.endswith(f".{host}") for each in own)


def origin_of(host: str) -> str:
    """Return a site as a source is named: a search engine by its name, another by its host.

    >>> origin_of("google.es"), origin_of("m.facebook.com")
    ('google', 'm.facebook.com')
    """
    return site_name(host) if site_kind(host) == "Search" else host
