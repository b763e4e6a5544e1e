"""Facts about orders: appended with a number, and the run is told to look."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, literal, select, update

from db.tables.inbox import OutboxRow
from db.tables.orders import OrderEventRow, OrderRow
from db.upsert import dialect_insert
from domain.errors import DomainError

ORDERS = OrderRow.__table__  # type: ignore[attr-defined]
EVENTS = OrderEventRow.__table__  # type: ignore[attr-defined]
OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]

QUIET = frozenset(
    {
        # changes nothing about what the run does next
        "accepted", "picked", "delivered", "noted", "amounts_changed",
        # recorded by a step of the run itself, which answers with the new standing
        "routed", "backordered", "sent", "dropped", "recall_wanted", "recall_asked", "recall_confirmed",
        "recall_refused", "silent", "kept", "tracking_reported", "tracking_refused", "captured", "capture_refused",
        "line_cancel_wanted", "line_cancel_told", "refund_refused", "cancel_told", "cancel_refused_by_channel", "stopped",
    }
)  # fmt: skip
"""Facts that are recorded and do not wake the order's run."""
OF_A_RETURN = "return_"
"""What the kinds of facts about returns begin with: they wake the return's run instead."""


_KNOWN = select(EVENTS.c.key).where(
    EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.key.in_(bindparam("keys", expanding=True))
)
_COUNT_ON = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("order_id"))
    .values(seq=ORDERS.c.seq + bindparam("more"))
    .returning(ORDERS.c.seq)
)
_APPEND = insert(EVENTS)
_IS_KNOWN = select(EVENTS.c.seq).where(EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.key == bindparam("key"))


class Fact(NamedTuple):
    """Something that happened to an order; `data` holds ids, codes and quantities, never a person.

    `key` is unique within the order: the same news recorded twice is one fact.
    """

    kind: str
    key: str
    at: datetime
    source: str
    data: dict[str, Any] = {}  # noqa: RUF012 a NamedTuple's default is never changed


def lock(tx: Connection, order_id: str) -> None:
    """Nobody else changes this order until the transaction ends; call it before reading what is to be changed.

    SQLite has one writer anyway; on PostgreSQL the worker, the API and the relay would get in each other's way.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(ORDERS.c.id).where(ORDERS.c.id == order_id).with_for_update())


def record(tx: Connection, order_id: str, facts: Sequence[Fact], now: datetime) -> int:
    """Append facts that are new and have the run look at them; returns the order's last number.

    Call it in the transaction that changes what the facts are about.
    """
    known = set(tx.execute(_KNOWN, {"order_id": order_id, "keys": [fact.key for fact in facts]}).scalars())
    fresh = [fact for fact in facts if fact.key not in known]
    seq = tx.execute(_COUNT_ON, {"order_id": order_id, "more": len(fresh)}).scalar()
    if seq is None:
        raise DomainError("unknown_order", f"there is no order {order_id}")
    if fresh:
        first = seq - len(fresh) + 1
        tx.execute(
            _APPEND,
            [
                {"order_id": order_id, "seq": first + i, "recorded_at": now, **fact._asdict()}
                for i, fact in enumerate(fresh)
            ],
        )
    if any(fact.kind not in QUIET and not fact.kind.startswith(OF_A_RETURN) for fact in fresh):
        tx.execute(_wake_one(tx.dialect.name), {"order_id": order_id, "seq": seq, "due_at": now, "attempts": 0})
    return int(seq)


@cache
def _wake_one(dialect: str) -> Any:
    statement = dialect_insert(OUTBOX, dialect)
    newer = {name: statement.excluded[name] for name in ("seq", "due_at", "attempts")}
    return statement.on_conflict_do_update(index_elements=[OUTBOX.c.order_id], set_=newer)


def is_known(tx: Connection, order_id: str, key: str) -> bool:
    """Whether this fact is recorded already."""
    return tx.execute(_IS_KNOWN, {"order_id": order_id, "key": key}).first() is not None


def record_for_each(tx: Connection, order_ids: Sequence[str], fact: Fact, now: datetime) -> None:
    """The same fact about many orders: `record` in sets, for one cause may hold up thousands."""
    for start in range(0, len(order_ids), 500):
        chosen = ORDERS.c.id.in_(order_ids[start : start + 500])
        tx.execute(update(ORDERS).where(chosen).values(seq=ORDERS.c.seq + 1))
        columns = {"recorded_at": now, **fact._asdict()}
        values = [literal(value, EVENTS.c[name].type) for name, value in columns.items()]
        rows = select(ORDERS.c.id, ORDERS.c.seq, *values).where(chosen)
        tx.execute(insert(EVENTS).from_select(["order_id", "seq", *columns], rows))
    wake(tx, order_ids, now)


def wake(tx: Connection, order_ids: Iterable[str], now: datetime) -> int:
    """Have the runs of these orders look at their facts soon; one outbox row per order, however often it is called.

    A run looks when it is told of a fact that it has not seen, so record one.
    """
    wanted = sorted(set(order_ids))
    for start in range(0, len(wanted), 500):
        soon = literal(now, OUTBOX.c.due_at.type)
        chosen = select(ORDERS.c.id, ORDERS.c.seq, soon, literal(0)).where(ORDERS.c.id.in_(wanted[start : start + 500]))
        statement = dialect_insert(OUTBOX, tx.dialect.name)
        statement = statement.from_select(["order_id", "seq", "due_at", "attempts"], chosen)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=[OUTBOX.c.order_id], set_={"seq": statement.excluded.seq, "due_at": now, "attempts": 0}
            )
        )
    return len(wanted)
