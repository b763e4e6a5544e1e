"""What flows between the hub and each connection: how much, when it last worked, and what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, case, func, select

from db.availability import LISTINGS
from db.flows import INVENTORY, running
from db.inbox import INBOX
from db.order_reading import EFFECTS, ORDERS
from db.tables.connections import SweepRow
from db.tables.verification import PublicationLatencyRow
from db.throughput import BY_CHANNEL

SWEEPS = SweepRow.__table__  # type: ignore[attr-defined]
LATENCIES = PublicationLatencyRow.__table__  # type: ignore[attr-defined]
OPEN_EFFECT = ("intent", "in_doubt")


class DataFlow(NamedTuple):
    """One kind of data between the hub and one connection; `volume` and `failed` are of the time asked for.

    `oldest_waiting` is when the longest waiting piece came to be.
    """

    connection_id: str
    name: str
    direction: Literal["in", "out"]
    volume: int
    failed: int
    waiting: int
    oldest_waiting: datetime | None
    last_success: datetime | None


class Sweep(NamedTuple):
    """What polling found that webhooks had not told."""

    last_run_at: datetime | None
    seen: int
    missed: int
    unreadable: list[str]


def data_flows(tx: Connection, since: datetime) -> list[DataFlow]:
    """Every flow with any trace since then or with something that waits."""
    return [*_orders(tx, since), *_stock(tx, since), *_effects(tx, since)]


def sweeps(tx: Connection) -> dict[str, Sweep]:
    """By connection, as far as it has been polled."""
    query = select(SWEEPS.c.connection_id, SWEEPS.c.last_run_at, SWEEPS.c.seen, SWEEPS.c.missed, SWEEPS.c.unreadable)
    return {name: Sweep(*rest) for name, *rest in tx.execute(query)}


def _orders(tx: Connection, since: datetime) -> list[DataFlow]:
    arrived = select(BY_CHANNEL, func.count(), func.max(ORDERS.c.recorded_at)).where(ORDERS.c.recorded_at >= since)
    came = {name: (int(count), last) for name, count, last in tx.execute(arrived.group_by(BY_CHANNEL))}
    unread = select(INBOX.c.connection_id, func.count(), func.min(INBOX.c.received_at)).where(INBOX.c.state == "new")
    waits = {name: (int(count), oldest) for name, count, oldest in tx.execute(unread.group_by(INBOX.c.connection_id))}
    return [
        DataFlow(
            name, "orders", "in", came.get(name, (0, None))[0], 0, *waits.get(name, (0, None)),
            last_success=came.get(name, (0, None))[1],
        )
        for name in sorted(came.keys() | waits.keys())
    ]  # fmt: skip


def _stock(tx: Connection, since: datetime) -> list[DataFlow]:
    sent = select(LATENCIES.c.connection_id, func.sum(LATENCIES.c.numbers)).where(LATENCIES.c.hour >= since)
    volume = {name: int(numbers) for name, numbers in tx.execute(sent.group_by(LATENCIES.c.connection_id))}
    due = case((LISTINGS.c.state == "due", 1), else_=0)
    query = select(
        LISTINGS.c.connection_id, func.sum(due), func.min(case((LISTINGS.c.state == "due", LISTINGS.c.due_at))),
        func.max(LISTINGS.c.confirmed_at),
    ).group_by(LISTINGS.c.connection_id)  # fmt: skip
    switched = running(tx, INVENTORY)
    return [
        DataFlow(name, INVENTORY, "out", volume.get(name, 0), 0, int(waiting), oldest, last)
        for name, waiting, oldest, last in tx.execute(query)
        if name in switched
    ]


def _effects(tx: Connection, since: datetime) -> list[DataFlow]:
    kept = {}
    settled = (
        select(
            EFFECTS.c.connection_id, EFFECTS.c.kind, func.count(),
            func.sum(case((EFFECTS.c.state == "rejected", 1), else_=0)),
            func.max(case((EFFECTS.c.state == "confirmed", EFFECTS.c.settled_at))),
        )
        .where(EFFECTS.c.settled_at >= since)
        .group_by(EFFECTS.c.connection_id, EFFECTS.c.kind)
    )  # fmt: skip
    for name, kind, count, failed, last in tx.execute(settled):
        kept[name, kind] = DataFlow(name, kind, "out", int(count), int(failed), 0, None, last)
    waiting = (
        select(EFFECTS.c.connection_id, EFFECTS.c.kind, func.count(), func.min(EFFECTS.c.intended_at))
        .where(EFFECTS.c.state.in_(OPEN_EFFECT))
        .group_by(EFFECTS.c.connection_id, EFFECTS.c.kind)
    )
    for name, kind, count, oldest in tx.execute(waiting):
        flow = kept.get((name, kind)) or DataFlow(name, kind, "out", 0, 0, 0, None, None)
        kept[name, kind] = flow._replace(waiting=int(count), oldest_waiting=oldest)
    return [kept[key] for key in sorted(kept)]
