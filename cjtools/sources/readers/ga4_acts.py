"""GA4's rows as acts: what each row says by itself, and then what only all rows of a person say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cjtools.client import Client
from cjtools.settings import SourceSection
from cjtools.sources.parsing.amounts import MONEY
from cjtools.sources.parsing.pages import page_path
from cjtools.sources.parsing.profiles import join_pseudo_ids
from cjtools.sources.piecewise import Told
from cjtools.sources.reader import left_out_rows, period_of, shape
from cjtools.sources.readers.ga4_export import BATCH, Export
from cjtools.sources.readers.ga4_traffic import set_text, traffic_of, with_traffic
from cjtools.tables import Event

# What tells an act from another: the same again is a copy of it.
SAME = ("user_pseudo_id", "timestamp", "event_name", "address", *BATCH)
SAMPLE = 10_000  # addresses among which it is seen whether many are the same
ACTS = (
    "source_row", *SAME, "user_id", "session", "local_date", "page", "order_id", "value", "currency", "device",
    "consent", "is_internal",
)  # fmt: skip
CONSENT = pl.Enum(["granted", "denied", "unknown"])


@dataclass(frozen=True)
class Acts:
    """Acts with their ids still apart, and the kinds of traffic that they name by number."""

    rows: pl.DataFrame
    kinds: pl.DataFrame


def acts_of(rows: pl.DataFrame, *, zone: str) -> Acts:
    """Return flat rows as acts: all that a row says by itself. Without consent nobody is behind one."""
    denied = (pl.col("analytics_storage") == "No").fill_null(False)
    internal = (pl.col("param_traffic_type") == "internal").fill_null(False)
    address = rows["param_page_location"]
    traffic = traffic_of(rows)
    acts = rows.with_columns(
        user_id=pl.when(~denied).then("user_id"),
        session=pl.when(~denied).then("param_ga_session_id"),
        timestamp=pl.col("moment").dt.replace_time_zone("UTC"),
        local_date=days_of(rows, zone),
        address=address.hash(),
        page=paths_of(address),
        order_id=pl.coalesce(set_text(pl.col("order_id")), set_text(pl.col("param_transaction_id"))),
        value=pl.col("purchase_revenue").cast(MONEY, strict=False),
        currency=set_text(pl.col("param_currency")),
        consent=pl.when(denied)
        .then(pl.lit("denied"))
        .when(pl.col("analytics_storage") == "Yes")
        .then(pl.lit("granted"))
        .otherwise(pl.lit("unknown"))
        .cast(CONSENT),
        is_internal=internal,
    )
    return Acts(acts.select(ACTS).hstack(traffic.codes), traffic.kinds)


def days_of(rows: pl.DataFrame, zone: str) -> pl.Series:
    """Return the days of events in the zone: as the export says, else as their moments do."""
    days = rows["event_date"].str.to_date("%Y%m%d", strict=False)
    if not days.has_nulls():
        return days
    return days.zip_with(
        days.is_not_null(), rows["moment"].dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    )


def paths_of(addresses: pl.Series) -> pl.Series:
    """Return the paths of addresses, found once for each distinct one where many are the same."""
    frame = addresses.alias("address").to_frame()
    if frame.head(SAMPLE).n_unique() * 2 > min(frame.height, SAMPLE):
        return frame.select(page_path(pl.col("address"))).to_series()
    paths = frame.unique().select("address", path=page_path(pl.col("address")))
    return frame.join(paths, on="address", how="left", nulls_equal=True, maintain_order="left")["path"]


def settle(
    acts: pl.DataFrame,
    kinds: pl.DataFrame,
    *,
    section: SourceSection,
    client: Client,
    order: int,
    numbered: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the events of acts, their identities, and the acts that are copies of earlier ones.

    The acts are all of the persons that are among them, numbered by `row` over all files of the source. `numbered`
    events have the numbers of their rows and files in the place of ids.
    """
    copy = copies(acts)
    kept = acts.filter(~copy) if copy.any() else acts
    kept = with_traffic(kept.with_columns(tiebreak=tiebreaks(kept)), kinds)
    kept, identities = join_pseudo_ids(kept, section=section, client=client)
    currency = pl.col("currency").fill_null(pl.lit(section.currency or client.client.currency))
    events = kept.with_columns(
        event_id=pl.lit(None, pl.String) if numbered else pl.concat_str(pl.lit(f"{section.id}:"), "row"),
        activity="event_name",
        currency=pl.when(pl.col("value").is_not_null()).then(currency),
    )
    constants = {
        "source_id": section.id,
        "source_order": order,
        "environment": "online",
        "time_precision": "exact",
        "is_bot": False,
    }
    shaped = shape(Event, events, **constants)
    numbers = events.select("row", "file") if numbered else pl.DataFrame()
    return shaped.hstack(numbers), identities, acts.filter(copy)


