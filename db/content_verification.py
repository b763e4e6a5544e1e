"""Rounds of verification of content: which listings are next, and what their reading back means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, select, update

from connectors.contract import ListingRef
from db import content, content_hours, listing_drift
from db import rounds as db_rounds
from db.content import Shown
from db.flows import CONTENT, Switch, running
from db.offered import OFFERED, Listing, listing_of, locked
from db.tables.content import ContentVerificationRow
from domain.content.fields import right
from domain.content.policy import LATE
from domain.refs import VerificationCursor

ROUNDS: Table = ContentVerificationRow.__table__  # type: ignore[attr-defined]


def begin(tx: Connection, connection_id: str, now: datetime) -> VerificationCursor | None:
    """A new round; None while the flow is off."""
    return db_rounds.begin(tx, ROUNDS, CONTENT, connection_id, now)


def next_refs(tx: Connection, at: VerificationCursor, limit: int) -> tuple[ListingRef, ...]:
    """The listings that come next; those that a launch is at work on are its business."""
    mine = (OFFERED.c.connection_id == at.connection_id, OFFERED.c.product_id > at.after)
    free = (OFFERED.c.held_by.not_like("launch:%"), OFFERED.c.fields > 0)
    rows = tx.execute(select(OFFERED).where(*mine, *free).order_by(OFFERED.c.product_id).limit(limit))
    return tuple(listing_of(row).ref for row in rows)


def judge(
    tx: Connection, at: VerificationCursor, shown: Shown, asked_at: datetime, now: datetime
) -> VerificationCursor:
    """What the channel showed of these listings, asked at a moment before which nothing of them may be newer."""
    switch = running(tx, CONTENT).get(at.connection_id)
    if switch is None:
        return at.model_copy(update={"is_over": True})
    listings = locked(tx, at.connection_id, OFFERED.c.product_id.in_(shown))
    settled = [one for one in listings if not _is_in_flight(one.row, asked_at)]
    since = db_rounds.looked_before(tx, ROUNDS, at)
    wrong = sum(_wrong(tx, switch, one, shown, since, now) for one in settled)
    looked = sum(one.row.fields for one in settled)
    moving = sum(one.row.fields for one in listings) - looked
    counted = {"listings": len(settled), "looked": looked, "wrong": wrong, "in_flight": moving}
    tx.execute(
        update(ROUNDS).where(ROUNDS.c.id == at.round).values({name: ROUNDS.c[name] + n for name, n in counted.items()})
    )
    return at.model_copy(update={"after": list(shown)[-1], "looked": at.looked + looked, "wrong": at.wrong + wrong})


def _is_in_flight(row: Row[Any], asked_at: datetime) -> bool:
    """Our own writing, or a newer look, met the reading: what was read may be older than what is known."""
    return row.state in {"sent", "accepted", "refused"} or row.confirmed_at >= asked_at or row.marked_at is not None


def _wrong(tx: Connection, switch: Switch, one: Listing, shown: Shown, since: datetime | None, now: datetime) -> int:
    """How many of its fields do not show as they should."""
    content.seen(tx, one, shown[one.row.product_id], now)
    is_right = right(one.expected, one.published, one.confirmed)
    if unnoticed := max(0, one.row.right - is_right):
        seen_right = max(at for at in (since, one.row.confirmed_at) if at is not None)
        content_hours.unseen(tx, one.row.connection_id, unnoticed, seen_right, now)
    changed_at = one.row.changed_at
    if switch.writes(one.row.bucket) and changed_at and now - changed_at >= LATE and not one.row.error_code:
        listing_drift.late(tx, one, now)
    content.keep_seen(tx, one, now)
    return len(one.expected) - is_right


def end(tx: Connection, at: VerificationCursor, now: datetime) -> None:
    """The round has seen every listing."""
    tx.execute(update(ROUNDS).where(ROUNDS.c.id == at.round).values(ended_at=now))


def rounds(tx: Connection, connection_id: str = "", *, limit: int = 20) -> Sequence[Row[Any]]:
    """The newest first."""
    return db_rounds.newest(tx, ROUNDS, connection_id, limit)
