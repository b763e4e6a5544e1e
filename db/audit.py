"""The audit log: who changed what, from where; appended in the transaction of the change, each row sealed by a hash."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from db.actors import Actor
from db.tables.governance import AuditRow

AUDIT = AuditRow.__table__  # type: ignore[attr-defined]
_FIRST = "0" * 64
_LOCK = 0x7077
"""On PostgreSQL appenders take turns, or two rows would follow the same one."""


def record(
    tx: Connection,
    actor: Actor,
    action: str,
    target: str,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append one change; `before` and `after` hold neither personal data nor secrets."""
    in_turn(tx)
    last = tx.execute(select(AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)).scalar() or _FIRST
    row = {
        "at": now, "actor": actor.name, "role": actor.role, "origin": actor.origin, "action": action,
        "target": target, "before": _plain(before), "after": _plain(after),
    }  # fmt: skip
    tx.execute(insert(AUDIT).values(**row, hash=_hash(last, row)))


def in_turn(tx: Connection) -> None:
    """Nobody else who is audited changes anything until this transaction ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def verify(tx: Connection) -> tuple[int, int | None]:
    """How many rows there are, and the first whose hash does not follow from the one before (None: all do)."""
    last, count = _FIRST, 0
    for row in tx.execute(select(AUDIT).order_by(AUDIT.c.id).execution_options(yield_per=1000)):
        count += 1
        if row.hash != _hash(last, row._asdict()):
            return count, int(row.id)
        last = row.hash
    return count, None


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which changes; what is None lets every one pass. `action` is what it begins with."""

    target: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(tx: Connection, wanted: AuditFilter, *, before_id: int | None = None, limit: int = 50) -> Iterator[Row[Any]]:
    """Newest first; `before_id` goes on from the last row of the page before."""
    query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    if wanted.target is not None:
        query = query.where(AUDIT.c.target == wanted.target)
    if wanted.actor is not None:
        query = query.where(AUDIT.c.actor == wanted.actor)
    if wanted.action is not None:
        query = query.where(AUDIT.c.action.startswith(wanted.action, autoescape=True))
    if wanted.since is not None:
        query = query.where(AUDIT.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AUDIT.c.at < wanted.until)
    if before_id is not None:
        query = query.where(AUDIT.c.id < before_id)
    yield from tx.execute(query)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As the column will give it back, so that the hash of what is read equals the hash of what was written."""
    plain: dict[str, Any] | None = json.loads(json.dumps(values, default=str)) if values is not None else None
    return plain


def _hash(last: str, row: Mapping[str, Any]) -> str:
    covered = {name: row[name] for name in ("actor", "role", "origin", "action", "target", "before", "after")}
    text = json.dumps([last, row["at"].isoformat(), covered], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
