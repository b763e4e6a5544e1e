"""The database as telling the selling channel sees it: shipments and cancels."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from connectors.contract import CancelRequest, ShipmentNotice, ShownCancel, ShownShipment
from db.desks.base import Desk
from db.effects import confirm, reject
from db.facts import EVENTS, Fact, record
from db.fulfillment import tell_tracking_anew
from db.order_reading import FULFILLMENT_ORDERS, ORDERS, SHIPMENTS
from db.rows import change as change_row
from db.shipped_units import units_of
from db.tables.connections import LocationMappingRow
from domain.progress import Progress
from domain.refs import Part

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


def _mark(tx: Connection, shipment_id: str, **values: Any) -> None:
    change_row(tx, SHIPMENTS, shipment_id, **values)


def _notice(tx: Connection, row: Row[Any], connection_id: str) -> ShipmentNotice | None:
    lines = units_of(tx, row)
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