def with_ids(acts: pl.DataFrame, files: Sequence[str]) -> pl.DataFrame:
    """Return acts with what their short columns mean: the file, the ids (none without consent), the reason of marks."""
    denied = pl.col("consent") == "denied"
    name = pl.lit(files[0]) if len(files) == 1 else pl.lit(pl.Series(files)).gather(pl.col("file"))
    return acts.with_columns(
        source_file=name,
        pseudo_id=pl.when(~denied).then("user_pseudo_id"),
        session_id=pl.concat_str("user_pseudo_id", "session", separator="."),
        reason=pl.when("is_internal").then(pl.lit("internal traffic")).when(denied).then(pl.lit("consent denied")),
    )


def copies(acts: pl.DataFrame) -> pl.Series:
    """Say of each act whether an earlier one is the same; nobody knows whose acts without a pseudo id are."""
    key = acts.select(pl.sum_horizontal(pl.col(name).hash(seed) for seed, name in enumerate(SAME))).to_series()
    if key.n_unique() == len(key):
        return pl.repeat(False, len(key), eager=True)
    twice = acts.select(SAME).filter(alike := key.is_duplicated() & acts["user_pseudo_id"].is_not_null())
    again = ~twice.select(pl.struct(SAME).is_first_distinct()).to_series()
    return pl.repeat(False, len(key), eager=True).scatter(alike.arg_true().filter(again), True)


def tiebreaks(acts: pl.DataFrame) -> pl.Series:
    """Return the place of an act among those of the same person and time: its place in the batch that was sent."""
    none = pl.repeat(0, acts.height, dtype=pl.Int64, eager=True)
    if acts.select(pl.all_horizontal((pl.col(name) == 0).all() for name in BATCH)).item():
        return none
    alike = acts.select(
        pl.col("user_pseudo_id").is_not_null()
        & (pl.col("user_pseudo_id").hash() + pl.col("timestamp").hash(1)).is_duplicated()
    ).to_series()
    places = acts.filter(alike).select(
        pl.struct(BATCH).rank("dense").over("user_pseudo_id", "timestamp").cast(pl.Int64)
    )
    return none.scatter(alike.arg_true(), places.to_series() - 1)


def told_of(export: Export, acts: pl.DataFrame) -> Told:
    """Return what is told of a file, or a piece of it, with these acts."""
    consents = dict(acts["consent"].value_counts().iter_rows())
    flags = {
        "consent_denied": consents.get("denied", 0),
        "consent_unknown": consents.get("unknown", 0),
        "internal": int(acts["is_internal"].sum()),
    }
    days = acts.select(first=pl.col("local_date").min(), last=pl.col("local_date").max()).row(0)
    encoding = "parquet" if export.form == "row" else "utf-8"
    return Told(export.name, encoding, acts.height, flags, period_of(days))


def left_out_copies(copies: pl.DataFrame, section: SourceSection) -> pl.DataFrame:
    """Return the rows that are copies of earlier ones, as rows that are not used."""
    return left_out_rows(copies.with_columns(fate=pl.lit("merged"), why=pl.lit("same_event")), section)
