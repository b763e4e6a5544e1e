"""Reads an order as it is sent, and builds what the API shows of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.shipbob.behavior import Behavior
from sandbox.shipbob.store import LOCATIONS, Json, Store, now

Errors = dict[str, list[str]]


def complaints(body: Any) -> Errors:
    """What is wrong with a new order, by field, as the API words it; empty if it can be taken."""
    if not isinstance(body, dict):
        return {"": ["A non-empty request body is required."]}
    recipient = _object(body.get("recipient"))
    address = _object(recipient.get("address"))
    wanted = {
        "reference_id": body.get("reference_id"),
        "shipping_method": body.get("shipping_method"),
        "recipient.name": recipient.get("name"),
        "recipient.address.address1": address.get("address1"),
        "recipient.address.city": address.get("city"),
        "recipient.address.country": address.get("country"),
    }
    errors: Errors = {name: [f"The {name} field is required."] for name, value in wanted.items() if not value}
    if body.get("type") not in {"DTC", "DropShip", "B2B"}:
        errors["type"] = ["The type field is not valid."]
    if body.get("location_id") not in {None, *LOCATIONS}:
        errors["location_id"] = ["The location does not exist."]
    return errors | _product_complaints(body.get("products"))


def _product_complaints(products: Any) -> Errors:
    if not isinstance(products, list) or not products:
        return {"products": ["An order needs at least one product."]}
    errors: Errors = {}
    for position, product in enumerate(map(_object, products)):
        if not product.get("reference_id"):
            errors[f"products[{position}].reference_id"] = ["The reference_id field is required."]
        quantity = product.get("quantity")
        if not isinstance(quantity, int) or quantity < 1:
            errors[f"products[{position}].quantity"] = ["The quantity must be at least 1."]
    return errors


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def new_order(store: Store, body: Json, behavior: Behavior) -> Json:
    """The order as the API shows it, with its shipments planned; not kept yet."""
    order_id, at = next(store.ids), now()
    order: Json = {
        "id": order_id,
        "created_date": at,
        "purchase_date": body.get("purchase_date"),
        "reference_id": body["reference_id"],
        "order_number": body.get("order_number") or body["reference_id"],
        "status": "Processing",
        "type": body["type"],
        "channel": {"id": store.settings.channel_id, "name": "Tutti sandbox"},
        "shipping_method": body["shipping_method"],
        "recipient": body["recipient"],
        "products": [
            {key: product.get(key) for key in ("reference_id", "quantity", "sku", "unit_price", "external_line_id")}
            for product in body["products"]
        ],
        "tags": body.get("tags") or [],
        "gift_message": body.get("gift_message"),
    }
    location = LOCATIONS[body.get("location_id") or 1]
    order["shipments"] = [
        {
            "id": next(store.ids),
            "order_id": order_id,
            "reference_id": body["reference_id"],
            "created_date": at,
            "last_update_at": at,
            "status": "Processing",
            "status_details": [],
            "location": {"id": location.id, "name": location.name},
            "products": products,
            "recipient": {**body["recipient"], "full_name": body["recipient"]["name"]},
            "tracking": {},
            "is_tracking_uploaded": False,
        }
        for products in _parcels(store, body["products"], behavior.parcels)
    ]
    return order


def _parcels(store: Store, products: list[Json], parcels: int) -> Iterator[list[Json]]:
    """Deal the units out in order, evenly over at most as many parcels as there are units."""
    units = [product for product in products for _ in range(product["quantity"])]
    parcels = min(parcels, len(units))
    for number in range(parcels):
        share = units[number * len(units) // parcels : (number + 1) * len(units) // parcels]
        yield [_shipped_product(store, product, units=_times(share, product)) for product in _distinct(share)]


def _distinct(products: list[Json]) -> list[Json]:
    return [product for position, product in enumerate(products) if _times(products[:position], product) == 0]


def _times(products: list[Json], wanted: Json) -> int:
    return sum(product is wanted for product in products)


def _shipped_product(store: Store, product: Json, units: int) -> Json:
    item = store.inventory.get(product["reference_id"], {})
    name = product.get("name") or product["reference_id"]
    return {
        "id": item.get("inventory_id", 0),
        "reference_id": product["reference_id"],
        "sku": product.get("sku") or product["reference_id"],
        "name": name,
        "inventory_items": [
            {"id": item.get("inventory_id", 0), "name": name, "quantity": units, "quantity_committed": units}
        ],
    }


def imputed_status(order: Json) -> str:
    """An order's status follows from its shipments' (status reference)."""
    found = [shipment["status"] for shipment in order["shipments"]]
    live = [status for status in found if status != "Cancelled"]
    if not live:
        return "Cancelled"
    if "Exception" in live:
        return "Exception"
    if "Completed" in live:
        return "Fulfilled" if set(live) == {"Completed"} else "PartiallyFulfilled"
    return "Processing"
