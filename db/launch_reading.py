"""What is on record of launches, read for the next step."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Table, case, func, select

from db.order_reading import held_back
from db.tables.launches import (
    LaunchApprovalRow,
    LaunchChannelRow,
    LaunchEventRow,
    LaunchLeakRow,
    LaunchListingRow,
    LaunchOutboxRow,
    LaunchProductRow,
    LaunchRow,
)
from domain.errors import DomainError
from domain.launch.approval import digest
from domain.launch.plan import LaunchPolicy
from domain.launch.standing import Batch, Group, LaunchChannel, LaunchFacts

LAUNCHES: Table = LaunchRow.__table__  # type: ignore[attr-defined]
PRODUCTS: Table = LaunchProductRow.__table__  # type: ignore[attr-defined]
CHANNELS: Table = LaunchChannelRow.__table__  # type: ignore[attr-defined]
LISTINGS: Table = LaunchListingRow.__table__  # type: ignore[attr-defined]
APPROVALS: Table = LaunchApprovalRow.__table__  # type: ignore[attr-defined]
EVENTS: Table = LaunchEventRow.__table__  # type: ignore[attr-defined]
OUTBOX: Table = LaunchOutboxRow.__table__  # type: ignore[attr-defined]
LEAKS: Table = LaunchLeakRow.__table__  # type: ignore[attr-defined]


def row_of(tx: Connection, launch_id: str) -> Row[Any]:
    row = tx.execute(select(LAUNCHES).where(LAUNCHES.c.id == launch_id)).first()
    if row is None:
        raise DomainError("unknown_launch", f"there is no launch {launch_id!r}; list the launches to find its id")
    return row


def channels_of(tx: Connection, launch_id: str) -> list[Row[Any]]:
    mine = select(CHANNELS).where(CHANNELS.c.launch_id == launch_id)
    return list(tx.execute(mine.order_by(CHANNELS.c.connection_id)))


def load(tx: Connection, launch_id: str) -> LaunchFacts:
    """Counts per batch, not the listings themselves."""
    row = row_of(tx, launch_id)
    channels = channels_of(tx, launch_id)
    inside = {channel.connection_id for channel in channels if channel.is_in}
    return LaunchFacts(
        launch_id=launch_id, seq=row.seq, step=row.step, go_live_at=row.go_live_at, policy=LaunchPolicy.model_validate(row.policy),
        created_by=row.created_by, approvals=row.approvals,
        approved_by=approvals_of(tx, launch_id)[0],
        is_paused=row.paused, cancel_asked=row.cancel_asked,
        held_by_connection=tuple(sorted(held_back(tx, inside))),
        barrier_at=row.barrier_at, restoring=row.restoring, outcome=row.outcome, mode=row.mode,
        channels=tuple(
            LaunchChannel(connection_id=one.connection_id, is_in=one.is_in, hides=one.hides, failed=bool(one.failed))
            for one in channels
        ),
        groups=tuple(_groups(tx, launch_id)),
    )  # fmt: skip


def _groups(tx: Connection, launch_id: str) -> Iterable[Group]:
    key = (LISTINGS.c.connection_id, LISTINGS.c.batch, LISTINGS.c.state)
    blocked = func.sum(case((LISTINGS.c.blocked, 1), else_=0))
    query = select(*key, func.count(), blocked).where(LISTINGS.c.launch_id == launch_id).group_by(*key).order_by(*key)
    for connection_id, batch, state, count, stopped in tx.execute(query):
        yield Group(connection_id=connection_id, batch=batch, state=state, count=count, blocked=int(stopped or 0))


def content_of(tx: Connection, launch_id: str) -> str:
    """A digest of what stands to go live on all its channels; empty as long as a part of it is not staged."""
    of_channel = (CHANNELS.c.launch_id == LISTINGS.c.launch_id) & (CHANNELS.c.connection_id == LISTINGS.c.connection_id)
    key = (LISTINGS.c.connection_id, LISTINGS.c.product_id)
    query = select(*key, LISTINGS.c.content).join(CHANNELS, of_channel)
    parts = [
        tuple(row)
        for row in tx.execute(query.where(LISTINGS.c.launch_id == launch_id, CHANNELS.c.is_in).order_by(*key))
    ]
    return digest(parts) if parts and all(content for *_, content in parts) else ""


def approvals_of(tx: Connection, launch_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who has approved what is staged now, and who only what it was before; first come, first named."""
    mine = select(APPROVALS.c.actor, APPROVALS.c.content).where(APPROVALS.c.launch_id == launch_id)
    given = tx.execute(mine.order_by(APPROVALS.c.at)).all()
    content = content_of(tx, launch_id) if given else ""
    valid = tuple(one.actor for one in given if one.content == content)
    return valid, tuple(dict.fromkeys(one.actor for one in given if one.actor not in valid))


def listings_of(tx: Connection, batch: Batch, *states: str) -> list[Row[Any]]:
    """The listings of a batch that are in one of these states, in the order of the launch."""
    mine = (
        LISTINGS.c.launch_id == batch.launch_id,
        LISTINGS.c.connection_id == batch.connection_id,
        LISTINGS.c.batch == batch.number,
        LISTINGS.c.state.in_(states),
    )
    return list(tx.execute(select(LISTINGS).where(*mine).order_by(LISTINGS.c.product_id)))


def open_launches(tx: Connection) -> list[Row[Any]]:
    return list(tx.execute(select(LAUNCHES).where(LAUNCHES.c.outcome.is_(None)).order_by(LAUNCHES.c.id)))
