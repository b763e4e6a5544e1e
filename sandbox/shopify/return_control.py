"""Returns as buyers ask for them at the shop and staff see them."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException

from sandbox.shopify import returns
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.news import News
from sandbox.shopify.order_control import Asked, known
from sandbox.shopify.state import Body, Order, Return, Shop
from sandbox.webhooks import Outbox


class ReturnAsked(Asked):
    """What a buyer wants to send back: units by line id."""

    lines: dict[int, int]
    reason: str = "UNWANTED"


def return_control(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix="/shops/{shop}")

    @router.post("/orders/{order_id}/returns")
    async def ask_for_return(shop: str, order_id: int, given: ReturnAsked) -> Mapping[str, Any]:
        """The buyer asks; it waits for the merchant to approve or decline."""
        at = known(shops, shop)
        try:
            made = returns.create(
                at, _order(at, order_id), _wanted(at, _order(at, order_id), given), status="REQUESTED"
            )
        except RefusedError as no:
            raise HTTPException(409, str(no)) from no
        News(at, outbox).returned(made, "returns/request")
        return _shown(made)

    @router.post("/returns/{return_id}/cancel")
    async def cancel_return(shop: str, return_id: int) -> Mapping[str, Any]:
        """The shop's staff cancel it."""
        at = known(shops, shop)
        try:
            made = returns.move(at, returns.find(at, f"Return/{return_id}"), "CANCELED", "OPEN", "REQUESTED")
        except RefusedError as no:
            raise HTTPException(409, str(no)) from no
        News(at, outbox).returned(made, "returns/cancel")
        return _shown(made)

    @router.get("/returns")
    async def list_returns(shop: str) -> list[Mapping[str, Any]]:
        return [_shown(made) for made in known(shops, shop).returns.values()]

    return router


def _order(shop: Shop, order_id: int) -> Order:
    if order_id not in shop.orders:
        raise HTTPException(404, f"shop {shop.name!r} has no order {order_id}")
    return shop.orders[order_id]


def _wanted(shop: Shop, order: Order, asked: ReturnAsked) -> list[Body]:
    """From the first shipments that still have the units."""
    left, wanted = dict(asked.lines), []
    for shipment, lines in returns.returnable(shop, order):
        for line, units in lines:
            taken = min(units, left.get(line["id"], 0))
            if taken:
                left[line["id"]] -= taken
                at = {"fulfillmentLineItemId": returns.line_id(shipment, line), "quantity": taken}
                wanted.append(at | {"returnReason": asked.reason})
    if any(left.values()):
        raise RefusedError("Quantity is greater than the returnable quantity.", "lines", code="INVALID")
    return wanted


def _shown(made: Return) -> Mapping[str, Any]:
    return {
        "id": made.id,
        "name": made.name,
        "order_id": made.order.id,
        "status": made.status,
        "lines": [
            {"line": line.line["id"], "quantity": line.quantity, "processed": line.processed, "note": line.note}
            for line in made.lines
        ],
    }
