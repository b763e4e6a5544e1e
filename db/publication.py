"""Sending numbers: which are next, the intent before the call, and what each answer changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select, update

from connectors.contract import Effect, StockResult, StockSetting
from db import effects, publication_latency, syncs
from db.availability import LISTINGS
from db.exceptions import close_cause, open_cause
from db.flows import INVENTORY, Switch, Turn, begin_turn, is_held, running, writing
from db.marking import has_moved, key_of_listing, mark
from db.syncs import Run
from domain.publication import (
    ACCEPTED_FOR,
    LOOK_AFTER,
    After,
    Sent,
    accepted,
    after,
    changed_by_channel,
    refused,
    unreachable,
)

KIND = "stock"


HELD_FOR = timedelta(seconds=15)
"""How soon a run that may not write looks whether it may again."""


class Batch(NamedTuple):
    """Numbers that are sent together; the key names this sending of these states."""

    key: str
    settings: tuple[StockSetting, ...]
    is_full: bool = False
    """More may be due already."""


def begin(tx: Connection, connection_id: str) -> Turn:
    """An attempt starts: whatever an earlier one still does is fenced off."""
    return begin_turn(tx, Run(connection_id, INVENTORY))


def claim(tx: Connection, connection_id: str, epoch: int, size: int, now: datetime) -> Batch | None:
    """The next numbers, urgent ones first; their intent is on record when this commits. None: nothing may be sent."""
    run = Run(connection_id, INVENTORY)
    is_mine, switch = syncs.locked(tx, run).epoch == epoch, writing(tx, run, KIND)
    if not is_mine or switch is None:
        return None
    if has_moved(tx):
        mark(tx, now)  # what is sent is the ledger's number of this moment, not of the relay's last pass
    rows = _next(tx, switch, size, now)
    if not rows:
        return None
    key = f"{KIND}:{connection_id}:{syncs.next_batch(tx, run)}"
    effects.begin(tx, Effect(key=key, kind=KIND, connection_id=connection_id), now)
    tx.execute(
        update(LISTINGS)
        .where(key_of_listing())
        .values(
            published=LISTINGS.c.expected, published_version=LISTINGS.c.version, published_at=now,
            effect_key=key, state="sent",
        ),
        [_key(row) for row in rows],
    )  # fmt: skip
    return Batch(key, tuple(_setting(row) for row in rows), is_full=len(rows) == size)


def _next(tx: Connection, switch: Switch, size: int, now: datetime) -> list[Row[Any]]:
    """Nine of ten by urgency, the rest by age: what is not urgent waits, but not for ever."""
    waiting = select(LISTINGS).where(*_due(switch), LISTINGS.c.due_at <= now).with_for_update()
    urgent = tx.execute(waiting.order_by(LISTINGS.c.urgency, LISTINGS.c.due_at).limit(size)).all()
    oldest = tx.execute(waiting.order_by(LISTINGS.c.due_at).limit(size // 10)).all()
    first = size - size // 10
    chosen = {(row.item_external_id, row.place): row for row in (*urgent[:first], *oldest, *urgent[first:])}
    return [chosen[place] for place in sorted(list(chosen)[:size])]


def _due(switch: Switch) -> tuple[Any, ...]:
    return (
        LISTINGS.c.connection_id == switch.connection_id,
        LISTINGS.c.state == "due",
        LISTINGS.c.bucket < switch.canary_percent,
    )


def _key(row: Row[Any]) -> dict[str, Any]:
    return {"k_connection": row.connection_id, "k_item": row.item_external_id, "k_place": row.place}


def _setting(row: Row[Any]) -> StockSetting:
    return StockSetting(
        item_external_id=row.item_external_id, location_external_id=row.place,
        quantity=row.expected, expected=row.confirmed,
    )  # fmt: skip


def settle(tx: Connection, connection_id: str, batch: Batch, results: Sequence[StockResult], now: datetime) -> None:
    """One result per number: the effect is confirmed with what became of each, and each goes on by itself."""
    sent = {(row.item_external_id, row.place): row for row in _sent_with(tx, connection_id, batch.key)}
    told = [(sent[key], result) for result in results if (key := _place_of(result.setting)) in sent]
    settled = [(row, after(known_of(row), result.outcome, result.shown, result.code, now)) for row, result in told]
    write_down(tx, settled, now)
    shown = [
        [r.setting.item_external_id, r.setting.location_external_id, r.setting.quantity, r.outcome] for r in results
    ]
    effects.confirm(tx, batch.key, {"numbers": shown}, now)
    close_cause(tx, unreachable(connection_id).code, now, by="cause gone")


def _place_of(setting: StockSetting) -> tuple[str, str]:
    return setting.item_external_id, setting.location_external_id


def _sent_with(tx: Connection, connection_id: str, key: str) -> list[Row[Any]]:
    wanted = select(LISTINGS).where(
        LISTINGS.c.connection_id == connection_id, LISTINGS.c.state == "sent", LISTINGS.c.effect_key == key
    )
    return list(tx.execute(wanted.order_by(*LISTINGS.primary_key).with_for_update()))


def known_of(row: Row[Any]) -> Sent:
    """What was sent, and what is known around it now."""
    by_channel = row.confirmed_by == "channel"
    raise_at = row.due_at if by_channel and row.state == "due" else None
    return Sent(
        row.published, row.expected, row.confirmed, row.confirmed_at, row.attempts, row.contests, raise_at,
        was_ours=not by_channel,
    )  # fmt: skip


def write_down(tx: Connection, settled: Sequence[tuple[Row[Any], After]], now: datetime) -> None:
    """What became of these numbers, with the latencies and exceptions that follow from it."""
    changes = []
    publication_latency.note(tx, settled, now)
    for row, then in settled:
        changes.append(_key(row) | _values(row, then, now))
        _tell(tx, row, then, now)
    if changes:
        tx.execute(_SETTLE, changes)


def _values(row: Row[Any], then: After, now: datetime) -> dict[str, Any]:
    is_ours = then.confirmed_by in {"answer", "read_back"}
    return {
        "n_confirmed": then.confirmed,
        "n_version": row.published_version if is_ours else row.confirmed_version,
        "n_at": now if then.confirmed_by else row.confirmed_at,
        "n_by": then.confirmed_by or row.confirmed_by,
        "n_state": "due" if then.is_due else "accepted" if then.is_pending else "settled",
        "n_due": then.due_at,
        "n_look": now + LOOK_AFTER if then.is_pending or then.confirmed_by in {"answer", "channel"} else None,
        "n_attempts": then.attempts,
        "n_contests": then.contests,
        "n_error": then.error_code,
    }


_SETTLE = (
    update(LISTINGS)
    .where(key_of_listing())
    .values(
        confirmed=bindparam("n_confirmed"), confirmed_version=bindparam("n_version"), confirmed_at=bindparam("n_at"),
        confirmed_by=bindparam("n_by"), state=bindparam("n_state"), due_at=bindparam("n_due"),
        look_at=bindparam("n_look"), attempts=bindparam("n_attempts"), contests=bindparam("n_contests"),
        error_code=bindparam("n_error"),
    )
)  # fmt: skip


def _tell(tx: Connection, row: Row[Any], then: After, now: datetime) -> None:
    """A number that cannot be set is an exception by its cause; it closes when the cause is gone."""
    if row.error_code and row.error_code != then.error_code:
        close_cause(tx, refused(row.connection_id, row.sku, row.error_code).code, now, by="cause gone")
    if then.error_code:
        open_cause(tx, refused(row.connection_id, row.sku, then.error_code), now, connection_id=row.connection_id)


def not_sent(tx: Connection, connection_id: str, batch: Batch, code: str, now: datetime) -> None:
    """The platform provably did nothing: the numbers, or newer ones, go with the next batch."""
    effects.never_made(tx, batch.key, code, now)
    rows = _sent_with(tx, connection_id, batch.key)
    if rows:
        tx.execute(update(LISTINGS).where(key_of_listing()).values(state="due", due_at=now), [_key(r) for r in rows])


def shown_otherwise(tx: Connection, row: Row[Any], number: int, now: datetime) -> None:
    """The channel shows another number than the confirmed one; `row` is as it is now, and not under way."""
    find = found_accepted if row.state == "accepted" else lambda r, n, at: changed_by_channel(known_of(r), n, at)
    write_down(tx, [(row, find(row, number, now))], now)


def found_accepted(row: Row[Any], number: int, now: datetime) -> After:
    """An accepted number has appeared, has not yet, or never will."""
    if number == row.published:
        return After(number, "read_back", row.expected not in (None, number), now)
    if number == row.confirmed and now - row.published_at < ACCEPTED_FOR:
        return accepted(known_of(row), now)
    return changed_by_channel(known_of(row), number, now)


def rest(tx: Connection, connection_id: str, epoch: int, now: datetime) -> tuple[bool, datetime | None]:
    """Go idle if nothing is due; also says when something will be. In one transaction, so that no wake-up is lost."""
    sync = syncs.locked(tx, Run(connection_id, INVENTORY))
    switch = running(tx, INVENTORY).get(connection_id)
    if sync.epoch != epoch or switch is None:
        return True, None
    if is_held(tx, connection_id, KIND):
        syncs.rest(tx, Run(connection_id, INVENTORY))
        return True, now + HELD_FOR
    looks = (LISTINGS.c.connection_id == connection_id, LISTINGS.c.look_at.is_not(None), LISTINGS.c.state != "sent")
    waits = [select(func.min(LISTINGS.c.look_at)).where(*looks)]
    if switch.mode == "on":
        waits.append(select(func.min(LISTINGS.c.due_at)).where(*_due(switch)))
    nearest = min((at for at in (tx.execute(wait).scalar() for wait in waits) if at is not None), default=None)
    if nearest is not None and nearest <= now:
        return False, nearest
    syncs.rest(tx, Run(connection_id, INVENTORY))
    return True, nearest


def has_due(tx: Connection, connection_id: str, now: datetime) -> bool:
    """Whether something waits to be sent now; asked often, so it only reads."""
    mine = (LISTINGS.c.connection_id == connection_id, LISTINGS.c.state == "due", LISTINGS.c.due_at <= now)
    return tx.execute(select(LISTINGS.c.place).where(*mine).limit(1)).first() is not None


def troubled(tx: Connection, connection_id: str, now: datetime) -> None:
    """The platform has not taken numbers for several attempts: a person is told until it does."""
    open_cause(tx, unreachable(connection_id), now, connection_id=connection_id)
