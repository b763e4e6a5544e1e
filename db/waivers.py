"""Waivers: who answers for which finding, until when."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, or_, select, update

from db import audit, catalog, connections, content_marks
from db.actors import Actor
from db.tables.catalog import WaiverRow
from domain.catalog.findings import GATES, Waiver
from domain.errors import DomainError

WAIVERS: Table = WaiverRow.__table__  # type: ignore[attr-defined]


def grant(
    tx: Connection, product_id: str, connection_id: str, waiver: Waiver, *, reason: str, by: Actor, now: datetime
) -> int:
    """Put it on record and on the audit log; returns its number. The approver is who asks, with the role that the gate needs."""
    catalog.load(tx, product_id)
    connections.load(tx, connection_id)
    needed = GATES[waiver.gate].waiver_role
    if not needed:
        raise DomainError("not_waivable", f"gate: {waiver.gate} cannot be waived; mend what it found")
    if not by.may(needed):
        raise DomainError(
            "role_too_low", f"gate: waiving {waiver.gate} needs the role {needed}; the approver has {by.role}"
        )
    if waiver.until is not None and waiver.until <= now:
        raise DomainError("bad_request", "until: it has passed; give a later moment, or none")
    row = waiver.model_dump(exclude={"approver"}) | {
        "product_id": product_id, "connection_id": connection_id, "reason": reason,
        "approver": by.name, "role": by.role, "at": now,
    }  # fmt: skip
    number = tx.execute(insert(WAIVERS).values(row).returning(WAIVERS.c.id)).scalar_one()
    told = waiver.model_dump(mode="json", exclude={"approver"}) | {"connection": connection_id, "reason": reason}
    audit.record(tx, by, "waiver.grant", product_id, now=now, after=told)
    content_marks.mark_listing(tx, connection_id, product_id, now)
    return int(number)


def revoke(tx: Connection, number: int, *, by: Actor, now: datetime) -> None:
    """From now on nobody answers for it; repeatable."""
    row = tx.execute(select(WAIVERS).where(WAIVERS.c.id == number)).first()
    if row is None:
        raise DomainError("unknown_waiver", f"there is no waiver {number}; list those of the product")
    if row.revoked_at is None:
        tx.execute(update(WAIVERS).where(WAIVERS.c.id == number).values(revoked_at=now))
        content_marks.mark_listing(tx, row.connection_id, row.product_id, now)
        audit.record(tx, by, "waiver.revoke", row.product_id, now=now, before={"waiver": number, "gate": row.gate})


def of_product(tx: Connection, product_id: str) -> list[Row[Any]]:
    """All that there ever were, the newest first."""
    return list(tx.execute(select(WAIVERS).where(WAIVERS.c.product_id == product_id).order_by(WAIVERS.c.id.desc())))


def in_force(tx: Connection, product_id: str, connection_id: str, now: datetime) -> tuple[Waiver, ...]:
    mine = select(WAIVERS).where(
        WAIVERS.c.product_id == product_id,
        WAIVERS.c.connection_id == connection_id,
        WAIVERS.c.revoked_at.is_(None),
        or_(WAIVERS.c.until.is_(None), WAIVERS.c.until > now),
    )
    return tuple(Waiver.model_validate(row._asdict()) for row in tx.execute(mine.order_by(WAIVERS.c.id)))
