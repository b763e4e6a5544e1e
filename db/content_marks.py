"""Marks what an edit may have changed at the channels, in the edit's own transaction; the runs compute what it really did."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, update

from db.syncs import wake
from db.tables.content import OfferedListingRow

OFFERED = OfferedListingRow.__table__  # type: ignore[attr-defined]
FLOW = "content"


def mark_products(tx: Connection, product_ids: Collection[str], now: datetime) -> None:
    """They were edited: only listings that are on sale are touched, those of a launch are none yet."""
    _mark(tx, now, OFFERED.c.product_id.in_(product_ids))


def mark_listing(tx: Connection, connection_id: str, product_id: str, now: datetime) -> None:
    """What stood against it may be gone: a waiver was given or taken back."""
    _mark(tx, now, OFFERED.c.connection_id == connection_id, OFFERED.c.product_id == product_id)


def mark_connection(tx: Connection, connection_id: str, now: datetime) -> None:
    """All of a connection's: its form is another one, or its flow was switched."""
    _mark(tx, now, OFFERED.c.connection_id == connection_id)


def mark_all(tx: Connection, now: datetime) -> None:
    """The dictionary has changed."""
    _mark(tx, now)


def mark_held(tx: Connection, gate: str, now: datetime) -> None:
    """Those that gates of this beginning hold back: what they look at has changed."""
    _mark(tx, now, OFFERED.c.held_by.startswith(gate))


def _mark(tx: Connection, now: datetime, *which: Any) -> None:
    """The oldest mark counts: a change is as late as the first edit that is not out yet."""
    marked = update(OFFERED).where(*which).values(marked_at=func.coalesce(OFFERED.c.marked_at, now))
    wake(tx, FLOW, set(tx.execute(marked.returning(OFFERED.c.connection_id)).scalars()))
