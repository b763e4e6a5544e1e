"""The listing verbs: drafts that are whole and unseen, one call per hundred products to make them live."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult, PublicListing, ShownListing
from connectors.woocommerce import forms
from connectors.woocommerce.client import AT_ONCE, WooClient
from connectors.woocommerce.finding import SKUS_AT_ONCE, Finder, parts
from connectors.woocommerce.refusals import issues
from connectors.woocommerce.schemas import BatchItem, PublicProduct, WooProduct
from connectors.woocommerce.variations import Variations
from domain.money import Money

GONE = ListingIssue(code="not_found", field="id", message="the shop has no such product")
LIVE = ListingIssue(code="live", field="status", message="the product is published already")
MISSING = frozenset({"woocommerce_rest_product_invalid_id"})


class Listings:
    def __init__(self, client: WooClient, currency: str) -> None:
        self._client = client
        self._currency = currency
        self._finder = Finder(client)
        self._variations = Variations(client, self._finder)

    # ---- visible or not ----

    async def publish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        return await self._set_status(refs, "publish", lambda result: result)

    async def unpublish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        return await self._set_status(refs, "draft", _done_if_gone)

    async def _set_status(
        self, refs: Sequence[ListingRef], status: str, judge: Callable[[ListingResult], ListingResult]
    ) -> tuple[ListingResult, ...]:
        known = await self._with_ids(refs)
        there = [ref for ref in known if ref.external_id]
        bodies = [{"id": int(ref.external_id), "status": status} for ref in there]
        answers = await asyncio.gather(
            *(self._client.batch("/products", update=part) for part in parts(bodies, AT_ONCE))
        )
        items = [item for answer in answers for item in answer.update]
        results = {ref.reference: judge(_result(ref, item)) for ref, item in zip(there, items, strict=True)}
        absent = [judge(_rejected(ref, GONE)) for ref in known if not ref.external_id]
        results |= {result.ref.reference: result for result in absent}
        return tuple(results[ref.reference] for ref in refs)

    async def remove(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """For good, not into the trash, where the SKU would stay taken."""
        known = await self._with_ids(refs)
        there = [ref for ref in known if ref.external_id]
        results = {ref.reference: ListingResult(ref=ref, outcome="done") for ref in known if not ref.external_id}
        for part in parts(there, AT_ONCE):
            answer = await self._client.batch("/products", delete=[int(ref.external_id) for ref in part])
            for ref, item in zip(part, answer.delete, strict=True):
                results[ref.reference] = _done_if_gone(_result(ref, item))
        return tuple(results[ref.reference] for ref in refs)

    async def _with_ids(self, refs: Sequence[ListingRef]) -> list[ListingRef]:
        """Nothing is asked where every id is known: going live is one call."""
        nameless = [ref for ref in refs if not ref.external_id]
        found = dict(zip([ref.reference for ref in nameless], await self._finder.products(nameless), strict=True))
        return [
            ref.model_copy(update={"external_id": str(product.id)}) if (product := found.get(ref.reference)) else ref
            for ref in refs
        ]

    # ---- content ----

    async def stage(self, wanted: Sequence[ListingForm]) -> tuple[ListingResult, ...]:
        return await self._write(wanted, may_be_live=False)

    async def write(self, wanted: Sequence[ListingForm]) -> tuple[ListingResult, ...]:
        return await self._write(wanted, may_be_live=True)

    async def _write(self, wanted: Sequence[ListingForm], *, may_be_live: bool) -> tuple[ListingResult, ...]:
        """New products are drafts; the variants of those that were taken follow, in a call per product."""
        found = dict(
            zip(
                [form.ref.reference for form in wanted],
                await self._finder.products([f.ref for f in wanted]),
                strict=True,
            )
        )
        results: dict[str, ListingResult] = {}
        good: list[ListingForm] = []
        for form in wanted:
            if refused := self._refusal(form, found[form.ref.reference], may_be_live=may_be_live):
                results[form.ref.reference] = refused
            else:
                good.append(form)
        for part in parts(good, AT_ONCE):
            results |= await self._write_products(part, found)
        done = [form for form in good if results[form.ref.reference].outcome == "done"]
        for result in await self._variations.write(done, [results[form.ref.reference].ref for form in done], found):
            results[result.ref.reference] = result
        return tuple(results[form.ref.reference] for form in wanted)

    def _refusal(self, form: ListingForm, known: WooProduct | None, *, may_be_live: bool) -> ListingResult | None:
        if found := forms.problems(form, self._currency):
            return ListingResult(ref=form.ref, outcome="rejected", issues=found)
        if form.ref.external_id and known is None:
            return _rejected(form.ref, GONE)
        if known is not None and forms.state_of(known) == "live" and not may_be_live:
            return _rejected(form.ref, LIVE)
        return None

    async def _write_products(
        self, wanted: Sequence[ListingForm], found: dict[str, WooProduct | None]
    ) -> dict[str, ListingResult]:
        """A create that was refused for its SKU may be a copy of one that has landed: then the product has our mark."""
        new = [form for form in wanted if found[form.ref.reference] is None]
        old = [(form, known) for form in wanted if (known := found[form.ref.reference])]
        answer = await self._client.batch(
            "/products",
            create=[{**forms.product_body(form, None), "status": "draft"} for form in new],
            update=[{**forms.product_body(form, known), "id": known.id} for form, known in old],
        )
        made = {form.ref.reference: _result(form.ref, item) for form, item in zip(new, answer.create, strict=True)}
        taken = [form.ref for form in new if _is_taken(made[form.ref.reference])]
        for ref, known in zip(taken, await self._finder.products(taken), strict=True):
            if known is not None and known.meta(forms.REFERENCE) == ref.reference:
                made[ref.reference] = _done(ref, known.id)
                found[ref.reference] = known
        changed = {
            form.ref.reference: _result(form.ref, item) for (form, _), item in zip(old, answer.update, strict=True)
        }
        return made | changed

    # ---- looking ----

    async def read(self, refs: Sequence[ListingRef]) -> tuple[ShownListing | None, ...]:
        products = await self._finder.products(refs)
        variations = await self._finder.variations(products)
        return tuple(
            forms.shown_listing(ref, product, variations.get(product.id, ()), self._currency) if product else None
            for ref, product in zip(refs, products, strict=True)
        )

    async def public(self, refs: Sequence[ListingRef]) -> tuple[PublicListing, ...]:
        """By the Store API, without a key; prices by variant come from its list of variations."""
        found: list[PublicProduct] = []
        for part in parts([ref.external_id for ref in refs if ref.external_id], AT_ONCE):
            found += await self._client.public(PublicProduct, include=",".join(part))
        skus = [sku for ref in refs if not ref.external_id for sku in (ref.reference, *ref.skus)]
        for part in parts(skus, SKUS_AT_ONCE):
            found += await self._client.public(PublicProduct, sku=",".join(part))
        variable = sorted({str(one.id) for one in found if one.type == "variable"})
        variants: list[PublicProduct] = []
        for part in parts(variable, SKUS_AT_ONCE):
            variants += await self._public_variants(",".join(part))
        seen_at = datetime.now(UTC)
        return tuple(_public(ref, found, variants, seen_at) for ref in refs)

    async def _public_variants(self, parents: str) -> list[PublicProduct]:
        variants: list[PublicProduct] = []
        number = 1
        while found := await self._client.public(PublicProduct, type="variation", parent=parents, page=number):
            variants += found
            number += 1
            if len(found) < AT_ONCE:
                break
        return variants


def _public(
    ref: ListingRef, found: Sequence[PublicProduct], variants: Sequence[PublicProduct], seen_at: datetime
) -> PublicListing:
    names = {ref.reference, *ref.skus}
    shown = next((one for one in found if str(one.id) == ref.external_id or (not ref.external_id and one.sku in names)), None)  # fmt: skip
    if shown is None:
        return PublicListing(ref=ref, is_visible=False, seen_at=seen_at)
    priced = [one for one in variants if one.parent == shown.id] or [shown]
    return PublicListing(
        ref=ref.model_copy(update={"external_id": str(shown.id)}),
        is_visible=True,
        is_buyable=shown.is_purchasable and shown.is_in_stock,
        title=shown.name,
        prices={one.sku: price for one in priced if (price := _price(one))},
        media=tuple(image.src for image in shown.images),
        seen_at=seen_at,
    )


def _price(product: PublicProduct) -> Money | None:
    prices = product.prices
    is_number = prices.price.isdecimal() and prices.currency_code
    return Money(amount_minor=int(prices.price), currency=prices.currency_code) if is_number else None


def _result(ref: ListingRef, item: BatchItem) -> ListingResult:
    if item.error is not None:
        return ListingResult(ref=ref, outcome="rejected", issues=issues(item.error))
    return _done(ref, item.id)


def _done(ref: ListingRef, product_id: int) -> ListingResult:
    return ListingResult(ref=ref.model_copy(update={"external_id": str(product_id)}), outcome="done")


def _rejected(ref: ListingRef, issue: ListingIssue) -> ListingResult:
    return ListingResult(ref=ref, outcome="rejected", issues=(issue,))


def _done_if_gone(result: ListingResult) -> ListingResult:
    codes = {issue.code for issue in result.issues}
    is_gone = result.outcome == "rejected" and codes & {GONE.code, *MISSING}
    return result.model_copy(update={"outcome": "done", "issues": ()}) if is_gone else result


def _is_taken(result: ListingResult) -> bool:
    return any(issue.code == "product_invalid_sku" for issue in result.issues)
