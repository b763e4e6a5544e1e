"""Numbers that channels show and should not: on record by author, and repaired, accepted or asked about by policy."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, select, update

from db import publication, verification_policy
from db.availability import LISTINGS
from db.exceptions import EXCEPTIONS, close_cause, open_cause
from db.flows import INVENTORY
from db.marking import key_of_listing
from db.order_reading import LINES, ORDERS
from db.syncs import wake
from db.tables.verification import DriftRow
from db.upsert import insert_once
from domain.drift import Action, Author, Seen, asked, author_of
from domain.publication import NEWS_GRACE

DRIFTS = DriftRow.__table__  # type: ignore[attr-defined]
_SAME = and_(
    LISTINGS.c.connection_id == DRIFTS.c.connection_id,
    LISTINGS.c.item_external_id == DRIFTS.c.item_external_id,
    LISTINGS.c.place == DRIFTS.c.place,
)


def take(tx: Connection, row: Row[Any], shown: int | None, now: datetime) -> Author:
    """The channel shows another number than the confirmed one (None: none at all); `row` is not under way."""
    author = author_of(_seen(tx, row, shown))
    is_ours_newer = row.state == "due"  # what is to be sent in any case, nobody need be asked about
    action = "repair" if is_ours_newer else verification_policy.of(tx, row.connection_id).action(author)
    note(tx, row, shown, author, action, now)
    if shown is None:
        _send_again(tx, row, now)
    elif action == "repair":
        publication.shown_otherwise(tx, row, shown, now)
        wake(tx, INVENTORY, {row.connection_id})
    else:
        _leave(tx, row, shown, now)
    if action == "ask":
        open_cause(tx, asked(row.connection_id, author), now, connection_id=row.connection_id)
    return author


def late(tx: Connection, row: Row[Any], now: datetime) -> None:
    """The channel shows what it was last told, and should have been told more long ago."""
    note(tx, row, row.confirmed, "us", "repair", now)
    if row.state == "settled" and not row.error_code:
        _send_again(tx, row, now)


def note(tx: Connection, row: Row[Any], shown: int | None, author: Author, action: Action, now: datetime) -> None:
    """One open row per number; what is seen of it later does not make its age younger."""
    known = {"connection_id": row.connection_id, "item_external_id": row.item_external_id, "place": row.place}
    seen = {
        "item_id": row.item_id, "sku": row.sku, "shown": shown, "confirmed": row.confirmed, "expected": row.expected,
        "author": author, "action": action,
    }  # fmt: skip
    if not insert_once(tx, DRIFTS, [known | seen | {"seen_at": now, "closed_at": None, "closed_by": ""}]):
        tx.execute(update(DRIFTS).where(_open_of(row)).values(**seen))


def is_left(tx: Connection, row: Row[Any]) -> bool:
    """A policy or a person leaves the number as the channel has it."""
    left = select(DRIFTS.c.id).where(_open_of(row), DRIFTS.c.action != "repair")
    return tx.execute(left).first() is not None


def open_numbers(tx: Connection, connection_id: str, items: Collection[str]) -> set[tuple[str, str]]:
    """Which numbers of these items drift, by item and place."""
    mine = (DRIFTS.c.connection_id == connection_id, DRIFTS.c.item_external_id.in_(items), DRIFTS.c.closed_at.is_(None))
    return {(row.item_external_id, row.place) for row in tx.execute(select(DRIFTS).where(*mine))}


def gone(tx: Connection, row: Row[Any], now: datetime) -> None:
    """The number is as it should be."""
    tx.execute(update(DRIFTS).where(_open_of(row)).values(closed_at=now, closed_by="shown as it should be"))


def close_mended(tx: Connection, now: datetime) -> int:
    """Close what publication has put right meanwhile, and questions that nobody needs to answer any more."""
    mended = (
        select(DRIFTS.c.id)
        .join(LISTINGS, _SAME)
        .where(DRIFTS.c.closed_at.is_(None), LISTINGS.c.confirmed == LISTINGS.c.expected, LISTINGS.c.state == "settled")
    )
    closed = tx.execute(update(DRIFTS).where(DRIFTS.c.id.in_(mended)).values(closed_at=now, closed_by="repaired"))
    _close_questions(tx, now)
    return closed.rowcount


def decide(tx: Connection, connection_id: str, author: Author, action: Action, now: datetime) -> int:
    """A person's word on all numbers that wait for it; returns how many there were."""
    waiting = tx.execute(
        select(LISTINGS)
        .join(DRIFTS, _SAME)
        .where(
            DRIFTS.c.connection_id == connection_id, DRIFTS.c.author == author, DRIFTS.c.action == "ask",
            DRIFTS.c.closed_at.is_(None),
        )
        .with_for_update()
    ).all()  # fmt: skip
    for row in waiting:
        note(tx, row, row.confirmed, author, action, now)
        if action == "repair":
            _send_again(tx, row, now)
    _close_questions(tx, now)
    return len(waiting)


