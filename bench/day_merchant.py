"""A merchant with one depot whose channels list every item there, written down as fast as a database takes it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from db import connections, flows, locations, publication, stock_listings
from db.availability import LISTINGS
from db.flows import bucket
from db.ledger import LEVELS, MOVEMENTS
from db.migrate import upgrade
from db.order_reading import ITEMS
from db.session import Database
from domain.location import Location, LocationProfile
from runtime.keys import Keys, new_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

UNITS = 10
"""Of each item, at first."""
AT_ONCE = 2_000
Listed = tuple[str, "Mapping[str, str]"]
"""The channel's place for the depot, and its ids of the items."""


def skus_of(count: int) -> list[str]:
    return [f"D{number:06}" for number in range(1, count + 1)]


def furnished(url: str, skus: Sequence[str], channels: Mapping[str, Listed], *, shown: int) -> Database:
    """Every flow is on; what the channels show of each item is due where it is not what there is."""
    upgrade(url)
    database = Database(url, synchronous="OFF")
    now = datetime.now(UTC)
    database.write_now(partial(_world, channels=channels, now=now))
    for start in range(0, len(skus), AT_ONCE):
        database.write_now(
            partial(_stocked, skus=skus[start : start + AT_ONCE], channels=channels, shown=shown, now=now)
        )
    for name in channels:
        database.write_now(partial(stock_listings.discovered, connection_id=name, now=now))
    return database


def _world(tx: Connection, channels: Mapping[str, Listed], now: datetime) -> None:
    keys, first = Keys([new_key()]), next(iter(channels))
    for name in channels:
        connections.create(tx, keys, name, platform="bench", config={}, now=now)
        connections.change(tx, name, mode="on")
    profile = LocationProfile(country="DE", postal_code="10115")
    locations.put(tx, Location(id="depot", name="Depot", kind="warehouse", connection_id=first, profile=profile))
    for name, (place, _) in channels.items():
        locations.put_mapping(tx, name, place, "depot")
        flows.put(tx, name, flows.INVENTORY, "shadow", 100, by="bench", now=now)
        flows.put(tx, name, flows.INVENTORY, "on", 100, by="bench", now=now)
        publication.begin(tx, name)


def _stocked(tx: Connection, skus: Sequence[str], channels: Mapping[str, Listed], shown: int, now: datetime) -> None:
    tx.execute(ITEMS.insert(), [{"id": s, "title": s, "weight_g": 0, "is_hazmat": False, "sku_class": "", "components": []} for s in skus])  # fmt: skip
    level = {"location_id": "depot", "condition": "sellable", "on_hand": UNITS, "reserved": 0}
    received = {"kind": "receive", "at": now} | level
    balance = {"in_transit": 0, "incoming": 0, "version": 1, "seen": 1} | level
    tx.execute(MOVEMENTS.insert(), [{"key": f"open:{sku}", "item_id": sku} | received for sku in skus])
    tx.execute(LEVELS.insert(), [{"item_id": sku} | balance for sku in skus])
    tx.execute(LISTINGS.insert(), list(_listings(skus, channels, shown, now)))


def _listings(
    skus: Sequence[str], channels: Mapping[str, Listed], shown: int, now: datetime
) -> Iterator[dict[str, Any]]:
    unsold: dict[str, Any] = {
        "version": 0, "published_version": 0, "confirmed_version": 0, "confirmed": shown, "effect_key": "",
        "confirmed_by": "read_back", "confirmed_at": now, "expected_at": now, "state": "settled", "urgency": 2,
        "attempts": 0, "contests": 0, "error_code": "",
    }  # fmt: skip
    for name, (place, items) in channels.items():
        for sku in skus:
            known = {"connection_id": name, "place": place, "item_external_id": items[sku]}
            yield unsold | known | {"item_id": sku, "sku": sku, "bucket": bucket(sku)}
