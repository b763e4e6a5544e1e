"""Bulk actions: one command over many orders, a few per transaction, with a result for each."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import Connection, Row, insert, select, update

from db import commands
from db.actors import Actor
from db.audit import record
from db.order_reading import load
from db.preview import Preview, preview
from db.tables.governance import BulkJobRow
from domain.causes import causes_of
from domain.errors import DomainError

JOBS = BulkJobRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 20
"""Orders per transaction: other writers wait no longer than these take."""

Name = Literal["cancel", "re-route", "retry", "hold", "release", "acknowledge"]


class Action(NamedTuple):
    """What to do with every order; `detail` is the reason of a cancel or hold, the way of a retry, or a cause's code."""

    name: Name
    detail: str = ""

    def on(self, tx: Connection, order_id: str, *, by: str, now: datetime) -> int:
        """Do it to one order."""
        return _COMMANDS[self.name](tx, order_id, self.detail, by, now)


def create(tx: Connection, action: Action, order_ids: Iterable[str], *, by: Actor, now: datetime) -> str:
    """Write down what is to be done; `step` does it."""
    job_id = f"bulk_{secrets.token_hex(8)}"
    items = [{"order_id": order_id, "state": "pending"} for order_id in dict.fromkeys(order_ids)]
    tx.execute(insert(JOBS).values(id=job_id, action=":".join(action), actor=by.name, created_at=now, items=items))
    record(tx, by, f"bulk.{action.name}", job_id, now=now, after={"detail": action.detail, "orders": len(items)})
    return job_id


def step(tx: Connection, job_id: str, now: datetime) -> bool:
    """Do the next orders of a job; False when none are left. Whoever repeats it finds them done."""
    job = tx.execute(select(JOBS).where(JOBS.c.id == job_id).with_for_update()).one()
    if job.finished_at is not None:
        return False
    name, _, detail = job.action.partition(":")
    action = Action(cast("Name", name), detail)
    items = [dict(item) for item in job.items]
    pending = [item for item in items if item["state"] == "pending"]
    for item in pending[:AT_ONCE]:
        item.update(_attempt(tx, action, item["order_id"], job.actor, now))
    finished = now if len(pending) <= AT_ONCE else None
    tx.execute(update(JOBS).where(JOBS.c.id == job_id).values(items=items, finished_at=finished))
    return finished is None


def read(tx: Connection, job_id: str) -> Row[Any]:
    """A job with its results so far."""
    row = tx.execute(select(JOBS).where(JOBS.c.id == job_id)).first()
    if row is None:
        raise DomainError("unknown_bulk_job", f"there is no bulk job {job_id}")
    return row


def unfinished(tx: Connection) -> list[str]:
    """Jobs that a process left behind."""
    return list(tx.execute(select(JOBS.c.id).where(JOBS.c.finished_at.is_(None))).scalars())


def previews(tx: Connection, action: Action, order_ids: Iterable[str], *, by: str, now: datetime) -> list[Preview]:
    """What would happen to each."""

    def attempt(order_id: str) -> Callable[[], int]:
        return lambda: action.on(tx, order_id, by=by, now=now)

    return [preview(tx, order_id, attempt(order_id), now) for order_id in order_ids]


def _attempt(tx: Connection, action: Action, order_id: str, by: str, now: datetime) -> dict[str, Any]:
    try:
        with tx.begin_nested():
            return {"state": "done", "seq": action.on(tx, order_id, by=by, now=now)}
    except DomainError as refusal:
        return {"state": "refused", "code": refusal.code, "detail": str(refusal)}


def _cancel(tx: Connection, order_id: str, reason: str, by: str, now: datetime) -> int:
    return commands.request_cancel(tx, order_id, by=by, now=now, reason=reason or "other")


def _reroute(tx: Connection, order_id: str, _detail: str, by: str, now: datetime) -> int:
    return commands.reroute(tx, order_id, by=by, now=now)


def _retry(tx: Connection, order_id: str, how: str, by: str, now: datetime) -> int:
    return commands.retry(tx, order_id, how=cast("commands.How", how or "continue"), by=by, now=now)


def _hold(tx: Connection, order_id: str, reason: str, by: str, now: datetime) -> int:
    return commands.hold(tx, order_id, by=by, reason=reason, now=now)


def _release(tx: Connection, order_id: str, _detail: str, by: str, now: datetime) -> int:
    return commands.release(tx, order_id, by=by, now=now)


def _acknowledge(tx: Connection, order_id: str, code: str, by: str, now: datetime) -> int:
    """A cause that blocks cannot be waved away: it must be mended, and then closes by itself."""
    seq = commands.acknowledge(tx, order_id, code, by=by, now=now)
    lasting = next((cause for cause in causes_of(load(tx, order_id), now) if cause.code == code), None)
    if lasting is not None:
        raise DomainError("cause_lasts", f"the cause still holds the order up. {lasting.remedy}")
    return seq


_COMMANDS: dict[Name, Callable[[Connection, str, str, str, datetime], int]] = {
    "cancel": _cancel,
    "re-route": _reroute,
    "retry": _retry,
    "hold": _hold,
    "release": _release,
    "acknowledge": _acknowledge,
}