def open_drifts(tx: Connection, connection_id: str = "", *, after: int = 0, limit: int = 100) -> Sequence[Row[Any]]:
    """What is not as it should be, the oldest first."""
    query = select(DRIFTS).where(DRIFTS.c.closed_at.is_(None), DRIFTS.c.id > after)
    if connection_id:
        query = query.where(DRIFTS.c.connection_id == connection_id)
    return tx.execute(query.order_by(DRIFTS.c.id).limit(limit)).all()


def _seen(tx: Connection, row: Row[Any], shown: int | None) -> Seen:
    fell = shown is not None and row.confirmed is not None and shown < row.confirmed
    return Seen(
        shown, row.confirmed, row.expected, row.published, row.error_code == "altered", _sold(tx, row) if fell else 0
    )


def _sold(tx: Connection, row: Row[Any]) -> int:
    """Units that the channel's own orders took since the number was confirmed, as far as they have arrived."""
    since = row.confirmed_at - NEWS_GRACE if row.confirmed_at else row.expected_at
    units = (
        select(func.sum(LINES.c.ordered))
        .join(ORDERS, ORDERS.c.id == LINES.c.order_id)
        .where(ORDERS.c.connection_id == row.connection_id, LINES.c.sku == row.sku, ORDERS.c.placed_at >= since)
    )
    return int(tx.execute(units).scalar() or 0)


def _send_again(tx: Connection, row: Row[Any], now: datetime) -> None:
    _put(tx, row, state="due", due_at=now)
    wake(tx, INVENTORY, {row.connection_id})


def _leave(tx: Connection, row: Row[Any], shown: int, now: datetime) -> None:
    """The channel's number stands until ours changes next."""
    _put(tx, row, confirmed=shown, confirmed_at=now, confirmed_by="channel", state="settled", due_at=None, look_at=None)


def _put(tx: Connection, row: Row[Any], **values: Any) -> None:
    key = {"k_connection": row.connection_id, "k_item": row.item_external_id, "k_place": row.place}
    tx.execute(update(LISTINGS).where(key_of_listing()).values(**values), key)


def _open_of(row: Row[Any]) -> Any:
    return and_(
        DRIFTS.c.connection_id == row.connection_id, DRIFTS.c.item_external_id == row.item_external_id,
        DRIFTS.c.place == row.place, DRIFTS.c.closed_at.is_(None),
    )  # fmt: skip


def _close_questions(tx: Connection, now: datetime) -> None:
    open_questions = select(EXCEPTIONS.c.cause).where(
        EXCEPTIONS.c.kind == "stock_drift", EXCEPTIONS.c.closed_at.is_(None)
    )
    still = select(DRIFTS.c.connection_id, DRIFTS.c.author).where(
        DRIFTS.c.action == "ask", DRIFTS.c.closed_at.is_(None)
    )
    held = {asked(row.connection_id, row.author).code for row in tx.execute(still.distinct())}
    for cause in tx.execute(open_questions).scalars().all():
        if cause not in held:
            close_cause(tx, cause, now, by="cause gone")
