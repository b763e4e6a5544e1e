"""Amazon's listings: one call a SKU, seen when Amazon has processed them; they cannot be staged unseen."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jsonschema import Draft201909Validator

from connectors.amazon.attributes import OFFER, Vocabulary, begun, ended, is_ended, parent_sku, skus_of
from connectors.amazon.client import AmazonClient
from connectors.amazon.schemas import AmazonIssue, AmazonListing, AmazonSubmission
from connectors.contract import (
    ListingForm,
    ListingIssue,
    ListingRef,
    ListingResult,
    PublicListing,
    ShownListing,
    VariantForm,
)
from connectors.errors import NotFoundAtChannelError, RejectedError, TryAgainError
from domain.money import money

VISIBLE = {"BUYABLE", "DISCOVERABLE"}
THROTTLED_AT_MOST = 3
AT_ONCE = 10
"""Calls under way: enough for every limit, and few enough that a limit which was lowered is learned before it is hurt."""
Work = Callable[[], Awaitable[AmazonSubmission]]


class Listings:
    """Batches are spread over SKUs; each operation's limit paces them, and one SKU's refusal stops no other."""

    def __init__(self, client: AmazonClient, words: Vocabulary) -> None:
        self._client = client
        self._words = words
        self._places = asyncio.Semaphore(AT_ONCE)

    # ---- writes

    async def write(self, forms: Sequence[ListingForm]) -> tuple[ListingResult, ...]:
        """New SKUs are put whole, known ones patched by what the form says; what is new needs no look."""
        known = await self._known(form.ref for form in forms if not form.is_new)
        return await self._each([(form.ref, self._writes(form, known)) for form in forms])

    async def check(
        self, forms: Sequence[ListingForm], schema: Callable[[str], Awaitable[Mapping[str, Any]]]
    ) -> tuple[ListingResult, ...]:
        """The product type's schema first, which costs nothing; what passes it goes to Amazon's own preview."""
        breaches = [_breaches(await schema(form.kind), form, self._words) for form in forms]
        asked = [form for form, issues in zip(forms, breaches, strict=True) if not issues]
        previewed = iter(await self._each([(form.ref, self._previews(form)) for form in asked], done="done"))
        return tuple(
            ListingResult(ref=form.ref, outcome="rejected", issues=issues) if issues else next(previewed)
            for form, issues in zip(forms, breaches, strict=True)
        )

    async def publish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """Offers that were ended begin again; those that run are done."""
        known = await self._known(refs)
        return await self._each([(ref, self._offers(ref, known, is_ended, begun)) for ref in refs])

    async def unpublish(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """Offers end now and keep their price: nothing is left to be found or bought."""
        known = await self._known(refs)
        now = datetime.now(UTC)

        def runs(offers: Any) -> bool:
            return bool(offers) and not is_ended(offers)

        return await self._each(
            [(ref, self._offers(ref, known, runs, lambda offers: ended(offers, now))) for ref in refs]
        )

    async def remove(self, refs: Sequence[ListingRef]) -> tuple[ListingResult, ...]:
        """Also what is not known yet: a listing that was accepted is not found before it is processed."""
        return await self._each([(ref, [self._delete(sku) for sku in skus_of(ref)]) for ref in refs])

    # ---- reads

    async def read(self, refs: Sequence[ListingRef]) -> tuple[ShownListing | None, ...]:
        known = await self._known(refs)
        return tuple(self._shown(ref, [known[sku] for sku in skus_of(ref) if sku in known]) for ref in refs)

    async def public(self, refs: Sequence[ListingRef]) -> tuple[PublicListing, ...]:
        """By Amazon's own word on what shoppers find (DISCOVERABLE) and can buy (BUYABLE)."""
        known = await self._known(refs)
        return tuple(_public(ref, [known[sku] for sku in ref.skus if sku in known]) for ref in refs)

    # ---- how

    async def _known(self, refs: Iterable[ListingRef]) -> dict[str, AmazonListing]:
        return await self._client.listings(list(dict.fromkeys(sku for ref in refs for sku in skus_of(ref))))

    def _writes(self, form: ListingForm, known: Mapping[str, AmazonListing]) -> list[Work]:
        """What the form says of the product is said of every SKU that is there, of its parent too."""
        named = {variant.sku for variant in form.variants}
        others = (VariantForm(sku=sku) for sku in form.ref.skus if sku not in named and sku in known)
        variants = (*form.variants, *(others if form.fields or form.media is not None else ()))
        works = [self._write_variant(form, variant, known.get(variant.sku)) for variant in variants]
        if len(form.ref.skus) > 1:
            works.insert(0, self._write_parent(form, known.get(parent_sku(form.ref))))
        return works

    def _write_parent(self, form: ListingForm, known: AmazonListing | None) -> Work:
        if known is None:
            return self._put(parent_sku(form.ref), form, self._words.parent(form))
        wanted = self._words.parent(form)
        patches = [_patch(name, value) for name, value in wanted.items() if known.attributes.get(name) != value]
        return self._patch(parent_sku(form.ref), form.kind, patches)

    def _write_variant(self, form: ListingForm, variant: VariantForm, known: AmazonListing | None) -> Work:
        if known is None:
            return self._put(variant.sku, form, self._words.document(form, variant))
        wanted = self._words.changes(form, variant, known.attributes)
        patches = [_patch(name, value) for name, value in wanted.items() if known.attributes.get(name) != value]
        return self._patch(variant.sku, form.kind, patches)

    def _put(self, sku: str, form: ListingForm, attributes: Mapping[str, Any]) -> Work:
        body = {"productType": form.kind, "requirements": "LISTING", "attributes": attributes}
        return lambda: self._client.put_listing(sku, body)

    def _previews(self, form: ListingForm) -> list[Work]:
        works = [self._preview(form, one.sku, self._words.document(form, one)) for one in form.variants]
        parent = [self._preview(form, parent_sku(form.ref), self._words.parent(form))] if len(form.ref.skus) > 1 else []
        return parent + works

    def _preview(self, form: ListingForm, sku: str, attributes: Mapping[str, Any]) -> Work:
        body = {"productType": form.kind, "requirements": "LISTING", "attributes": attributes}
        return lambda: self._client.put_listing(sku, body, preview=True)

    def _patch(self, sku: str, kind: str, patches: Sequence[Mapping[str, Any]]) -> Work:
        async def work() -> AmazonSubmission:
            if not patches:
                return AmazonSubmission(sku=sku, status="VALID")
            return await self._client.patch_listing(sku, kind, patches)

        return work

    def _offers(
        self,
        ref: ListingRef,
        known: Mapping[str, AmazonListing],
        needs: Callable[[Any], bool],
        changed: Callable[[Any], list[dict[str, Any]]],
    ) -> list[Work]:
        works = []
        for sku in ref.skus:
            offers = known[sku].attributes.get(OFFER) if sku in known else None
            if needs(offers):
                works.append(self._patch(sku, "", [_patch(OFFER, changed(offers))]))
        return works

    def _delete(self, sku: str) -> Work:
        async def work() -> AmazonSubmission:
            try:
                return await self._client.delete_listing(sku)
            except NotFoundAtChannelError:
                return AmazonSubmission(sku=sku, status="VALID")

        return work

    async def _each(
        self, works: Sequence[tuple[ListingRef, list[Work]]], done: str = "accepted"
    ) -> tuple[ListingResult, ...]:
        """All at once; whatever failed is told only when nothing is under way any more."""
        flat = [(index, work) for index, (_, group) in enumerate(works) for work in group]
        tries = THROTTLED_AT_MOST if len(flat) > 1 else 0
        answers = await asyncio.gather(*(self._patiently(work, tries) for _, work in flat), return_exceptions=True)
        broken = next(
            (each for each in answers if isinstance(each, BaseException) and not isinstance(each, RejectedError)), None
        )
        if broken is not None:
            raise broken
        return tuple(
            _result(ref, [a for (i, _), a in zip(flat, answers, strict=True) if i == index], done)
            for index, (ref, _) in enumerate(works)
        )

    async def _patiently(self, work: Work, tries: int) -> AmazonSubmission:
        """A call that was throttled did nothing and is made again by itself: its neighbors of the batch are done."""
        for _ in range(tries):
            try:
                async with self._places:
                    return await work()
            except TryAgainError as error:
                if error.after is None:
                    raise
                await asyncio.sleep(error.after.total_seconds())
        async with self._places:
            return await work()

    def _shown(self, ref: ListingRef, found: Sequence[AmazonListing]) -> ShownListing | None:
        if not found:
            return None
        summaries = [summary for each in found for summary in each.summaries]
        changes = [summary.last_updated_date for summary in summaries if summary.last_updated_date]
        return ShownListing(
            form=self._words.shown_form(ref, found),
            state=_state(ref, found),
            issues=tuple(_issue(issue) for each in found for issue in each.issues),
            version=max(changes).isoformat() if changes else "",
            changed_at=max(changes, default=None),
        )


