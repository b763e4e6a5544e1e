"""Products of one shop as its staff and as its buyers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.contract import ListingRef, PublicListing, ShownListing
from connectors.errors import RejectedError
from connectors.shopify import listing_documents as documents
from connectors.shopify import listing_mapping as mapping
from connectors.shopify.client import ShopifyClient, gid
from connectors.shopify.listing_answers import ListingShop, MoreVariants, Owners, PublicProducts, ShownProduct
from connectors.shopify.parts import parts
from connectors.shopify.schemas import digits

SKUS_AT_ONCE = 100
SEEN_AT_ONCE = 100


@dataclass(frozen=True)
class ShopFacts:
    """Publications by number: those that we sell in, and all."""

    currency: str
    targets: tuple[str, ...]
    every: tuple[str, ...]


class ListingReading:
    def __init__(self, client: ShopifyClient, publications: Sequence[str]) -> None:
        self._client = client
        self._publications = publications
        self._facts: ShopFacts | None = None
        self.is_defined = False

    async def shop(self) -> ShopFacts:
        """What does not change while the connection is open."""
        if self._facts is None:
            found = await self._client.ask(documents.SHOP, ListingShop)
            wanted = set(self._publications)
            targets = [one.number for one in found.publications if wanted & {one.name, one.number}]
            if not targets:
                known = ", ".join(one.name for one in found.publications)
                raise RejectedError(f"the shop has no such publication; set `publications` to one of: {known}")
            every = tuple(one.number for one in found.publications)
            self._facts = ShopFacts(found.shop.currency, tuple(targets), every)
        return self._facts

    async def shown(self, refs: Sequence[ListingRef]) -> tuple[ShownListing | None, ...]:
        shop = await self.shop()
        places = frozenset(shop.targets)
        return tuple(
            mapping.shown_listing(product, ref, shop.currency, places) if product else None
            for ref, product in zip(refs, await self.products(refs), strict=True)
        )

    async def products(self, refs: Sequence[ListingRef]) -> list[ShownProduct | None]:
        """By Shopify's id, by our reference, and at last by SKU: a product that was there before us has no reference."""
        found = await self._found(refs)
        strangers = [
            ref for ref, one in zip(refs, found, strict=True) if one is None and not ref.external_id and ref.skus
        ]
        if not strangers:
            return found
        owners = await self._owners(strangers)
        adopted = [
            ref.model_copy(update={"external_id": owners[ref.reference]})
            for ref in strangers
            if owners.get(ref.reference)
        ]
        by_reference = dict(zip([ref.reference for ref in adopted], await self._found(adopted), strict=True))
        return [one or by_reference.get(ref.reference) for ref, one in zip(refs, found, strict=True)]

    async def resolved(self, refs: Sequence[ListingRef]) -> list[ListingRef]:
        """With Shopify's id, which stays empty for what is not there."""
        nameless = [ref for ref in refs if not ref.external_id]
        found = dict(zip([ref.reference for ref in nameless], await self.products(nameless), strict=True))
        return [
            ref.model_copy(update={"external_id": one.number}) if (one := found.get(ref.reference)) else ref
            for ref in refs
        ]

    async def seen(self, refs: Sequence[ListingRef]) -> tuple[PublicListing, ...]:
        """By the Storefront API, which needs no token for this."""
        known = await self.resolved(refs)
        seen: list[PublicListing] = []
        for part in parts(known, SEEN_AT_ONCE):
            ids = [gid("Product", ref.external_id or "0") for ref in part]
            answer = await self._client.look(documents.STOREFRONT, PublicProducts, ids=ids)
            at = datetime.now(UTC)
            seen += [mapping.public_listing(one, ref, at) for ref, one in zip(part, answer.found, strict=True)]
        return tuple(seen)

    async def _found(self, refs: Sequence[ListingRef]) -> list[ShownProduct | None]:
        found: list[ShownProduct | None] = []
        for part in parts(refs, documents.AT_ONCE):
            given = {f"x{index}": mapping.identifier(ref) for index, ref in enumerate(part)}
            answers = await self._client.ask_each(documents.find(len(part)), ShownProduct, **given)
            found += [await self._whole(one) if one else None for one in answers]
        return found

    async def _whole(self, product: ShownProduct) -> ShownProduct:
        """With all of its variants."""
        variants, page = list(product.variants.nodes), product.variants.page
        while page.next:
            more = await self._client.ask(documents.MORE_VARIANTS, MoreVariants, id=product.id, after=page.cursor)
            variants += more.found.variants.nodes
            page = more.found.variants.page
        return product.model_copy(update={"variants": product.variants.model_copy(update={"nodes": tuple(variants)})})

    async def _owners(self, refs: Sequence[ListingRef]) -> dict[str, str]:
        """The product that has all of a listing's SKUs that Shopify knows; none if they belong to several."""
        owners: dict[str, set[str]] = {}
        pairs = [(ref.reference, sku) for ref in refs for sku in ref.skus]
        for part in parts(pairs, SKUS_AT_ONCE):
            given = {f"x{index}": f"sku:'{_quoted(sku)}'" for index, (_, sku) in enumerate(part)}
            answers = await self._client.ask_each(documents.find_by_sku(len(part)), Owners, **given)
            for (reference, sku), answer in zip(part, answers, strict=True):
                exact = {digits(one.product.id) for one in answer.nodes if one.sku == sku} if answer else set()
                owners.setdefault(reference, set()).update(exact)
        return {reference: found.pop() for reference, found in owners.items() if len(found) == 1}


def _quoted(sku: str) -> str:
    return sku.replace("\\", "\\\\").replace("'", "\\'")
