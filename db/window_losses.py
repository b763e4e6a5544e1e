"""Units that a channel sold and nobody had: what it showed them for, told at the moment at which the order has to wait."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from db.tables.publication import StockListingRow
from db.tables.verification import DriftRow, WindowLossRow
from db.upsert import insert_once

LISTINGS = StockListingRow.__table__  # type: ignore[attr-defined]
DRIFTS = DriftRow.__table__  # type: ignore[attr-defined]
LOSSES = WindowLossRow.__table__  # type: ignore[attr-defined]


def note(
    tx: Connection, order_id: str, connection_id: str, placed_at: datetime, short: Mapping[tuple[str, str], int],
    now: datetime,
) -> None:  # fmt: skip
    """Units by line and item that found no stock; what the channel does not list of them is none of its doing."""
    rows = [
        {
            "order_id": order_id, "line_id": line_id, "item_id": item_id, "connection_id": connection_id,
            "units": units, "cause": cause, "at": now,
        }
        for (line_id, item_id), units in short.items()
        if (cause := _cause(tx, connection_id, item_id, placed_at))
    ]  # fmt: skip
    insert_once(tx, LOSSES, rows)


def _cause(tx: Connection, connection_id: str, item_id: str, placed_at: datetime) -> str:
    mine = (LISTINGS.c.connection_id == connection_id, LISTINGS.c.item_id == item_id, LISTINGS.c.expected.is_not(None))
    rows = tx.execute(select(LISTINGS).where(*mine)).all()
    if not rows:
        return ""
    drifted = select(DRIFTS.c.id).where(
        DRIFTS.c.connection_id == connection_id, DRIFTS.c.item_id == item_id, DRIFTS.c.closed_at.is_(None)
    )
    if tx.execute(drifted.limit(1)).first() is not None:
        return "drift"
    if any(_was_on_its_way(row, placed_at) for row in rows):
        return "late"
    return "crossed" if any(row.expected_at and placed_at < row.expected_at for row in rows) else "channel"


def _was_on_its_way(row: Row[Any], placed_at: datetime) -> bool:
    """The number had changed here before the order, and there not before it."""
    if row.expected_at is None or row.expected_at > placed_at:
        return False
    if row.confirmed != row.expected:
        return True
    return row.confirmed_at is not None and placed_at < row.confirmed_at and row.confirmed_version == row.version


def of(tx: Connection, since: datetime, connection_id: str = "", *, limit: int = 100) -> Sequence[Row[Any]]:
    """The newest first."""
    query = select(LOSSES).where(LOSSES.c.at >= since).order_by(LOSSES.c.at.desc(), LOSSES.c.order_id).limit(limit)
    return tx.execute(query.where(LOSSES.c.connection_id == connection_id) if connection_id else query).all()
