"""Products that we show on channels: what is on record of each listing, read, changed and written as one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, insert, select, update

from connectors.contract import ListingRef
from db import content_causes, content_latency
from db.tables.content import OfferedListingRow
from domain.content.fields import behind, right, urgency
from domain.content.looking import Known

OFFERED: Table = OfferedListingRow.__table__  # type: ignore[attr-defined]
RESTORED = "restored:"
"""Of `held_by`: what a launch has taken back stays as it was until somebody releases it."""


@dataclass
class Listing:
    """One row in the making. What is `left` stays as the channel has it until somebody decides, what is `held` waits."""

    row: Row[Any]
    expected: dict[str, Any]
    published: dict[str, Any]
    confirmed: dict[str, Any]
    replaced: dict[str, Any]
    sending: dict[str, Any]
    left: set[str]
    held: Mapping[str, Any]
    changes: dict[str, Any] = field(default_factory=dict)
    """Plain columns to be written with the rest."""

    @property
    def to_tell(self) -> tuple[str, ...]:
        """What the channel must still be told, and may be."""
        stays = self.left | set(self.held.get("fields", ())) | set(self.sending)
        return tuple(name for name in behind(self.expected, self.published, self.confirmed) if name not in stays)

    @property
    def known(self) -> Known:
        return Known(
            expected=self.expected, published=self.published, confirmed=self.confirmed, replaced=self.replaced,
            sending=self.sending,
        )  # fmt: skip

    @property
    def ref(self) -> ListingRef:
        return ListingRef(
            reference=self.row.product_id, external_id=self.row.external_id, skus=tuple(self.row.variant_ids)
        )


def listing_of(row: Row[Any]) -> Listing:
    return Listing(
        row, dict(row.expected or {}), dict(row.published), dict(row.confirmed), dict(row.replaced),
        dict(row.sending or {}), set(row.left), row.held,
    )  # fmt: skip


def key_of(row: Row[Any]) -> Any:
    return and_(OFFERED.c.connection_id == row.connection_id, OFFERED.c.product_id == row.product_id)


def locked(tx: Connection, connection_id: str, *which: Any, limit: int = 1000) -> list[Listing]:
    """In a fixed order, so that two who lock several do not wait for each other."""
    rows = select(OFFERED).where(OFFERED.c.connection_id == connection_id, *which).order_by(*OFFERED.primary_key)
    return [listing_of(row) for row in tx.execute(rows.limit(limit).with_for_update())]


def save(tx: Connection, at: Listing, now: datetime) -> None:
    """Write it; how it stands follows from its fields. A change that shows everywhere it may is counted as done."""
    at.left &= set(behind(at.expected, {}, at.confirmed))
    waits = at.to_tell
    is_calm = not waits and not at.sending
    values: dict[str, Any] = {
        "expected": at.expected, "published": at.published, "confirmed": at.confirmed, "replaced": at.replaced,
        "sending": at.sending or None, "left": sorted(at.left), "held": dict(at.held),
        "state": "accepted" if at.sending else "due" if waits else "settled",
        "urgency": urgency(waits), "fields": len(at.expected),
        "right": right(at.expected, at.published, at.confirmed),
        "due_at": (at.row.due_at or now) if waits else None, "look_at": at.row.look_at if at.sending else None,
    }  # fmt: skip
    if is_calm:
        values |= {"attempts": 0, "error_code": "", "error_field": ""}
    values |= at.changes
    changed_at = values.get("changed_at", at.row.changed_at)
    if changed_at is not None and is_calm and not at.held:
        content_latency.note(tx, at.row.connection_id, now - changed_at, now)
        values["changed_at"] = None
    tx.execute(update(OFFERED).where(key_of(at.row)).values(**values))
    content_causes.tell(tx, at.row, values, now)


def external_ids(tx: Connection, connection_id: str, products: Sequence[str]) -> dict[str, str]:
    """What the channel calls them."""
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.product_id.in_(products))
    found = tx.execute(select(OFFERED.c.product_id, OFFERED.c.external_id).where(*mine))
    return {row.product_id: row.external_id for row in found}


def known_products(tx: Connection, connection_id: str) -> set[str]:
    """Those that the channel shows as far as we know."""
    return set(tx.execute(select(OFFERED.c.product_id).where(OFFERED.c.connection_id == connection_id)).scalars())


def withdraw(tx: Connection, connection_id: str, products: Collection[str]) -> None:
    """They are ours to keep in step no more."""
    tx.execute(delete(OFFERED).where(OFFERED.c.connection_id == connection_id, OFFERED.c.product_id.in_(products)))


def add(tx: Connection, rows: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Listings that are ours to keep in step from now on, in place of what was known of them; all are to be computed."""
    fresh = {
        "kind": "", "variant_ids": {}, "product_version": 0, "expected": None, "published": {}, "replaced": {},
        "sending": None, "left": [], "held": {}, "held_by": "", "marked_at": now, "changed_at": None,
        "state": "settled", "urgency": 1, "effect_key": "", "channel_version": "", "confirmed_at": now,
        "attempts": 0, "contests": 0, "error_code": "", "error_field": "", "fields": 0, "right": 0,
    }  # fmt: skip
    for row in rows:
        withdraw(tx, row["connection_id"], [row["product_id"]])
    if rows:
        tx.execute(insert(OFFERED), [fresh | dict(row) for row in rows])


def restored(tx: Connection, connection_id: str, product_id: str, launch_id: str, *, is_live: bool) -> None:
    """A launch was taken back: what was on sale before stays as it was until somebody releases the master's edits."""
    if not is_live:
        withdraw(tx, connection_id, [product_id])
        return
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.product_id == product_id)
    tx.execute(update(OFFERED).where(*mine).values(held_by=f"{RESTORED}{launch_id}"))
