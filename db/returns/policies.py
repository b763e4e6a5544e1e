"""The return policy by version: a version never changes, and one at a time is in force for returns that open."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from db.order_reading import CONNECTIONS, ITEMS, LINES, ORDERS
from db.returns.rows import POLICIES
from db.rows import find
from domain.errors import DomainError
from domain.returns.effective import Effective, effective
from domain.returns.policy import BUILT_IN, ReturnPolicy, Subject

_SUBJECTS = (
    select(LINES.c.line_id, LINES.c.sku, ITEMS.c.sku_class, ORDERS.c.connection_id, CONNECTIONS.c.market)
    .join(ORDERS, ORDERS.c.id == LINES.c.order_id)
    .join(CONNECTIONS, CONNECTIONS.c.id == ORDERS.c.connection_id)
    .outerjoin(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(LINES.c.order_id == bindparam("order_id"))
    .order_by(LINES.c.line_id)
)


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(POLICIES).order_by(POLICIES.c.created_at.desc(), POLICIES.c.version)))


def load(tx: Connection, version: str) -> ReturnPolicy:
    if version == BUILT_IN.version:
        return BUILT_IN
    found = find(tx, POLICIES, version=version)
    if not found:
        raise DomainError("unknown_policy", f"there is no return policy of version {version!r}; list the versions")
    return ReturnPolicy.model_validate(found[0].body)


def active(tx: Connection) -> ReturnPolicy:
    """The one in force; the built-in one while nobody has activated another."""
    found = find(tx, POLICIES, active=True)
    return ReturnPolicy.model_validate(found[0].body) if found else BUILT_IN


def add(tx: Connection, policy: ReturnPolicy, *, by: str, now: datetime) -> bool:
    """Store a version, not yet in force; False if exactly this one is stored already."""
    if policy.version == BUILT_IN.version:
        raise DomainError("version_taken", f"version: {policy.version!r} is the hub's own; choose another")
    body = policy.model_dump(mode="json")
    known = tx.execute(select(POLICIES.c.body).where(POLICIES.c.version == policy.version)).scalar()
    if known == body:
        return False
    if known is not None:
        raise DomainError("version_taken", f"version: {policy.version!r} is another policy; choose a new version")
    tx.execute(POLICIES.insert().values(version=policy.version, body=body, active=False, created_at=now, created_by=by))
    return True


def activate(tx: Connection, version: str) -> str:
    """Put a version in force; open returns keep the terms that they were opened under. Returns the one before."""
    load(tx, version)
    before = active(tx).version
    tx.execute(update(POLICIES).where(POLICIES.c.active).values(active=False))
    tx.execute(update(POLICIES).where(POLICIES.c.version == version).values(active=True))
    return before


def terms_of_lines(tx: Connection, order_id: str, policy: ReturnPolicy) -> dict[str, Effective]:
    """What holds for each line of an order, and why: its market, its connection, its item's class and its SKU."""
    rows = tx.execute(_SUBJECTS, {"order_id": order_id})
    return {
        row.line_id: effective(
            policy,
            Subject(market=row.market, channel=row.connection_id, category=row.sku_class or "", sku=row.sku),
        )
        for row in rows
    }
