"""What a shop can be told to do; refusals become user errors, and every change is told to subscribers."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError

from sandbox.shopify import fulfillment, inventory, orders, payments, views
from sandbox.shopify.call import Info
from sandbox.shopify.catalog_mutations import CATALOG_MUTATIONS
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.idempotency import idempotent
from sandbox.shopify.refusing import refusing
from sandbox.shopify.return_mutations import RETURN_MUTATIONS
from sandbox.shopify.state import Body, Fulfillment, Order, Shop, Subscription, gid, number


def _order(info: Info, global_id: str, field: str) -> Order:
    found = info.context.shop.orders.get(number(global_id))
    if found is None:
        raise RefusedError("Order does not exist.", field, code="NOT_FOUND")
    return found


@refusing()
def fulfillment_create(info: Info, **given: Any) -> Body:
    shop, wanted = info.context.shop, given["fulfillment"]
    if info.context.is_stale:
        return {"fulfillment": views.fulfillment(shop, _dead(shop, wanted))}
    made = fulfillment.create(shop, wanted)
    _tell_shipped(info, made, "fulfillments/create")
    return {"fulfillment": views.fulfillment(shop, made)}


def _dead(shop: Shop, given: Body) -> Fulfillment:
    """The answer "success" onto a canceled shipment (trap: success is the read-back, not the absence of errors)."""
    work = fulfillment.find(shop, given["lineItemsByFulfillmentOrder"][0]["fulfillmentOrderId"])
    return Fulfillment(shop.new_id(), "old", work.order, work.location_id, [], [], status="CANCELLED")


def _tell_shipped(info: Info, done: Fulfillment, topic: str) -> None:
    orders.touch(done.order)
    info.context.news.fulfillment(done, topic)
    state = done.order.body["fulfillment_status"]
    reached = {"fulfilled": ["orders/fulfilled"], "partial": ["orders/partially_fulfilled"]}.get(state, [])
    info.context.news.order(done.order, *reached, "orders/updated")


@refusing()
def fulfillment_track(info: Info, **given: Any) -> Body:
    done = fulfillment.track(info.context.shop, given["fulfillmentId"], given["trackingInfoInput"])
    _tell_shipped(info, done, "fulfillments/update")
    return {"fulfillment": views.fulfillment(info.context.shop, done)}


@refusing()
def fulfillment_cancel(info: Info, **given: Any) -> Body:
    done = fulfillment.cancel(info.context.shop, given["id"])
    _tell_shipped(info, done, "fulfillments/update")
    return {"fulfillment": views.fulfillment(info.context.shop, done)}


@refusing()
def move(info: Info, **given: Any) -> Body:
    shop = info.context.shop
    original, moved = fulfillment.move(
        shop, given["id"], given["newLocationId"], given.get("fulfillmentOrderLineItems")
    )
    return {
        "originalFulfillmentOrder": views.fulfillment_order(shop, original),
        "movedFulfillmentOrder": views.fulfillment_order(shop, moved),
    }


@refusing()
def split(info: Info, **given: Any) -> Body:
    shop = info.context.shop
    pairs = [fulfillment.split(shop, wanted) for wanted in given["fulfillmentOrderSplits"]]
    return {
        "fulfillmentOrderSplits": [
            {
                "fulfillmentOrder": views.fulfillment_order(shop, original),
                "remainingFulfillmentOrder": views.fulfillment_order(shop, fresh),
            }
            for original, fresh in pairs
        ]
    }


@refusing()
def hold(info: Info, **given: Any) -> Body:
    wanted = given["fulfillmentHold"]
    work, held = fulfillment.hold(info.context.shop, given["id"], wanted["reason"], wanted.get("reasonNotes"))
    info.context.news.hold(work, "fulfillment_orders/placed_on_hold")
    return {"fulfillmentOrder": views.fulfillment_order(info.context.shop, work), "fulfillmentHold": views.hold(held)}


@refusing()
def release_hold(info: Info, **given: Any) -> Body:
    work = fulfillment.release(info.context.shop, given["id"], given.get("holdIds"))
    info.context.news.hold(work, "fulfillment_orders/hold_released")
    return {"fulfillmentOrder": views.fulfillment_order(info.context.shop, work)}


@refusing("orderCancelUserErrors")
def cancel(info: Info, **given: Any) -> Body:
    """Answers a job at once; the order is canceled a moment later."""
    shop = info.context.shop
    order = _order(info, given["orderId"], "orderId")
    orders.check_cancel(order)
    order.is_canceling = True
    shop.commit("cancel", str(order.id))
    job_id = shop.new_id()
    shop.jobs[job_id] = False
    refund = bool((given.get("refundMethod") or {}).get("originalPaymentMethodsRefund"))

    def finish() -> None:
        given_back = orders.cancel(shop, order, given["reason"], restock=given["restock"], refund=refund)
        shop.jobs[job_id] = True
        if given_back:
            info.context.news.tell("refunds/create", given_back)
        info.context.news.order(order, "orders/cancelled", "orders/updated")

    asyncio.get_running_loop().call_later(shop.job_seconds, finish)
    return {"job": {"id": gid("Job", job_id), "done": False}}


@refusing()
def capture(info: Info, **given: Any) -> Body:
    order = _order(info, given["input"]["id"], "id")
    entry = payments.capture(info.context.shop, order, given["input"])
    info.context.news.order(order, "orders/paid", "orders/updated")
    return {"transaction": views.transaction(order, entry)}


@idempotent
@refusing()
def refund(info: Info, **given: Any) -> Body:
    order = _order(info, given["input"]["orderId"], "orderId")
    made = payments.refund(info.context.shop, order, given["input"])
    info.context.news.tell("refunds/create", made)
    info.context.news.order(order, "orders/updated")
    return {"refund": views.refund(order, made), "order": views.order(info.context.shop, order)}


@idempotent
@refusing()
def set_quantities(info: Info, **given: Any) -> Body:
    _check_expected(given["input"]["quantities"], "InventoryQuantityInput")
    return _changed(info, given["input"], inventory.set_quantities(info.context.shop, given["input"]))


@idempotent
@refusing()
def adjust_quantities(info: Info, **given: Any) -> Body:
    _check_expected(given["input"]["changes"], "InventoryChangeInput")
    return _changed(info, given["input"], inventory.adjust_quantities(info.context.shop, given["input"]))


def _check_expected(entries: list[Body], kind: str) -> None:
    if any("changeFromQuantity" not in entry for entry in entries):
        text = f"{kind} must include the following argument: changeFromQuantity."
        raise GraphQLError(text, extensions={"code": "INVALID_FIELD_ARGUMENTS"})


def _changed(info: Info, given: Body, changes: list[Body]) -> Body:
    shop = info.context.shop
    for change in changes:
        info.context.news.level(change["level"])
    shown = [
        {
            "name": change["name"],
            "delta": change["delta"],
            "quantityAfterChange": change["after"],
            "item": lambda _info, level=change["level"]: views.level_view(shop, level)["item"](None),
            "location": views.location(shop.locations[change["level"].location_id]),
        }
        for change in changes
    ]
    group = {"id": gid("InventoryAdjustmentGroup", shop.new_id()), "reason": given["reason"], "changes": shown}
    return {"inventoryAdjustmentGroup": group}


@refusing()
def subscribe(info: Info, **given: Any) -> Body:
    shop, topic, uri = info.context.shop, given["topic"], given["webhookSubscription"].get("uri")
    if not uri:
        raise RefusedError("Uri can't be blank.", "webhookSubscription", "uri")
    if any((kept.topic, kept.uri) == (topic, uri) for kept in shop.subscriptions.values()):
        raise RefusedError("Address for this topic has already been taken", "webhookSubscription", "uri")
    made = Subscription(shop.new_id(), topic, uri)
    shop.subscriptions[made.id] = made
    shop.commit("subscription", f"{topic}@{uri}")
    return {"webhookSubscription": views.subscription(made)}


@refusing()
def unsubscribe(info: Info, **given: Any) -> Body:
    gone = info.context.shop.subscriptions.pop(number(given["id"]), None)
    if gone is None:
        raise RefusedError("Webhook subscription does not exist.", "id")
    return {"deletedWebhookSubscriptionId": given["id"]}


MUTATIONS: Mapping[str, Callable[..., Body]] = {
    **CATALOG_MUTATIONS,
    "fulfillmentCancel": fulfillment_cancel,
    "fulfillmentCreate": fulfillment_create,
    "fulfillmentOrderHold": hold,
    "fulfillmentOrderMove": move,
    "fulfillmentOrderReleaseHold": release_hold,
    "fulfillmentOrderSplit": split,
    "fulfillmentTrackingInfoUpdate": fulfillment_track,
    "inventoryAdjustQuantities": adjust_quantities,
    "inventorySetQuantities": set_quantities,
    "orderCancel": cancel,
    "orderCapture": capture,
    "refundCreate": refund,
    **RETURN_MUTATIONS,
    "webhookSubscriptionCreate": subscribe,
    "webhookSubscriptionDelete": unsubscribe,
}