def _result(ref: ListingRef, answers: Sequence[Any], done: str) -> ListingResult:
    issues: list[ListingIssue] = []
    for answer in answers:
        if isinstance(answer, RejectedError):
            issues += [ListingIssue(code=reason.code) for reason in answer.reasons] or [ListingIssue(code="refused")]
        elif answer.status == "INVALID":
            issues += [_issue(issue) for issue in answer.issues] or [ListingIssue(code="INVALID")]
    if issues:
        return ListingResult(ref=ref, outcome="rejected", issues=tuple(issues))
    waits = done == "accepted" and any(answer.status == "ACCEPTED" for answer in answers)
    named = ref.model_copy(update={"external_id": skus_of(ref)[0] if ref.skus else ref.external_id})
    return ListingResult(ref=named, outcome="accepted" if waits else "done")


def _patch(name: str, value: Any) -> dict[str, Any]:
    path = f"/attributes/{name}"
    return {"op": "delete", "path": path} if value is None else {"op": "replace", "path": path, "value": value}


def _state(ref: ListingRef, found: Sequence[AmazonListing]) -> Any:
    bought = [each for each in found if each.sku in ref.skus]
    if any(VISIBLE & set(summary.status) for each in bought for summary in each.summaries):
        return "live"
    return "hidden" if bought and all(each.summaries for each in bought) else "accepted"


