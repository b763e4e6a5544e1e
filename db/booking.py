"""Receipts and counts that people book."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from db import items, locations, restock
from domain.errors import DomainError

Booking = Literal["receive", "count"]


def book(
    tx: Connection, key: str, kind: Booking, item_id: str, location_id: str, quantity: int, *, at: datetime
) -> tuple[str, ...]:
    """`receive` adds units (negative: lost), `count` says how many there are; the same key books once.

    Returns the orders that got stock by it.
    """
    if items.load(tx, item_id).components:
        raise DomainError("bundle_with_stock", f"{item_id} is a bundle; book its components instead")
    locations.load(tx, location_id)
    if kind == "receive":
        return restock.receive(tx, key, item_id, location_id, quantity, at=at)
    if quantity < 0:
        raise DomainError("bad_request", "quantity: nobody counts less than nothing; send 0 or more")
    return restock.count(tx, key, item_id, location_id, quantity, at=at)
