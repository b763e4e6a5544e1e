"""Fulfillment orders: how they end, how parcels are booked, what a location's times are."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.items_by_sku import ALIASES
from db.ledger import Units, consume, release
from db.order_reading import FULFILLMENT_LINES, FULFILLMENT_ORDERS, SHIPMENTS
from db.restock import allocate
from db.tables.stock import CapacityRow, LocationRow
from domain.causes import SHIPPED_AFTER_END
from domain.fulfillment import ReportedLine, ReportedShipment
from domain.order_state import DEAD

LOCATIONS = LocationRow.__table__  # type: ignore[attr-defined]
CAPACITY = CapacityRow.__table__  # type: ignore[attr-defined]

_HOURS = {"accept_within_hours": 24.0, "ship_within_hours": 72.0, "pickup_expires_hours": 168.0}


def patience(tx: Connection, location_id: str, name: str) -> timedelta:
    """How long a location has for a step: accept_within_hours, ship_within_hours or pickup_expires_hours."""
    profile = tx.execute(select(LOCATIONS.c.profile).where(LOCATIONS.c.id == location_id)).scalar() or {}
    return timedelta(hours=float(profile.get(name) or _HOURS[name]))


def end(tx: Connection, f: Row[Any], state: str, reason: str, now: datetime) -> None:
    """It will ship nothing more: its stock is free again (waiting lines first), its day has room again."""
    freed = release(tx, f.order_id, f.id, at=now)
    tx.execute(
        update(FULFILLMENT_ORDERS)
        .where(FULFILLMENT_ORDERS.c.id == f.id)
        .values(state=state, reason=reason, ended_at=now, due_at=None)
    )
    if f.ship_on:
        tx.execute(
            update(CAPACITY)
            .where(CAPACITY.c.location_id == f.location_id, CAPACITY.c.day == f.ship_on, CAPACITY.c.used > 0)
            .values(used=CAPACITY.c.used - 1)
        )
    for item_id in sorted({unit.item_id for unit in freed}):
        allocate(tx, item_id, f.location_id, at=now)


def book_shipment(
    tx: Connection, f: Row[Any], parcel: ReportedShipment, now: datetime, *, is_collected: bool = False
) -> bool:
    """A parcel left: recorded even if it should not exist; False if it was known (its tracking is merged)."""
    shipment_id = f"{f.id}-{parcel.external_id}"
    known = tx.execute(select(SHIPMENTS).where(SHIPMENTS.c.id == shipment_id)).first()
    if known is not None:
        _merge_tracking(tx, known, parcel)
        return False
    lines = tx.execute(select(FULFILLMENT_LINES).where(FULFILLMENT_LINES.c.fulfillment_order_id == f.id)).all()
    contents = _contents(lines, parcel.lines, tx)
    tx.execute(
        SHIPMENTS.insert().values(
            id=shipment_id, order_id=f.order_id, fulfillment_order_id=f.id, external_id=parcel.external_id,
            carrier=parcel.carrier, tracking_number=parcel.tracking_number, tracking_url=parcel.tracking_url,
            is_collected=is_collected, shipped_at=parcel.shipped_at or now, report="", capture="",
            lines=[[line.line_id, line.item_id, quantity] for line, quantity in contents],
        )
    )  # fmt: skip
    for line, quantity in contents:
        consume(tx, f.order_id, f.id, shipment_id, Units(line.line_id, line.item_id, f.location_id, quantity), at=now)
        tx.execute(
            update(FULFILLMENT_LINES)
            .where(
                FULFILLMENT_LINES.c.fulfillment_order_id == f.id,
                FULFILLMENT_LINES.c.line_id == line.line_id,
                FULFILLMENT_LINES.c.item_id == line.item_id,
            )
            .values(shipped=FULFILLMENT_LINES.c.shipped + quantity)
        )
    _close_when_complete(tx, f, now)
    return True


def _merge_tracking(tx: Connection, known: Row[Any], parcel: ReportedShipment) -> None:
    """Tracking is added, never erased; a later number for a parcel is shown to the buyer too."""
    news = {
        name: getattr(parcel, name)
        for name in ("carrier", "tracking_number", "tracking_url")
        if getattr(parcel, name) and not getattr(known, name)
    }
    if news:
        tx.execute(update(SHIPMENTS).where(SHIPMENTS.c.id == known.id).values(**news))


def _contents(lines: Any, reported: tuple[ReportedLine, ...], tx: Connection) -> list[tuple[Row[Any], int]]:
    """Which units are in the parcel; a location that does not say means all that is open."""
    if not reported:
        return [(line, line.quantity - line.shipped) for line in lines if line.quantity > line.shipped]
    contents: list[tuple[Row[Any], int]] = []
    left = {(line.line_id, line.item_id): line.quantity - line.shipped for line in lines}
    for part in reported:
        rest = part.quantity
        for line in lines:
            fits = part.line_id == line.line_id if part.line_id else part.sku in _names(tx, line.item_id)
            take = min(rest, left[(line.line_id, line.item_id)]) if fits else 0
            if take > 0:
                contents.append((line, take))
                left[(line.line_id, line.item_id)] -= take
                rest -= take
    return contents


def _names(tx: Connection, item_id: str) -> set[str]:
    return {item_id, *tx.execute(select(ALIASES.c.sku).where(ALIASES.c.item_id == item_id)).scalars()}


def _close_when_complete(tx: Connection, f: Row[Any], now: datetime) -> None:
    rows = tx.execute(select(FULFILLMENT_LINES).where(FULFILLMENT_LINES.c.fulfillment_order_id == f.id)).all()
    values: dict[str, Any] = {}
    if f.state in DEAD:
        values["reason"] = SHIPPED_AFTER_END
    if all(row.shipped >= row.quantity for row in rows):
        values |= {"state": "shipped", "ended_at": now, "due_at": None}
    if values:
        tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f.id).values(**values))
