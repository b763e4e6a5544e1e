"""Between the hub's words and ShipBob's; pure, and nothing here raises on what ShipBob may send."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from connectors.contract import RemoteLocation, RemoteStock
from connectors.errors import ItemReason
from connectors.shipbob.refusals import code_of
from connectors.shipbob.schemas import (
    ShipBobCancel,
    ShipBobLocation,
    ShipBobOrder,
    ShipBobProduct,
    ShipBobShipment,
    ShipBobStock,
)
from domain.channel_order import Address
from domain.fulfillment import (
    FulfillmentReport,
    FulfillmentRequest,
    RecallAnswer,
    ReportedLine,
    ReportedShipment,
    ReportKind,
    RequestedLine,
    SentFulfillmentOrder,
)
from domain.money import exponent

# ---- to ShipBob ------------------------------------------------------------------------------------------------------


def problems(request: FulfillmentRequest) -> tuple[ItemReason, ...]:
    """Why ShipBob could never take this request, before it is asked."""
    found = []
    if request.is_pickup:
        found.append(ItemReason(code="pickup_not_offered"))
    if request.ship_to is None or not request.ship_to.is_complete:
        found.append(ItemReason(code="address_incomplete"))
    if not _addressee(request):
        found.append(ItemReason(code="recipient_missing"))
    if request.location_external_id and not request.location_external_id.isdecimal():
        found.append(ItemReason(code="location_unknown"))
    if not request.lines:
        found.append(ItemReason(code="no_lines"))
    found += [ItemReason(item=line.line_id, code="sku_missing") for line in request.lines if not line.sku]
    return tuple(found)


def order_body(request: FulfillmentRequest, default_service: str) -> dict[str, Any]:
    """The body of `create-order`, for a request without problems."""
    body: dict[str, Any] = {
        "reference_id": request.reference,
        "order_number": request.order_number,
        "type": "DTC",
        "shipping_method": request.service or default_service,
        "purchase_date": request.placed_at.isoformat(),
        "recipient": _recipient(request, request.ship_to or Address()),
        "products": [_product(number, line, request.currency) for number, line in enumerate(request.lines, start=1)],
    }
    if request.location_external_id:
        body["location_id"] = int(request.location_external_id)
    return body


def _recipient(request: FulfillmentRequest, to: Address) -> dict[str, Any]:
    return {
        "name": _addressee(request),
        "email": request.buyer.email or None,
        "phone_number": to.phone or request.buyer.phone or None,
        "address": {
            "company_name": to.company or None,
            "address1": to.line1,
            "address2": to.line2 or None,
            "city": to.city,
            "state": to.province or None,
            "zip_code": to.postal_code or None,
            "country": to.country,
        },
    }


def _addressee(request: FulfillmentRequest) -> str:
    to = request.ship_to or Address()
    return to.name or request.buyer.name or to.company


def _product(number: int, line: RequestedLine, currency: str) -> dict[str, Any]:
    product = {
        "reference_id": line.sku,
        "name": line.title or line.sku,
        "quantity": line.quantity,
        "external_line_id": number,
    }
    if currency and line.unit_value_minor:
        product["unit_price"] = float(Decimal(line.unit_value_minor).scaleb(-exponent(currency)))
    return product


# ---- from ShipBob ----------------------------------------------------------------------------------------------------


def sent_order(order: ShipBobOrder) -> SentFulfillmentOrder:
    """The state follows the order's own status, which ShipBob imputes from its parcels."""
    match order.status:
        case "Cancelled":
            return SentFulfillmentOrder(external_id=str(order.id), reference=order.reference_id, state="canceled")
        case "Fulfilled":
            return SentFulfillmentOrder(external_id=str(order.id), reference=order.reference_id, state="shipped")
    return SentFulfillmentOrder(external_id=str(order.id), reference=order.reference_id, state="open")


def recall_answer(cancel: ShipBobCancel) -> RecallAnswer:
    """A partial success is a refusal: what could be canceled is told by reports, the rest will ship."""
    if cancel.status == "Success":
        return RecallAnswer(answer="confirmed")
    return RecallAnswer(answer="refused", reason="partly_canceled" if cancel.status == "PartialSuccess" else "too_late")


