"""The life of an order in a simulated shop: bought, paid, completed, canceled, refunded; stock follows its status."""

from decimal import Decimal
from typing import Any

from sandbox.woocommerce.gateway import WooError
from sandbox.woocommerce.state import Body, Shop, now

STATUSES = {"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"}
TAKEN = {"processing", "on-hold", "completed"}
"""Statuses in which the units of an order are off the shelf."""
ADDRESS: Body = {
    "first_name": "Ada", "last_name": "Example", "company": "", "address_1": "1 Test Street", "address_2": "",
    "city": "Hamburg", "state": "", "postcode": "20095", "country": "DE", "phone": "+1 555 0100",
}  # fmt: skip


def place(shop: Shop, body: Body) -> Body:
    """Take an order as the checkout would have written it, and its units off the shelf."""
    order = body | {"id": body.get("id") or shop.new_id()}
    order.setdefault("number", str(order["id"]))
    order.setdefault("meta_data", [])
    order.setdefault("refunds", [])
    shop.orders[order["id"]] = order
    if order["status"] in TAKEN:
        _move_stock(shop, order["line_items"], -1)
        order["_took_stock"] = True
    return shown(order)


def bought(shop: Shop, lines: dict[str, int], **changes: Any) -> Body:
    """The body of an order for these SKUs, with flat shipping and 19 % tax on top, paid by card."""
    items = [_line(shop, sku, quantity) for sku, quantity in lines.items()]
    goods, shipping = sum((Decimal(line["total"]) for line in items), Decimal(0)), Decimal("4.90")
    tax = ((goods + shipping) * Decimal("0.19")).quantize(Decimal("0.01"))
    at = now()
    return {
        "parent_id": 0, "status": "processing", "currency": shop.currency, "version": "10.3.4",
        "prices_include_tax": False, "created_via": "checkout", "order_key": "", "customer_id": 0, "customer_note": "",
        "date_created_gmt": at, "date_modified_gmt": at, "date_paid_gmt": at, "date_completed_gmt": None,
        "discount_total": "0.00", "discount_tax": "0.00", "shipping_total": str(shipping), "shipping_tax": "0.00",
        "cart_tax": str(tax), "total": str(goods + shipping + tax), "total_tax": str(tax),
        "billing": {**ADDRESS, "email": "ada@example.com"}, "shipping": dict(ADDRESS),
        "payment_method": "stripe", "payment_method_title": "Card", "transaction_id": "",
        "line_items": items, "tax_lines": [], "fee_lines": [], "coupon_lines": [], "needs_processing": True,
        "shipping_lines": [{"id": shop.new_id(), "method_title": "Flat rate", "method_id": "flat_rate",
                            "instance_id": "1", "total": str(shipping), "total_tax": "0.00"}],
        **changes,
    }  # fmt: skip


def _line(shop: Shop, sku: str, quantity: int) -> Body:
    thing = shop.by_sku(sku)
    price = Decimal((thing or {}).get("price") or "10.00")
    total = str(price * quantity)
    parent = (thing or {}).get("parent_id") or 0
    own = (thing or {}).get("id", 0)
    return {
        "id": shop.new_id(), "name": sku, "sku": sku, "product_id": parent or own, "variation_id": own if parent else 0,
        "quantity": quantity, "tax_class": "", "subtotal": total, "subtotal_tax": "0.00", "total": total,
        "total_tax": "0.00", "taxes": [], "meta_data": [], "price": float(price),
    }  # fmt: skip


def order(shop: Shop, order_id: int, status: int = 404) -> Body:
    found = shop.orders.get(order_id)
    if found is None:
        raise WooError("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", status)
    return found


def shown(body: Body) -> Body:
    return {key: value for key, value in body.items() if not key.startswith("_")}


def change(shop: Shop, body: Body, given: Body) -> None:
    """What the API or the staff change: a status, metadata by key."""
    status = given.get("status", body["status"])
    if status not in STATUSES | {"trash"}:
        raise WooError("rest_invalid_param", "Invalid parameter(s): status", params={"status": "status is not one of"})
    for entry in given.get("meta_data", ()):
        kept = [one for one in body["meta_data"] if one["key"] != entry["key"]]
        body["meta_data"] = [*kept, {"id": shop.new_id(), "key": entry["key"], "value": entry["value"]}]
        shop.commit("order_meta", f"{body['id']}:{entry['key']}")
    if status != body["status"]:
        _enter(shop, body, status)
    body["date_modified_gmt"] = now()


