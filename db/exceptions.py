"""Exceptions are derived: an order's causes are compared with those on record, and what is gone closes itself."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, select, update

from db.tables.exceptions import ExceptionOrderRow, ExceptionRow
from db.upsert import insert_once, put
from domain.causes import Cause

EXCEPTIONS = ExceptionRow.__table__  # type: ignore[attr-defined]
AFFECTED = ExceptionOrderRow.__table__  # type: ignore[attr-defined]


_HELD_BY = (
    select(EXCEPTIONS.c.cause, EXCEPTIONS.c.id)
    .join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id)
    .where(
        AFFECTED.c.order_id == bindparam("order_id"),
        AFFECTED.c.return_id == bindparam("return_id"),
        AFFECTED.c.gone_at.is_(None),
        EXCEPTIONS.c.closed_at.is_(None),
    )
)


def sync(tx: Connection, order_id: str, causes: Iterable[Cause], now: datetime, *, return_id: str = "") -> None:
    """Make the open exceptions of an order (or of one of its returns) equal its causes; the last one out closes it."""
    wanted = {cause.code: cause for cause in causes if cause.raises}
    held = {row.cause: row.id for row in tx.execute(_HELD_BY, {"order_id": order_id, "return_id": return_id})}
    for code in sorted(wanted.keys() - held.keys()):
        exception_id = open_cause(tx, wanted[code], now)
        _attach(tx, exception_id, order_id, return_id, now)
    for code in sorted(held.keys() - wanted.keys()):
        detach(tx, held[code], order_id, now, return_id=return_id)


def open_cause(tx: Connection, cause: Cause, now: datetime, *, connection_id: str = "") -> int:
    """The open exception of this cause, made if there is none; returns its id."""
    row = {
        "cause": cause.code, "kind": cause.kind, "severity": cause.severity, "title": cause.title,
        "remedy": cause.remedy, "connection_id": connection_id, "opened_at": now, "closed_by": "", "assignee": "",
    }  # fmt: skip
    insert_once(tx, EXCEPTIONS, [row])
    found = tx.execute(
        select(EXCEPTIONS.c.id)
        .where(EXCEPTIONS.c.cause == cause.code, EXCEPTIONS.c.closed_at.is_(None))
        .with_for_update()
    ).scalar_one()
    return int(found)


def close_cause(tx: Connection, code: str, now: datetime, *, by: str = "") -> bool:
    """Close the open exception of this cause with all its orders; True if there was one."""
    exception_id = tx.execute(
        select(EXCEPTIONS.c.id).where(EXCEPTIONS.c.cause == code, EXCEPTIONS.c.closed_at.is_(None))
    ).scalar()
    if exception_id is None:
        return False
    tx.execute(
        update(AFFECTED)
        .where(AFFECTED.c.exception_id == exception_id, AFFECTED.c.gone_at.is_(None))
        .values(gone_at=now)
    )
    tx.execute(update(EXCEPTIONS).where(EXCEPTIONS.c.id == exception_id).values(closed_at=now, closed_by=by))
    return True


def _attach(tx: Connection, exception_id: int, order_id: str, return_id: str, now: datetime) -> None:
    row = {"exception_id": exception_id, "order_id": order_id, "return_id": return_id, "since": now, "gone_at": None}
    put(tx, AFFECTED, row, keys=("exception_id", "order_id", "return_id"))


def detach(tx: Connection, exception_id: int, order_id: str, now: datetime, *, return_id: str = "") -> None:
    """The cause no longer holds for this order or return; the exception closes when it was the last.

    A pause outlasts its orders: only resuming the connection closes it.
    """
    tx.execute(select(EXCEPTIONS.c.id).where(EXCEPTIONS.c.id == exception_id).with_for_update())
    tx.execute(
        update(AFFECTED)
        .where(
            AFFECTED.c.exception_id == exception_id,
            AFFECTED.c.order_id == order_id,
            AFFECTED.c.return_id == return_id,
        )
        .values(gone_at=now)
    )
    others = exists().where(and_(AFFECTED.c.exception_id == exception_id, AFFECTED.c.gone_at.is_(None)))
    tx.execute(
        update(EXCEPTIONS)
        .where(
            EXCEPTIONS.c.id == exception_id, EXCEPTIONS.c.kind != "paused", EXCEPTIONS.c.closed_at.is_(None), ~others
        )
        .values(closed_at=now, closed_by="cause gone")
    )


def orders_held_by(tx: Connection, code: str) -> tuple[str, ...]:
    """The orders that an open cause holds up."""
    return tuple(
        tx.execute(
            select(AFFECTED.c.order_id)
            .join(EXCEPTIONS, EXCEPTIONS.c.id == AFFECTED.c.exception_id)
            .where(EXCEPTIONS.c.cause == code, EXCEPTIONS.c.closed_at.is_(None), AFFECTED.c.gone_at.is_(None))
            .order_by(AFFECTED.c.since)
        ).scalars()
    )


def returns_held_by(tx: Connection, code: str) -> list[str]:
    """The returns that an open cause holds up."""
    held = (
        select(AFFECTED.c.return_id)
        .join(EXCEPTIONS, EXCEPTIONS.c.id == AFFECTED.c.exception_id)
        .where(EXCEPTIONS.c.cause == code, EXCEPTIONS.c.closed_at.is_(None), AFFECTED.c.gone_at.is_(None))
    )
    return list(tx.execute(held.where(AFFECTED.c.return_id != "")).scalars())
