"""What a launch's facts and the clock demand, made true: the end of its stages, its outcome, and its measures."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from db.content_marks import mark_products
from db.launch_causes import sync
from db.launch_facts import note
from db.launch_reading import CHANNELS, LAUNCHES, LISTINGS, PRODUCTS, channels_of, load
from db.launch_stock import let_go
from domain.launch.measures import ChannelTimes, measures
from domain.launch.standing import LaunchFacts, LaunchStanding, Outcome, standing


def settle(tx: Connection, launch_id: str, now: datetime) -> LaunchStanding:
    """Carry out what is due until nothing is; where the launch then stands."""
    while True:
        facts = load(tx, launch_id)
        at = standing(facts, now)
        if not _advance(tx, facts, at, now):
            sync(tx, facts, at, now)
            return at


def _advance(tx: Connection, facts: LaunchFacts, at: LaunchStanding, now: datetime) -> bool:
    """One step; False if nothing is due."""
    if facts.outcome is not None:
        _set(tx, facts.launch_id, run_open=False)
        return False
    if not facts.restoring and (reason := _why_back(facts, at, now)):
        note(tx, facts.launch_id, "restoring", now, reason=reason)
        _set(tx, facts.launch_id, restoring=reason)
        return True
    if at.stage == "restoring" and not at.take_back:
        _end(tx, facts, "canceled" if facts.cancel_asked else "restored", now)
        return True
    if at.stage == "verifying" and not at.verify and not at.take_back:
        failed = any(channel.is_in and channel.failed for channel in facts.channels)
        outcome: Outcome = "rehearsed" if facts.mode == "dry_run" else "live_in_part" if failed else "live"
        _end(tx, facts, outcome, now)
        return True
    return False


def _why_back(facts: LaunchFacts, at: LaunchStanding, now: datetime) -> str:
    if facts.cancel_asked:
        return "canceled"
    if at.stage == "missed" and at.due_at is not None and now >= at.due_at:
        return "it was not ready at its moment"
    inside = frozenset(channel.connection_id for channel in facts.channels if channel.is_in)
    failed = frozenset(channel.connection_id for channel in facts.channels if channel.is_in and channel.failed)
    if failed and not facts.policy.is_met(inside, inside - failed):
        return f"{', '.join(sorted(failed))} could not go live"
    return ""


def _end(tx: Connection, facts: LaunchFacts, outcome: Outcome, now: datetime) -> None:
    launch_id = facts.launch_id
    found = measures(
        ChannelTimes(
            connection_id=row.connection_id, first_at=row.first_at, last_at=row.last_at, seen_at=row.seen_at,
            accepts_first=row.accepts_first,
        )
        for row in channels_of(tx, launch_id)
        if row.is_in
    )  # fmt: skip
    values: dict[str, Any] = {"first_live_at": found.first_live_at, "last_live_at": found.last_live_at}
    if outcome in {"live", "live_in_part"}:
        values["skew_ms"] = _ms(found.skew)
        values["platform_delay_ms"] = _ms(found.platform_delay)
    elif found.first_live_at is not None:
        hidden = tx.execute(select(func.max(LISTINGS.c.restored_at)).where(LISTINGS.c.launch_id == launch_id)).scalar()
        values["exposed_ms"] = _ms(hidden - found.first_live_at) if hidden else None
    let_go(tx, launch_id, now)
    note(tx, launch_id, "ended", now, outcome=outcome)
    _set(tx, launch_id, outcome=outcome, ended_at=now, **values)
    mine = PRODUCTS.c.launch_id == launch_id
    tx.execute(update(PRODUCTS).where(mine).values(held=False))
    mark_products(tx, list(tx.execute(select(PRODUCTS.c.product_id).where(mine)).scalars()), now)


def _ms(duration: Any) -> int | None:
    return None if duration is None else round(1000 * duration.total_seconds())


def _set(tx: Connection, launch_id: str, **values: Any) -> None:
    tx.execute(update(LAUNCHES).where(LAUNCHES.c.id == launch_id).values(**values))


def fail_channel(tx: Connection, launch_id: str, connection_id: str, reason: str, now: datetime) -> None:
    """It could not go live; the policy says what becomes of the others."""
    mine = (CHANNELS.c.launch_id == launch_id, CHANNELS.c.connection_id == connection_id, CHANNELS.c.failed == "")
    if tx.execute(update(CHANNELS).where(*mine).values(failed=reason)).rowcount:
        note(tx, launch_id, "channel_failed", now, connection=connection_id, reason=reason)