def recall_by_state(order: ShipBobOrder) -> RecallAnswer:
    """For a cancel that ShipBob would not even look at: canceled before is as good as canceled now."""
    match sent_order(order).state:
        case "canceled":
            return RecallAnswer(answer="confirmed", reason="canceled_before")
        case "shipped":
            return RecallAnswer(answer="refused", reason="shipped")
    return RecallAnswer(answer="refused", reason="too_late")


def order_reports(order: ShipBobOrder) -> tuple[FulfillmentReport, ...]:
    """Everything that a poll of one order says, oldest first."""
    accepted = FulfillmentReport(
        key=f"shipbob:{order.id}:accepted",
        kind="accepted",
        reference=order.reference_id,
        external_id=str(order.id),
        at=order.created_date,
    )
    news = [report for shipment in order.shipments for report in shipment_reports(shipment)]
    return (accepted, *sorted(news, key=lambda report: report.at))


def shipment_reports(shipment: ShipBobShipment) -> tuple[FulfillmentReport, ...]:
    """What one parcel says; nothing for statuses that mean nothing to the hub.

    Exception is "rejected": ShipBob cannot ship it now. It still keeps the order, so this is not final.
    Source: https://developer.shipbob.com/status-reference
    """
    details = [detail.name for detail in shipment.status_details]
    kind: ReportKind | None = None
    match shipment.status:
        case "Completed":
            kind = "shipped"
        case "LabeledCreated" if shipment.tracking.tracking_number:
            kind = "shipped"
        case "Exception":
            kind = "rejected"
        case "OnHold" | "ImportReview":
            kind = "on_hold"
        case "Cancelled":
            kind = "canceled"
        case "Processing" if {"Picked", "Packed", "Labeled"}.intersection(details):
            kind = "picked"
    if kind is None:
        return ()
    reason = code_of(details[0]) if kind in {"rejected", "on_hold"} and details else ""
    reports = [_report(shipment, kind, reason)]
    if shipment.delivery_date is not None:
        reports.append(_report(shipment, "delivered", ""))
    return tuple(reports)


def _report(shipment: ShipBobShipment, kind: ReportKind, reason: str) -> FulfillmentReport:
    times = {"shipped": shipment.actual_fulfillment_date, "delivered": shipment.delivery_date}
    at = times.get(kind) or shipment.last_update_at or shipment.created_date
    return FulfillmentReport(
        key=":".join(filter(None, ("shipbob", str(shipment.id), kind, reason))),
        kind=kind,
        reference=shipment.reference_id,
        external_id=str(shipment.order_id),
        at=at,
        reason=reason,
        is_final=kind != "rejected",
        shipment=_parcel(shipment) if kind in {"shipped", "delivered", "canceled"} else None,
    )


def _parcel(shipment: ShipBobShipment) -> ReportedShipment:
    tracking = shipment.tracking
    return ReportedShipment(
        external_id=str(shipment.id),
        carrier=tracking.carrier,
        tracking_number=tracking.tracking_number,
        tracking_url=tracking.tracking_url,
        shipped_at=shipment.actual_fulfillment_date,
        lines=tuple(
            ReportedLine(sku=product.reference_id or product.sku, quantity=units)
            for product in shipment.products
            if (units := _units(product))
        ),
    )


def _units(product: ShipBobProduct) -> int:
    """Units of the product: lots of one inventory item add up, the parts of a bundle do not."""
    by_item: dict[int | None, int] = {}
    for item in product.inventory_items:
        by_item[item.id] = by_item.get(item.id, 0) + item.quantity
    return min(by_item.values(), default=0)


def locations(found: tuple[ShipBobLocation, ...]) -> tuple[RemoteLocation, ...]:
    """Country and postal code come from the first service that has an address."""
    return tuple(
        RemoteLocation(
            external_id=str(place.id),
            name=place.name,
            country=next((one.address.country for one in place.services if one.address), ""),
            postal_code=next((one.address.zip_code for one in place.services if one.address), ""),
        )
        for place in found
    )


def stock(items: tuple[ShipBobStock, ...]) -> Iterator[RemoteStock]:
    """Fulfillable units: on hand and not promised to orders that ShipBob already has."""
    for item in items:
        for place in item.locations:
            yield RemoteStock(
                item_external_id=str(item.inventory_id),
                sku=item.sku,
                location_external_id=str(place.location_id),
                available=place.fulfillable_quantity,
            )
