"""What buyers and the staff of a simulated shop do with orders."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from sandbox.woocommerce import orders
from sandbox.woocommerce.gateway import WooError
from sandbox.woocommerce.news import News
from sandbox.woocommerce.state import Body, Shop


class NewOrder(BaseModel):
    """`lines` for an order of this shop's own making, or `body` for one as it is; `changes` replace fields."""

    model_config = ConfigDict(extra="forbid")

    lines: dict[str, int] = Field(default={}, description="SKU → units")
    changes: dict[str, Any] = {}
    body: dict[str, Any] | None = None


class StaffRefund(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: str
    lines: dict[int, int] = Field(default={}, description="line id → units")


def order_control(find: Callable[[str], Shop], news: News) -> APIRouter:
    router = APIRouter(prefix="/shops")

    @router.post("/{shop}/orders")
    async def buy(shop: str, given: NewOrder) -> Body:
        """A buyer orders: the shop tells it as created and, as WooCommerce does, as updated."""
        at = find(shop)
        placed = orders.place(at, given.body or orders.bought(at, given.lines, **given.changes))
        for event in ("created", "updated"):
            news.order(at, event, placed)
        for line in placed["line_items"]:
            if thing := at.sellable(line["product_id"], line["variation_id"]):
                news.thing(at, thing)
        return placed

    @router.get("/{shop}/orders/{order_id}")
    async def order(shop: str, order_id: int) -> Body:
        """With its notes and refunds, as the staff see it."""
        at = find(shop)
        body = orders.shown(orders.order(at, order_id))
        return body | {"notes": at.notes.get(order_id, []), "refunded": at.refunds.get(order_id, [])}

    @router.post("/{shop}/orders/{order_id}/status/{status}")
    async def set_status(shop: str, order_id: int, status: str) -> Body:
        at = find(shop)
        body = orders.order(at, order_id)
        orders.change(at, body, {"status": status})
        news.order(at, "deleted" if status == "trash" else "updated", {"id": order_id} if status == "trash" else orders.shown(body))  # fmt: skip
        return orders.shown(body)

    @router.post("/{shop}/orders/{order_id}/refund")
    async def refund(shop: str, order_id: int, given: StaffRefund) -> Body:
        """By hand, without the gateway."""
        at = find(shop)
        body = orders.order(at, order_id)
        lines = [{"id": line, "quantity": units} for line, units in given.lines.items()]
        try:
            made = orders.refund(at, body, {"amount": given.amount, "api_refund": False, "line_items": lines})
        except WooError as refused:
            return refused.body()
        news.order(at, "updated", orders.shown(body))
        return made

    return router
