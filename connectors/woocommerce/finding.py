"""Finds products in a shop: by their ids, or by SKU, which is the only look-up by a name of ours that WooCommerce has."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from connectors.contract import ListingRef
from connectors.woocommerce.client import AT_ONCE, WooClient
from connectors.woocommerce.forms import REFERENCE
from connectors.woocommerce.schemas import WooProduct, WooVariation

T = TypeVar("T")

SKUS_AT_ONCE = 40  # they travel in the address, which hosts limit


class Finder:
    def __init__(self, client: WooClient) -> None:
        self._client = client

    async def products(self, refs: Sequence[ListingRef]) -> tuple[WooProduct | None, ...]:
        """In order. A product without an id of ours is found by our reference, by its SKUs or by those of its variants."""
        by_id = await self.by_ids({int(ref.external_id) for ref in refs if ref.external_id.isdecimal()})
        nameless = [ref for ref in refs if not ref.external_id]
        by_sku = await self._by_skus({sku for ref in nameless for sku in (ref.reference, *ref.skus) if sku})
        return tuple(
            by_id.get(int(ref.external_id)) if ref.external_id.isdecimal() else _named(ref, by_sku) for ref in refs
        )

    async def by_ids(self, ids: Iterable[int]) -> dict[int, WooProduct]:
        found: dict[int, WooProduct] = {}
        for part in parts(sorted(ids), AT_ONCE):
            include = ",".join(map(str, part))
            found |= {one.id: one for one in await self._client.page("/products", WooProduct, include=include)}
        return found

    async def _by_skus(self, skus: Iterable[str]) -> dict[str, WooProduct]:
        """By SKU and by our reference; a variation stands for its product."""
        found: list[WooProduct] = []
        for part in parts(sorted(skus), SKUS_AT_ONCE):
            found += await self._client.page("/products", WooProduct, sku=",".join(part))
        parents = await self.by_ids({one.parent_id for one in found if one.type == "variation"})
        named = {one.sku: parents.get(one.parent_id, one) if one.type == "variation" else one for one in found}
        ours = {str(one.meta(REFERENCE)): one for one in named.values() if one.meta(REFERENCE)}
        return {**named, **ours}

    async def variations(self, products: Iterable[WooProduct | None]) -> Mapping[int, tuple[WooVariation, ...]]:
        """Of every variable product, all at once: WooCommerce has no list over several products."""
        variable = {one.id: one for one in products if one is not None and one.is_variable}
        found = await asyncio.gather(*(self._of(product_id) for product_id in variable))
        return dict(zip(variable, found, strict=True))

    async def _of(self, product_id: int) -> tuple[WooVariation, ...]:
        pages = self._client.all(f"/products/{product_id}/variations", WooVariation)
        return tuple([variation async for variation in pages])


def _named(ref: ListingRef, found: Mapping[str, WooProduct]) -> WooProduct | None:
    return next((found[name] for name in (ref.reference, *ref.skus) if name in found), None)


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
