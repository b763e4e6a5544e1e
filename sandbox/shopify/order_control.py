"""Orders as buyers and staff make and change them, for tests, the demo and drills."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandbox.shopify import fulfillment, orders, payments
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.news import News
from sandbox.shopify.shown import shown_order
from sandbox.shopify.state import Order, Shop
from sandbox.webhooks import Outbox

ORDERS = "/shops/{shop}/orders"
ONE_ORDER = ORDERS + "/{order_id}"


class Asked(BaseModel):
    """A request of the control API: a misspelled field is an error."""

    model_config = ConfigDict(extra="forbid")


class NewOrder(Asked):
    body: dict[str, Any]
    renumber: bool = False
    keep_times: bool = False
    risk: str = "NONE"
    hold: str | None = Field(default=None, description="hold reason for all its fulfillment orders")
    announce: bool = True


class Edited(Asked):
    quantities: dict[int, int] = {}
    added: list[dict[str, Any]] = []
    fields: dict[str, Any] = Field(default={}, description="top-level fields to replace, e.g. shipping_address")


class Canceled(Asked):
    reason: str = "CUSTOMER"
    restock: bool = True
    refund: bool = True


class Refunded(Asked):
    amount: str | None = None
    lines: dict[int, int] = {}
    note: str | None = None


class Held(Asked):
    reason: str = "OTHER"
    notes: str | None = None


def order_control(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter()
    for part in (_orders, _changes, _judgments):
        router.include_router(part(shops, outbox))
    return router


def known(shops: dict[str, Shop], name: str) -> Shop:
    if name not in shops:
        raise HTTPException(404, f"no shop {name!r}; make it with POST /control/shopify/shops")
    return shops[name]


def _known_order(shop: Shop, order_id: int) -> Order:
    if order_id not in shop.orders:
        raise HTTPException(404, f"shop {shop.name!r} has no order {order_id}")
    return shop.orders[order_id]


def _orders(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix=ORDERS)

    @router.post("")
    async def place_order(shop: str, given: NewOrder) -> Mapping[str, Any]:
        """A buyer orders; `announce: false` keeps the webhook back, as if it were lost."""
        at, news = known(shops, shop), News(known(shops, shop), outbox)
        order = orders.place(at, given.body, renumber=given.renumber, keep_times=given.keep_times)
        order.risk = given.risk
        works = order.fulfillment_orders if given.hold else []
        for work in works:
            fulfillment.hold(at, f"FulfillmentOrder/{work.id}", given.hold or "OTHER", None)
        if given.announce:
            is_paid = order.body.get("financial_status") == "paid"
            news.order(order, "orders/create", *(["orders/paid"] if is_paid else []))
            for work in works:
                news.hold(work, "fulfillment_orders/placed_on_hold")
            if given.risk != "NONE":
                news.risk(order)
        return shown_order(at, order)

    @router.get("")
    async def list_orders(shop: str) -> list[Mapping[str, Any]]:
        at = known(shops, shop)
        return [shown_order(at, order) for order in at.orders.values()]

    @router.get("/{order_id}")
    async def read_order(shop: str, order_id: int) -> Mapping[str, Any]:
        """What the merchant's staff see: shipments with tracking, money, open work."""
        at = known(shops, shop)
        return shown_order(at, _known_order(at, order_id))

    @router.get("/{order_id}/body")
    async def read_body(shop: str, order_id: int) -> Mapping[str, Any]:
        """The order as its webhooks carry it."""
        return _known_order(known(shops, shop), order_id).body

    return router


def _changes(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix=ONE_ORDER)

    @router.post("/edit")
    async def edit_order(shop: str, order_id: int, given: Edited) -> Mapping[str, Any]:
        at, news = known(shops, shop), News(known(shops, shop), outbox)
        order = _known_order(at, order_id)
        try:
            edited = orders.edit(at, order, given.quantities, given.added, given.fields)
        except RefusedError as no:
            raise HTTPException(409, str(no)) from no
        if given.quantities or given.added:
            news.tell("orders/edited", edited)
        news.order(order, "orders/updated")
        return shown_order(at, order)

    @router.post("/cancel")
    async def cancel_order(shop: str, order_id: int, given: Canceled) -> Mapping[str, Any]:
        at, news = known(shops, shop), News(known(shops, shop), outbox)
        order = _known_order(at, order_id)
        try:
            orders.check_cancel(order)
        except RefusedError as no:
            raise HTTPException(409, str(no)) from no
        given_back = orders.cancel(at, order, given.reason, restock=given.restock, refund=given.refund)
        at.commit("buyer_cancel", str(order.id))
        if given_back:
            news.tell("refunds/create", given_back)
        news.order(order, "orders/cancelled", "orders/updated")
        return shown_order(at, order)

    @router.post("/refund")
    async def refund_order(shop: str, order_id: int, given: Refunded) -> Mapping[str, Any]:
        at, news = known(shops, shop), News(known(shops, shop), outbox)
        order = _known_order(at, order_id)
        wanted = {
            "transactions": [{"amount": given.amount}] if given.amount else [],
            "refundLineItems": [{"lineItemId": f"LineItem/{key}", "quantity": n} for key, n in given.lines.items()],
            "note": given.note,
        }
        try:
            made = payments.refund(at, order, wanted)
        except RefusedError as no:
            raise HTTPException(409, str(no)) from no
        news.tell("refunds/create", made)
        news.order(order, "orders/updated")
        return shown_order(at, order)

    return router


def _judgments(shops: dict[str, Shop], outbox: Outbox) -> APIRouter:
    router = APIRouter(prefix=ONE_ORDER)

    @router.post("/hold")
    async def hold_order(shop: str, order_id: int, given: Held) -> Mapping[str, Any]:
        at = known(shops, shop)
        order = _known_order(at, order_id)
        for work in [work for work in order.fulfillment_orders if work.status == "OPEN"]:
            fulfillment.hold(at, f"FulfillmentOrder/{work.id}", given.reason, given.notes)
            News(at, outbox).hold(work, "fulfillment_orders/placed_on_hold")
        return shown_order(at, order)

    @router.post("/release")
    async def release_order(shop: str, order_id: int) -> Mapping[str, Any]:
        at = known(shops, shop)
        order = _known_order(at, order_id)
        for work in [work for work in order.fulfillment_orders if work.status == "ON_HOLD"]:
            fulfillment.release(at, f"FulfillmentOrder/{work.id}", None)
            News(at, outbox).hold(work, "fulfillment_orders/hold_released")
        return shown_order(at, order)

    @router.post("/pay")
    async def pay_order(shop: str, order_id: int) -> Mapping[str, Any]:
        """A pending order is paid in full."""
        at = known(shops, shop)
        order = _known_order(at, order_id)
        order.transactions.append(orders.transaction(at, order.body, "sale", order.body["total_price_set"]))
        order.body["financial_status"] = "paid"
        orders.touch(order)
        News(at, outbox).order(order, "orders/paid", "orders/updated")
        return shown_order(at, order)

    @router.post("/risk")
    async def judge_order(shop: str, order_id: int, level: str) -> Mapping[str, Any]:
        at = known(shops, shop)
        order = _known_order(at, order_id)
        order.risk = level
        News(at, outbox).risk(order)
        return shown_order(at, order)

    return router
