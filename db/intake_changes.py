"""What a newer snapshot of a known order changes; the latest `updated_at` wins, in whatever order copies arrive."""

import hashlib
import json
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, select, update

from db.facts import Fact, record
from db.items_by_sku import items_by_sku
from db.order_reading import LINES, ORDERS, SHIPMENTS, lines_of
from db.persons import Person, opened, seal
from db.rows import change
from db.tables.connections import LocationMappingRow
from db.tenders import record_tenders
from db.vault import ErasedError, Vault
from domain.channel_order import ChannelLine, ChannelOrder
from domain.errors import DomainError
from domain.intake import line_shares, postal_prefix, shipped_at_channel, units_left
from domain.shares import units_of_line

MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]
_LINES = select(LINES).where(LINES.c.order_id == bindparam("order_id"))
_PARCELS = select(SHIPMENTS.c.lines).where(SHIPMENTS.c.order_id == bindparam("order_id"))


def take_newer(
    tx: Connection, vault: Vault, row: Row[Any], order: ChannelOrder, now: datetime, source: str
) -> Literal["changed", "same", "stale"]:
    """Compare with what is stored and record each difference as a fact."""
    if order.updated_at < row.channel_version_at:
        return "stale"
    record_tenders(tx, row.id, row.connection_id, order)
    version = order.updated_at.isoformat()
    found = [
        *_lines(tx, row, order),
        *_address(tx, vault, row, order),
        *_terms(tx, row, order),
        *_payment(row, order),
        *_holds(row, order),
        *_cancel(row, order),
    ]
    change(
        tx, ORDERS, row.id,
        channel_version_at=order.updated_at, financial=order.financial, risk=order.risk or row.risk,
        holds=_merged_holds(row, order), tags=list(order.tags),
        canceled_at=row.canceled_at or order.canceled_at,
        stopped=row.stopped and not (order.canceled_at and not row.canceled_at),
    )  # fmt: skip
    facts = [Fact(kind, f"{kind}:{version}:{_digest(data)}", order.updated_at, source, data) for kind, data in found]
    if facts:
        record(tx, row.id, facts, now)
    return "changed" if facts else "same"


