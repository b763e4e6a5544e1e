"""Reading numbers back: which have no known outcome or no proof yet, and what the channel's own word changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.contract import StockSetting
from db import drift, effects
from db.availability import LISTINGS
from db.publication import found_accepted, known_of, write_down
from domain.publication import After, after, changed_by_channel


def in_doubt(tx: Connection, connection_id: str, limit: int) -> tuple[str, ...]:
    """Items whose sending has no known outcome: they are read back before anything is sent again."""
    rows = select(LISTINGS.c.item_external_id).where(
        LISTINGS.c.connection_id == connection_id, LISTINGS.c.state == "sent"
    )
    return tuple(tx.execute(rows.distinct().order_by(LISTINGS.c.item_external_id).limit(limit)).scalars())


def to_look_at(tx: Connection, connection_id: str, limit: int, now: datetime) -> tuple[str, ...]:
    """Items whose numbers nobody but the answer has confirmed, and those that others changed."""
    rows = (
        select(LISTINGS.c.item_external_id)
        .where(LISTINGS.c.connection_id == connection_id, LISTINGS.c.look_at <= now, LISTINGS.c.state != "sent")
        .order_by(LISTINGS.c.look_at)
        .limit(limit)
    )
    return tuple(dict.fromkeys(tx.execute(rows).scalars()))


def read_back(
    tx: Connection, connection_id: str, items: Sequence[str], found: Sequence[StockSetting], now: datetime
) -> int:
    """What the channel shows decides: ours that landed is confirmed, what others changed goes by the policy on drift.

    Returns how many others had changed.
    """
    shown = {(at.item_external_id, at.location_external_id): at.quantity for at in found}
    rows = tx.execute(
        select(LISTINGS)
        .where(LISTINGS.c.connection_id == connection_id, LISTINGS.c.item_external_id.in_(items))
        .order_by(*LISTINGS.primary_key)
        .with_for_update()
    ).all()
    settled, drifted, keys = [], [], set()
    for row in rows:
        number = shown.get((row.item_external_id, row.place))
        if number is None:
            then = after(known_of(row), "rejected", None, "not_shown", now)
        elif row.state == "sent":
            keys.add(row.effect_key)
            then = _landed(row, number, now)
        elif row.state == "accepted":
            then = found_accepted(row, number, now)
        elif number == row.confirmed:
            is_due = row.state == "due"
            then = After(number, "read_back", is_due, row.due_at or now, row.attempts, row.contests, row.error_code)
        else:
            drifted.append((row, number))
            continue
        settled.append((row, then))
    write_down(tx, settled, now)
    for key in sorted(keys):
        effects.proven(tx, key, "read back", now)
    for row, number in drifted:
        drift.take(tx, row, number, now)
    return len(drifted) + sum(then.confirmed_by == "channel" for _, then in settled)


def _landed(row: Row[Any], number: int, now: datetime) -> After:
    """A sending without a known outcome: it landed, it did not, or somebody else was at it."""
    if number == row.published:
        return After(number, "read_back", row.expected not in (None, number), now)
    if number == row.confirmed:
        return After(number, "read_back", row.expected not in (None, number), now, row.attempts)
    return changed_by_channel(known_of(row), number, now)
