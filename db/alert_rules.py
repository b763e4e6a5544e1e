"""Alert rules by version: a version never changes, and one at a time is in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.tables.alerts import AlertRulesRow
from domain.alerts import AlertRules
from domain.errors import DomainError

RULES = AlertRulesRow.__table__  # type: ignore[attr-defined]


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(RULES).order_by(RULES.c.created_at.desc(), RULES.c.version)))


def load(tx: Connection, version: str) -> AlertRules:
    body = tx.execute(select(RULES.c.body).where(RULES.c.version == version)).scalar()
    if body is None:
        raise DomainError("unknown_rules", f"there are no alert rules of version {version!r}; list the versions")
    return AlertRules.model_validate(body)


def active(tx: Connection) -> AlertRules | None:
    body = tx.execute(select(RULES.c.body).where(RULES.c.active)).scalar()
    return None if body is None else AlertRules.model_validate(body)


def put(tx: Connection, rules: AlertRules, *, by: str, now: datetime) -> AlertRules | None:
    """Put a version in force; returns the rules that were in force before."""
    before = active(tx)
    body = rules.model_dump(mode="json")
    known = tx.execute(select(RULES.c.body).where(RULES.c.version == rules.version)).scalar()
    if known is not None and known != body:
        raise DomainError("version_taken", f"version: {rules.version!r} is other rules; choose a new version")
    tx.execute(update(RULES).where(RULES.c.active).values(active=False))
    if known is None:
        tx.execute(RULES.insert().values(version=rules.version, body=body, active=True, created_at=now, created_by=by))
    else:
        tx.execute(update(RULES).where(RULES.c.version == rules.version).values(active=True))
    return before
