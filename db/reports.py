"""What locations report about fulfillment orders: each state only moves forward, whatever order reports come in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from db.facts import Fact, is_known, record
from db.fulfillment import book_shipment, end, patience
from db.order_reading import FULFILLMENT_ORDERS, SHIPMENTS
from domain.causes import SHIPPED_AFTER_END
from domain.fulfillment import FulfillmentReport, ReportedShipment
from domain.order_state import ENDED

_RANK = {"planned": 0, "sending": 0, "sent": 1, "accepted": 2, "on_hold": 2, "picked": 3, "ready": 4}
_TIME_FOR = {"accepted": "ship_within_hours", "picked": "ship_within_hours", "ready": "pickup_expires_hours"}


def record_report(
    tx: Connection, report: FulfillmentReport, *, connection_id: str, source: str, now: datetime
) -> str | None:
    """Record it and move what it moves; returns the order, or None when no fulfillment order has that reference."""
    f = _find(tx, report, connection_id)
    if f is None:
        return None
    key = f"{f.id}:{report.key}"
    if is_known(tx, f.order_id, key):
        _again(tx, f, report, now)
        return str(f.order_id)
    data: dict[str, Any] = {"fulfillment_order": f.id, "location": f.location_id, "reason": report.reason}
    if report.shipment is not None:
        data |= {"shipment": report.shipment.external_id, "tracking": report.shipment.tracking_number}
    _apply(tx, f, report, now)
    record(tx, f.order_id, [Fact(report.kind, key, report.at, source, data)], now)
    return str(f.order_id)


def _find(tx: Connection, report: FulfillmentReport, connection_id: str) -> Row[Any] | None:
    wanted = (
        FULFILLMENT_ORDERS.c.id == report.reference
        if report.reference
        else (FULFILLMENT_ORDERS.c.external_id == report.external_id)
    )
    return tx.execute(
        select(FULFILLMENT_ORDERS).where(wanted, FULFILLMENT_ORDERS.c.connection_id == connection_id)
    ).first()


def _again(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    """A copy may still carry tracking that the first one lacked."""
    if report.shipment is not None:
        book_shipment(tx, f, report.shipment, now)


def _apply(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    match report.kind:
        case "shipped" | "collected":
            parcel = report.shipment or ReportedShipment(external_id="1", shipped_at=report.at)
            book_shipment(tx, f, parcel, now, is_collected=report.kind == "collected")
        case "delivered":
            _delivered(tx, f, report)
        case "rejected" | "canceled" | "expired":
            _ended(tx, f, report, now)
        case "cancel_refused":
            tx.execute(
                update(FULFILLMENT_ORDERS)
                .where(FULFILLMENT_ORDERS.c.id == f.id, FULFILLMENT_ORDERS.c.recall != "confirmed")
                .values(recall="refused")
            )
        case _:
            _forward(tx, f, report.kind, now)


def _delivered(tx: Connection, f: Row[Any], report: FulfillmentReport) -> None:
    mine = [SHIPMENTS.c.fulfillment_order_id == f.id]
    if report.shipment is not None:
        mine.append(SHIPMENTS.c.external_id == report.shipment.external_id)
    tx.execute(update(SHIPMENTS).where(*mine).values(delivered_at=report.at))


def _ended(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    """A cancel that we asked for is confirmed; one that we did not ask for is a rejection."""
    was_asked = f.recall in {"wanted", "asked", "refused"}
    if report.kind == "canceled" and was_asked:
        tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f.id).values(recall="confirmed"))
    if f.state == "shipped":
        tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f.id).values(reason=SHIPPED_AFTER_END))
        return
    if f.state in ENDED:
        return
    if not report.is_final:
        reason = f"{report.kind}: {report.reason}"
        tx.execute(
            update(FULFILLMENT_ORDERS)
            .where(FULFILLMENT_ORDERS.c.id == f.id, FULFILLMENT_ORDERS.c.recall == "")
            .values(recall="wanted", reason=reason)
        )
        return
    unasked = report.kind == "canceled" and not was_asked
    end(tx, f, "rejected" if unasked else report.kind, report.reason or report.kind, now)


def _forward(tx: Connection, f: Row[Any], state: str, now: datetime) -> None:
    if f.state in ENDED or _RANK[state] < _RANK[f.state]:
        return
    due_at = now + patience(tx, f.location_id, _TIME_FOR[state]) if state in _TIME_FOR else f.due_at
    tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f.id).values(state=state, due_at=due_at))
