"""What a shop can be told to do with returns; every change is told to subscribers."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify import return_views, returns
from sandbox.shopify.call import Info
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.refusing import refusing
from sandbox.shopify.state import Body, Return, number


def _told(info: Info, made: Return, topic: str) -> Body:
    info.context.news.returned(made, topic)
    return {"return": return_views.returned(info.context.shop, made)}


@refusing()
def create(info: Info, **given: Any) -> Body:
    wanted = given["returnInput"]
    order = info.context.shop.orders.get(number(wanted["orderId"]))
    if order is None:
        raise RefusedError("Order not found.", "orderId", code="NOT_FOUND")
    return _told(info, returns.create(info.context.shop, order, wanted["returnLineItems"]), "returns/approve")


@refusing()
def approve(info: Info, **given: Any) -> Body:
    made = returns.find(info.context.shop, given["input"]["id"])
    return _told(info, returns.move(info.context.shop, made, "OPEN", "REQUESTED"), "returns/approve")


@refusing()
def decline(info: Info, **given: Any) -> Body:
    made = returns.find(info.context.shop, given["input"]["id"])
    return _told(info, returns.move(info.context.shop, made, "DECLINED", "REQUESTED"), "returns/decline")


@refusing()
def process(info: Info, **given: Any) -> Body:
    made = returns.find(info.context.shop, given["input"]["returnId"])
    return _told(info, returns.process(info.context.shop, made, given["input"]["returnLineItems"]), "returns/process")


@refusing()
def close(info: Info, **given: Any) -> Body:
    made = returns.find(info.context.shop, given["id"])
    return _told(info, returns.move(info.context.shop, made, "CLOSED", "OPEN"), "returns/close")


@refusing()
def reopen(info: Info, **given: Any) -> Body:
    made = returns.find(info.context.shop, given["id"])
    return _told(info, returns.move(info.context.shop, made, "OPEN", "CLOSED"), "returns/reopen")


RETURN_MUTATIONS: Mapping[str, Callable[..., Body]] = {
    "returnApproveRequest": approve,
    "returnClose": close,
    "returnCreate": create,
    "returnDeclineRequest": decline,
    "returnProcess": process,
    "returnReopen": reopen,
}