def _public(ref: ListingRef, found: Sequence[AmazonListing]) -> PublicListing:
    visible = [(each, s) for each in found for s in each.summaries if VISIBLE & set(s.status)]
    first = visible[0][1] if visible else None
    return PublicListing(
        ref=ref,
        is_visible=bool(visible),
        is_buyable=any("BUYABLE" in summary.status for _, summary in visible),
        title=first.item_name if first else "",
        prices={
            each.sku: money(offer.price.amount, offer.price.currency_code)
            for each, _ in visible
            for offer in each.offers
            if offer.offer_type == "B2C"
        },
        media=(first.main_image.link,) if first and first.main_image else (),
        seen_at=datetime.now(UTC),
    )


def _issue(issue: AmazonIssue) -> ListingIssue:
    return ListingIssue(
        code=issue.code,
        field=", ".join(issue.attribute_names),
        message=issue.message,
        is_blocking=issue.severity == "ERROR",
    )


def _breaches(schema: Mapping[str, Any], form: ListingForm, words: Vocabulary) -> tuple[ListingIssue, ...]:
    """Amazon's schemas use keywords of its own beside JSON Schema's; a validator passes over those."""
    found = [
        ListingIssue(code=f"schema:{error.validator}", field=error.json_path, message=_short(error.message))
        for variant in form.variants
        for error in Draft201909Validator(schema).iter_errors(words.document(form, variant))
    ]
    return tuple(dict.fromkeys(found))


def _short(message: str, length: int = 300) -> str:
    return message if len(message) <= length else f"{message[:length]}…"
