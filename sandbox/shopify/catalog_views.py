"""Products as the Admin API shows them."""

from time import time
from typing import Any

from sandbox.shopify import views
from sandbox.shopify.state import Body, Medium, Product, Publication, Shop, gid


def product(shop: Shop, at: Product) -> Body:
    variants = [shop.variants[one] for one in at.variants]
    return {
        "__typename": "Product",
        "id": gid("Product", at.id),
        **{name: at.body[name] for name in ("title", "descriptionHtml", "handle", "productType", "vendor", "tags")},
        "seo": {"title": None, "description": None} | (at.body["seo"] or {}),
        "category": {"id": at.body["category"]} if at.body["category"] else None,
        "status": at.status,
        "updatedAt": at.updated_at,
        "media": views.page(at.media, lambda one: medium(shop, one)),
        "metafield": lambda _info, key, namespace="": _metafield(at, namespace, key),
        "metafields": lambda _info, namespace=None, first=None, after=None: views.connection(
            [place for place in at.metafields if namespace is None or place[0] == namespace],
            lambda place: _metafield(at, *place),
            first,
            after,
        ),
        "variants": views.page(variants, lambda one: views.variant(shop, one)),
        "resourcePublicationsV2": lambda _info, onlyPublished=True, **asked: views.connection(  # noqa: ARG005, N803 - the API's own argument name
            list(at.publications),
            lambda place: {
                "isPublished": True,
                "publication": publication(shop.publications[place]),
                "publishDate": at.publications[place].isoformat(),
            },
            asked.get("first"),
            asked.get("after"),
        ),
    }


def _metafield(at: Product, namespace: str, key: str) -> Any:
    held = at.metafields.get((namespace, key))
    if held is None:
        return None
    shown = {"namespace": namespace, "key": key, "type": held.get("type") or "id", "value": held["value"]}
    return shown | {"id": gid("Metafield", f"{at.id}{abs(hash((namespace, key))) % 1000}")}


def publication(at: Publication) -> Body:
    return {"__typename": "Publication", "id": gid("Publication", at.id), "name": at.name, "autoPublish": at.auto}


def medium(shop: Shop, at: Medium) -> Body:
    """Under an address of the platform's own, once it was fetched."""
    status = "PROCESSING" if time() < at.ready_at else "FAILED" if at.has_failed else "READY"
    failed = [{"code": "IMAGE_DOWNLOAD_FAILURE", "message": "The image could not be downloaded."}]
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", at.id),
        "alt": at.alt,
        "status": status,
        "mediaErrors": failed if status == "FAILED" else [],
        "image": {"url": address(shop, at)} if status == "READY" else None,
    }


def address(shop: Shop, at: Medium) -> str:
    name = at.source.rpartition("/")[2].partition("?")[0]
    return f"https://cdn.shopify.com/s/files/{shop.name}/{name}?v={at.id}"
