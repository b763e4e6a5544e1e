"""Products offered in one shop: staged out of sight, published fifty at a time, changed, read back, taken down.

A staged product is active and in no publication: it is made as a draft, so that it shows nowhere while the publications
that take every new product by themselves still hold it, and becomes active only when it is out of them.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult
from connectors.errors import OutcomeUnknownError
from connectors.shopify import listing_documents as documents
from connectors.shopify import listing_mapping as mapping
from connectors.shopify.answers import Done
from connectors.shopify.client import ShopifyClient, gid, refused
from connectors.shopify.listing_answers import Put, ShownProduct, States
from connectors.shopify.listing_reading import ListingReading
from connectors.shopify.parts import parts

LIVE = "live"


class Listings:
    def __init__(self, client: ShopifyClient, reading: ListingReading) -> None:
        self._client = client
        self._reading = reading

    async def stage(self, forms: Sequence[ListingForm]) -> tuple[ListingResult, ...]:
        """What is there is read first, so that all reads after it are read-backs."""
        await self._define_reference()
        known = await self._reading.products([form.ref for form in forms])
        pairs = list(zip(forms, known, strict=True))
        results: list[ListingResult] = []
        for part in parts(pairs, documents.AT_ONCE):
            results += await self._stage(part)
        return tuple(results)

    async def write(self, forms: Sequence[ListingForm]) -> tuple[ListingResult, ...]:
        await self._define_reference()
        results: list[ListingResult] = []
        for part in parts(forms, documents.AT_ONCE):
            results += await self._write(part)
        return tuple(results)

    async def publish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """The calls that make things visible go first and all at once; drafts among them are made active after."""
        known = await self._reading.resolved(refs)
        there = [ref for ref in known if ref.external_id]
        results: dict[str, ListingResult] = {}
        for done in await asyncio.gather(*(self._add(part) for part in parts(there, documents.PUBLISHED_AT_ONCE))):
            results |= done
        results |= await self._activate_drafts([ref for ref in there if results[ref.reference].outcome == "done"])
        return tuple(results.get(ref.reference) or _rejected(ref, "not_found") for ref in known)

    async def unpublish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """Out of every publication: hiding it from one place only would not hide it."""
        known = await self._reading.resolved(refs)
        there = [ref for ref in known if ref.external_id]
        await asyncio.gather(*(self._take_out(part) for part in parts(there, documents.PUBLISHED_AT_ONCE)))
        return tuple(ListingResult(ref=ref, outcome="done") for ref in known)

    async def remove(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        known = await self._reading.resolved(refs)
        there = [ref for ref in known if ref.external_id]
        for part in parts(there, documents.AT_ONCE):
            given = {f"x{index}": {"id": gid("Product", ref.external_id)} for index, ref in enumerate(part)}
            await self._client.tell_each(documents.delete(len(part)), Done, **given)
        left = {ref.reference for ref, one in zip(there, await self._reading.products(there), strict=True) if one}
        if left:
            raise OutcomeUnknownError("Shopify still shows what was deleted", f"{len(left)} products")
        return tuple(ListingResult(ref=ref, outcome="done") for ref in known)

    # ---- writing ----

    async def _stage(self, pairs: Sequence[tuple[ListingForm, ShownProduct | None]]) -> list[ListingResult]:
        places = frozenset((await self._reading.shop()).targets)
        live = {
            form.ref.reference
            for form, one in pairs
            if one is not None and one.status in mapping.VISIBLE and one.places & places
        }
        hidden = [(form, one) for form, one in pairs if form.ref.reference not in live]
        results = await self._put(hidden, status="DRAFT") if hidden else {}
        staged = [result.ref for result in results.values() if result.outcome == "done"]
        if staged:
            await self._take_out(staged)
            results |= await self._set_status(staged, "ACTIVE")
        return [results.get(form.ref.reference) or _rejected(form.ref, LIVE) for form, _ in pairs]

    async def _write(self, forms: Sequence[ListingForm]) -> list[ListingResult]:
        """What can be changed without knowing the product is; pictures and new variants need a look at it first."""
        simple = [form for form in forms if _is_simple(form)]
        whole = [form for form in forms if not _is_simple(form)]
        results = await self._change(simple)
        if whole:
            known = await self._reading.products([form.ref for form in whole])
            pairs = [(mapping.kept_whole(form, one), one) for form, one in zip(whole, known, strict=True)]
            results |= await self._put(pairs)
            for form, one in zip(whole, known, strict=True):
                done = results[form.ref.reference]
                if done.outcome == "done" and (rest := mapping.left_over(form, one, done.ref)):
                    results |= await self._change([rest])
        return [results[form.ref.reference] for form in forms]

    async def _put(
        self, pairs: Sequence[tuple[ListingForm, ShownProduct | None]], status: str = ""
    ) -> dict[str, ListingResult]:
        given: dict[str, Any] = {}
        for index, (form, known) in enumerate(pairs):
            ref = form.ref if known is None else _named(form.ref, known.number)
            given[f"k{index}"] = mapping.identifier(ref)
            given[f"x{index}"] = mapping.set_input(form, known) | ({"status": status} if status else {})
        answers = await self._client.tell_each(documents.put(len(pairs)), Put, **given)
        return {
            form.ref.reference: _result(_named(form.ref, answer.product.number if answer.product else ""), answer)
            for (form, _), answer in zip(pairs, answers, strict=True)
        }

    async def _change(self, forms: Sequence[ListingForm]) -> dict[str, ListingResult]:
        results = {form.ref.reference: ListingResult(ref=form.ref, outcome="done") for form in forms}
        fields = [form for form in forms if form.fields]
        variants = [form for form in forms if form.variants]
        if fields:
            given = {f"x{index}": mapping.update_input(form) for index, form in enumerate(fields)}
            answers = await self._client.tell_each(documents.update(len(fields)), Done, **given)
            results |= _refusals(fields, answers)
        if variants:
            ids = {f"k{index}": gid("Product", form.ref.external_id) for index, form in enumerate(variants)}
            changes = {f"x{index}": mapping.bulk_input(form) for index, form in enumerate(variants)}
            answers = await self._client.tell_each(documents.update_variants(len(variants)), Done, **ids, **changes)
            results |= _refusals(variants, answers)
        return results

    async def _set_status(self, refs: Sequence[ListingRef], status: str) -> dict[str, ListingResult]:
        given = {
            f"x{index}": {"id": gid("Product", ref.external_id), "status": status} for index, ref in enumerate(refs)
        }
        answers = await self._client.tell_each(documents.update(len(refs)), Done, **given)
        return {ref.reference: _result(ref, answer) for ref, answer in zip(refs, answers, strict=True)}

    # ---- publications ----

    async def _add(self, refs: Sequence[ListingRef]) -> dict[str, ListingResult]:
        targets = (await self._reading.shop()).targets
        added = {"publishablesToAdd": [gid("Product", ref.external_id) for ref in refs]}
        answers = await self._change_publications(targets, added)
        if not any(answer.errors for answer in answers):
            return {ref.reference: ListingResult(ref=ref, outcome="done") for ref in refs}
        return await self._add_one_by_one(refs, targets)

    async def _add_one_by_one(self, refs: Sequence[ListingRef], targets: Sequence[str]) -> dict[str, ListingResult]:
        """One product that Shopify does not take keeps the others out: each by itself tells which one it is."""
        places = [{"publicationId": gid("Publication", place)} for place in targets]
        given: dict[str, Any] = {f"x{index}": places for index in range(len(refs))}
        given |= {f"k{index}": gid("Product", ref.external_id) for index, ref in enumerate(refs)}
        answers = await self._client.tell_each(documents.publish_one_by_one(len(refs)), Done, **given)
        return {ref.reference: _result(ref, answer) for ref, answer in zip(refs, answers, strict=True)}

    async def _take_out(self, refs: Sequence[ListingRef]) -> None:
        removed = {"publishablesToRemove": [gid("Product", ref.external_id) for ref in refs]}
        for answer in await self._change_publications((await self._reading.shop()).every, removed):
            if any(error.code != "INVALID_PUBLISHABLE_ID" for error in answer.errors):
                raise refused("take products out of a publication", answer.errors)
            if answer.errors:  # one of them is gone meanwhile
                there = await self._reading.products(refs)
                left = [ref for ref, one in zip(refs, there, strict=True) if one is not None]
                return await self._take_out(left) if 0 < len(left) < len(refs) else None
        return None

    async def _change_publications(self, places: Sequence[str], change: dict[str, Any]) -> tuple[Done, ...]:
        given: dict[str, Any] = {f"k{index}": gid("Publication", place) for index, place in enumerate(places)}
        given |= {f"x{index}": change for index in range(len(places))}
        return await self._client.tell_each(documents.change_publications(len(places)), Done, **given)

    async def _activate_drafts(self, refs: Sequence[ListingRef]) -> dict[str, ListingResult]:
        drafts: list[ListingRef] = []
        for part in parts(refs, 250):
            ids = [gid("Product", ref.external_id) for ref in part]
            states = await self._client.ask(documents.STATES, States, ids=ids)
            drafts += [
                ref for ref, one in zip(part, states.found, strict=True) if one and one.status not in mapping.VISIBLE
            ]
        results: dict[str, ListingResult] = {}
        for part in parts(drafts, documents.PUBLISHED_AT_ONCE):
            results |= await self._set_status(part, "ACTIVE")
        return results

    async def _define_reference(self) -> None:
        """Our product id as a unique metafield, so that a product is found by it and never made twice."""
        if self._reading.is_defined:
            return
        definition = {
            "name": "Tutti product", "namespace": documents.NAMESPACE, "key": documents.KEY, "type": "id",
            "ownerType": "PRODUCT", "capabilities": {"uniqueValues": {"enabled": True}},
        }  # fmt: skip
        done = await self._client.tell(documents.DEFINE_REFERENCE, Done, definition=definition)
        if any(error.code != "TAKEN" for error in done.errors):
            raise refused("define the metafield of our product id", done.errors)
        self._reading.is_defined = True


def _is_simple(form: ListingForm) -> bool:
    return bool(form.ref.external_id) and form.media is None and all(one.external_id for one in form.variants)


def _named(ref: ListingRef, external_id: str) -> ListingRef:
    return ref.model_copy(update={"external_id": external_id or ref.external_id})


def _result(ref: ListingRef, answer: Done) -> ListingResult:
    outcome = "rejected" if answer.errors else "done"
    return ListingResult(ref=ref, outcome=outcome, issues=mapping.issues(answer.errors))


def _refusals(forms: Sequence[ListingForm], answers: Sequence[Done]) -> dict[str, ListingResult]:
    pairs = zip(forms, answers, strict=True)
    return {form.ref.reference: _result(form.ref, answer) for form, answer in pairs if answer.errors}


def _rejected(ref: ListingRef, code: str) -> ListingResult:
    return ListingResult(ref=ref, outcome="rejected", issues=(ListingIssue(code=code),))
