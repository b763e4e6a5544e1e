"""A channel that shows listings, with the ways in which channels go wrong."""

from collections.abc import Callable
from typing import Any

from connectors.contract import ListingForm, ListingIssue, ListingRef, ListingResult, ShownListing
from connectors.contract.listing_fields import flat, formed
from connectors.errors import ConnectorError

Fields = dict[str, Any]


class FakeShop:
    """`shown` is its own truth, flat fields by product; every write that it made is counted."""

    def __init__(self, *products: str) -> None:
        self.shown: dict[str, Fields] = {
            name: {
                "title": f"Lamp {name}", "descriptionHtml": "<p>Bright.</p>", "vendor": "Lumen", "tags": ["theirs"],
                f"variants/{name}/price": {"amount_minor": 1900, "currency": "EUR"},
            }
            for name in products
        }  # fmt: skip
        self.writes: list[ListingForm] = []
        self.refused: dict[str, str] = {}
        self.accepts_only = False
        self.waiting: list[ListingForm] = []
        self.rewrites: Callable[[str, Any], Any] = lambda _name, value: value
        self.drops: list[ConnectorError] = []

    async def read_listings(self, refs: tuple[ListingRef, ...]) -> tuple[ShownListing | None, ...]:
        return tuple(self._read(ref) for ref in refs)

    def _read(self, ref: ListingRef) -> ShownListing | None:
        fields = self.shown.get(ref.reference)
        if fields is None:
            return None
        named = ref.model_copy(update={"external_id": f"x-{ref.reference}"})
        return ShownListing(form=formed(named, fields, {ref.reference: f"v-{ref.reference}"}), state="live")

    async def write_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:
        results = tuple(self._write(form) for form in forms)
        if self.drops:
            raise self.drops.pop(0)
        return results

    def _write(self, form: ListingForm) -> ListingResult:
        code = next(
            (code for field, code in self.refused.items() if field in flat(form) or field == form.ref.reference), ""
        )
        if code:
            field = next(name for name in self.refused if self.refused[name] == code)
            return ListingResult(ref=form.ref, outcome="rejected", issues=(ListingIssue(code=code, field=field),))
        self.writes.append(form)
        if self.accepts_only:
            self.waiting.append(form)
            return ListingResult(ref=form.ref, outcome="accepted")
        self._apply(form)
        return ListingResult(ref=form.ref, outcome="done")

    def _apply(self, form: ListingForm) -> None:
        told = {name: self.rewrites(name, value) for name, value in flat(form).items()}
        self.shown[form.ref.reference] |= told

    def appear(self) -> None:
        """What was accepted shows from now on."""
        for form in self.waiting:
            self._apply(form)
        self.waiting.clear()
