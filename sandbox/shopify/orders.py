"""The life of an order in the shop: placed, edited, canceled; bodies stay in the platform's REST form."""

import copy
from decimal import Decimal
from typing import Any

from sandbox.shopify import fulfillment
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.money import bag, scaled, sum_of
from sandbox.shopify.state import Body, FulfillmentOrder, Order, Shop, Work, gid, now, number

CAPTURED = ("paid", "partially_paid", "partially_refunded", "refunded")


def place(shop: Shop, given: Body, *, renumber: bool, keep_times: bool) -> Order:
    """Take an order as the storefront would; `renumber` makes it a new order of the same kind."""
    body = copy.deepcopy(given)
    if renumber:
        _renumber(shop, body)
    if not keep_times:
        body["created_at"] = body["processed_at"] = body["updated_at"] = now()
    for line in body["line_items"]:
        line["id"] = number(line.get("admin_graphql_api_id") or "") or line["id"]
        line.setdefault("admin_graphql_api_id", gid("LineItem", line["id"]))
        line.setdefault("current_quantity", line["quantity"])
        line.setdefault("fulfillable_quantity", line["current_quantity"])
    body["id"] = number(body.get("admin_graphql_api_id") or "") or body["id"]
    body.setdefault("admin_graphql_api_id", gid("Order", body["id"]))
    for key in ("fulfillments", "refunds", "shipping_lines"):
        body.setdefault(key, [])
    order = Order(body["id"], body, _paid_by(shop, body))
    shop.orders[order.id] = order
    if not body.get("cancelled_at"):
        fulfillment.route(shop, order)
    return order


def _renumber(shop: Shop, body: Body) -> None:
    body["id"] = shop.new_id()
    body["order_number"] = body["id"] % 1_000_000
    body["name"] = f"#{body['order_number']}"
    body["admin_graphql_api_id"] = gid("Order", body["id"])
    for line in body["line_items"]:
        line["id"] = shop.new_id()
        line["admin_graphql_api_id"] = gid("LineItem", line["id"])


def _paid_by(shop: Shop, body: Body) -> list[Body]:
    """The transactions that led to the order's financial status."""
    status = body.get("financial_status")
    total: Body = body["total_price_set"]
    if status == "partially_paid":
        rest = Decimal(body.get("total_outstanding") or "0")
        whole = Decimal(total["shop_money"]["amount"])
        total = scaled(total, (whole - rest) / whole if whole else Decimal(0))
    kind = "sale" if status in CAPTURED else "authorization" if status in {"authorized", "voided", "expired"} else None
    taken = [transaction(shop, body, kind, total)] if kind else []
    given_back = [entry for refund in body["refunds"] for entry in refund.get("transactions") or ()]
    for entry in given_back:
        entry["parent_id"] = taken[0]["id"] if taken else None
        entry["amount_set"] = bag(body["total_price_set"], Decimal(entry["amount"]), entry["currency"])
    return taken + given_back


def transaction(shop: Shop, body: Body, kind: str, amount: Body, parent: int | None = None) -> Body:
    """A successful movement of money in REST form, with the platform's `amount_set` beside it."""
    serial = shop.new_id()
    presentment = amount["presentment_money"]
    return {
        "id": serial,
        "admin_graphql_api_id": gid("OrderTransaction", serial),
        "order_id": body["id"],
        "kind": kind,
        "gateway": next(iter(body.get("payment_gateway_names") or ()), "manual"),
        "status": "success",
        "amount": presentment["amount"],
        "currency": presentment["currency_code"],
        "amount_set": amount,
        "parent_id": parent,
        "created_at": now(),
        "processed_at": now(),
        "test": bool(body.get("test")),
    }


def touch(order: Order) -> None:
    """Bring the order's own fields in line with what happened to it."""
    lines = order.body["line_items"]
    shipped = {line["id"]: 0 for line in lines}
    for done in order.fulfillments:
        if done.status == "SUCCESS":
            for line, units in done.lines:
                shipped[line["id"]] += units
    for line in lines:
        units = shipped[line["id"]]
        line["fulfillment_status"] = None if not units else "partial" if line["fulfillable_quantity"] else "fulfilled"
    is_open = any(line["fulfillable_quantity"] for line in lines)
    order.body["fulfillment_status"] = None if not any(shipped.values()) else "partial" if is_open else "fulfilled"
    order.body["updated_at"] = now()


