"""Where a session came from, as one of GA4's default channel groups, by source, medium and campaign.

The rules and their order are those of https://support.google.com/analytics/answer/9756891 (manual traffic); Google's
list of some 800 sites is cut down to those that a shop of this region meets. A name counts with or without its domain.
"""

from __future__ import annotations

import re

SITES = {
    kind: frozenset(name.replace("_", " ") for name in text.split())
    for kind, text in {
        "Shopping": "google_shopping amazon ebay etsy alibaba aliexpress idealo trovaprezzi kelkoo emag wallapop "
        "vinted walmart shopping compari",
        "Search": "google bing yahoo duckduckgo ecosia qwant baidu yandex brave startpage ask aol msn",
        "Social": "facebook fb instagram ig tiktok twitter x t linkedin lnkd pinterest reddit threads mastodon "
        "bsky bluesky telegram whatsapp wa messenger snapchat tumblr quora vk weibo trustpilot tripadvisor yelp",
        "Video": "youtube youtu vimeo twitch dailymotion netflix hulu disneyplus rumble",
    }.items()
}

# Words that a host carries before its name: m.facebook.com, l.instagram.com, es.search.yahoo.com.
PREFIXES = {"www", "m", "l", "lm", "r", "mobile", "search", "web", "out", "old", "shop"}
DISPLAY = {"display", "banner", "expandable", "interstitial", "cpm"}
SOCIAL_MEDIA = {"social", "social-network", "social-media", "sm", "social network", "social media"}
EMAIL = {"email", "e-mail", "e_mail", "e mail"}
PAID = re.compile(r"^(.*cp.*|ppc|retargeting|paid.*)$")
SHOP = re.compile(r"^(.*(([^a-df-z]|^)shop|shopping).*)$")

# Payment pages send buyers back to the shop: they brought nobody there.
PAYMENT = re.compile(
    r"(^|[.-])(paypal|stripe|redsys|sermepa|klarna|bizum|sequra|aplazame|adyen|mollie|payu|netopia|euplatesc|nexi|sofort|"
    r"3dsecure|[a-z0-9]*pay)(\.|$)"
)


def channel_group(source: str | None, medium: str | None, campaign: str | None = None) -> str | None:
    """Return the default channel group of a session's traffic; None when nothing is known of it.

    >>> channel_group("google", "organic"), channel_group("m.facebook.com", "referral"), channel_group(None, None)
    ('Organic Search', 'Organic Social', None)
    """
    if source is None and medium is None and campaign is None:
        return None
    source, medium, campaign = ((text or "").strip().lower() for text in (source, medium, campaign))
    if source == "(direct)" and medium in ("(none)", "(not set)", ""):
        return "Direct"
    if "cross-network" in campaign:
        return "Cross-network"
    kind = site_kind(source)
    shopping = kind == "Shopping" or SHOP.match(campaign) is not None
    if PAID.match(medium):
        return (
            "Paid Shopping"
            if shopping
            else f"Paid {kind}"
            if kind
            else "Display"
            if medium in DISPLAY
            else "Paid Other"
        )
    if medium in DISPLAY:
        return "Display"
    return organic_group(source, medium, kind, shopping=shopping)


def organic_group(source: str, medium: str, kind: str | None, *, shopping: bool) -> str:
    """Return the group of traffic that nobody paid for, in the order of Google's rules."""
    rules = (
        ("Organic Shopping", shopping),
        ("Organic Social", kind == "Social" or medium in SOCIAL_MEDIA),
        ("Organic Video", kind == "Video" or "video" in medium),
        ("Organic Search", kind == "Search" or medium == "organic"),
        ("Referral", medium in ("referral", "app", "link")),
        ("Email", source in EMAIL or medium in EMAIL),
        ("Affiliates", medium == "affiliate"),
        ("Audio", medium == "audio"),
        ("SMS", "sms" in (source, medium)),
        (
            "Mobile Push Notifications",
            medium.endswith("push") or "mobile" in medium or "notification" in medium or source == "firebase",
        ),
    )
    return next((name for name, fits in rules if fits), "Unassigned")


def site_kind(source: str) -> str | None:
    """Return whether a source is a search engine, a social network, a video site or a market place.

    >>> site_kind("es.search.yahoo.com"), site_kind("mail.google.com"), site_kind("terra.example")
    ('Search', None, None)
    """
    names = {source, site_name(source)}
    return next((kind for kind, known in SITES.items() if names & known), None)


def site_name(source: str) -> str:
    """Return the name of a site without its domain: facebook of m.facebook.com."""
    labels = source.split(".")
    while len(labels) > 2 and (labels[0] in PREFIXES or len(labels[0]) == 2):
        labels = labels[1:]
    return labels[0]


def is_payment_page(source: str | None) -> bool:
    """Say whether a source is a payment provider's page, which is never a channel.

    >>> is_payment_page("www.paypal.com"), is_payment_page("sis.redsys.es"), is_payment_page("google")
    (True, True, False)
    """
    return source is not None and PAYMENT.search(source.strip().lower()) is not None
