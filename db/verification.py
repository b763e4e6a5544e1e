"""Rounds of verification: which numbers are next, and what their reading back means."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.contract import StockSetting
from db import drift, stock_hours
from db import rounds as db_rounds
from db.availability import LISTINGS
from db.flows import INVENTORY, Switch, running
from db.tables.verification import VerificationRow
from domain.drift import LATE
from domain.refs import VerificationCursor

ROUNDS = VerificationRow.__table__  # type: ignore[attr-defined]


def begin(tx: Connection, connection_id: str, now: datetime) -> VerificationCursor | None:
    """A new round; None while the flow is off."""
    return db_rounds.begin(tx, ROUNDS, INVENTORY, connection_id, now)


def next_items(tx: Connection, at: VerificationCursor, limit: int) -> tuple[str, ...]:
    """The channel's ids of the items that come next."""
    mine = (LISTINGS.c.connection_id == at.connection_id, LISTINGS.c.item_external_id > at.after)
    items = select(LISTINGS.c.item_external_id).where(*mine, LISTINGS.c.expected.is_not(None)).distinct()
    return tuple(tx.execute(items.order_by(LISTINGS.c.item_external_id).limit(limit)).scalars())


def judge(
    tx: Connection, at: VerificationCursor, items: Sequence[str], found: Sequence[StockSetting], asked_at: datetime,
    now: datetime,
) -> VerificationCursor:  # fmt: skip
    """What the channel showed of these items, asked at a moment before which nothing of them may be newer."""
    switch = running(tx, INVENTORY).get(at.connection_id)
    if switch is None:
        return at.model_copy(update={"is_over": True})
    shown = {(one.item_external_id, one.location_external_id): one.quantity for one in found}
    rows = tx.execute(
        select(LISTINGS)
        .where(
            LISTINGS.c.connection_id == at.connection_id, LISTINGS.c.item_external_id.in_(items),
            LISTINGS.c.expected.is_not(None),
        )
        .order_by(*LISTINGS.primary_key)
        .with_for_update()
    ).all()  # fmt: skip
    settled = [row for row in rows if not _is_in_flight(row, asked_at)]
    since = db_rounds.looked_before(tx, ROUNDS, at)
    drifting = drift.open_numbers(tx, at.connection_id, items)
    wrong = sum(not _is_right(tx, switch, row, shown, since, now) for row in settled)
    for row in settled:
        if (row.item_external_id, row.place) in drifting and _shows_as_expected(row, shown):
            drift.gone(tx, row, now)
    tx.execute(
        update(ROUNDS)
        .where(ROUNDS.c.id == at.round)
        .values(
            looked=ROUNDS.c.looked + len(settled), wrong=ROUNDS.c.wrong + wrong,
            in_flight=ROUNDS.c.in_flight + len(rows) - len(settled),
        )
    )  # fmt: skip
    return at.model_copy(update={"after": items[-1], "looked": at.looked + len(settled), "wrong": at.wrong + wrong})


def _is_in_flight(row: Row[Any], asked_at: datetime) -> bool:
    """Our own writing, or news of it, met the reading: what was read may be older than what is known."""
    newer = (row.published_at, row.confirmed_at, row.news_at)
    return row.state in {"sent", "accepted"} or any(at is not None and at >= asked_at for at in newer)


def _is_right(
    tx: Connection, switch: Switch, row: Row[Any], shown: Mapping[tuple[str, str], int], since: datetime | None,
    now: datetime,
) -> bool:  # fmt: skip
    number = shown.get((row.item_external_id, row.place))
    if number != row.confirmed:
        if row.confirmed == row.expected:
            seen_right = max(at for at in (since, row.confirmed_at, row.expected_at) if at is not None)
            stock_hours.unseen(tx, row.connection_id, seen_right, now)
        drift.take(tx, row, number, now)
        return False
    if number == row.expected:
        return True
    if switch.writes(row.bucket) and row.expected_at and now - row.expected_at >= LATE and not row.error_code:
        _tell_late(tx, row, now)
    return False


def _shows_as_expected(row: Row[Any], shown: Mapping[tuple[str, str], int]) -> bool:
    return bool(shown.get((row.item_external_id, row.place)) == row.confirmed == row.expected)


def _tell_late(tx: Connection, row: Row[Any], now: datetime) -> None:
    """One that a policy leaves as it is, is not late."""
    if not drift.is_left(tx, row):
        drift.late(tx, row, now)


def end(tx: Connection, at: VerificationCursor, now: datetime) -> None:
    """The round has seen every number."""
    tx.execute(update(ROUNDS).where(ROUNDS.c.id == at.round).values(ended_at=now))
    drift.close_mended(tx, now)


def rounds(tx: Connection, connection_id: str = "", *, limit: int = 20) -> Sequence[Row[Any]]:
    """The newest first."""
    return db_rounds.newest(tx, ROUNDS, connection_id, limit)
