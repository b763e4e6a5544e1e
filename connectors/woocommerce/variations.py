"""The variants of variable products: a batch per product, matched by id or by SKU."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult, VariantForm
from connectors.woocommerce import forms
from connectors.woocommerce.client import AT_ONCE, WooClient
from connectors.woocommerce.finding import Finder, parts
from connectors.woocommerce.refusals import issues
from connectors.woocommerce.schemas import BatchItem, WooProduct, WooVariation


class Variations:
    def __init__(self, client: WooClient, finder: Finder) -> None:
        self._client = client
        self._finder = finder

    async def write(
        self, wanted: Sequence[ListingForm], refs: Sequence[ListingRef], known: Mapping[str, WooProduct | None]
    ) -> tuple[ListingResult, ...]:
        """For products that are there; `refs` carry the ids that the shop gave them."""
        variable = [
            (form, ref)
            for form, ref in zip(wanted, refs, strict=True)
            if form.variants and forms.is_variable(form, known.get(ref.reference))
        ]
        there = await self._finder.variations(known.get(ref.reference) for _, ref in variable)
        return tuple(
            await asyncio.gather(*(self._of(form, ref, there.get(int(ref.external_id), ())) for form, ref in variable))
        )

    async def _of(self, form: ListingForm, ref: ListingRef, there: Sequence[WooVariation]) -> ListingResult:
        new, old = _sorted(form.variants, there)
        found: list[ListingIssue] = []
        path = f"/products/{ref.external_id}/variations"
        for part in parts(new, AT_ONCE):
            answer = await self._client.batch(path, create=[forms.variant_body(variant) for variant in part])
            found += _complaints(part, answer.create)
        for bodies in parts(old, AT_ONCE):
            answer = await self._client.batch(path, update=[body for _, body in bodies])
            found += _complaints([variant for variant, _ in bodies], answer.update)
        return ListingResult(ref=ref, outcome="rejected" if found else "done", issues=tuple(found))


def _sorted(
    variants: Sequence[VariantForm], there: Sequence[WooVariation]
) -> tuple[list[VariantForm], list[tuple[VariantForm, dict[str, Any]]]]:
    """Those to be made, and those that the shop has, with what is to be changed."""
    by_id = {str(one.id): one.id for one in there}
    by_sku = {one.sku: one.id for one in there if one.sku}
    new: list[VariantForm] = []
    old: list[tuple[VariantForm, dict[str, Any]]] = []
    for variant in variants:
        known = by_id.get(variant.external_id.rpartition("/")[2]) or by_sku.get(variant.sku)
        if known is None:
            new.append(variant)
        else:
            old.append((variant, {**forms.variant_body(variant), "id": known}))
    return new, old


def _complaints(variants: Sequence[VariantForm], items: Sequence[BatchItem]) -> list[ListingIssue]:
    return [
        issue
        for variant, item in zip(variants, items, strict=True)
        if item.error is not None
        for issue in issues(item.error, variant.sku)
    ]
