"""Products and variations of a simulated shop: what WooCommerce takes, refuses, fills in and rewrites silently."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.woocommerce.gateway import WooError
from sandbox.woocommerce.state import Body, Shop, now

STATUSES = {"draft", "pending", "private", "publish"}
READ_ONLY = {
    "id",
    "price",
    "permalink",
    "on_sale",
    "purchasable",
    "date_modified_gmt",
    "date_created_gmt",
    "variations",
}
SCRIPT = re.compile(r"<(script|iframe|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)

THING: Body = {
    "description": "", "sku": "", "price": "", "regular_price": "", "sale_price": "", "on_sale": False,
    "status": "publish", "purchasable": False, "virtual": False, "downloadable": False, "tax_status": "taxable",
    "tax_class": "", "manage_stock": False, "stock_quantity": None, "stock_status": "instock", "backorders": "no",
    "backorders_allowed": False, "backordered": False, "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""}, "shipping_class": "", "shipping_class_id": 0,
    "attributes": [], "menu_order": 0, "meta_data": [],
}  # fmt: skip
PRODUCT: Body = {
    "name": "", "slug": "", "type": "simple", "featured": False, "catalog_visibility": "visible",
    "short_description": "", "total_sales": 0, "external_url": "", "button_text": "", "sold_individually": False,
    "shipping_required": True, "shipping_taxable": True, "reviews_allowed": True, "average_rating": "0.00",
    "rating_count": 0, "related_ids": [], "upsell_ids": [], "cross_sell_ids": [], "parent_id": 0, "purchase_note": "",
    "categories": [], "tags": [], "images": [], "default_attributes": [], "variations": [], "grouped_products": [],
}  # fmt: skip


def make_product(shop: Shop, given: Body) -> Body:
    body = {**THING, **PRODUCT, "id": shop.new_id(), "date_created_gmt": now(), "meta_data": []}
    apply(shop, body, given)
    body["slug"] = body["slug"] or _slug(body["name"])
    body["permalink"] = f"https://{shop.name}.example/product/{body['slug']}/"
    shop.products[body["id"]] = body
    shop.commit("product", body["sku"] or body["id"])
    return shown(shop, body)


def change_product(shop: Shop, given: Body) -> Body:
    body = product(shop, given.get("id", 0))
    before = body["status"]
    apply(shop, body, given)
    if body["status"] != before:
        shop.commit("publish" if body["status"] == "publish" else "unpublish", body["id"])
    else:
        shop.commit("stock" if "stock_quantity" in given else "product_change", body["id"])
    return shown(shop, body)


def drop_product(shop: Shop, product_id: int) -> Body:
    """Gone for good, with its variations: a batch deletes by force."""
    gone = shown(shop, product(shop, product_id))
    del shop.products[product_id]
    for variation in shop.of_parent(product_id):
        del shop.variations[variation["id"]]
    shop.commit("product_deleted", product_id)
    return gone


def make_variation(shop: Shop, parent: Body, given: Body) -> Body:
    body = {**THING, "id": shop.new_id(), "parent_id": parent["id"], "date_created_gmt": now(), "image": None}
    body["meta_data"] = []
    apply(shop, body, given)
    shop.variations[body["id"]] = body
    parent["date_modified_gmt"] = now()
    shop.commit("variation", body["sku"] or body["id"])
    return body


def change_variation(shop: Shop, parent: Body, given: Body) -> Body:
    body = shop.variations.get(given.get("id", 0))
    if body is None or body["parent_id"] != parent["id"]:
        raise WooError("woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
    apply(shop, body, given)
    shop.commit("stock" if "stock_quantity" in given else "variation_change", body["id"])
    return body


def product(shop: Shop, product_id: Any) -> Body:
    found = shop.products.get(product_id) if isinstance(product_id, int) else None
    if found is None:
        raise WooError("woocommerce_rest_product_invalid_id", "Invalid ID.", 404 if product_id else 400)
    return found


def apply(shop: Shop, body: Body, given: Body) -> None:
    """Take over what is given, or refuse before anything has changed; unknown fields are ignored, as they are there."""
    new = {key: value for key, value in given.items() if key in body and key not in READ_ONLY}
    _check(shop, body, new)
    if shop.products.get(body["id"]) is body or shop.variations.get(body["id"]) is body:
        shop.earlier[body["id"]] = dict(body)
    for key in ("description", "short_description"):
        if key in new:
            new[key] = SCRIPT.sub("", new[key])
    if "images" in new:
        new["images"] = [_image(shop, body, image) for image in new["images"]]
    if "attributes" in new:
        new["attributes"] = [_attribute(one, "options" in one) for one in new["attributes"]]
    if "meta_data" in new:
        new["meta_data"] = _merged(shop, body["meta_data"], new["meta_data"])
    if "stock_quantity" in new and not new.get("manage_stock", body["manage_stock"]):
        del new["stock_quantity"]  # silently, as WooCommerce does where stock is not managed
    if shop.most_shown is not None and new.get("stock_quantity"):
        new["stock_quantity"] = min(new["stock_quantity"], shop.most_shown)
    body.update(new)
    _derive(shop, body)


def _check(shop: Shop, body: Body, new: Body) -> None:
    for key, wanted in (("status", STATUSES), ("catalog_visibility", {"visible", "catalog", "search", "hidden"})):
        if key in new and new[key] not in wanted:
            raise WooError("rest_invalid_param", f"Invalid parameter(s): {key}", params={key: "not allowed"})
    for key in ("regular_price", "sale_price", "name", "description"):
        if key in new and not isinstance(new[key], str):
            raise WooError("rest_invalid_param", f"Invalid parameter(s): {key}", params={key: "is not of type string"})
    holder = shop.by_sku(new["sku"]) if new.get("sku") else None
    if holder is not None and holder is not body and holder["id"] != body["id"]:
        text = "Invalid or duplicated SKU."
        raise WooError("product_invalid_sku", text, 400, resource_id=holder["id"], unique_sku=f"{new['sku']}-1")


def _image(shop: Shop, body: Body, given: Body) -> Body:
    """A new address is fetched into the shop's own library; an id keeps what is there."""
    known = next((image for image in body.get("images", ()) if image["id"] == given.get("id")), None)
    if known is not None:
        return dict(known)
    source = str(given.get("src", ""))
    name = urlsplit(source).path.rpartition("/")[2]
    if not re.search(r"\.(jpe?g|png|webp|gif)$", name, re.IGNORECASE) or "missing" in name:
        text = f"Error getting remote image {source}."
        raise WooError("woocommerce_product_image_upload_error", text)
    at = f"https://{shop.name}.example/wp-content/uploads/2026/11/{name}"
    shop.commit("image", source)
    return {"id": shop.new_id(), "src": at, "name": name, "alt": given.get("alt", "")}


