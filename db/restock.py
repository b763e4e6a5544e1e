"""Stock that comes in, and the waiting lines that it wakes: by priority, then age."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from db.facts import Fact, record
from db.ledger import LEVELS, WAITING, Kind, Units, move, reserve
from db.tables.stock import WaitingLineRow

WAITING_LINES = WaitingLineRow.__table__  # type: ignore[attr-defined]


def receive(
    tx: Connection, key: str, item_id: str, location_id: str, quantity: int, *, at: datetime, kind: Kind = "receive"
) -> tuple[str, ...]:
    """Units came in (or, negative, were lost); returns the orders that were woken. The same key books once."""
    if not move(tx, key, kind, item_id, location_id, on_hand=quantity, at=at):
        return ()
    return allocate(tx, item_id, location_id, at=at)


def count(tx: Connection, key: str, item_id: str, location_id: str, counted: int, *, at: datetime) -> tuple[str, ...]:
    """An absolute count replaces the balance; a count below the reservations is kept as it is."""
    on_hand = tx.execute(
        select(LEVELS.c.on_hand).where(
            LEVELS.c.item_id == item_id, LEVELS.c.location_id == location_id, LEVELS.c.condition == "sellable"
        )
    ).scalar()
    return receive(tx, key, item_id, location_id, counted - (on_hand or 0), at=at, kind="count")


def allocate(tx: Connection, item_id: str, location_id: str, *, at: datetime) -> tuple[str, ...]:
    """Promise free stock to waiting lines and wake only those orders; the others sleep on."""
    free = tx.execute(
        select(LEVELS.c.on_hand - LEVELS.c.reserved).where(
            LEVELS.c.item_id == item_id, LEVELS.c.location_id == location_id, LEVELS.c.condition == "sellable"
        )
    ).scalar()
    winners: list[str] = []
    if not free or free <= 0:
        return ()
    queue = tx.execute(
        select(WAITING_LINES)
        .where(WAITING_LINES.c.item_id == item_id, WAITING_LINES.c.quantity > 0)
        .order_by(WAITING_LINES.c.priority.desc(), WAITING_LINES.c.placed_at, WAITING_LINES.c.order_id)
    ).all()
    for waiting in queue:
        if free <= 0:
            break
        quantity = min(free, waiting.quantity)
        unit = Units(waiting.line_id, item_id, location_id, quantity)
        if not reserve(tx, waiting.order_id, WAITING, [unit], at=at):
            break
        free -= quantity
        mine = (
            WAITING_LINES.c.order_id == waiting.order_id,
            WAITING_LINES.c.line_id == waiting.line_id,
            WAITING_LINES.c.item_id == item_id,
        )
        tx.execute(update(WAITING_LINES).where(*mine).values(quantity=WAITING_LINES.c.quantity - quantity))
        data = {"item": item_id, "location": location_id, "quantity": quantity}
        key = f"restocked:{waiting.line_id}:{item_id}:{location_id}@{at.isoformat()}"
        record(tx, waiting.order_id, [Fact("restocked", key, at, "stock", data)], at)
        winners.append(waiting.order_id)
    return tuple(dict.fromkeys(winners))