def edit(shop: Shop, order: Order, quantities: dict[int, int], added: list[Body], fields: dict[str, Any]) -> Body:
    """Change lines as the merchant's staff would; answers the change as the platform's `orders/edited` body."""
    removals = []
    for line_id, quantity in quantities.items():
        line = order.line(line_id)
        if line is None or quantity > line["current_quantity"]:
            raise RefusedError("Only fewer units of an existing line can be asked; add a line for more.", str(line_id))
        gone = line["current_quantity"] - quantity
        drop(shop, order, line, gone)
        removals.append({"id": line_id, "delta": gone})
    additions = [{"id": _append(shop, order, line)["id"], "delta": line["quantity"]} for line in added]
    order.body.update(fields)
    _retotal(order.body)
    touch(order)
    shop.commit("edit", str(order.id))
    return {"order_edit": {"order_id": order.id, "line_items": {"additions": additions, "removals": removals}}}


def _append(shop: Shop, order: Order, given: Body) -> Body:
    line = copy.deepcopy(given)
    line["id"] = shop.new_id()
    line["admin_graphql_api_id"] = gid("LineItem", line["id"])
    line["current_quantity"] = line["fulfillable_quantity"] = line["quantity"]
    order.body["line_items"].append(line)
    location_id = next((work.location_id for work in order.fulfillment_orders), next(iter(shop.locations), 0))
    works = [Work(shop.new_id(), line, line["quantity"], line["quantity"])]
    fulfillment.add(shop, FulfillmentOrder(shop.new_id(), order, location_id, "SHIPPING", works))
    return line


def drop(shop: Shop, order: Order, line: Body, units: int) -> None:
    """Take unsent units out of the order; the stock that they held becomes available again."""
    line["current_quantity"] = max(0, line["current_quantity"] - units)
    for work_order in order.fulfillment_orders:
        for work in work_order.lines:
            if work.line is line and work.remaining and units and work_order.status not in {"CLOSED", "CANCELLED"}:
                taken = min(units, work.remaining)
                units -= taken
                work.remaining -= taken
                line["fulfillable_quantity"] -= taken
                if level := shop.level_of(line, work_order.location_id):
                    level.available += taken
                    level.committed -= taken
        if work_order.is_workable and not any(work.remaining for work in work_order.lines):
            work_order.status = "CLOSED"


def _retotal(body: Body) -> None:
    kept = [(line["price_set"], line["current_quantity"]) for line in body["line_items"]]
    body["current_subtotal_price_set"] = subtotal = sum_of(kept, like=body["total_price_set"])
    body["current_subtotal_price"] = subtotal["shop_money"]["amount"]
    parts = [(body["total_shipping_price_set"], 1), (body["total_tax_set"], 1), (body["total_discounts_set"], -1)]
    body["current_total_price_set"] = total = sum_of([(subtotal, 1), *parts], like=body["total_price_set"])
    body["current_total_price"] = total["shop_money"]["amount"]


def check_cancel(order: Order) -> None:
    if order.body.get("cancelled_at") or order.is_canceling:
        raise RefusedError("Order has already been cancelled.", "orderId", code="INVALID")
    if any(done.status == "SUCCESS" for done in order.fulfillments):
        raise RefusedError("Cannot cancel an order that has outstanding fulfillments.", "orderId", code="INVALID")


def cancel(shop: Shop, order: Order, reason: str, *, restock: bool, refund: bool) -> Body | None:
    """Cancel whole; answers the refund that came with it, if any."""
    units = [(line, line["current_quantity"]) for line in order.body["line_items"]]
    for work_order in order.fulfillment_orders:
        for work in work_order.lines:
            level = shop.level_of(work.line, work_order.location_id)
            if level and work_order.status not in {"CLOSED", "CANCELLED"}:
                level.committed -= work.remaining
                level.available += work.remaining if restock else 0
        work_order.status = "CANCELLED"
    for line, _ in units:
        line["fulfillable_quantity"] = line["current_quantity"] = 0
    order.body["cancelled_at"] = now()
    order.body["cancel_reason"] = reason.lower()
    order.is_canceling = False
    given_back = _give_back(shop, order, units) if refund else None
    if order.body.get("financial_status") in {"authorized", "pending"}:
        order.body["financial_status"] = "voided"
    touch(order)
    return given_back


def _give_back(shop: Shop, order: Order, units: list[tuple[Body, int]]) -> Body | None:
    from sandbox.shopify import payments  # payments build on orders; a cancel is the one way back

    rest = payments.refundable(order)
    if rest <= 0:
        return None
    currency = order.body["total_price_set"]["presentment_money"]["currency_code"]
    amount = bag(order.body["total_price_set"], rest, currency)
    return payments.record_refund(shop, order, [amount], [(line, count) for line, count in units if count], None)
