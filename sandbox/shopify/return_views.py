"""Returns and what can be returned, as the API shows them."""

from typing import Any

from sandbox.shopify import views
from sandbox.shopify.state import Body, Fulfillment, Return, ReturnLine, Shop, gid


def returned(shop: Shop, made: Return) -> Body:
    return {
        "__typename": "Return",
        "id": gid("Return", made.id),
        "name": made.name,
        "status": made.status,
        "createdAt": made.created_at,
        "totalQuantity": sum(line.quantity for line in made.lines),
        "order": lambda _info: views.order(shop, made.order),
        "returnLineItems": views.page(made.lines, _line),
    }


def _line(at: ReturnLine) -> Body:
    return {
        "__typename": "ReturnLineItem",
        "id": gid("ReturnLineItem", at.id),
        "quantity": at.quantity,
        "processedQuantity": at.processed,
        "returnReason": at.reason,
        "returnReasonNote": at.note,
        "fulfillmentLineItem": _from(at.fulfillment_line, at.line, at.quantity),
    }


def returnable(shop: Shop, shipment: Fulfillment, lines: list[tuple[str, Body, int]]) -> Body:
    def shown(part: tuple[str, Body, int]) -> Body:
        return {"fulfillmentLineItem": _from(*part), "quantity": part[2]}

    return {
        "__typename": "ReturnableFulfillment",
        "id": gid("ReturnableFulfillment", shipment.id),
        "fulfillment": views.fulfillment(shop, shipment),
        "returnableFulfillmentLineItems": views.page(lines, shown),
    }


def _from(fulfillment_line: str, line: Body, units: int) -> dict[str, Any]:
    return {"id": fulfillment_line, "lineItem": views.line(line), "quantity": units}
