"""From a message to a purchase: the newsletter before the first one, sign-ups, campaigns with and without."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from cjtools.journeys.patterns.purchases import since_last, until_next
from cjtools.journeys.patterns.rows import days, parts, row

EMAIL = "Email"
CLICKS = ("email_click",)  # opens are no act: programs open, too
SIGN_UPS = ("sign_up", "generate_lead")


def first_purchase_rows(
    touches: pl.DataFrame, purchases: pl.DataFrame, arrivals: pl.DataFrame, *, window_days: int, orders: tuple[int, int]
) -> pl.DataFrame:
    """Return the profiles whose first purchase came after an e-mail or a sign-up within the window, of all that bought.

    After an e-mail: a click in one, or a visit that came by one; whole and by campaign (of the last before). The first
    purchase is the first of the period. `orders` are the purchases with a profile, and all: the coverage.
    """
    first = purchases.unique("profile_id", keep="first", maintain_order=True)
    counts: dict[str, Any] = {"joined": orders[0], "all": orders[1], "window_days": window_days}
    mails = mail_contacts(touches, arrivals)
    before = since_last(first, mails, carry="campaign")
    mailed = (before["since"] <= days(window_days)).fill_null(value=False)
    by_campaign = before.filter(mailed).group_by(part="campaign").agg(numerator=pl.len())
    rows = [row("newsletter_first_purchase", mailed, first.height, **counts)] if mails.height else []
    if mails.height:
        known = {"of": first.height, "joined": first.height, "window_days": window_days}
        of_mails = parts(by_campaign, "newsletter_first_purchase", by="campaign", **known)
        rows.append(of_mails.with_columns(joined=pl.lit(orders[0], pl.Int64), all=pl.lit(orders[1], pl.Int64)))
    signs = touches.filter(pl.col("activity").is_in(SIGN_UPS)).select("profile_id", at="timestamp")
    if signs.height:
        signed = since_last(first, signs)["since"] <= days(window_days)
        rows.append(row("signup_first_purchase", signed, first.height, **counts))
    return pl.concat([row("newsletter_first_purchase", 0, 0).clear(), *rows])


def mail_contacts(touches: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return the clicks in e-mails and the visits that came by one: profile_id, at, campaign."""
    clicks = touches.filter(pl.col("activity").is_in(CLICKS)).select("profile_id", "campaign", at="timestamp")
    visits = arrivals.filter(pl.col("channel") == EMAIL).select("profile_id", "campaign", "at")
    return pl.concat([clicks.select(visits.columns), visits])


def campaign_rows(
    purchases: pl.DataFrame, arrivals: pl.DataFrame, *, window_days: int, until: dt.datetime
) -> pl.DataFrame:
    """Return who bought within the window after a first arrival by a campaign, and after a first visit without it.

    campaign_purchase: profiles that came by the campaign, from their first such visit on. no_campaign_purchase: the
    profiles that never did, from their first visit on. Whole (any campaign against none) and by campaign (this one
    against all profiles without it). Only who has a whole window before the end of the period is looked at (`joined`
    of `all`). A difference says that the two go together, not that the campaign brought it about.
    """
    visits = arrivals.filter(pl.col("environment") == "online")
    judged = with_outcome(first_visits(visits), purchases, window_days=window_days, until=until)
    sent = visits.filter(pl.col("campaign").is_not_null())
    rows = []
    campaigns = sent.group_by("campaign").len().sort("len", "campaign", descending=[True, False])["campaign"]
    for campaign in [None, *campaigns] if len(campaigns) else []:
        came = first_visits(sent if campaign is None else sent.filter(campaign=campaign))
        labels: dict[str, Any] = {"by": campaign and "campaign", "part": campaign, "window_days": window_days}
        never = judged.join(came, on="profile_id", how="anti")
        with_it = with_outcome(came, purchases, window_days=window_days, until=until)
        for name, group in (("campaign_purchase", with_it), ("no_campaign_purchase", never)):
            seen = group.filter("judged")
            counts: dict[str, Any] = {"joined": seen.height, "all": group.height}
            rows.append(row(name, seen["bought"], seen.height, **counts, **labels))
    return pl.concat([row("campaign_purchase", 0, 0).clear(), *rows])


def first_visits(visits: pl.DataFrame) -> pl.DataFrame:
    """Return the first visit of each profile: profile_id, at."""
    return visits.group_by("profile_id").agg(pl.col("at").min()).sort("profile_id")


def with_outcome(
    visits: pl.DataFrame, purchases: pl.DataFrame, *, window_days: int, until: dt.datetime
) -> pl.DataFrame:
    """Return visits with `bought` (within the window after) and `judged` (the window ends within the period)."""
    bought = (until_next(visits, purchases) <= days(window_days)).fill_null(value=False)
    return visits.with_columns(bought=bought, judged=pl.col("at") + days(window_days) <= until)
