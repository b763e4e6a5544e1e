"""Sourcing rules by version: a version never changes, and one at a time is in force."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.restock import decide_anew
from db.tables.governance import SourcingRulesRow
from domain.errors import DomainError
from domain.sourcing.rules import SourcingRules

RULES = SourcingRulesRow.__table__  # type: ignore[attr-defined]


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(RULES).order_by(RULES.c.created_at.desc(), RULES.c.version)))


def load(tx: Connection, version: str) -> SourcingRules:
    body = tx.execute(select(RULES.c.body).where(RULES.c.version == version)).scalar()
    if body is None:
        raise DomainError("unknown_rules", f"there are no sourcing rules of version {version!r}; list the versions")
    return SourcingRules.model_validate(body)


def active_version(tx: Connection) -> str | None:
    return tx.execute(select(RULES.c.version).where(RULES.c.active)).scalar()


def add(tx: Connection, rules: SourcingRules, *, by: str, now: datetime) -> bool:
    """Store a version, not yet in force; False if exactly this one is stored already."""
    body = rules.model_dump(mode="json")
    known = tx.execute(select(RULES.c.body).where(RULES.c.version == rules.version)).scalar()
    if known == body:
        return False
    if known is not None:
        raise DomainError(
            "version_taken",
            f"version: {rules.version!r} is other rules, and decisions refer to it; choose a new version",
        )
    tx.execute(RULES.insert().values(version=rules.version, body=body, active=False, created_at=now, created_by=by))
    return True


def activate(tx: Connection, version: str) -> str | None:
    """Put a version in force for every decision from now on; returns the one that was in force before.

    Orders for which there was no way by the old rules are decided anew.
    """
    load(tx, version)
    before = active_version(tx)
    if before != version:
        tx.execute(update(RULES).where(RULES.c.active).values(active=False))
        tx.execute(update(RULES).where(RULES.c.version == version).values(active=True))
        decide_anew(tx, datetime.now(UTC), why=f"rules {version}")
    return before
