"""Allocation rules by version: proposed, previewed, approved; one at a time is in force."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.availability import ALLOCATION, open_book
from db.availability_effect import Change, ChannelEffect, compare
from db.recompute import ask_recompute
from domain.availability.rules import NO_RULES, AllocationRules
from domain.base import Frozen
from domain.errors import DomainError


class Preview(Frozen):
    """The effect of a version against the rules in force, on the stock of the moment; the largest changes first."""

    version: str
    against: str
    at: datetime
    channels: dict[str, ChannelEffect]
    examples: tuple[Change, ...]


def every(tx: Connection) -> list[Row[Any]]:
    """Newest first."""
    return list(tx.execute(select(ALLOCATION).order_by(ALLOCATION.c.created_at.desc(), ALLOCATION.c.version)))


def find(tx: Connection, version: str) -> Row[Any]:
    row = tx.execute(select(ALLOCATION).where(ALLOCATION.c.version == version)).first()
    if row is None:
        raise DomainError("unknown_rules", f"there are no allocation rules of version {version!r}; list the versions")
    return row


def load(tx: Connection, version: str) -> AllocationRules:
    return AllocationRules.model_validate(find(tx, version).body)


def active_version(tx: Connection) -> str:
    return tx.execute(select(ALLOCATION.c.version).where(ALLOCATION.c.active)).scalar() or NO_RULES.version


def propose(tx: Connection, rules: AllocationRules, *, by: str, now: datetime) -> bool:
    """Store a version, not yet in force; False if exactly this one is stored already."""
    body = rules.model_dump(mode="json")
    known = tx.execute(select(ALLOCATION.c.body).where(ALLOCATION.c.version == rules.version)).scalar()
    if known == body:
        return False
    if known is not None or rules.version == NO_RULES.version:
        raise DomainError("version_taken", f"version: {rules.version!r} is other rules; choose a new version")
    row = {"version": rules.version, "body": body, "active": False, "created_at": now, "created_by": by}
    tx.execute(ALLOCATION.insert().values(row | {"approved_by": ""}))
    return True


def preview(tx: Connection, version: str, now: datetime) -> Preview:
    """Compute every number by both rules; it only reads, so that it may take its time beside everything else."""
    found = compare(tx, open_book(tx, now), open_book(tx, now, load(tx, version)))
    return Preview(
        version=version, against=active_version(tx), at=now, channels=found.channels, examples=found.examples
    )


def keep_preview(tx: Connection, shown: Preview) -> None:
    """What an approval rests on."""
    body = shown.model_dump(mode="json")
    mine = ALLOCATION.c.version == shown.version
    tx.execute(update(ALLOCATION).where(mine).values(preview=body, previewed_at=shown.at))


def approve(tx: Connection, version: str, *, by: str, now: datetime) -> str:
    """Put a version in force, which somebody must have previewed; returns the one that was. Every number is computed anew."""
    row = find(tx, version)
    if row.previewed_at is None:
        raise DomainError("not_previewed", f"nobody has looked at what {version!r} changes; preview it first")
    before = active_version(tx)
    if before != version:
        tx.execute(update(ALLOCATION).where(ALLOCATION.c.active).values(active=False))
        mine = ALLOCATION.c.version == version
        tx.execute(update(ALLOCATION).where(mine).values(active=True, approved_at=now, approved_by=by))
        ask_recompute(tx, now, reason=f"allocation rules {version} are in force")
    return before
