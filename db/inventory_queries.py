"""What is where: levels, movements, reservations and the lines that wait."""

from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from db.ledger import LEVELS, MOVEMENTS, RESERVATIONS
from db.order_reading import WAITING_LINES

Place = tuple[str, str, str]
"""Item, location, condition: the key of a level, and the cursor of a page of levels."""


def levels(
    tx: Connection, *, item_id: str = "", location_id: str = "", after: Place = ("", "", ""), limit: int = 50
) -> list[Row[Any]]:
    """By item, location and condition."""
    key = (LEVELS.c.item_id, LEVELS.c.location_id, LEVELS.c.condition)
    query = select(LEVELS).where(tuple_(*key) > after).order_by(*key).limit(limit)
    if item_id:
        query = query.where(LEVELS.c.item_id == item_id)
    if location_id:
        query = query.where(LEVELS.c.location_id == location_id)
    return list(tx.execute(query))


def movements(
    tx: Connection, item_id: str, *, location_id: str = "", before: int | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Newest first; `before` goes on from the last row of the page before."""
    query = select(MOVEMENTS).where(MOVEMENTS.c.item_id == item_id).order_by(MOVEMENTS.c.id.desc()).limit(limit)
    if location_id:
        query = query.where(MOVEMENTS.c.location_id == location_id)
    if before is not None:
        query = query.where(MOVEMENTS.c.id < before)
    return list(tx.execute(query))


def is_booked(tx: Connection, key: str) -> bool:
    """Whether the movement of this key was made."""
    return tx.execute(select(MOVEMENTS.c.id).where(MOVEMENTS.c.key == key)).first() is not None


def reservations(tx: Connection, item_id: str, *, location_id: str = "") -> list[Row[Any]]:
    """Who holds what of an item."""
    query = select(RESERVATIONS).where(RESERVATIONS.c.item_id == item_id, RESERVATIONS.c.quantity > 0)
    if location_id:
        query = query.where(RESERVATIONS.c.location_id == location_id)
    return list(tx.execute(query.order_by(RESERVATIONS.c.location_id, RESERVATIONS.c.order_id, RESERVATIONS.c.line_id)))


def waiting(tx: Connection, item_id: str, *, limit: int = 100) -> list[Row[Any]]:
    """The queue for an item, in the order in which stock is given to it."""
    lines = WAITING_LINES.c
    query = select(WAITING_LINES).where(lines.item_id == item_id, lines.quantity > 0)
    return list(tx.execute(query.order_by(lines.priority.desc(), lines.placed_at, lines.order_id).limit(limit)))
