"""Fulfillment orders: how they end, how parcels are booked, what a location's times are."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from db.items_by_sku import ALIASES
from db.ledger import Units, consume, release
from db.order_reading import FULFILLMENT_LINES, FULFILLMENT_ORDERS, SHIPMENTS
from db.restock import LOCATIONS, allocate, free_here
from db.rows import change, row
from db.tables.stock import CapacityRow
from domain.causes import SHIPPED_AFTER_END, SHIPPED_OTHERWISE
from domain.fulfillment import ReportedLine, ReportedShipment
from domain.order_state import DEAD

CAPACITY = CapacityRow.__table__  # type: ignore[attr-defined]

_PROFILE = select(LOCATIONS.c.profile).where(LOCATIONS.c.id == bindparam("location_id"))
_NAMES = select(ALIASES.c.sku).where(ALIASES.c.item_id == bindparam("item_id"))
_LINES = (
    select(FULFILLMENT_LINES)
    .where(FULFILLMENT_LINES.c.fulfillment_order_id == bindparam("f_id"))
    .order_by(FULFILLMENT_LINES.c.line_id, FULFILLMENT_LINES.c.item_id)
)
_SHIP = (
    update(FULFILLMENT_LINES)
    .where(
        FULFILLMENT_LINES.c.fulfillment_order_id == bindparam("f_id"),
        FULFILLMENT_LINES.c.line_id == bindparam("line"),
        FULFILLMENT_LINES.c.item_id == bindparam("item"),
    )
    .values(shipped=FULFILLMENT_LINES.c.shipped + bindparam("units"))
)
_INSERT_SHIPMENT = insert(SHIPMENTS)

_HOURS = {"accept_within_hours": 24.0, "ship_within_hours": 72.0, "pickup_expires_hours": 168.0}


def patience(tx: Connection, location_id: str, name: str) -> timedelta:
    """How long a location has for a step: accept_within_hours, ship_within_hours or pickup_expires_hours."""
    profile = tx.execute(_PROFILE, {"location_id": location_id}).scalar() or {}
    return timedelta(hours=float(profile.get(name) or _HOURS[name]))


def end(tx: Connection, f: Row[Any], state: str, reason: str, now: datetime) -> None:
    """It will ship nothing more: its stock is free again (waiting lines first), its day has room again."""
    freed = release(tx, f.order_id, f.id, at=now)
    change(tx, FULFILLMENT_ORDERS, f.id, state=state, reason=reason, ended_at=now, due_at=None)
    if f.ship_on:
        tx.execute(
            update(CAPACITY)
            .where(CAPACITY.c.location_id == f.location_id, CAPACITY.c.day == f.ship_on, CAPACITY.c.used > 0)
            .values(used=CAPACITY.c.used - 1)
        )
    for item_id in sorted({unit.item_id for unit in freed}):
        allocate(tx, item_id, f.location_id, at=now)


def book_shipment(
    tx: Connection,
    f: Row[Any],
    parcel: ReportedShipment,
    now: datetime,
    *,
    reported_at: datetime,
    is_collected: bool = False,
) -> bool:
    """A parcel left: recorded even if it should not exist; False if it was known (its tracking is merged)."""
    shipment_id = f"{f.id}-{parcel.external_id}"
    known = row(tx, SHIPMENTS, shipment_id)
    if known is not None:
        _merge_tracking(tx, known, parcel, reported_at)
        return False
    lines = _lines(tx, f.id)
    contents, is_as_asked = _contents(lines, parcel.lines, tx)
    tx.execute(
        _INSERT_SHIPMENT,
        {
            "id": shipment_id, "order_id": f.order_id, "fulfillment_order_id": f.id, "external_id": parcel.external_id,
            "carrier": parcel.carrier, "tracking_number": parcel.tracking_number, "tracking_url": parcel.tracking_url,
            "is_collected": is_collected, "shipped_at": parcel.shipped_at or now, "report": "", "capture": "",
            "report_version": 1, "shown_as": "", "tracked_at": reported_at if parcel.tracking_number else None,
            "lines": [[line.line_id, line.item_id, quantity] for line, quantity in contents],
        },
    )  # fmt: skip
    for line, quantity in contents:
        unit = Units(line.line_id, line.item_id, f.location_id, quantity)
        if consume(tx, f.order_id, f.id, shipment_id, unit, at=now):
            free_here(tx, line.item_id, f.location_id, now)
        tx.execute(_SHIP, {"f_id": f.id, "line": line.line_id, "item": line.item_id, "units": quantity})
    _close_when_complete(tx, f, now, is_as_asked=is_as_asked)
    return True


def _merge_tracking(tx: Connection, known: Row[Any], parcel: ReportedShipment, at: datetime) -> None:
    """Tracking is added, never erased; of two numbers the later report's counts, and the buyer is shown it too."""
    is_later = known.tracked_at is None or at >= known.tracked_at
    news = {
        name: getattr(parcel, name)
        for name in ("carrier", "tracking_number", "tracking_url")
        if getattr(parcel, name) and getattr(parcel, name) != getattr(known, name)
        if is_later or not getattr(known, name)
    }
    if not news:
        return
    change(tx, SHIPMENTS, known.id, **news, tracked_at=at)
    if "tracking_number" in news and known.report in {"reported", "refused"}:
        tell_tracking_anew(tx, known.id)


