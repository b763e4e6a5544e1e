"""Asks for listings to be computed anew when something but stock has changed what they should show."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.tables.publication import BundlePartRow, RecomputeRow
from domain.item import Item

RECOMPUTES = RecomputeRow.__table__  # type: ignore[attr-defined]
PARTS = BundlePartRow.__table__  # type: ignore[attr-defined]


def ask_recompute(tx: Connection, now: datetime, *, reason: str, item_id: str = "") -> None:
    """Of one item, or (empty) of all; asking twice for all before the first has begun is asking once."""
    waiting = select(RECOMPUTES.c.id).where(RECOMPUTES.c.item_id == item_id, RECOMPUTES.c.after_item == "")
    if tx.execute(waiting.limit(1)).first() is None:
        tx.execute(RECOMPUTES.insert().values(item_id=item_id, after_item="", reason=reason, asked_at=now))


def follow_parts(tx: Connection, item: Item, now: datetime) -> None:
    """A bundle was made, changed, or is none any more: its number follows its components from now on."""
    tx.execute(delete(PARTS).where(PARTS.c.bundle_id == item.id))
    rows = [{"item_id": component.item_id, "bundle_id": item.id} for component in item.components]
    if rows:
        tx.execute(PARTS.insert(), rows)
    ask_recompute(tx, now, reason=f"{item.id} is made otherwise", item_id=item.id)
