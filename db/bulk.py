"""Bulk actions: one command over many orders and returns, a few per transaction, with a result for each."""

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
from db.returns import commands as return_commands
from db.returns.reading import load as load_return
from db.returns.rows import of_order
from db.tables.governance import BulkJobRow
from domain.causes import causes_of
from domain.errors import DomainError
from domain.returns.causes import causes_of as causes_of_return

JOBS = BulkJobRow.__table__  # type: ignore[attr-defined]
AT_ONCE = 20
"""Orders per transaction: other writers wait no longer than these take."""

_ReturnHow = Literal["continue", "redo"]
Name = Literal["cancel", "re-route", "retry", "hold", "release", "acknowledge"]


class Target(NamedTuple):
    """An order, or one of its returns."""

    order_id: str
    return_id: str = ""


class Action(NamedTuple):
    """What to do with every order; `detail` is the reason of a cancel or hold, the way of a retry, or a cause's code."""

    name: Name
    detail: str = ""

    def on(self, tx: Connection, target: Target, *, by: str, now: datetime) -> int:
        """Do it to one order; a return is retried by itself, everything else is its order's."""
        if target.return_id and self.name == "retry":
            how: _ReturnHow = "continue" if self.detail in {"", "continue"} else "redo"
            return return_commands.retry(tx, target.return_id, how=how, by=by, now=now)
        return _COMMANDS[self.name](tx, target.order_id, self.detail, by, now)


def create(tx: Connection, action: Action, targets: Iterable[Target], *, by: Actor, now: datetime) -> str:
    """Write down what is to be done; `step` does it."""
    job_id = f"bulk_{secrets.token_hex(8)}"
    items = [{**target._asdict(), "state": "pending"} for target in dict.fromkeys(targets)]
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
        item.update(_attempt(tx, action, Target(item["order_id"], item["return_id"]), job.actor, now))
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
        return lambda: action.on(tx, Target(order_id), by=by, now=now)

    return [preview(tx, order_id, attempt(order_id), now) for order_id in order_ids]


def _attempt(tx: Connection, action: Action, target: Target, by: str, now: datetime) -> dict[str, Any]:
    try:
        with tx.begin_nested():
            return {"state": "done", "seq": action.on(tx, target, by=by, now=now)}
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
    causes = list(causes_of(load(tx, order_id), now))
    causes += [cause for row in of_order(tx, order_id) for cause in causes_of_return(load_return(tx, row.id))]
    lasting = next((cause for cause in causes if cause.code == code), None)
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