def _digest(data: dict[str, Any]) -> str:
    """Channels tell times in whole seconds: two changes within one are two facts."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]


Found = list[tuple[str, dict[str, Any]]]


def _lines(tx: Connection, row: Row[Any], order: ChannelOrder) -> Found:
    stored = {line.external_id: line for line in tx.execute(_LINES, {"order_id": row.id})}
    shipped = shipped_at_channel(order)
    ours = _shipped_by_us(tx, row.id) if shipped else {}
    last = max((int(line.line_id.removeprefix("L")) for line in stored.values()), default=0)
    changes: dict[str, int] = {}
    for line in order.lines:
        if line.external_id not in stored:
            last += 1
            changes[_add_line(tx, row, line, order, last)] = units_left(line)
    counts = {line.external_id: units_left(line) for line in order.lines}
    for external_id, known in stored.items():
        elsewhere = max(known.shipped_externally, shipped.get(external_id, 0) - ours.get(known.line_id, 0), 0)
        quantity = _count(tx, known, counts.get(external_id, 0), elsewhere)
        if quantity != known.quantity or elsewhere != known.shipped_externally:
            changes[known.line_id] = quantity
    return [("edited", {"quantities": changes})] if changes else []


def _count(tx: Connection, known: Row[Any], at_channel: int, elsewhere: int) -> int:
    """Units of a line that are wanted now, by the channel's new count.

    A count that falls is first taken for units that the hub canceled and the channel still counted: whether it shows
    what it was told or its staff do the same by hand, they are subtracted once.
    """
    drop = max(0, known.channel_quantity - at_channel)
    seen = known.canceled_seen + min(drop, max(0, known.canceled - known.canceled_seen))
    quantity: int = max(0, at_channel - (known.canceled - seen))
    values = {"channel_quantity": at_channel, "canceled_seen": seen, "quantity": quantity}
    values["shipped_externally"] = elsewhere
    if any(value != getattr(known, name) for name, value in values.items()):
        mine = (LINES.c.order_id == known.order_id, LINES.c.line_id == known.line_id)
        tx.execute(update(LINES).where(*mine).values(**values))
    return quantity


def _shipped_by_us(tx: Connection, order_id: str) -> dict[str, int]:
    """Whole units per line that the channel may know from us: a bundle counts when its last component has left."""
    parcels = tx.execute(_PARCELS, {"order_id": order_id}).scalars().all()
    lines = lines_of(tx, order_id) if parcels else ()
    return {line.line_id: units_of_line(line.line_id, dict(line.components), parcels) for line in lines}


def _add_line(tx: Connection, row: Row[Any], line: ChannelLine, order: ChannelOrder, number: int) -> str:
    share = dict(zip((each.external_id for each in order.lines), line_shares(order), strict=True))
    tx.execute(
        LINES.insert().values(
            order_id=row.id, line_id=f"L{number}", external_id=line.external_id, sku=line.sku, title=line.title,
            ordered=line.quantity, channel_quantity=units_left(line), canceled=0,
            canceled_told=0, canceled_seen=0, quantity=units_left(line),
            requires_shipping=line.requires_shipping, weight_g=line.weight_g,
            shipped_externally=shipped_at_channel(order).get(line.external_id, 0),
            item_id=items_by_sku(tx, row.connection_id, {line.sku}).get(line.sku),
            unit_price_minor=line.unit_price.shop.amount_minor, share_minor=share[line.external_id], given_back_minor=0,
        )
    )  # fmt: skip
    return f"L{number}"


def _address(tx: Connection, vault: Vault, row: Row[Any], order: ChannelOrder) -> Found:
    """Only a change at the channel counts: an address that a person corrected at the hub stays."""
    try:
        person = opened(tx, vault, row.subject_id, row.sealed_person)
    except ErasedError:
        return []
    if order.ship_to is None or order.ship_to == person.channel_ship_to:
        return []
    changed = Person(order.buyer, order.ship_to, order.ship_to)
    tx.execute(
        update(ORDERS).where(ORDERS.c.id == row.id).values(
            sealed_person=seal(tx, vault, row.subject_id, changed), address_version=ORDERS.c.address_version + 1,
            name_index=vault.name_index(order.buyer.name or order.ship_to.name),
            address_ok=order.ship_to.is_complete, country=order.ship_to.country,
            postal_prefix=postal_prefix(order.ship_to.postal_code),
        )
    )  # fmt: skip
    return [("address_changed", {"version": row.address_version + 1, "by": "channel"})]


def _terms(tx: Connection, row: Row[Any], order: ChannelOrder) -> Found:
    """Amounts, service and delivery as the channel has them now; what was decided by the old ones stays decided."""
    if order.total.shop.currency != row.currency:
        raise DomainError("changed_currency", f"the order is in {row.currency}; an order never changes its currency")
    told = order.delivery or ("pickup" if row.delivery == "pickup" else "ship")
    pickup = pickup_of(tx, row.connection_id, order)
    if told == "pickup" and not order.pickup_location_external_id:
        pickup = row.pickup_location_id or pickup
    new = {
        "amounts": amounts_of(order), "total_minor": order.total.shop.amount_minor,
        "shipping_minor": order.shipping.shop.amount_minor,
        "presentment_total_minor": order.total.presentment.amount_minor,
        "service": order.service or row.service, "delivery": told, "pickup_location_id": pickup,
        "promised_on": order.promised_on.isoformat() if order.promised_on else row.promised_on,
        "ship_complete": order.ship_complete,
    }  # fmt: skip
    changed = {name: value for name, value in new.items() if value != getattr(row, name)}
    if changed:
        tx.execute(update(ORDERS).where(ORDERS.c.id == row.id).values(**changed))
    found: Found = []
    if "amounts" in changed:
        found.append(("amounts_changed", {"total_minor": new["total_minor"], "before_minor": row.total_minor}))
    if changed.keys() & {"delivery", "pickup_location_id", "service", "promised_on", "ship_complete"}:
        data = {"delivery": told, "before": row.delivery, "pickup_location": pickup or ""}
        data |= {"promised_on": new["promised_on"], "ship_complete": order.ship_complete}
        found.append(("delivery_changed", data))
    return found


def pickup_of(tx: Connection, connection_id: str, order: ChannelOrder) -> str | None:
    """Our location of a pickup order; the channel's own name for it while it is not mapped."""
    if order.delivery != "pickup":
        return None
    mapped = tx.execute(
        select(MAPPINGS.c.location_id).where(
            MAPPINGS.c.connection_id == connection_id, MAPPINGS.c.external_id == order.pickup_location_external_id
        )
    ).scalar()
    return mapped or order.pickup_location_external_id or "unknown"


def amounts_of(order: ChannelOrder) -> dict[str, Any]:
    """Totals in both currencies, as received."""
    names = ("subtotal", "discounts", "shipping", "tax", "total")
    return {name: getattr(order, name).model_dump(mode="json") for name in names}


def _payment(row: Row[Any], order: ChannelOrder) -> Found:
    found: Found = []
    if order.financial != row.financial:
        found.append(("payment_changed", {"from": row.financial, "to": order.financial}))
    if order.risk is not None and order.risk != row.risk:
        found.append(("risk_changed", {"from": row.risk, "to": order.risk}))
    return found


def _merged_holds(row: Row[Any], order: ChannelOrder) -> list[str]:
    """The channel's holds are replaced where the snapshot tells them, the hub's own stay."""
    if order.holds is None:
        return list(row.holds)
    return sorted({hold for hold in row.holds if hold.startswith("hub:")} | set(order.holds))


def _holds(row: Row[Any], order: ChannelOrder) -> Found:
    before, after = set(row.holds), set(_merged_holds(row, order))
    found: Found = []
    if after - before:
        found.append(("held", {"reasons": sorted(after - before)}))
    if before - after:
        found.append(("hold_released", {"reasons": sorted(before - after)}))
    return found


def _cancel(row: Row[Any], order: ChannelOrder) -> Found:
    return [("canceled_at_channel", {})] if order.canceled_at and not row.canceled_at else []
