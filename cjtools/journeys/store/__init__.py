"""Events of any number in their total order, coded, in buckets of whole profiles; kept for the next question."""

from cjtools.journeys.store.columns import CLIENT_EVENTS, Columns
from cjtools.journeys.store.of_client import store_of
from cjtools.journeys.store.ordering import order_events_of
from cjtools.journeys.store.stored import Account, Store, open_store

__all__ = ["CLIENT_EVENTS", "Account", "Columns", "Store", "open_store", "order_events_of", "store_of"]