def _attribute(given: Body, is_parent: bool) -> Body:
    if is_parent:
        kept = {"id": 0, "name": "", "position": 0, "visible": False, "variation": False, "options": []}
    else:
        kept = {"id": 0, "name": "", "option": ""}
    return {key: given.get(key, otherwise) for key, otherwise in kept.items()}


def _merged(shop: Shop, old: list[Body], given: list[Body]) -> list[Body]:
    """Metadata is kept by key: what is not named stays."""
    by_key = {entry["key"]: entry for entry in old}
    for entry in given:
        known = by_key.get(entry["key"], {"id": shop.new_id(), "key": entry["key"]})
        by_key[entry["key"]] = known | {"value": entry["value"]}
    return list(by_key.values())


def _derive(shop: Shop, body: Body) -> None:
    on_sale = bool(body["sale_price"]) and body["sale_price"] != body["regular_price"]
    body["on_sale"] = on_sale
    body["price"] = body["sale_price"] if on_sale else body["regular_price"]
    if body["manage_stock"]:
        body["stock_quantity"] = body["stock_quantity"] or 0
        body["stock_status"] = "instock" if body["stock_quantity"] > 0 else "outofstock"
    else:
        body["stock_quantity"] = None
    body["purchasable"] = body["status"] == "publish" and bool(body["price"])
    body["date_modified_gmt"] = now()
    parent = shop.products.get(body.get("parent_id", 0))
    if parent is not None:
        parent["date_modified_gmt"] = now()


def shown(shop: Shop, body: Body) -> Body:
    """A product as the API answers it; a variable one shows its cheapest variation's price."""
    variations = shop.of_parent(body["id"])
    prices = [variation["price"] for variation in variations if variation["price"]]
    price = min(prices, key=float) if prices else body["price"]
    return body | {"variations": [variation["id"] for variation in variations], "price": price}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
