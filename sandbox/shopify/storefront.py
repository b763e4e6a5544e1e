"""What buyers see of a shop without signing in: the Storefront API's tokenless part."""

from pathlib import Path
from time import time
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.shopify import catalog, catalog_views
from sandbox.shopify.state import Body, Product, Shop, Variant, gid, number


def _product(shop: Shop, at: Product | None) -> Body | None:
    if at is None or not catalog.is_public(shop, at):
        return None
    variants = [_variant(shop, shop.variants[one]) for one in at.variants]
    ready = [one for one in at.media if time() >= one.ready_at and not one.has_failed]
    return {
        "__typename": "Product",
        "id": gid("Product", at.id),
        "handle": at.body["handle"],
        "title": at.body["title"],
        "availableForSale": any(one["availableForSale"] for one in variants),
        "images": lambda _info, first=None: {
            "nodes": [{"url": catalog_views.address(shop, one)} for one in ready[:first]]
        },
        "variants": lambda _info, first=None: {"nodes": variants[:first]},
    }


def _variant(shop: Shop, at: Variant) -> Body:
    units = sum(level.available for (item, _), level in shop.levels.items() if item == at.item_id)
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", at.id),
        "sku": at.sku,
        "availableForSale": units > 0,
        "price": {"amount": at.price, "currencyCode": shop.currency},
    }


def _schema() -> GraphQLSchema:
    schema = build_schema(Path(__file__).with_name("storefront.graphql").read_text(encoding="utf-8"))
    assert schema.query_type
    schema.query_type.fields["nodes"].resolve = lambda _root, info, ids: [
        _product(info.context, info.context.products.get(number(one))) for one in ids
    ]
    schema.query_type.fields["product"].resolve = lambda _root, info, **asked: _product(
        info.context, catalog.find(info.context, {name: value for name, value in asked.items() if value})
    )
    return schema


SCHEMA = _schema()


async def answer(shop: Shop, request: Request) -> Response:
    """One query; there is no cost bucket on this side."""
    asked: Any = await request.json()
    result = graphql_sync(SCHEMA, asked["query"], context_value=shop, variable_values=asked.get("variables"))
    return JSONResponse(result.formatted)
