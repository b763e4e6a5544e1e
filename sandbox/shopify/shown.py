"""The public state of a shop as its staff would see it, for drills and the demo's table."""

from typing import Any

from sandbox.shopify.state import Order, Shop


def shown_order(shop: Shop, order: Order) -> dict[str, Any]:
    places = {place.id: place.name for place in shop.locations.values()}
    return {
        "id": order.id,
        "name": order.body["name"],
        "financial_status": order.body.get("financial_status"),
        "fulfillment_status": order.body.get("fulfillment_status"),
        "cancelled_at": order.body.get("cancelled_at"),
        "updated_at": order.body["updated_at"],
        "lines": [
            {
                "id": line["id"],
                "sku": line.get("sku"),
                "quantity": line["quantity"],
                "current_quantity": line["current_quantity"],
                "open": line["fulfillable_quantity"],
            }
            for line in order.body["line_items"]
        ],
        "fulfillments": [
            {
                "id": done.id,
                "status": done.status,
                "location_id": done.location_id,
                "location": places.get(done.location_id),
                "tracking": done.tracking,
                "lines": {line["id"]: units for line, units in done.lines},
            }
            for done in order.fulfillments
        ],
        "fulfillment_orders": [
            {
                "id": work.id,
                "status": work.status,
                "location_id": work.location_id,
                "method": work.method,
                "lines": {line.line["id"]: line.remaining for line in work.lines},
            }
            for work in order.fulfillment_orders
        ],
        "transactions": [
            {key: entry[key] for key in ("id", "kind", "amount", "currency", "status")} for entry in order.transactions
        ],
    }


def shown_stock(shop: Shop) -> dict[str, dict[int, dict[str, int]]]:
    skus = {variant.item_id: variant.sku for variant in shop.variants.values()}
    stock: dict[str, dict[int, dict[str, int]]] = {}
    for level in shop.levels.values():
        numbers = {name: level.quantity(name) for name in ("available", "committed", "on_hand")}
        stock.setdefault(skus[level.item_id], {})[level.location_id] = numbers
    return stock
