"""Computes marked listings anew: what each should show by its connection's form, and what its gates hold back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connectors.contract.listing_fields import flat
from db import catalog, channel_forms
from db.desks.catalog import listing, questions, unread_media
from db.launch_reading import LAUNCHES, PRODUCTS
from db.offered import OFFERED, RESTORED, Listing, locked, save
from domain.catalog.filling import Filled
from domain.catalog.gates import Checked, GateQuestion, check
from domain.content.fields import expectation, is_money, plain_name, sku_of
from domain.content.gating import held_back

AT_ONCE = 25
"""Listings in one transaction: other writers wait for it."""


def unread(tx: Connection, connection_id: str) -> list[str]:
    """Products whose pictures nobody has read: their gates would hold them for that alone."""
    marked = tx.execute(_marked(connection_id)).scalars()
    return [product for product in marked if unread_media(tx, [product])]


def compute(tx: Connection, connection_id: str, now: datetime) -> int:
    """The next marked listings; returns how many. A launch that holds a product holds its edits too, until it is over."""
    marked = list(tx.execute(_marked(connection_id)).scalars())
    if not marked:
        return 0
    listings = locked(tx, connection_id, OFFERED.c.product_id.in_(marked))
    launches = held_by_launches(tx, marked)
    asked = _questions(tx, connection_id, [product for product in marked if product not in launches], now)
    for at in listings:
        at.changes["marked_at"] = None
        if launch := launches.get(at.row.product_id):
            at.changes["held_by"] = f"launch:{launch}"
        elif not at.row.held_by.startswith(RESTORED):
            at.changes["held_by"] = ""
            if question := asked.get(at.row.product_id):
                at.changes["product_version"] = catalog.version_of(tx, at.row.product_id)
                _expect(at, check(question))
        save(tx, at, now)
    return len(marked)


def held_by_launches(tx: Connection, product_ids: Collection[str]) -> dict[str, str]:
    """The launch that holds each of them, if one does: what is edited meanwhile is its, and may be under embargo."""
    held = (
        select(PRODUCTS.c.product_id, PRODUCTS.c.launch_id)
        .join(LAUNCHES, LAUNCHES.c.id == PRODUCTS.c.launch_id)
        .where(PRODUCTS.c.product_id.in_(product_ids), PRODUCTS.c.held, LAUNCHES.c.outcome.is_(None))
    )
    return {row.product_id: row.launch_id for row in tx.execute(held)}


def _marked(connection_id: str) -> Any:
    mine = (OFFERED.c.connection_id == connection_id, OFFERED.c.marked_at.is_not(None))
    return select(OFFERED.c.product_id).where(*mine).order_by(OFFERED.c.marked_at, OFFERED.c.product_id).limit(AT_ONCE)


def _questions(tx: Connection, connection_id: str, products: list[str], now: datetime) -> Mapping[str, GateQuestion]:
    """Nothing is expected of a connection without a form."""
    if not products or connection_id not in channel_forms.with_forms(tx):
        return {}
    return questions(tx, products, connection_id, now)


def _expect(at: Listing, checked: Checked) -> None:
    """What was not ours before and is now, or the other way round, follows its owner."""
    filled = checked.filled
    made = flat(listing(filled, is_new=False))
    if not (made.get("media") or at.published.get("media")):
        made.pop("media", None)  # a product without pictures takes nobody's away
    at.expected = expectation(made, at.published, lambda name: _is_ours(filled, name))
    at.published = {name: value for name, value in at.published.items() if name in at.expected}
    at.confirmed = {name: value for name, value in at.confirmed.items() if name in at.expected or name in at.sending}
    at.left &= at.expected.keys()
    at.held, gate = {}, ""
    waits = at.to_tell
    if found := held_back(checked.findings, waits):
        gate = found.findings[0].gate
        at.held = {"fields": list(found.fields), "findings": [one.model_dump(mode="json") for one in found.findings]}
    at.changes |= {"kind": filled.kind, "held_by": gate}
    if waits and at.row.changed_at is None:
        at.changes["changed_at"] = at.row.marked_at
    if waits and at.row.error_code and not at.row.sending:
        at.changes |= {"due_at": at.row.marked_at, "attempts": 0}  # somebody may have mended what was refused


def _is_ours(filled: Filled, name: str) -> bool:
    field = "price" if is_money(name) else plain_name(name)
    return filled.owner_of(field, sku_of(name)) == "us"


def has_marked(tx: Connection, connection_id: str) -> bool:
    return tx.execute(_marked(connection_id)).first() is not None
