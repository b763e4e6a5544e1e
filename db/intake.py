"""Takes an order as its channel tells it: new, newer than what we know, or old news."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, insert

from db.facts import Fact, lock, record
from db.intake_changes import amounts_of, pickup_of, take_newer
from db.items_by_sku import items_by_sku
from db.order_reading import LINES, ORDERS
from db.persons import Person, living, seal, subject_of
from db.rows import row as row_of
from db.tenders import record_tenders
from db.upsert import insert_once
from db.vault import Vault
from domain.channel_order import ChannelOrder
from domain.intake import check, line_shares, order_id, postal_prefix, priority_of, shipped_at_channel, units_left

_INSERT_LINES = insert(LINES)


class Taken(NamedTuple):
    """What became of an order that arrived."""

    order_id: str
    outcome: Literal["new", "changed", "same", "stale", "too_old"]


def take_order(
    tx: Connection, vault: Vault, connection: Row[Any], order: ChannelOrder, now: datetime, source: str
) -> Taken:
    """Store a snapshot and the facts that it brings; every copy and every older snapshot changes nothing.

    `connection` is a row of the table `connections`. An order placed before the connection's start is left alone.
    DomainError names the field when the snapshot cannot be true.
    """
    check(order)
    known = order_id(connection.id, order.external_id)
    lock(tx, known)
    row = row_of(tx, ORDERS, known)
    if row is not None:
        return Taken(known, take_newer(tx, vault, row, order, now, source))
    if connection.starts_at is not None and order.placed_at < connection.starts_at:
        return Taken(known, "too_old")
    if not _insert(tx, vault, connection, known, order, now):
        return take_order(tx, vault, connection, order, now, source)  # another process was quicker
    data = {"number": order.number, "channel": connection.id, "lines": len(order.lines)}
    record(tx, known, [Fact("placed", "placed", order.placed_at, source, data)], now)
    return Taken(known, "new")


def _insert(
    tx: Connection, vault: Vault, connection: Row[Any], new_id: str, order: ChannelOrder, now: datetime
) -> bool:
    subject_id = living(tx, subject_of(vault, connection.id, order), order.placed_at)
    person = Person(order.buyer, order.ship_to, order.ship_to)
    address = order.ship_to
    is_new = insert_once(
        tx,
        ORDERS,
        [
            {
                "id": new_id, "connection_id": connection.id, "source": order.source, "external_id": order.external_id,
                "number": order.number, "placed_at": order.placed_at, "recorded_at": now,
                "channel_version_at": order.updated_at, "state": "received", "seq": 0, "run_no": 0, "run_open": False,
                "why": "", "financial": order.financial, "risk": order.risk or "none", "priority": priority_of(order),
                "delivery": order.delivery or "ship", "pickup_location_id": pickup_of(tx, connection.id, order),
                "service": order.service,
                "promised_on": order.promised_on.isoformat() if order.promised_on else "",
                "ship_complete": order.ship_complete, "country": address.country if address else "",
                "postal_prefix": postal_prefix(address.postal_code) if address else "",
                "tags": list(order.tags), "holds": list(order.holds or ()), "acknowledged": [],
                "currency": order.total.shop.currency, "total_minor": order.total.shop.amount_minor,
                "shipping_minor": order.shipping.shop.amount_minor,
                "presentment_currency": order.total.presentment.currency,
                "presentment_total_minor": order.total.presentment.amount_minor, "amounts": amounts_of(order),
                "canceled_at": order.canceled_at, "is_shadow": connection.mode != "on",
                "released": False, "stopped": False, "subject_id": subject_id,
                "sealed_person": seal(tx, vault, subject_id, person), "address_version": 1,
                "address_ok": address is not None and address.is_complete,
                "email_index": vault.index(order.buyer.email),
                "name_index": vault.name_index(order.buyer.name or (order.ship_to.name if order.ship_to else "")),
            }
        ],
    )  # fmt: skip
    if is_new:
        _insert_lines(tx, connection.id, new_id, order)
        record_tenders(tx, new_id, connection.id, order)
    return bool(is_new)


def _insert_lines(tx: Connection, connection_id: str, new_id: str, order: ChannelOrder) -> None:
    items = items_by_sku(tx, connection_id, {line.sku for line in order.lines})
    shipped = shipped_at_channel(order)
    rows = [
        {
            "order_id": new_id, "line_id": f"L{number}", "external_id": line.external_id, "sku": line.sku,
            "title": line.title, "ordered": line.quantity, "channel_quantity": units_left(line), "canceled": 0, "canceled_told": 0, "canceled_seen": 0,
            "quantity": units_left(line), "requires_shipping": line.requires_shipping,
            "shipped_externally": shipped.get(line.external_id, 0), "weight_g": line.weight_g,
            "item_id": items.get(line.sku), "unit_price_minor": line.unit_price.shop.amount_minor,
            "share_minor": share, "given_back_minor": 0,
        }
        for number, (line, share) in enumerate(zip(order.lines, line_shares(order), strict=True), start=1)
    ]  # fmt: skip
    if rows:
        tx.execute(_INSERT_LINES, rows)
