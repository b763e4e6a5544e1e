"""The platform's rules for products: what may be written, and what buyers then see."""

import re
from datetime import UTC, datetime
from time import time
from typing import Any

from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.inventory import set_quantities
from sandbox.shopify.state import Body, Level, Medium, Product, Shop, Variant, gid, now, number

PLAIN = ("title", "descriptionHtml", "handle", "productType", "vendor", "tags", "seo", "category")
CUSTOMS = ("countryCodeOfOrigin", "harmonizedSystemCode", "measurement")
MOST_TITLE = 255
MOST_IN_A_PUBLICATION_UPDATE = 50
NOT_A_PICTURE = re.compile(r"\.(txt|html|exe)(\?|$)|/missing")
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)


def find(shop: Shop, identifier: Body | None) -> Product | None:
    """By id, handle, or a metafield whose definition makes it unique."""
    match identifier:
        case {"id": str(global_id)}:
            return shop.products.get(number(global_id))
        case {"handle": str(handle)}:
            return next((one for one in shop.products.values() if one.body["handle"] == handle), None)
        case {"customId": {"key": str(key), "value": str(value), **rest}}:
            place = str(rest.get("namespace") or ""), key
            if place not in shop.definitions:
                raise RefusedError("Metafield definition not found.", "identifier", "customId", code="NOT_FOUND")
            held = ((one, one.metafields.get(place)) for one in shop.products.values())
            return next((one for one, kept in held if kept and kept["value"] == value), None)
    return None


def put(shop: Shop, identifier: Body | None, given: Body) -> Product:
    """`productSet`: lists are replaced whole, other fields only if they are named."""
    _check(given)
    at = find(shop, identifier)
    if at is None and identifier and "id" in identifier:
        raise RefusedError("Product does not exist", "identifier", code="PRODUCT_DOES_NOT_EXIST")
    _check_handle(shop, at, given.get("handle"))
    at = at or _create(shop, given)
    if identifier and "customId" in identifier:
        own = identifier["customId"]
        _set_metafields(at, [{**own, "type": "id"}])
    _set_plain(at, given)
    if "files" in given:
        at.media = [_medium(shop, at, one) for one in given["files"]]
    if "variants" in given:
        _set_variants(shop, at, given["variants"])
    at.status = given.get("status") or at.status
    shop.commit("listing", f"{at.body['handle']}:{at.status}")
    return touched(shop, at)


def _check(given: Body) -> None:
    if len(given.get("title") or "") > MOST_TITLE:
        raise RefusedError("Title is too long (maximum is 255 characters)", "input", "title", code="INVALID_PRODUCT")
    for index, one in enumerate(given.get("variants") or ()):
        if float(one.get("price") or 0) < 0:
            where = "input", "variants", str(index), "price"
            raise RefusedError("Price must be greater than or equal to 0", *where, code="INVALID_VARIANT")
    if given.get("variants") and "productOptions" not in given:
        text = "Product options input is required when updating variants"
        raise RefusedError(text, "input", "productOptions", code="PRODUCT_OPTIONS_INPUT_MISSING")


def _check_handle(shop: Shop, at: Product | None, handle: str | None) -> None:
    taken = find(shop, {"handle": handle}) if handle else None
    if taken is not None and taken is not at:
        raise RefusedError(f"Handle '{handle}' already in use", "input", "handle", code="HANDLE_NOT_UNIQUE")


def _create(shop: Shop, given: Body) -> Product:
    if not given.get("title"):
        raise RefusedError("Title can't be blank", "input", "title", code="INVALID_PRODUCT")
    serial = shop.new_id()
    handle = given.get("handle") or _free_handle(shop, given["title"])
    body = {"title": "", "descriptionHtml": "", "productType": "", "vendor": shop.name, "tags": [], "seo": {}}
    at = Product(serial, body | {"handle": handle, "category": None}, given.get("status") or "ACTIVE")
    at.publications = {one.id: datetime.now(UTC) for one in shop.publications.values() if one.auto}
    shop.products[serial] = at
    if not given.get("variants"):
        _set_variants(shop, at, [{"optionValues": [{"optionName": "Title", "name": "Default Title"}]}])
    return at


def _free_handle(shop: Shop, title: str) -> str:
    handle = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "product"
    taken = {one.body["handle"] for one in shop.products.values()}
    return handle if handle not in taken else f"{handle}-{len(taken)}"


def _set_plain(at: Product, given: Body) -> None:
    """Some markup is dropped without a word, as the platform does it."""
    for name in PLAIN:
        if name in given:
            at.body[name] = given[name] if given[name] is not None else type(at.body.get(name) or "")()
    at.body["descriptionHtml"] = SCRIPT.sub("", at.body["descriptionHtml"] or "")
    at.body["category"] = at.body["category"] or None
    _set_metafields(at, given.get("metafields") or ())


