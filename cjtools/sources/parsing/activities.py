"""What an act is called: the names of other tools as GA4's recommended events and the kit's own."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

# Each canonical name, and what other tools call it: compared without case, signs and blanks.
NAMES = {
    "page_view": "pageview, page, action, viewed page, page visited",
    "screen_view": "screen, screenview, mobile screen view",
    "user_engagement": "page ping, engagement, heartbeat",
    "search": "site search, view search results, products searched, searched",
    "file_download": "download, file downloaded, file downloads",
    "click": "outlink, link click, link clicked, outbound link click, clickout",
    "generate_lead": "goal, lead",
    "sign_up": "signup, signed up, user signed up, registration, account created",
    "login": "log in, logged in, user logged in, signed in",
    "form_start": "form started",
    "form_submit": "submit form, form submission, form submitted, form submit",
    "view_promotion": "promotion viewed, promo view",
    "select_promotion": "promotion clicked, promo click",
    "view_item_list": "product list viewed, list view, view category",
    "select_item": "product clicked, list click",
    "view_item": "product viewed, product view, product detail, ecommerce product detail view",
    "add_to_wishlist": "product added to wishlist",
    "add_to_cart": "product added, cart updated, add product to cart, added to cart, ecommerceAbandonedCart",
    "remove_from_cart": "product removed, removed from cart",
    "view_cart": "cart viewed",
    "begin_checkout": "checkout started, checkout step, started checkout, initiate checkout",
    "add_shipping_info": "shipping info entered, checkout shipping",
    "add_payment_info": "payment info entered, checkout payment",
    "purchase": "ecommerceOrder, order completed, transaction, checkout completed, order placed, purchased",
    "refund": "order refunded",
    "share": "product shared, social interaction",
    "video_start": "video playback started",
    "video_complete": "video playback completed",
}


@cache
def known_names() -> dict[str, str]:
    """Return the canonical name behind each known one, as names are compared."""
    pairs = {name_key(other): name for name, others in NAMES.items() for other in others.split(",")}
    return pairs | {name_key(name): name for name in NAMES}


def name_key(name: str) -> str:
    """Return a name as names are compared.

    >>> name_key("$pageview"), name_key("Order Completed")
    ('pageview', 'ordercompleted')
    """
    return re.sub(r"[\W_]+", "", name.casefold())


def activity_of(name: str) -> str:
    """Return the canonical name of an act, or its own where none is known; of `category/action` the action counts.

    >>> activity_of("$pageview"), activity_of("Shop/Add to cart"), activity_of("opened menu")
    ('page_view', 'add_to_cart', 'opened menu')
    """
    known = known_names()
    own = known.get(name_key(name))
    return own or known.get(name_key(name.rpartition("/")[2])) or name


def activities(names: pl.Series) -> pl.Series:
    """Return the canonical names of some acts, found once for each distinct name."""
    distinct = names.drop_nulls().unique()
    return names.replace_strict(
        distinct,
        pl.Series([activity_of(name) for name in distinct], dtype=pl.String),
        default=None,
        return_dtype=pl.String,
    )
