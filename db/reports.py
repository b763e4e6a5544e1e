"""What locations report about fulfillment orders: each state only moves forward, whatever order reports come in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from db.effects import proven, recall_is_moot, send_key
from db.facts import EVENTS, Fact, is_known, lock, record
from db.fulfillment import book_shipment, end, patience
from db.order_reading import FULFILLMENT_ORDERS, SHIPMENTS
from db.rows import change, one
from domain.causes import SHIPPED_AFTER_END
from domain.fulfillment import FulfillmentReport, ReportedShipment
from domain.order_state import ENDED

_OF_CONNECTION = select(FULFILLMENT_ORDERS.c.id, FULFILLMENT_ORDERS.c.order_id).where(
    FULFILLMENT_ORDERS.c.connection_id == bindparam("connection_id")
)
_BY_REFERENCE = _OF_CONNECTION.where(FULFILLMENT_ORDERS.c.id == bindparam("named"))
_BY_EXTERNAL_ID = _OF_CONNECTION.where(FULFILLMENT_ORDERS.c.external_id == bindparam("named"))
_FACTS = select(EVENTS).where(
    EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.kind.in_(bindparam("kinds", expanding=True))
)

_RANK = {"planned": 0, "sending": 0, "sent": 1, "accepted": 2, "on_hold": 2, "picked": 3, "ready": 4}
_ALTERNATE = {"accepted", "on_hold"}
_TIME_FOR = {"accepted": "ship_within_hours", "picked": "ship_within_hours", "ready": "pickup_expires_hours"}


def record_report(
    tx: Connection, report: FulfillmentReport, *, connection_id: str, source: str, now: datetime
) -> str | None:
    """Record it and move what it moves; returns the order, or None when no fulfillment order has that reference."""
    found = _find(tx, report, connection_id)
    if found is None:
        return None
    lock(tx, found.order_id)
    f = one(tx, FULFILLMENT_ORDERS, found.id)
    key = f"{f.id}:{report.key}"
    if is_known(tx, f.order_id, key):
        _again(tx, f, report, source, now)
        return str(f.order_id)
    data: dict[str, Any] = {"fulfillment_order": f.id, "location": f.location_id, "reason": report.reason}
    if report.shipment is not None:
        data |= {"shipment": report.shipment.external_id, "tracking": report.shipment.tracking_number}
    proven(tx, send_key(f.id), report.kind, now)
    _apply(tx, f, report, now)
    if f.recall and (ended := one(tx, FULFILLMENT_ORDERS, f.id).state) in ENDED:
        recall_is_moot(tx, f.order_id, f.id, ended, now)
    record(tx, f.order_id, [Fact(report.kind, key, report.at, source, data)], now)
    return str(f.order_id)


def _find(tx: Connection, report: FulfillmentReport, connection_id: str) -> Row[Any] | None:
    """Its ids only: the rest is read when nobody else can change it."""
    query = _BY_REFERENCE if report.reference else _BY_EXTERNAL_ID
    named = report.reference or report.external_id
    return tx.execute(query, {"connection_id": connection_id, "named": named}).first()


def _again(tx: Connection, f: Row[Any], report: FulfillmentReport, source: str, now: datetime) -> None:
    """A copy may still carry tracking that the first one lacked: a fact of its own, since the buyer must see it."""
    if report.shipment is None:
        return
    before = _tracking(tx, f.id)
    book_shipment(tx, f, report.shipment, now, reported_at=report.at)
    if _tracking(tx, f.id) != before:
        data = {"fulfillment_order": f.id, "shipment": report.shipment.external_id}
        data["tracking"] = report.shipment.tracking_number
        key = f"{f.id}:tracking:{report.shipment.external_id}:{report.shipment.tracking_number}"
        record(tx, f.order_id, [Fact("tracking_changed", key, report.at, source, data)], now)


def _tracking(tx: Connection, f_id: str) -> list[tuple[str, str]]:
    s = SHIPMENTS.c
    rows = tx.execute(select(s.id, s.tracking_number).where(s.fulfillment_order_id == f_id).order_by(s.id))
    return [(row.id, row.tracking_number) for row in rows]


def _apply(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    match report.kind:
        case "shipped" | "collected":
            parcel = report.shipment or ReportedShipment(external_id="1", shipped_at=report.at)
            book_shipment(tx, f, parcel, now, reported_at=report.at, is_collected=report.kind == "collected")
            _delivered_before(tx, f)
        case "delivered":
            _delivered(tx, f.id, report.shipment.external_id if report.shipment else "", report.at)
        case "rejected" | "canceled" | "expired":
            _ended(tx, f, report, now)
        case "cancel_refused":
            tx.execute(
                update(FULFILLMENT_ORDERS)
                .where(FULFILLMENT_ORDERS.c.id == f.id, FULFILLMENT_ORDERS.c.recall.in_(("wanted", "asked")))
                .values(recall="refused", due_at=time_left(tx, f, now))
            )
        case _:
            _forward(tx, f, report, now)


def _delivered(tx: Connection, f_id: str, parcel: str, at: datetime) -> None:
    mine = [SHIPMENTS.c.fulfillment_order_id == f_id]
    if parcel:
        mine.append(SHIPMENTS.c.external_id == parcel)
    tx.execute(update(SHIPMENTS).where(*mine).values(delivered_at=at))


def _delivered_before(tx: Connection, f: Row[Any]) -> None:
    """News of the delivery may overtake that of the shipment."""
    for fact in _facts(tx, f, {"delivered"}):
        _delivered(tx, f.id, fact.data.get("shipment", ""), fact.at)


def _facts(tx: Connection, f: Row[Any], kinds: set[str]) -> list[Row[Any]]:
    rows = tx.execute(_FACTS, {"order_id": f.order_id, "kinds": list(kinds)})
    return [row for row in rows if row.data.get("fulfillment_order") == f.id]


def _ended(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    """A cancel that we asked for is confirmed; one that we did not ask for is a rejection."""
    was_asked = f.recall in {"wanted", "asked", "refused"}
    if report.kind == "canceled" and was_asked:
        change(tx, FULFILLMENT_ORDERS, f.id, recall="confirmed")
    if f.state == "shipped":
        # it said both: whichever came first, a person looks
        change(tx, FULFILLMENT_ORDERS, f.id, reason=SHIPPED_AFTER_END)
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
    why = f.reason if was_asked and f.reason else report.reason or report.kind
    end(tx, f, "rejected" if unasked else report.kind, why, now)


def _forward(tx: Connection, f: Row[Any], report: FulfillmentReport, now: datetime) -> None:
    """Accepted and on hold may alternate, so the later one of the two counts, by the location's clock."""
    state: str = report.kind
    if f.state in ENDED or _RANK[state] < _RANK[f.state]:
        return
    if state in _ALTERNATE and any(fact.at > report.at for fact in _facts(tx, f, _ALTERNATE)):
        return
    due_at = now + patience(tx, f.location_id, _TIME_FOR[state]) if state in _TIME_FOR else f.due_at
    if f.recall in {"wanted", "asked"}:
        due_at = f.due_at  # the time is that of the answer to the recall
    change(tx, FULFILLMENT_ORDERS, f.id, state=state, due_at=due_at)


def time_left(tx: Connection, f: Row[Any], now: datetime) -> datetime:
    """A recall was refused: until when the location must go on with what it keeps."""
    return now + patience(tx, f.location_id, _TIME_FOR.get(f.state, "accept_within_hours"))
