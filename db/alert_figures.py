"""What alert rules watch: how everything of a kind stands now."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, or_, select

from db.availability import LISTINGS
from db.facts import OUTBOX
from db.flows import CONTENT, INVENTORY, running
from db.inbox import INBOX
from db.ledger import LEVELS, MOVEMENTS
from db.offered import OFFERED
from db.order_reading import CONNECTIONS
from db.tables.connections import SweepRow
from domain.alerts import Firing, Kind

SWEEPS = SweepRow.__table__  # type: ignore[attr-defined]

SOLD_OVER = timedelta(days=28)
"""What was sold in this time is what is sold in a day, times its days."""
_FREE = func.sum(LEVELS.c.on_hand - LEVELS.c.reserved)


def _atp(tx: Connection, _now: datetime) -> Iterable[Firing]:
    """Units that can be promised, of every item that a channel offers."""
    offered = select(LISTINGS.c.item_id).where(LISTINGS.c.expected.is_not(None))
    mine = (LEVELS.c.condition == "sellable", LEVELS.c.item_id.in_(offered))
    query = select(LEVELS.c.item_id, _FREE).where(*mine).group_by(LEVELS.c.item_id)
    return [Firing(subject=item, value=float(max(0, free))) for item, free in tx.execute(query)]


def _days_of_cover(tx: Connection, now: datetime) -> Iterable[Firing]:
    """Of items that are sold at all: by what left the shelves for orders."""
    sold = select(MOVEMENTS.c.item_id, func.sum(-MOVEMENTS.c.on_hand)).where(
        MOVEMENTS.c.at >= now - SOLD_OVER, MOVEMENTS.c.order_id.is_not(None), MOVEMENTS.c.on_hand < 0
    )
    per_day = {item: units / SOLD_OVER.days for item, units in tx.execute(sold.group_by(MOVEMENTS.c.item_id))}
    mine = (LEVELS.c.condition == "sellable", LEVELS.c.item_id.in_(per_day))
    query = select(LEVELS.c.item_id, _FREE).where(*mine).group_by(LEVELS.c.item_id)
    return [Firing(subject=item, value=max(0, free) / per_day[item]) for item, free in tx.execute(query)]


def _drift(tx: Connection, _now: datetime) -> Iterable[Firing]:
    """Percent of a connection's numbers that are not what they should be and are not on their way either."""
    wrong = and_(LISTINGS.c.confirmed != LISTINGS.c.expected, LISTINGS.c.state == "settled")
    numbers = select(LISTINGS.c.connection_id, func.count(), func.sum(case((wrong, 1), else_=0)))
    query = numbers.where(LISTINGS.c.expected.is_not(None)).group_by(LISTINGS.c.connection_id)
    return [Firing(subject=name, value=100 * int(off) / all_) for name, all_, off in tx.execute(query)]


def _content_drift(tx: Connection, _now: datetime) -> Iterable[Firing]:
    """Percent of a connection's fields that do not show as they should and are not on their way either."""
    still = case((OFFERED.c.state == "settled", OFFERED.c.fields - OFFERED.c.right), else_=0)
    sums = select(OFFERED.c.connection_id, func.sum(OFFERED.c.fields), func.sum(still))
    query = sums.where(OFFERED.c.fields > 0).group_by(OFFERED.c.connection_id)
    return [Firing(subject=name, value=100 * int(off) / int(all_)) for name, all_, off in tx.execute(query)]


def _stale_count(tx: Connection, now: datetime) -> Iterable[Firing]:
    """Days since the last count, of every location with stock; one that was never counted since its first movement."""
    counted = func.max(case((MOVEMENTS.c.kind == "count", MOVEMENTS.c.at)))
    since = func.coalesce(counted, func.min(MOVEMENTS.c.at), type_=MOVEMENTS.c.at.type)
    query = select(MOVEMENTS.c.location_id, since).group_by(MOVEMENTS.c.location_id)
    return [Firing(subject=place, value=(now - at) / timedelta(days=1)) for place, at in tx.execute(query)]


def _stuck_queue(tx: Connection, now: datetime) -> Iterable[Firing]:
    """Minutes by which the oldest is overdue: numbers and content to a connection, deliveries to be read, orders to be woken."""
    for name, switch in running(tx, INVENTORY).items():
        if switch.mode == "on":
            mine = (LISTINGS.c.connection_id == name, LISTINGS.c.bucket < switch.canary_percent)
            waits = select(func.min(LISTINGS.c.due_at)).where(*mine, LISTINGS.c.state == "due")
            yield _overdue(f"stock of {name}", tx.execute(waits).scalar(), now)
    for name, switch in running(tx, CONTENT).items():
        if switch.mode == "on":
            ours = (OFFERED.c.connection_id == name, OFFERED.c.bucket < switch.canary_percent)
            late = select(func.min(OFFERED.c.due_at)).where(*ours, OFFERED.c.state == "due")
            yield _overdue(f"content of {name}", tx.execute(late).scalar(), now)
    unread = select(func.min(INBOX.c.received_at)).where(INBOX.c.state == "new")
    yield _overdue("inbox", tx.execute(unread).scalar(), now)
    yield _overdue("outbox", tx.execute(select(func.min(OUTBOX.c.due_at))).scalar(), now)


def _connection_down(tx: Connection, now: datetime) -> Iterable[Firing]:
    """Minutes since it was paused, or since it was last polled with success."""
    query = select(CONNECTIONS.c.id, CONNECTIONS.c.paused_at, SWEEPS.c.last_run_at).join(
        SWEEPS, SWEEPS.c.connection_id == CONNECTIONS.c.id, isouter=True
    )
    told = or_(CONNECTIONS.c.paused_at.is_not(None), SWEEPS.c.last_run_at.is_not(None))
    for name, paused_at, swept_at in tx.execute(query.where(CONNECTIONS.c.mode != "onboarding", told)):
        yield _overdue(name, paused_at or swept_at, now)


def _overdue(subject: str, since: datetime | None, now: datetime) -> Firing:
    return Firing(subject=subject, value=max(0.0, (now - since).total_seconds() / 60) if since else 0.0)


FIGURES: dict[Kind, Callable[[Connection, datetime], Iterable[Firing]]] = {
    "atp": _atp,
    "days_of_cover": _days_of_cover,
    "drift": _drift,
    "content_drift": _content_drift,
    "stale_count": _stale_count,
    "stuck_queue": _stuck_queue,
    "connection_down": _connection_down,
}