def _set_metafields(at: Product, given: Any) -> None:
    for one in given:
        at.metafields[str(one.get("namespace") or ""), one["key"]] = dict(one)


def _medium(shop: Shop, at: Product, given: Body) -> Medium:
    """A file that it has is kept; another is fetched in a moment."""
    known = next((one for one in at.media if gid("MediaImage", one.id) == given.get("id")), None)
    if known is not None:
        return known
    source = given.get("originalSource") or ""
    failed = bool(NOT_A_PICTURE.search(source))
    return Medium(shop.new_id(), source, time() + shop.media_seconds, given.get("alt"), failed)


def _set_variants(shop: Shop, at: Product, given: list[Body]) -> None:
    kept = []
    for index, one in enumerate(given):
        variant = shop.variants.get(number(one.get("id") or ""))
        if one.get("id") and (variant is None or variant.id not in at.variants):
            where = "input", "variants", str(index), "id"
            raise RefusedError("Product variant does not exist", *where, code="PRODUCT_VARIANT_DOES_NOT_EXIST")
        made = variant or Variant(shop.new_id(), shop.new_id(), "", at.body["title"], product_id=at.id)
        shop.variants[made.id] = made
        change_variant(shop, made, one)
        kept.append(made.id)
    for gone in set(at.variants) - set(kept):
        del shop.variants[gone]
    at.variants = kept


def change_variant(shop: Shop, at: Variant, given: Body) -> None:
    """Only what is named."""
    item = given.get("inventoryItem") or {}
    at.sku = given.get("sku") or item.get("sku") or at.sku
    at.price = f"{float(given['price']):.2f}" if given.get("price") is not None else at.price
    if "compareAtPrice" in given:
        at.compare_at = f"{float(given['compareAtPrice']):.2f}" if given["compareAtPrice"] is not None else None
    at.barcode = given.get("barcode", at.barcode)
    at.taxable = given.get("taxable", at.taxable)
    if "optionValues" in given:
        at.options = [(one.get("optionName") or "Title", one.get("name") or "") for one in given["optionValues"]]
    at.requires_shipping = item.get("requiresShipping", at.requires_shipping)
    at.customs |= {name: item[name] for name in CUSTOMS if name in item}
    for level in given.get("inventoryQuantities") or ():
        place = number(level["locationId"])
        shop.levels.setdefault((at.item_id, place), Level(at.item_id, place))
    levels = [
        {"inventoryItemId": gid("InventoryItem", at.item_id), "changeFromQuantity": None, **level}
        for level in given.get("inventoryQuantities") or ()
    ]
    if levels:
        set_quantities(shop, {"name": "available", "reason": "correction", "quantities": levels})


def update(shop: Shop, given: Body) -> Product:
    """`productUpdate`: the fields that are named."""
    at = known(shop, given.get("id") or "", "product", "id")
    _check(given)
    _check_handle(shop, at, given.get("handle"))
    _set_plain(at, given)
    at.status = given.get("status") or at.status
    shop.commit("listing", f"{at.body['handle']}:{at.status}")
    return touched(shop, at)


def publish(shop: Shop, at: Product, publication: int, since: datetime) -> None:
    at.publications[publication] = since
    shop.commit("publication", f"{at.body['handle']}@{publication}")
    touched(shop, at)


def unpublish(shop: Shop, at: Product, publication: int) -> None:
    if at.publications.pop(publication, None) is not None:
        shop.commit("unpublication", f"{at.body['handle']}@{publication}")
    touched(shop, at)


def delete(shop: Shop, at: Product) -> None:
    at.status = "ARCHIVED"
    touched(shop, at)
    for variant in at.variants:
        shop.variants.pop(variant, None)
    del shop.products[at.id]
    shop.commit("deletion", str(at.body["handle"]))


def known(shop: Shop, global_id: str, *field: str) -> Product:
    at = shop.products.get(number(global_id)) if "/Product/" in global_id else None
    if at is None:
        raise RefusedError("Product does not exist", *field, code="PRODUCT_DOES_NOT_EXIST")
    return at


def is_public(shop: Shop, at: Product) -> bool:
    """In the online store: active, and published there by now."""
    store = min(shop.publications, default=0)
    since = at.publications.get(store)
    return at.status in {"ACTIVE", "UNLISTED"} and since is not None and since <= datetime.now(UTC)


def touched(shop: Shop, at: Product) -> Product:
    """It has changed just now; the shop tells it after the call."""
    at.updated_at = now()
    shop.touched[at.id] = at
    visible = is_public(shop, at)
    if visible != (bool(at.public) and at.public[-1][1]):
        at.public.append((time(), visible))
    return at
