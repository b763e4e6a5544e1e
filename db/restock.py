"""Stock that comes in, and the waiting lines that it wakes: by priority, then age."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, or_, select, update

from db.exceptions import close_cause, open_cause
from db.facts import Fact, record, record_for_each
from db.ledger import LEVELS, WAITING, Kind, Units, move, nth_movement, release, reserve
from db.tables.fulfillment import FulfillmentOrderRow
from db.tables.stock import LocationRow, WaitingLineRow
from domain.causes import oversold
from domain.order_state import DEAD, FOR_STOCK, QUEUED, SAID_NO, WILL_NOT

LOCATIONS = LocationRow.__table__  # type: ignore[attr-defined]
FULFILLMENT_ORDERS = FulfillmentOrderRow.__table__  # type: ignore[attr-defined]
WAITING_LINES = WaitingLineRow.__table__  # type: ignore[attr-defined]


def receive(
    tx: Connection, key: str, item_id: str, location_id: str, quantity: int, *, at: datetime, kind: Kind = "receive"
) -> tuple[str, ...]:
    """Units came in (or, negative, were lost); returns the orders that were woken. The same key books once."""
    if not move(tx, key, kind, item_id, location_id, on_hand=quantity, at=at):
        return ()
    return allocate(tx, item_id, location_id, at=at)


def count(tx: Connection, key: str, item_id: str, location_id: str, counted: int, *, at: datetime) -> tuple[str, ...]:
    """An absolute count replaces the balance; a count below the reservations is kept as it is, and a person is told."""
    here = select(LEVELS.c.on_hand).where(*_level(item_id, location_id)).with_for_update()
    on_hand = tx.execute(here).scalar()
    return receive(tx, key, item_id, location_id, counted - (on_hand or 0), at=at, kind="count")


def allocate(
    tx: Connection, item_id: str, location_id: str, *, at: datetime, behind: Row[Any] | None = None
) -> tuple[str, ...]:
    """Promise free stock to waiting lines and wake only those orders; the others sleep on.

    `behind`: an order that could not use it passes it on to those behind it in the queue, so that it never comes back.
    """
    free = free_here(tx, item_id, location_id, at)
    if free <= 0 or not _ships(tx, location_id):
        return ()
    winners: list[str] = []
    for waiting in _queue(tx, item_id, location_id, behind):
        if free <= 0:
            break
        quantity = min(free, waiting.quantity)
        if not reserve(tx, waiting.order_id, WAITING, [Units(waiting.line_id, item_id, location_id, quantity)], at=at):
            break
        free -= quantity
        _promise(tx, waiting, location_id, quantity, at)
        winners.append(waiting.order_id)
    return tuple(dict.fromkeys(winners))


def free_here(tx: Connection, item_id: str, location_id: str, now: datetime) -> int:
    """Available-to-promise; below 0 more is promised than there is, and a person is told until that is mended."""
    free = tx.execute(select(LEVELS.c.on_hand - LEVELS.c.reserved).where(*_level(item_id, location_id))).scalar() or 0
    cause = oversold(item_id, location_id)
    if free < 0:
        open_cause(tx, cause, now)
    else:
        close_cause(tx, cause.code, now, by="cause gone")
    return int(free)


def _level(item_id: str, location_id: str) -> tuple[ColumnElement[bool], ...]:
    return (LEVELS.c.item_id == item_id, LEVELS.c.location_id == location_id, LEVELS.c.condition == "sellable")


def _ships(tx: Connection, location_id: str) -> bool:
    return tx.execute(select(LOCATIONS.c.enabled).where(LOCATIONS.c.id == location_id)).scalar() is not False


def _queue(tx: Connection, item_id: str, location_id: str, behind: Row[Any] | None) -> list[Row[Any]]:
    """By priority, then age; an order that the location said no to could not use what is here."""
    w, f = WAITING_LINES.c, FULFILLMENT_ORDERS.c
    said_no = f.state.in_(WILL_NOT) | (
        f.state.in_(DEAD) & or_(*(f.reason.startswith(reason, autoescape=True) for reason in SAID_NO))
    )
    refused = exists().where(f.order_id == w.order_id, f.location_id == location_id, said_no)
    query = select(WAITING_LINES).where(w.item_id == item_id, w.quantity > 0, w.reason.in_(QUEUED), ~refused)
    if behind is not None:
        query = query.where(
            or_(
                w.priority < behind.priority,
                and_(
                    w.priority == behind.priority,
                    or_(w.placed_at > behind.placed_at, and_(w.placed_at == behind.placed_at, w.order_id > behind.id)),
                ),
            )
        )
    return list(tx.execute(query.order_by(w.priority.desc(), w.placed_at, w.order_id)))


def _promise(tx: Connection, waiting: Row[Any], location_id: str, quantity: int, at: datetime) -> None:
    w = WAITING_LINES.c
    mine = (w.order_id == waiting.order_id, w.line_id == waiting.line_id, w.item_id == waiting.item_id)
    tx.execute(update(WAITING_LINES).where(*mine).values(quantity=w.quantity - quantity))
    data = {"item": waiting.item_id, "location": location_id, "quantity": quantity}
    key = f"restocked:{waiting.line_id}:{waiting.item_id}:{location_id}:{nth_movement(tx, waiting.order_id)}"
    record(tx, waiting.order_id, [Fact("restocked", key, at, "stock", data)], at)


def decide_anew(tx: Connection, now: datetime, *, why: str) -> tuple[str, ...]:
    """Rules or locations changed: orders that wait for anything but stock are looked at again."""
    stuck = WAITING_LINES.c.reason.not_in(FOR_STOCK)
    orders = tuple(tx.execute(select(WAITING_LINES.c.order_id).where(stuck).distinct()).scalars())
    tx.execute(WAITING_LINES.delete().where(stuck))
    record_for_each(tx, orders, Fact("retry_requested", f"{why}@{now.isoformat()}", now, "tutti", {"how": why}), now)
    return orders


def forget_waiting(tx: Connection, order_id: str, now: datetime, lines: Collection[str] | None = None) -> None:
    """The order (or some of its lines) waits for no stock any more; what was allocated to it goes to the next."""
    mine = [WAITING_LINES.c.order_id == order_id]
    if lines is not None:
        mine.append(WAITING_LINES.c.line_id.in_(lines))
    tx.execute(WAITING_LINES.delete().where(*mine))
    chosen: Collection[str | None] = [None] if lines is None else lines
    freed = [unit for line in chosen for unit in release(tx, order_id, WAITING, at=now, line_id=line)]
    for item_id, location_id in sorted({(unit.item_id, unit.location_id) for unit in freed}):
        allocate(tx, item_id, location_id, at=now)
