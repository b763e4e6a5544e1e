"""The shop's records as the API shows them: dictionaries by field name, nested parts as functions of their arguments."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.shopify.money import sum_of
from sandbox.shopify.state import (
    Body,
    Fulfillment,
    FulfillmentOrder,
    Level,
    Location,
    Order,
    Shop,
    Subscription,
    Variant,
    gid,
)


def page(items: Sequence[Any], show: Callable[[Any], Body]) -> Callable[..., Body]:
    """A connection field over a list that does not change its order."""
    return lambda _info, first=None, after=None, **_: connection(items, show, first, after)


def connection(items: Sequence[Any], show: Callable[[Any], Body], first: int | None, after: str | None) -> Body:
    start = int(after) if after else 0
    end = start + (first if first is not None else len(items))
    shown = [show(item) for item in items[start:end]]
    return {"nodes": shown, "pageInfo": {"hasNextPage": end < len(items), "endCursor": str(min(end, len(items)))}}


def money(price: Body | None) -> Body | None:
    if price is None:
        return None
    shop, presentment = price["shop_money"], price["presentment_money"]
    return {
        "shopMoney": {"amount": shop["amount"], "currencyCode": shop["currency_code"]},
        "presentmentMoney": {"amount": presentment["amount"], "currencyCode": presentment["currency_code"]},
    }


def order(shop: Shop, at: Order) -> Body:
    body = at.body
    return {
        "__typename": "Order",
        "id": body["admin_graphql_api_id"],
        "name": body["name"],
        "createdAt": body["created_at"],
        "updatedAt": body["updated_at"],
        "cancelledAt": body.get("cancelled_at"),
        "cancelReason": (body.get("cancel_reason") or "").upper() or None,
        "currencyCode": body["currency"],
        "presentmentCurrencyCode": body.get("presentment_currency") or body["currency"],
        "displayFinancialStatus": (body.get("financial_status") or "").upper() or None,
        "displayFulfillmentStatus": _fulfillment_status(at),
        "email": body.get("email"),
        "phone": body.get("phone"),
        "sourceName": body.get("source_name"),
        "tags": [tag.strip() for tag in (body.get("tags") or "").split(",") if tag.strip()],
        "test": bool(body.get("test")),
        "customAttributes": [
            {"key": each["name"], "value": each["value"]} for each in body.get("note_attributes") or ()
        ],
        "customer": _customer(body.get("customer")),
        "billingAddress": address(body.get("billing_address")),
        "shippingAddress": address(body.get("shipping_address")),
        "shippingLine": _shipping_line(body),
        "subtotalPriceSet": money(body.get("subtotal_price_set")),
        "totalDiscountsSet": money(body.get("total_discounts_set")),
        "totalPriceSet": money(body["total_price_set"]),
        "totalShippingPriceSet": money(body["total_shipping_price_set"]),
        "totalTaxSet": money(body.get("total_tax_set")),
        "risk": {"recommendation": _recommendation(at.risk), "assessments": [{"riskLevel": at.risk}]},
        "lineItems": page(body["line_items"], line),
        "transactions": lambda _info, first=None: [transaction(at, entry) for entry in at.transactions[:first]],
        "refunds": lambda _info, first=None: [refund(at, entry) for entry in body["refunds"][:first]],
        "fulfillmentOrders": page(at.fulfillment_orders, lambda work: fulfillment_order(shop, work)),
        "fulfillments": lambda _info, first=None: [fulfillment(shop, done) for done in at.fulfillments[:first]],
    }


def _fulfillment_status(at: Order) -> str:
    if any(work.status == "ON_HOLD" for work in at.fulfillment_orders):
        return "ON_HOLD"
    return {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED"}.get(
        at.body.get("fulfillment_status"), "UNFULFILLED"
    )


def _recommendation(risk: str) -> str:
    return {"HIGH": "CANCEL", "MEDIUM": "INVESTIGATE", "LOW": "ACCEPT"}.get(risk, "NONE")


def _customer(given: Body | None) -> Body | None:
    if not given:
        return None
    name = f"{given.get('first_name') or ''} {given.get('last_name') or ''}".strip()
    return {"id": given.get("admin_graphql_api_id") or gid("Customer", given["id"]), "displayName": name}


def _shipping_line(body: Body) -> Body | None:
    first = next(iter(body.get("shipping_lines") or ()), None)
    if first is None:
        return None
    return {"title": first["title"], "code": first.get("code"), "deliveryCategory": first.get("delivery_category")}


def address(given: Body | None) -> Body | None:
    if not given:
        return None
    same = ("address1", "address2", "city", "company", "latitude", "longitude", "name", "phone", "province", "zip")
    view = {key: given.get(key) for key in same}
    return view | {"countryCodeV2": given.get("country_code"), "provinceCode": given.get("province_code")}


def line(given: Body) -> Body:
    nothing = sum_of([], like=given["price_set"])
    return {
        "__typename": "LineItem",
        "id": given["admin_graphql_api_id"],
        "name": given.get("name") or given["title"],
        "title": given["title"],
        "sku": given.get("sku"),
        "quantity": given["quantity"],
        "currentQuantity": given["current_quantity"],
        "unfulfilledQuantity": given["fulfillable_quantity"],
        "requiresShipping": given.get("requires_shipping", True),
        "originalUnitPriceSet": money(given["price_set"]),
        "totalDiscountSet": money(_discount(given) or nothing),
        "discountAllocations": [
            {"allocatedAmountSet": money(share["amount_set"])} for share in given.get("discount_allocations") or ()
        ],
        "taxLines": [
            {"title": tax["title"], "priceSet": money(tax["price_set"])} for tax in given.get("tax_lines") or ()
        ],
        "weight": {"value": float(given.get("grams") or 0), "unit": "GRAMS"},
    }


def _discount(given: Body) -> Body | None:
    shares = [(share["amount_set"], 1) for share in given.get("discount_allocations") or ()]
    return sum_of(shares, like=given["price_set"]) if shares else given.get("total_discount_set")


def transaction(at: Order, entry: Body) -> Body:
    parent = next((other for other in at.transactions if other["id"] == entry["parent_id"]), None)
    return {
        "__typename": "OrderTransaction",
        "id": entry["admin_graphql_api_id"],
        "kind": entry["kind"].upper(),
        "status": entry["status"].upper(),
        "gateway": entry["gateway"],
        "amountSet": money(entry["amount_set"]),
        "createdAt": entry["created_at"],
        "parentTransaction": transaction(at, parent) if parent else None,
    }


def refund(at: Order, given: Body) -> Body:
    prices = [(entry["amount_set"], 1) for entry in given["transactions"] if "amount_set" in entry]
    return {
        "__typename": "Refund",
        "id": given["admin_graphql_api_id"],
        "createdAt": given["created_at"],
        "note": given.get("note"),
        "totalRefundedSet": money(sum_of(prices, like=at.body["total_price_set"])),
        "transactions": page(given["transactions"], lambda entry: transaction(at, entry)),
        "refundLineItems": page(
            given["refund_line_items"],
            lambda entry: {"lineItem": line(entry["line_item"]), "quantity": entry["quantity"], "restocked": False},
        ),
    }


def fulfillment_order(shop: Shop, at: FulfillmentOrder) -> Body:
    place = shop.locations.get(at.location_id)
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", at.id),
        "orderId": at.order.body["admin_graphql_api_id"],
        "status": at.status,
        "requestStatus": "UNSUBMITTED",
        "assignedLocation": {"name": place.name if place else "", "location": location(place) if place else None},
        "deliveryMethod": {
            "id": gid("DeliveryMethod", at.id),
            "methodType": at.method,
            "maxDeliveryDateTime": at.order.body.get("promised_until"),
        },
        "fulfillmentHolds": [hold(held) for held in at.holds],
        "lineItems": page(
            at.lines,
            lambda work: {
                "id": gid("FulfillmentOrderLineItem", work.id),
                "lineItem": line(work.line),
                "sku": work.line.get("sku"),
                "remainingQuantity": work.remaining,
                "totalQuantity": work.total,
            },
        ),
    }


def hold(held: Body) -> Body:
    return {
        "id": gid("FulfillmentHold", held["id"]),
        "reason": held["reason"],
        "reasonNotes": held["notes"],
        "displayReason": held["reason"].replace("_", " ").capitalize(),
    }


def fulfillment(shop: Shop, at: Fulfillment) -> Body:
    place = shop.locations.get(at.location_id)
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", at.id),
        "name": at.name,
        "status": at.status,
        "createdAt": at.created_at,
        "updatedAt": at.updated_at,
        "location": location(place) if place else None,
        "totalQuantity": sum(units for _, units in at.lines),
        "trackingInfo": lambda _info, first=None: at.tracking[:first],
        "fulfillmentLineItems": page(
            at.lines,
            lambda part: {
                "id": gid("FulfillmentLineItem", f"{at.id}{part[0]['id']}"),
                "lineItem": line(part[0]),
                "quantity": part[1],
            },
        ),
    }


def location(at: Location) -> Body:
    return {
        "__typename": "Location",
        "id": gid("Location", at.id),
        "name": at.name,
        "isActive": True,
        "fulfillsOnlineOrders": True,
        "address": {"address1": at.address1, "city": at.city, "zip": at.zip, "countryCode": at.country_code},
    }


def variant(shop: Shop, at: Variant) -> Body:
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", at.id),
        "sku": at.sku,
        "title": at.title,
        "price": at.price,
        "compareAtPrice": at.compare_at,
        "barcode": at.barcode,
        "taxable": at.taxable,
        "selectedOptions": [{"name": name, "value": value} for name, value in at.options],
        "product": lambda _info: _product(shop, at),
        "inventoryItem": lambda _info: item(shop, at),
    }


def _product(shop: Shop, at: Variant) -> Body:
    from sandbox.shopify import catalog_views  # the two show each other

    return catalog_views.product(shop, shop.products[at.product_id])


def item(shop: Shop, at: Variant) -> Body:
    levels = [shop.levels[key] for place in shop.locations if (key := (at.item_id, place)) in shop.levels]
    by_place = {gid("Location", level.location_id): level for level in levels}
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", at.item_id),
        "sku": at.sku,
        "tracked": True,
        "requiresShipping": at.requires_shipping,
        "countryCodeOfOrigin": at.customs.get("countryCodeOfOrigin"),
        "harmonizedSystemCode": at.customs.get("harmonizedSystemCode"),
        "measurement": {"weight": (at.customs.get("measurement") or {}).get("weight")},
        "inventoryLevels": page(levels, lambda kept: level_view(shop, kept)),
        "inventoryLevel": lambda _info, locationId: (  # noqa: N803 - the API's own argument name
            level_view(shop, by_place[locationId]) if locationId in by_place else None
        ),
    }


def level_view(shop: Shop, at: Level) -> Body:
    kept = next(variant for variant in shop.variants.values() if variant.item_id == at.item_id)
    return {
        "__typename": "InventoryLevel",
        "id": f"{gid('InventoryLevel', at.location_id)}?inventory_item_id={at.item_id}",
        "isActive": True,
        "item": lambda _info: item(shop, kept),
        "location": location(shop.locations[at.location_id]),
        "quantities": lambda _info, names: [{"name": name, "quantity": at.quantity(name)} for name in names],
    }


def subscription(at: Subscription) -> Body:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", at.id),
        "topic": at.topic,
        "uri": at.uri,
        "format": "JSON",
    }