def tell_tracking_anew(tx: Connection, shipment_id: str) -> None:
    """The channel shows, or refused, another number than the parcel has now: that is to be told as a new effect."""
    anew = {"report": "", "report_version": SHIPMENTS.c.report_version + 1}
    tx.execute(update(SHIPMENTS).where(SHIPMENTS.c.id == shipment_id).values(**anew))


def _contents(
    lines: Sequence[Row[Any]], reported: tuple[ReportedLine, ...], tx: Connection
) -> tuple[list[tuple[Row[Any], int]], bool]:
    """Which units are in the parcel, and whether all of it was asked for; a location that does not say means all open.

    Units beyond what was asked are booked on the last line that they fit: stock that left has left.
    """
    left = {line: line.quantity - line.shipped for line in lines}
    if not reported:
        return [(line, units) for line, units in left.items() if units > 0], True
    inside: Counter[Row[Any]] = Counter()
    is_as_asked = True
    for part in reported:
        rest = part.quantity
        fitting = [line for line in lines if _fits(tx, line, part)]
        for line in fitting:
            take = max(0, min(rest, left[line] - inside[line]))
            inside[line] += take
            rest -= take
        if rest > 0:
            is_as_asked = False
            inside.update(dict.fromkeys(fitting[-1:], rest))
    return [(line, units) for line, units in inside.items() if units > 0], is_as_asked


def _fits(tx: Connection, line: Row[Any], part: ReportedLine) -> bool:
    """By our line id where the location kept it, and by SKU where it names one: a bundle's line has several items."""
    same_line = not part.line_id or part.line_id == line.line_id
    return same_line and (part.sku in _names(tx, line.item_id) if part.sku else bool(part.line_id))


def _names(tx: Connection, item_id: str) -> set[str]:
    return {item_id, *tx.execute(_NAMES, {"item_id": item_id}).scalars()}


def _lines(tx: Connection, f_id: str) -> Sequence[Row[Any]]:
    return tx.execute(_LINES, {"f_id": f_id}).all()


def _close_when_complete(tx: Connection, f: Row[Any], now: datetime, *, is_as_asked: bool) -> None:
    values: dict[str, Any] = {} if is_as_asked else {"reason": SHIPPED_OTHERWISE}
    if f.state in DEAD:
        values["reason"] = SHIPPED_AFTER_END
    if all(row.shipped >= row.quantity for row in _lines(tx, f.id)):
        values |= {"state": "shipped", "ended_at": now, "due_at": None}
    if values:
        change(tx, FULFILLMENT_ORDERS, f.id, **values)
