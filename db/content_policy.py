"""What is done about drift of content on each connection, by version; what nobody has said is the default."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from db.connections import load as load_connection
from db.flows import CONTENT, running
from db.tables.content import ContentPolicyRow
from domain.content.policy import ContentPolicy
from domain.errors import DomainError

POLICIES: Table = ContentPolicyRow.__table__  # type: ignore[attr-defined]


def of(tx: Connection, connection_id: str) -> ContentPolicy:
    """The one in force."""
    mine = select(POLICIES.c.body).where(POLICIES.c.connection_id == connection_id, POLICIES.c.active)
    body = tx.execute(mine).scalar()
    return ContentPolicy() if body is None else ContentPolicy.model_validate(body)


def every(tx: Connection, connection_id: str) -> list[Row[Any]]:
    """Newest first."""
    mine = select(POLICIES).where(POLICIES.c.connection_id == connection_id)
    return list(tx.execute(mine.order_by(POLICIES.c.created_at.desc(), POLICIES.c.version)))


def put(tx: Connection, connection_id: str, policy: ContentPolicy, *, by: str, now: datetime) -> ContentPolicy:
    """Put a version in force; returns what held before. A version never changes."""
    load_connection(tx, connection_id)
    before, body = of(tx, connection_id), policy.model_dump(mode="json")
    this = (POLICIES.c.connection_id == connection_id, POLICIES.c.version == policy.version)
    known = tx.execute(select(POLICIES.c.body).where(*this)).scalar()
    if policy.version == ContentPolicy().version or (known is not None and known != body):
        raise DomainError("version_taken", f"version: {policy.version!r} is another policy; choose a new version")
    tx.execute(update(POLICIES).where(POLICIES.c.connection_id == connection_id).values(active=False))
    if known is None:
        row = {"connection_id": connection_id, "version": policy.version, "body": body, "active": True}
        tx.execute(insert(POLICIES).values(**row, created_at=now, created_by=by))
    else:
        tx.execute(update(POLICIES).where(*this).values(active=True))
    return before


def intervals(tx: Connection) -> dict[str, timedelta]:
    """How often each connection whose flow is not off is verified."""
    return {name: timedelta(minutes=of(tx, name).every_minutes) for name in running(tx, CONTENT)}
