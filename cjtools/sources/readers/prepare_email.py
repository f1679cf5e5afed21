"""What exports of mailing tools need before their columns are read: when somebody signed up, what was clicked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import polars as pl

from cjtools.sources.opening.delimited import Sheet
from cjtools.sources.parsing.traffic import parameters
from cjtools.sources.readers.prepare_shop import cell, columns_named, with_cells

LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def mailchimp_audience(sheet: Sheet) -> Sheet:
    """Return Mailchimp's contacts, signed up when they asked, or when that is not known, when they were taken in.

    A confirmation is an act of its own only where the asking is known too: a double opt-in.
    """
    asked, taken = cell(sheet, "OPTIN_TIME"), cell(sheet, "CONFIRM_TIME")
    signed = pl.when(asked == "").then(taken).otherwise(asked)
    confirmed = pl.when((asked != "") & (asked != taken)).then(taken).otherwise(pl.lit(""))
    return with_cells(sheet, signed.alias("OPTIN_TIME"), confirmed.alias("CONFIRM_TIME"))


def klaviyo_profiles(sheet: Sheet) -> Sheet:
    """Return Klaviyo's profiles with a time of consent only for those who gave it."""
    said = cell(sheet, "Email Marketing Consent").str.to_lowercase()
    names = columns_named(sheet, "Email Marketing Consent Timestamp")
    agreed = said.is_in(["subscribed", "subscribe", "true", "yes"])
    return with_cells(sheet, *(pl.when(agreed).then(pl.col(name)).otherwise(pl.lit("")).alias(name) for name in names))


def brevo_recipients(sheet: Sheet) -> Sheet:
    """Return Brevo's recipients of a campaign with when each clicked, and the campaign's name in its links.

    Brevo counts the clicks of each link in a column of its own and tells no time: then it is that of the opening, or
    of the delivery when no opening is known, and the flag click_times_assumed counts these.
    """
    links = [name for name in sheet.header if LINK.match(name.strip())]
    clicked = [pl.when(~cell(sheet, name).is_in(["", "0"])).then(pl.lit(name.strip())) for name in links]
    if not columns_named(sheet, "Link", "Clicked_Link", "URL"):
        sheet = with_cells(sheet, pl.coalesce(*clicked, pl.lit("")).alias("Link"))
    if columns_named(sheet, "Click_Date", "Clicked_Date"):
        return with_campaign(sheet, links)
    count = cell(sheet, "Clicked_Links_Count", "Clicks")
    known = [
        pl.when(cell(sheet, name) != "").then(cell(sheet, name))
        for name in ("Open_Date", "Delivered_Date", "Send_Date")
    ]
    did = ~count.is_in(["", "0"]) | (cell(sheet, "Link") != "")
    sheet = with_cells(sheet, pl.when(did).then(pl.coalesce(*known, pl.lit(""))).alias("Click_Date"))
    assumed = int((sheet.rows["Click_Date"] != "").sum())
    return with_campaign(replace(sheet, notes=(*sheet.notes, ("click_times_assumed", assumed))), links)


def with_campaign(sheet: Sheet, links: list[str]) -> Sheet:
    """Return a sheet whose campaigns have the name that their links carry in utm_campaign, where that is one."""
    names = columns_named(sheet, "Campaign Name", "Campaign_Name", "Campaign")
    if not names:
        return sheet
    found = sheet.rows.select(
        name=pl.col(names[0]),
        tag=parameters(sheet.rows["Link"])["campaign"] if "Link" in sheet.header else pl.lit(None, pl.String),
    )
    if found["name"].n_unique() == 1 and links:  # the links of the header are those of the one campaign
        tags = parameters(pl.Series(links))["campaign"].drop_nulls().unique().to_list()
        by_name = {found["name"][0]: tags}
    else:
        by_name = dict(found.drop_nulls().group_by("name").agg(pl.col("tag").unique()).iter_rows())
    one = {name: tags[0] for name, tags in by_name.items() if len(tags) == 1}
    return with_cells(sheet, pl.col(names[0]).replace(one).alias("campaign"))


PREPARE: Mapping[str, Callable[[Sheet], Sheet]] = {
    "mailchimp_audience": mailchimp_audience,
    "klaviyo_profiles": klaviyo_profiles,
    "brevo_recipients": brevo_recipients,
}
