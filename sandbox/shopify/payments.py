"""The platform's rules for money: captures within the authorization, refunds within what was captured."""

from decimal import Decimal

from sandbox.shopify import orders
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.money import bag
from sandbox.shopify.state import Body, Order, Shop, gid, now, number


def _total(order: Order, *kinds: str) -> Decimal:
    moved = (entry for entry in order.transactions if entry["kind"] in kinds)
    return sum((Decimal(entry["amount"]) for entry in moved), Decimal(0))


def refundable(order: Order) -> Decimal:
    """What was taken and not yet given back, in the buyer's currency."""
    return _total(order, "sale", "capture") - _total(order, "refund")


def capture(shop: Shop, order: Order, given: Body) -> Body:
    parent = next((entry for entry in order.transactions if entry["id"] == number(given["parentTransactionId"])), None)
    if parent is None or parent["kind"] != "authorization":
        raise RefusedError("Parent transaction is not an authorization.", "input", "parentTransactionId")
    amount = Decimal(given["amount"])
    if amount <= 0 or _total(order, "capture") + amount > Decimal(parent["amount"]):
        raise RefusedError("Capture amount is greater than the authorized amount.", "input", "amount")
    if order.body.get("cancelled_at"):
        raise RefusedError("The authorization was voided.", "input", "id")
    price = bag(order.body["total_price_set"], amount, parent["currency"])
    entry = orders.transaction(shop, order.body, "capture", price, parent["id"])
    order.transactions.append(entry)
    is_whole = _total(order, "capture") >= Decimal(parent["amount"])
    order.body["financial_status"] = "paid" if is_whole else "partially_paid"
    orders.touch(order)
    shop.commit("capture", f"{order.id}|{parent['id']}|{entry['amount']}")
    return entry


def refund(shop: Shop, order: Order, given: Body) -> Body:
    """Give money back, with the lines that it is for; answers the refund in REST form."""
    amounts = [Decimal(entry["amount"]) for entry in given.get("transactions") or ()]
    if any(amount <= 0 for amount in amounts) or sum(amounts, Decimal(0)) > refundable(order):
        raise RefusedError("Refund amount exceeds the amount that can be refunded.", "transactions")
    lines = []
    for wanted in given.get("refundLineItems") or ():
        line = order.line(number(wanted["lineItemId"]))
        if line is None or not 0 < wanted["quantity"] <= line["current_quantity"]:
            raise RefusedError("Quantity cannot refund more items than were purchased.", "refundLineItems")
        lines.append((line, wanted["quantity"]))
    currency = order.body["total_price_set"]["presentment_money"]["currency_code"]
    prices = [bag(order.body["total_price_set"], amount, currency) for amount in amounts]
    for line, units in lines:
        orders.drop(shop, order, line, units)
    return record_refund(shop, order, prices, lines, given.get("note"))


def record_refund(
    shop: Shop, order: Order, prices: list[Body], lines: list[tuple[Body, int]], note: str | None
) -> Body:
    """Append the refund to the order; the rules were checked before."""
    parent = next((entry["id"] for entry in order.transactions if entry["kind"] in {"sale", "capture"}), None)
    entries = [orders.transaction(shop, order.body, "refund", price, parent) for price in prices]
    order.transactions += entries
    serial = shop.new_id()
    made = {
        "id": serial,
        "admin_graphql_api_id": gid("Refund", serial),
        "order_id": order.id,
        "created_at": now(),
        "processed_at": now(),
        "note": note,
        "restock": False,
        "refund_line_items": [
            {
                "id": shop.new_id(),
                "quantity": units,
                "line_item_id": line["id"],
                "location_id": None,
                "restock_type": "no_restock",
                "line_item": line,
            }
            for line, units in lines
        ],
        "transactions": entries,
    }
    order.body["refunds"].append(made)
    if prices:
        order.body["financial_status"] = "refunded" if refundable(order) <= 0 else "partially_refunded"
    orders.touch(order)
    counted = ",".join(f"{line['id']}x{units}" for line, units in lines)
    # the note tells two refunds of the same content apart: one call that is made twice repeats it
    shop.commit("refund", f"{order.id}|{note or ''}|{counted}|{','.join(entry['amount'] for entry in entries)}")
    return made