def _enter(shop: Shop, body: Body, status: str) -> None:
    """Paid when it goes to processing or is completed; a canceled order's units go back on the shelf by themselves."""
    body["status"] = status
    shop.commit(f"order_{status}", body["id"])
    if status in {"processing", "completed"} and not body.get("date_paid_gmt") and body["payment_method"] != "cod":
        body["date_paid_gmt"] = now()
    if status == "completed":
        body["date_completed_gmt"] = now()
    if status in {"cancelled", "pending"} and body.pop("_took_stock", False):
        _move_stock(shop, body["line_items"], +1)
    if status in TAKEN and not body.get("_took_stock"):
        _move_stock(shop, body["line_items"], -1)
        body["_took_stock"] = True


def _move_stock(shop: Shop, lines: list[Body], sign: int) -> None:
    for line in lines:
        thing = shop.sellable(line["product_id"], line["variation_id"])
        if thing is not None and thing["manage_stock"]:
            thing["stock_quantity"] += sign * line["quantity"]
            thing["stock_status"] = "instock" if thing["stock_quantity"] > 0 else "outofstock"
            thing["date_modified_gmt"] = now()


def note(shop: Shop, body: Body, given: Body) -> Body:
    written = {
        "id": shop.new_id(), "author": "WooCommerce", "date_created_gmt": now(), "note": str(given.get("note", "")),
        "customer_note": bool(given.get("customer_note")),
    }  # fmt: skip
    shop.notes.setdefault(body["id"], []).append(written)
    shop.commit("note", body["id"])
    return written


def refund(shop: Shop, body: Body, given: Body) -> Body:
    """Never more than is left; a gateway that cannot refund makes a 500 of it, and the record is undone."""
    rest = Decimal(body["total"]) - sum((-Decimal(entry["total"]) for entry in body["refunds"]), Decimal(0))
    amount = Decimal(given.get("amount") or "0")
    if amount <= 0 or amount > rest:
        raise WooError("woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.", 500)
    if given.get("api_refund", True) and body["payment_method"] not in shop.refundable:
        text = "The payment gateway for this order does not support automatic refunds."
        raise WooError("woocommerce_rest_cannot_create_order_refund", text, 500)
    made = {
        "id": shop.new_id(), "date_created_gmt": now(), "amount": f"{amount:.2f}", "reason": given.get("reason", ""),
        "refunded_by": 1, "refunded_payment": bool(given.get("api_refund", True)),
        "meta_data": [{"id": shop.new_id(), **entry} for entry in given.get("meta_data", ())],
        "line_items": [_refunded(shop, body, line) for line in given.get("line_items", ())],
    }  # fmt: skip
    if given.get("api_restock", True):
        _move_stock(shop, made["line_items"], -1)  # their quantities are negative
    shop.refunds.setdefault(body["id"], []).append(made)
    body["refunds"] = [*body["refunds"], {"id": made["id"], "reason": made["reason"], "total": f"-{amount:.2f}"}]
    body["date_modified_gmt"] = now()
    shop.commit("refund", body["id"])
    shop.committed["refunded_minor"][str(body["id"])] += int(amount * 100)
    if amount == rest:  # WooCommerce calls an order refunded once nothing is left of it
        _enter(shop, body, "refunded")
    return made


def _refunded(shop: Shop, body: Body, given: Body) -> Body:
    line = next((one for one in body["line_items"] if one["id"] == given.get("id")), None)
    if line is None:
        raise WooError("woocommerce_rest_invalid_order_item", "Invalid order item.", 500)
    keys = ("name", "product_id", "variation_id", "sku", "tax_class", "price")
    return {
        **{key: line[key] for key in keys}, "id": shop.new_id(), "quantity": -int(given.get("quantity") or 0),
        "subtotal": "0.00", "subtotal_tax": "0.00", "total": f"-{Decimal(str(given.get('refund_total') or 0)):.2f}",
        "total_tax": "0.00", "taxes": [],
        "meta_data": [{"id": shop.new_id(), "key": "_refunded_item_id", "value": str(line["id"])}],
    }  # fmt: skip
