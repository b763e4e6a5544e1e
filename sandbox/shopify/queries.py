"""What can be asked of a shop."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError

from sandbox.shopify import catalog, catalog_views, return_views, returns, views
from sandbox.shopify.call import Info
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.state import Body, Order, Shop, number

MAX_PAGE = 250
FILTER = re.compile(r"(\w+):(>=|<=|>|<)?(?:'([^']*)'|\"([^\"]*)\"|(\S+))")
SORTED_BY = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "processed_at", "ID": "id"}


def _show_order(info: Info, found: Order | None) -> Body | None:
    if found is None:
        return None
    shop, shown = info.context.shop, found.earlier or found if info.context.is_stale else found
    made = returns.of_order(shop, found)
    return views.order(shop, shown) | {"returns": views.page(made, lambda at: return_views.returned(shop, at))}


def order(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - the API's own argument name
    return _show_order(info, info.context.shop.orders.get(number(id)) if "/Order/" in id else None)


def orders(_root: None, info: Info, **asked: Any) -> Body:
    """Pages go on after (sorted value, id), so that a change between two pages hides no order."""
    first = asked.get("first")
    if first is None or not 0 < first <= MAX_PAGE:
        raise GraphQLError("you must provide a first between 1 and 250", extensions={"code": "BAD_REQUEST"})
    key = SORTED_BY[asked["sortKey"]]
    ranked = [
        ((str(at.body.get(key)), at.id), at)
        for at in info.context.shop.orders.values()
        if _fits(at, asked.get("query"))
    ]
    ranked.sort(key=lambda pair: pair[0], reverse=asked["reverse"])
    if after := asked.get("after"):
        value, _, serial = after.rpartition("|")
        last = value, int(serial)
        ranked = [pair for pair in ranked if (pair[0] < last if asked["reverse"] else pair[0] > last)]
    shown = ranked[:first]
    cursor = f"{shown[-1][0][0]}|{shown[-1][0][1]}" if shown else asked.get("after")
    nodes = [_show_order(info, at) for _, at in shown]
    return {"nodes": nodes, "pageInfo": {"hasNextPage": len(ranked) > first, "endCursor": cursor}}


def _fits(at: Order, query: str | None) -> bool:
    return all(_fits_one(at, *match) for match in FILTER.findall(query or ""))


def _fits_one(at: Order, field: str, relation: str, *values: str) -> bool:
    value = "".join(values)
    if field in {"updated_at", "created_at", "processed_at"}:
        mine = str(at.body.get(field))
        compared = {">=": mine >= value, "<=": mine <= value, ">": mine > value, "<": mine < value, "": mine == value}
        return compared[relation]
    known = {"name": at.body["name"], "id": str(at.id), "financial_status": at.body.get("financial_status")}
    if field not in known:
        raise GraphQLError(f"the simulator does not know the order filter {field!r}")
    return bool(known[field] == value)


def node(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - the API's own argument name
    shop = info.context.shop
    kind = id.removeprefix("gid://shopify/").partition("/")[0]
    shown: Mapping[str, Callable[[int], Body | None]] = {
        "Order": lambda key: _show_order(info, shop.orders.get(key)),
        "FulfillmentOrder": lambda key: _via(views.fulfillment_order, shop, shop.fulfillment_orders.get(key)),
        "Fulfillment": lambda key: _via(views.fulfillment, shop, shop.fulfillments.get(key)),
        "InventoryItem": lambda key: _item(shop, key),
        "Location": lambda key: views.location(shop.locations[key]) if key in shop.locations else None,
        "Product": lambda key: _via(catalog_views.product, shop, shop.products.get(key)),
        "ProductVariant": lambda key: _via(views.variant, shop, shop.variants.get(key)),
    }
    return shown[kind](number(id)) if kind in shown else None


def _via(show: Callable[[Shop, Any], Body], shop: Shop, found: Any) -> Body | None:
    return show(shop, found) if found is not None else None


def _item(shop: Shop, item_id: int) -> Body | None:
    return next((views.item(shop, kept) for kept in shop.variants.values() if kept.item_id == item_id), None)


def nodes(_root: None, info: Info, ids: list[str]) -> list[Body | None]:
    return [node(None, info, one) for one in ids]


def inventory_item(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - as above
    return _item(info.context.shop, number(id))


def inventory_items(_root: None, info: Info, **asked: Any) -> Body:
    return _variants(info, views.item, **asked)


def product_variants(_root: None, info: Info, **asked: Any) -> Body:
    return _variants(info, views.variant, **asked)


def _variants(info: Info, show: Callable[[Shop, Any], Body], **asked: Any) -> Body:
    shop = info.context.shop
    skus = {"".join(match[2:]) for match in FILTER.findall(asked.get("query") or "") if match[0] == "sku"}
    kept = [variant for variant in shop.variants.values() if not skus or variant.sku in skus]
    return views.connection(kept, lambda at: show(shop, at), asked.get("first"), asked.get("after"))


def product_by(_root: None, info: Info, identifier: Body) -> Body | None:
    try:
        return _via(catalog_views.product, info.context.shop, catalog.find(info.context.shop, identifier))
    except RefusedError:
        return None


def publications(_root: None, info: Info, **asked: Any) -> Body:
    known = list(info.context.shop.publications.values())
    return views.connection(known, catalog_views.publication, asked.get("first"), asked.get("after"))


def location(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - as above
    found = info.context.shop.locations.get(number(id))
    return views.location(found) if found else None


def locations(_root: None, info: Info, **asked: Any) -> Body:
    return views.connection(
        list(info.context.shop.locations.values()), views.location, asked.get("first"), asked.get("after")
    )


def shop(_root: None, info: Info) -> Body:
    at = info.context.shop
    return {
        "id": "gid://shopify/Shop/1",
        "name": at.name,
        "myshopifyDomain": at.domain,
        "currencyCode": at.currency,
        "ianaTimezone": "UTC",
    }


def installation(_root: None, info: Info) -> Body:
    return {
        "id": "gid://shopify/AppInstallation/1",
        "accessScopes": [{"handle": name} for name in info.context.shop.scopes],
    }


def subscriptions(_root: None, info: Info, **asked: Any) -> Body:
    topics, uri = asked.get("topics"), asked.get("uri")
    kept = [
        at
        for at in info.context.shop.subscriptions.values()
        if (not topics or at.topic in topics) and (uri is None or at.uri == uri)
    ]
    return views.connection(kept, views.subscription, asked.get("first"), asked.get("after"))


def job(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - as above
    done = info.context.shop.jobs.get(number(id))
    return None if done is None else {"id": id, "done": done}


def one_return(_root: None, info: Info, id: str) -> Body | None:  # noqa: A002 - as above
    found = info.context.shop.returns.get(number(id))
    return return_views.returned(info.context.shop, found) if found else None


def returnable(_root: None, info: Info, orderId: str, **asked: Any) -> Body:  # noqa: N803 - the API's own argument name
    shop = info.context.shop
    order = shop.orders.get(number(orderId))
    parcels = list(returns.returnable(shop, order)) if order else []
    shown = [
        (shipment, [(returns.line_id(shipment, line), line, units) for line, units in lines])
        for shipment, lines in parcels
        if lines
    ]
    return views.connection(
        shown, lambda part: return_views.returnable(shop, *part), asked.get("first"), asked.get("after")
    )


QUERIES: Mapping[str, Callable[..., Any]] = {
    "currentAppInstallation": installation,
    "fulfillmentOrder": node,
    "inventoryItem": inventory_item,
    "inventoryItems": inventory_items,
    "job": job,
    "location": location,
    "locations": locations,
    "node": node,
    "nodes": nodes,
    "order": order,
    "orders": orders,
    "productByIdentifier": product_by,
    "productVariants": product_variants,
    "publications": publications,
    "return": one_return,
    "returnableFulfillments": returnable,
    "shop": shop,
    "webhookSubscriptions": subscriptions,
}
