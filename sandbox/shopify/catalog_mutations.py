"""What a shop can be told to do with its products."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.shopify import catalog, catalog_views
from sandbox.shopify.call import Info
from sandbox.shopify.fulfillment import RefusedError
from sandbox.shopify.refusing import refusing
from sandbox.shopify.state import Body, number


@refusing()
def product_set(info: Info, **given: Any) -> Body:
    at = catalog.put(info.context.shop, given.get("identifier"), given["input"])
    return {"product": catalog_views.product(info.context.shop, at)}


@refusing()
def product_update(info: Info, **given: Any) -> Body:
    at = catalog.update(info.context.shop, given["product"])
    return {"product": catalog_views.product(info.context.shop, at)}


@refusing()
def variants_update(info: Info, **given: Any) -> Body:
    """All or nothing: checked before anything is changed."""
    shop = info.context.shop
    at = catalog.known(shop, given["productId"], "productId")
    for index, one in enumerate(given["variants"]):
        where = "variants", str(index)
        if number(one.get("id") or "") not in at.variants:
            raise RefusedError("Product variant does not exist", *where, "id", code="PRODUCT_VARIANT_DOES_NOT_EXIST")
        if float(one.get("price") or 0) < 0:
            raise RefusedError("Price must not be negative", *where, "price", code="NEGATIVE_PRICE_VALUE")
    for one in given["variants"]:
        catalog.change_variant(shop, shop.variants[number(one["id"])], one)
    shop.commit("listing", f"{at.body['handle']}:variants")
    catalog.touched(shop, at)
    return {"product": catalog_views.product(shop, at)}


@refusing()
def product_delete(info: Info, **given: Any) -> Body:
    catalog.delete(info.context.shop, catalog.known(info.context.shop, given["input"]["id"], "id"))
    return {"deletedProductId": given["input"]["id"]}


@refusing()
def publication_update(info: Info, **given: Any) -> Body:
    """All or nothing, and no more than 50 things at once."""
    shop, place = info.context.shop, number(given["id"])
    if place not in shop.publications:
        raise RefusedError("Publication not found.", "id", code="PUBLICATION_NOT_FOUND")
    wanted = {name: given["input"].get(name) or [] for name in ("publishablesToAdd", "publishablesToRemove")}
    if sum(map(len, wanted.values())) > catalog.MOST_IN_A_PUBLICATION_UPDATE:
        code = "PUBLICATION_UPDATE_LIMIT_EXCEEDED"
        raise RefusedError("A maximum of 50 items can be updated at once.", "input", code=code)
    found = {
        name: [_publishable(info, one, name, index) for index, one in enumerate(ids)] for name, ids in wanted.items()
    }
    for at in found["publishablesToAdd"]:
        catalog.publish(shop, at, place, datetime.now(UTC))
    for at in found["publishablesToRemove"]:
        catalog.unpublish(shop, at, place)
    return {"publication": catalog_views.publication(shop.publications[place])}


def _publishable(info: Info, global_id: str, name: str, index: int) -> Any:
    try:
        return catalog.known(info.context.shop, global_id)
    except RefusedError:
        where = "input", name, str(index)
        raise RefusedError("The publishable ID is invalid.", *where, code="INVALID_PUBLISHABLE_ID") from None


@refusing()
def publishable_publish(info: Info, **given: Any) -> Body:
    shop, at = info.context.shop, catalog.known(info.context.shop, given["id"], "id")
    for one in given["input"]:
        date = one.get("publishDate")
        since = datetime.fromisoformat(date) if date else datetime.now(UTC)
        catalog.publish(shop, at, _place(info, one), since)
    return {"shop": {}}


@refusing()
def publishable_unpublish(info: Info, **given: Any) -> Body:
    shop, at = info.context.shop, catalog.known(info.context.shop, given["id"], "id")
    for one in given["input"]:
        catalog.unpublish(shop, at, _place(info, one))
    return {"shop": {}}


def _place(info: Info, given: Body) -> int:
    place = number(given.get("publicationId") or "")
    if place not in info.context.shop.publications:
        raise RefusedError("Publication does not exist", "input", "publicationId")
    return place


@refusing()
def define(info: Info, **given: Any) -> Body:
    place = str(given["definition"].get("namespace") or ""), given["definition"]["key"]
    if place in info.context.shop.definitions:
        raise RefusedError("Key is in use for Product metafields.", "definition", "key", code="TAKEN")
    info.context.shop.definitions.add(place)
    return {}


CATALOG_MUTATIONS: Mapping[str, Callable[..., Body]] = {
    "metafieldDefinitionCreate": define,
    "productDelete": product_delete,
    "productSet": product_set,
    "productUpdate": product_update,
    "productVariantsBulkUpdate": variants_update,
    "publicationUpdate": publication_update,
    "publishablePublish": publishable_publish,
    "publishableUnpublish": publishable_unpublish,
}
