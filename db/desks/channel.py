"""The database as telling the selling channel sees it: shipments, captures, refunds, cancels."""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from connectors.contract import CancelRequest, PaymentRequest, ShipmentNotice, ShownCancel, ShownPayment, ShownShipment
from db import connections
from db.connections import payments_of
from db.desks.base import Desk
from db.effects import confirm, reject
from db.facts import EVENTS, Fact, record
from db.fulfillment import tell_tracking_anew
from db.line_cancels import mark, refund_of, tell_rest
from db.order_reading import FULFILLMENT_ORDERS, ITEMS, LINES, ORDERS, SHIPMENTS
from db.rows import change as change_row
from db.tables.connections import LocationMappingRow
from db.tenders import TENDERS, append, entry, moved
from domain.money import Money
from domain.progress import Progress
from domain.refs import Part
from domain.shares import in_presentment, units_of_line, value_of_units

MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]


_SHIPMENT = (
    select(SHIPMENTS, FULFILLMENT_ORDERS.c.location_id, ORDERS.c.external_id.label("order_external_id"))
    .join(FULFILLMENT_ORDERS, FULFILLMENT_ORDERS.c.id == SHIPMENTS.c.fulfillment_order_id)
    .join(ORDERS, ORDERS.c.id == SHIPMENTS.c.order_id)
    .where(SHIPMENTS.c.id == bindparam("shipment_id"))
)
_PLACE = select(MAPPINGS.c.external_id).where(
    MAPPINGS.c.connection_id == bindparam("connection_id"), MAPPINGS.c.location_id == bindparam("location_id")
)
_PARCELS = select(SHIPMENTS.c.id, SHIPMENTS.c.lines).where(SHIPMENTS.c.order_id == bindparam("order_id"))
_COMPONENTS = (
    select(LINES.c.line_id, LINES.c.external_id, LINES.c.item_id, ITEMS.c.components)
    .join(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(LINES.c.order_id == bindparam("order_id"))
)
_SHIPPED = (
    select(EVENTS.c.seq, EVENTS.c.data)
    .where(EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.kind.in_(("shipped", "collected")))
    .order_by(EVENTS.c.seq)
)


class ChannelDesk(Desk):
    """What the channel is to be told, and what it then shows."""

    async def notice(self, part: Part) -> ShipmentNotice | None:
        """A parcel for the buyer to see; None when that is done, or the channel knows none of its lines."""

        def work(tx: Connection) -> ShipmentNotice | None:
            row = _shipment(tx, part.id)
            return None if row.report else _notice(tx, row, part.connection_id)

        return await self.database.read(work)

    async def reported(
        self, part: Part, key: str, notice: ShipmentNotice | None, shown: ShownShipment | None
    ) -> Progress:
        """The channel shows the parcel; None where there is nothing to show."""

        def change(tx: Connection, now: datetime) -> None:
            row = _shipment(tx, part.id)
            if shown is None:
                if not row.report:
                    _mark(tx, part.id, report="skipped")
                return
            confirm(tx, key, shown.model_dump(mode="json"), now)
            _mark(tx, part.id, report="reported", reported_at=now, shown_as=shown.external_id)
            if notice is not None and notice.tracking_number != row.tracking_number:
                tell_tracking_anew(tx, part.id)
            data = {"shipment": part.id, "shown": shown.external_id, "tracking": shown.tracking_number}
            record(tx, part.order.order_id, [Fact("tracking_reported", key, now, "tutti", data)], now)

        return await self.write(part.order, change)

    async def report_refused(self, part: Part, key: str, code: str) -> Progress:
        """A person must look: the exception names the effect."""

        def change(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            _mark(tx, part.id, report="refused")
            record(tx, part.order.order_id, [Fact("tracking_refused", key, now, "tutti", {"code": code})], now)

        return await self.write(part.order, change)

    async def at_payments(self, part: Part) -> Part:
        """The same, at the connection that holds the money of the order."""
        holder = await self.database.read(lambda tx: payments_of(connections.load(tx, part.order.connection_id)))
        return part.model_copy(update={"connection_id": holder})

    async def capture_due(self, part: Part) -> PaymentRequest | None:
        """What this shipment is worth, within what is authorized; None when that is done or nothing is left to take."""

        def work(tx: Connection) -> PaymentRequest | None:
            row = _shipment(tx, part.id)
            return None if row.capture else _capture(tx, row)

        return await self.database.read(work)

    async def captured(self, part: Part, key: str, _request: Any, shown: ShownPayment | None) -> Progress:
        """Money was taken: on the tender ledger with the fact, in one transaction."""

        def change(tx: Connection, now: datetime) -> None:
            _mark(tx, part.id, capture="captured" if shown else "skipped")
            if shown is None:
                return
            confirm(tx, key, shown.model_dump(mode="json"), now)
            _book(tx, part, key, "captured", shown, now)
            data = {"shipment": part.id, "amount_minor": shown.amount.amount_minor, "currency": shown.amount.currency}
            record(tx, part.order.order_id, [Fact("captured", key, now, "tutti", data)], now)

        return await self.write(part.order, change)

    async def capture_refused(self, part: Part, key: str, code: str) -> Progress:
        """The payment provider said no; the goods have left, so a person must find the money."""

        def change(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            _mark(tx, part.id, capture="refused")
            record(tx, part.order.order_id, [Fact("capture_refused", key, now, "tutti", {"code": code})], now)

        return await self.write(part.order, change)

    async def refund_due(self, part: Part) -> PaymentRequest | None:
        """Canceled units that the channel is to take out of the order, with what they cost; None when that is done."""
        return await self.database.read(lambda tx: refund_of(tx, part.id))

    async def refunded(self, part: Part, key: str, request: Any, shown: ShownPayment | None) -> Progress:
        """The channel has taken the units out: what it gave back is on the tender ledger, in one transaction."""

        def change(tx: Connection, now: datetime) -> None:
            mark(tx, part.id, "reported" if shown else "skipped")
            if shown is None:
                return
            confirm(tx, key, shown.model_dump(mode="json"), now)
            if shown.amount.amount_minor:
                parent = request.parent_external_id if request else ""
                _book(tx, part, key, "refunded", shown, now, parent=parent)
            tell_rest(tx, part.id, shown.amount.amount_minor, now)
            data = {"line_cancel": part.id, "refund": shown.external_id, **shown.amount.model_dump()}
            record(tx, part.order.order_id, [Fact("line_cancel_told", key, now, "tutti", data)], now)

        return await self.write(part.order, change)

    async def refund_refused(self, part: Part, key: str, code: str) -> Progress:
        """The channel keeps the units in the order; a person refunds them there or skips it."""

        def change(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            mark(tx, part.id, "refused")
            record(tx, part.order.order_id, [Fact("refund_refused", key, now, "tutti", {"code": code})], now)

        return await self.write(part.order, change)

    async def cancel_request(self, part: Part) -> CancelRequest | None:
        """What the channel is told of a cancel; None when it knows."""

        def work(tx: Connection) -> CancelRequest | None:
            row = tx.execute(select(ORDERS).where(ORDERS.c.id == part.order.order_id)).one()
            if row.cancel_told_at or row.canceled_at:
                return None
            data = tx.execute(
                select(EVENTS.c.data).where(EVENTS.c.order_id == row.id, EVENTS.c.key == "cancel_requested")
            ).scalar()
            reason = {"given_up": "inventory"}.get((data or {}).get("reason", ""), (data or {}).get("reason", "other"))
            known = reason if reason in {"customer", "inventory", "fraud", "declined"} else "other"
            return CancelRequest.model_validate({"order_external_id": row.external_id, "reason": known})

        return await self.database.read(work)

    async def cancel_told(self, part: Part, key: str, _request: Any, shown: ShownCancel | None) -> Progress:
        """The channel shows the order as canceled."""

        def change(tx: Connection, now: datetime) -> None:
            if shown is not None:
                confirm(tx, key, shown.model_dump(mode="json"), now)
            change_row(tx, ORDERS, part.order.order_id, cancel_told_at=now)
            record(tx, part.order.order_id, [Fact("cancel_told", key, now, "tutti", {})], now)

        return await self.write(part.order, change)

    async def cancel_refused(self, part: Part, key: str, code: str) -> Progress:
        """The channel would not cancel it."""

        def change(tx: Connection, now: datetime) -> None:
            reject(tx, key, code, now)
            change_row(tx, ORDERS, part.order.order_id, cancel_refused=True)
            record(tx, part.order.order_id, [Fact("cancel_refused_by_channel", key, now, "tutti", {"code": code})], now)

        return await self.write(part.order, change)


def _shipment(tx: Connection, shipment_id: str) -> Row[Any]:
    return tx.execute(_SHIPMENT, {"shipment_id": shipment_id}).one()


def _book(
    tx: Connection, part: Part, key: str, kind: str, shown: ShownPayment, now: datetime, parent: str = ""
) -> None:
    """Under the movement's own id, so that the channel's telling of it is the same row."""
    name = shown.external_id or key
    row = entry(part.order.order_id, name, "channel", kind, shown.amount, now, "tutti", external_id=name, parent=parent)
    append(tx, [row])


def _mark(tx: Connection, shipment_id: str, **values: Any) -> None:
    change_row(tx, SHIPMENTS, shipment_id, **values)


def _notice(tx: Connection, row: Row[Any], connection_id: str) -> ShipmentNotice | None:
    lines = _channel_units(tx, row)
    if not lines:
        return None
    place = tx.execute(_PLACE, {"connection_id": connection_id, "location_id": row.location_id}).scalar()
    return ShipmentNotice(
        reference=row.id,
        order_external_id=row.order_external_id,
        location_external_id=place or "",
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        lines=tuple(lines.items()),
        is_collected=row.is_collected,
        shown_as=row.shown_as,
        version=row.report_version,
    )


def _channel_units(tx: Connection, row: Row[Any], *, so_far: bool = False) -> dict[str, int]:
    """Units of the channel's lines in a parcel (or in all up to it); a bundle counts when its last component leaves."""
    this = {"order_id": row.order_id}
    lines_of = {r.id: r.lines for r in tx.execute(_PARCELS, this)}
    arrived = _arrivals(tx, row.order_id, lines_of) if len(lines_of) > 1 else [row.id]
    mine = arrived.index(row.id)
    earlier = [lines_of[shipment] for shipment in arrived[:mine]]
    components = {
        r.line_id: (r.external_id, dict(r.components) if r.components else {r.item_id: 1})
        for r in tx.execute(_COMPONENTS, this)
    }
    units: dict[str, int] = {}
    parcels = [*earlier, row.lines]
    if so_far:
        earlier = []
    for line_id in sorted({line for parcel in parcels for line, _, _ in parcel}):
        external_id, per_unit = components[line_id]
        now_complete = units_of_line(line_id, per_unit, parcels) - units_of_line(line_id, per_unit, earlier)
        if now_complete > 0:
            units[external_id] = now_complete
    return units


def _arrivals(tx: Connection, order_id: str, parcels: Iterable[str]) -> list[str]:
    """The order's parcels as the hub heard of them: one that came later completes what came before."""
    heard: dict[str, int] = {}
    for fact in tx.execute(_SHIPPED, {"order_id": order_id}):
        heard.setdefault(f"{fact.data['fulfillment_order']}-{fact.data.get('shipment', '1')}", fact.seq)
    return sorted(parcels, key=lambda shipment: (heard.get(shipment, sys.maxsize), shipment))


def _capture(tx: Connection, row: Row[Any]) -> PaymentRequest | None:
    """What all parcels so far are worth, less what was captured: the last one takes the last cent."""
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == row.order_id)).one()
    lines = {r.external_id: r for r in tx.execute(select(LINES).where(LINES.c.order_id == order.id))}
    worth = order.shipping_minor + sum(
        value_of_units(lines[external_id].share_minor, lines[external_id].ordered, units)
        for external_id, units in _channel_units(tx, row, so_far=True).items()
    )
    money = moved(tx, order.id, order.presentment_currency)
    amount = min(in_presentment(worth, order.total_minor, order.presentment_total_minor), money["authorized"])
    amount -= money["captured"]
    parent = tx.execute(
        select(TENDERS.c.external_id).where(TENDERS.c.order_id == order.id, TENDERS.c.kind == "authorized").limit(1)
    ).scalar()
    if amount <= 0:
        return None
    return PaymentRequest(
        reference=row.id,
        order_external_id=order.external_id,
        amount=Money(amount_minor=amount, currency=order.presentment_currency),
        parent_external_id=parent or "",
    )
