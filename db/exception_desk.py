"""The desk at which people work on exceptions: what is open, whose it is, and what was done about it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, case, func, insert, or_, select, update

from db.actors import Actor
from db.audit import record
from db.bulk import Target
from db.exceptions import AFFECTED, EXCEPTIONS
from db.order_reading import ORDERS
from db.tables.exceptions import ExceptionNoteRow
from domain.errors import DomainError
from domain.money import Money

NOTES = ExceptionNoteRow.__table__  # type: ignore[attr-defined]
_SEVERITY = case({"critical": 0, "warning": 1, "info": 2}, value=EXCEPTIONS.c.severity, else_=3)


@dataclass(frozen=True, kw_only=True)
class DeskFilter:
    """Which exceptions; `snoozed` also shows those that sleep."""

    state: Literal["open", "closed"] = "open"
    kind: str | None = None
    severity: str | None = None
    assignee: str | None = None
    connection: str | None = None
    snoozed: bool = False


class Group(NamedTuple):
    """One exception with what it holds up; `value` has one amount per currency."""

    row: Row[Any]
    orders: int
    value: list[Money]


def groups(tx: Connection, wanted: DeskFilter, now: datetime, *, limit: int) -> list[Group]:
    """The gravest first, then the oldest."""
    query = select(EXCEPTIONS).where(*_conditions(wanted, now))
    rows = tx.execute(query.order_by(_SEVERITY, EXCEPTIONS.c.opened_at, EXCEPTIONS.c.id).limit(limit)).all()
    return _with_weight(tx, rows)


def read(tx: Connection, exception_id: int) -> tuple[Group, list[Row[Any]]]:
    """One exception and its notes, oldest first."""
    row = _row(tx, exception_id)
    notes = select(NOTES).where(NOTES.c.exception_id == exception_id).order_by(NOTES.c.id)
    return _with_weight(tx, [row])[0], list(tx.execute(notes))


def orders(tx: Connection, exception_id: int, *, after: str | None, limit: int) -> list[Row[Any]]:
    """Rows of the orders that it holds up (or held up, once it is closed), by id from `after` on."""
    closed_at = _row(tx, exception_id).closed_at
    held = select(AFFECTED.c.order_id).where(
        AFFECTED.c.exception_id == exception_id, *_still(closed=closed_at is not None)
    )
    query = select(ORDERS).where(ORDERS.c.id.in_(held))
    if after is not None:
        query = query.where(ORDERS.c.id > after)
    return list(tx.execute(query.order_by(ORDERS.c.id).limit(limit)))


def held_up(tx: Connection, exception_id: int) -> tuple[str, list[Target]]:
    """The cause of an open exception, and every order and return that it holds up, the longest waiting first."""
    row = _open_row(tx, exception_id)
    held = select(AFFECTED.c.order_id, AFFECTED.c.return_id).where(
        AFFECTED.c.exception_id == exception_id, AFFECTED.c.gone_at.is_(None)
    )
    ordered = held.order_by(AFFECTED.c.since, AFFECTED.c.order_id, AFFECTED.c.return_id)
    return row.cause, [Target(*each) for each in tx.execute(ordered)]


def assign(tx: Connection, exception_id: int, assignee: str, *, by: Actor, now: datetime) -> None:
    """Say whose it is; an empty name gives it back."""
    _change(tx, exception_id, "exception.assign", {"assignee": assignee}, by=by, now=now)


def snooze(tx: Connection, exception_id: int, until: datetime | None, *, by: Actor, now: datetime) -> None:
    """Hide it from the list until then; None wakes it."""
    _change(tx, exception_id, "exception.snooze", {"snoozed_until": until}, by=by, now=now)


def note(tx: Connection, exception_id: int, text: str, *, by: Actor, now: datetime) -> None:
    """Write down what was found or done."""
    _row(tx, exception_id)
    tx.execute(insert(NOTES).values(exception_id=exception_id, author=by.name, text=text, at=now))
    record(tx, by, "exception.note", f"exception:{exception_id}", now=now)


def close_empty(tx: Connection, exception_id: int, *, by: Actor, now: datetime) -> None:
    """Close an exception that is about no order, on a person's word."""
    _change(tx, exception_id, "exception.resolve", {"closed_at": now, "closed_by": by.name}, by=by, now=now)


def _change(
    tx: Connection, exception_id: int, action: str, values: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    row = _open_row(tx, exception_id)._asdict()
    tx.execute(update(EXCEPTIONS).where(EXCEPTIONS.c.id == exception_id).values(**values))
    before = {name: row[name] for name in values}
    record(tx, by, action, f"exception:{exception_id}", now=now, before=before, after=values)


def _row(tx: Connection, exception_id: int) -> Row[Any]:
    row = tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.id == exception_id)).first()
    if row is None:
        raise DomainError("unknown_exception", f"there is no exception {exception_id}")
    return row


def _open_row(tx: Connection, exception_id: int) -> Row[Any]:
    row = _row(tx, exception_id)
    if row.closed_at is not None:
        raise DomainError("exception_closed", f"exception {exception_id} is closed ({row.closed_by})")
    return row


def _conditions(wanted: DeskFilter, now: datetime) -> list[ColumnElement[bool]]:
    closed = EXCEPTIONS.c.closed_at
    conditions = [closed.is_(None) if wanted.state == "open" else closed.is_not(None)]
    equal = {
        "kind": wanted.kind, "severity": wanted.severity, "assignee": wanted.assignee,
        "connection_id": wanted.connection,
    }  # fmt: skip
    conditions += [EXCEPTIONS.c[name] == value for name, value in equal.items() if value is not None]
    if not wanted.snoozed:
        conditions.append(or_(EXCEPTIONS.c.snoozed_until.is_(None), EXCEPTIONS.c.snoozed_until <= now))
    return conditions


def _still(*, closed: bool) -> list[ColumnElement[bool]]:
    return [] if closed else [AFFECTED.c.gone_at.is_(None)]


def _with_weight(tx: Connection, rows: Any) -> list[Group]:
    """How many orders, and what they are worth, in one query for all."""
    weight: dict[int, list[tuple[int, Money]]] = defaultdict(list)
    query = (
        select(AFFECTED.c.exception_id, ORDERS.c.currency, func.count(), func.sum(ORDERS.c.total_minor))
        .join(ORDERS, ORDERS.c.id == AFFECTED.c.order_id)
        .join(EXCEPTIONS, EXCEPTIONS.c.id == AFFECTED.c.exception_id)
        .where(AFFECTED.c.exception_id.in_([row.id for row in rows]))
        .where(or_(AFFECTED.c.gone_at.is_(None), EXCEPTIONS.c.closed_at.is_not(None)))
        .group_by(AFFECTED.c.exception_id, ORDERS.c.currency)
        .order_by(ORDERS.c.currency)
    )
    for exception_id, currency, count, total in tx.execute(query):
        weight[exception_id].append((count, Money(amount_minor=int(total), currency=currency)))
    return [
        Group(row, sum(count for count, _ in weight[row.id]), [money for _, money in weight[row.id]]) for row in rows
    ]
