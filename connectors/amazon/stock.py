"""Quantities of what the merchant ships, per SKU and supply source; Amazon has no compare-and-swap for them."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from connectors.amazon.attributes import AVAILABILITY
from connectors.amazon.client import AmazonClient
from connectors.amazon.schemas import AmazonListing
from connectors.contract import RemoteStock, StockResult, StockSetting
from connectors.errors import RejectedError, UnreadableError

DEFAULT_PLACE = "DEFAULT"
"""The fulfillment channel of a seller without supply sources."""
MOST_PAGES = 10_000


class Stock:
    def __init__(self, client: AmazonClient) -> None:
        self._client = client

    async def read(self, skus: Sequence[str]) -> tuple[StockSetting, ...]:
        found = await self._client.listings(list(dict.fromkeys(skus)))
        return tuple(setting for sku in found for setting in _settings(found[sku]))

    async def set(self, settings: Sequence[StockSetting]) -> tuple[StockResult, ...]:
        """A call a SKU with all its places; what Amazon shows already is confirmed without a call."""
        by_sku: dict[str, list[StockSetting]] = {}
        for setting in settings:
            by_sku.setdefault(setting.item_external_id, []).append(setting)
        found = await self._client.listings(list(by_sku))
        outcomes = await asyncio.gather(
            *(self._set_one(sku, wanted, found.get(sku)) for sku, wanted in by_sku.items()), return_exceptions=True
        )
        broken = next((each for each in outcomes if isinstance(each, BaseException)), None)
        if broken is not None:
            raise broken
        results = [result for each in outcomes if isinstance(each, list) for result in each]
        return tuple(next(result for result in results if result.setting == setting) for setting in settings)

    async def _set_one(
        self, sku: str, wanted: Sequence[StockSetting], found: AmazonListing | None
    ) -> list[StockResult]:
        if found is None:
            return [StockResult(setting=each, outcome="rejected", code="unknown_sku") for each in wanted]
        shown = {place.location_external_id: place.quantity for place in _settings(found)}
        if all(shown.get(each.location_external_id) == each.quantity for each in wanted):
            return [StockResult(setting=each, outcome="confirmed", shown=each.quantity) for each in wanted]
        places = shown | {each.location_external_id: each.quantity for each in wanted}
        value = [{"fulfillment_channel_code": place, "quantity": units} for place, units in places.items()]
        patch = {"op": "replace", "path": f"/attributes/{AVAILABILITY}", "value": value}
        try:
            answer = await self._client.patch_listing(sku, "", [patch])
        except RejectedError as refused:
            code = next((reason.code for reason in refused.reasons), "refused")
            return [StockResult(setting=each, outcome="rejected", code=code) for each in wanted]
        if answer.status == "INVALID":
            code = next((issue.code for issue in answer.issues), "INVALID")
            return [StockResult(setting=each, outcome="rejected", code=code) for each in wanted]
        return [StockResult(setting=each, outcome="accepted") for each in wanted]

    async def opening(self) -> tuple[RemoteStock, ...]:
        return tuple([stock async for stock in self._all()])

    async def _all(self) -> AsyncIterator[RemoteStock]:
        """Pages end at 1,000 listings; from there the next question begins at the last one's creation."""
        seen: set[str] = set()
        created_after, token = "", ""
        for _ in range(MOST_PAGES):
            page = await self._client.listings_page(created_after, token)
            fresh = [listing for listing in page.items if listing.sku not in seen]
            seen |= {listing.sku for listing in fresh}
            for listing in fresh:
                for place in _settings(listing):
                    yield RemoteStock(
                        item_external_id=listing.sku,
                        sku=listing.sku,
                        location_external_id=place.location_external_id,
                        available=place.quantity,
                    )
            token = page.pagination.next_token if page.pagination else ""
            if not token:
                if not fresh:
                    return
                created = [s.created_date for listing in fresh for s in listing.summaries if s.created_date]
                if not created or created_after == max(created).isoformat():
                    return
                created_after = max(created).isoformat()
        raise UnreadableError("Amazon's list of listings does not end", field="pagination")


def _settings(listing: AmazonListing) -> list[StockSetting]:
    return [
        StockSetting(
            item_external_id=listing.sku,
            location_external_id=place.fulfillment_channel_code,
            quantity=place.quantity,
            expected=place.quantity,
        )
        for place in listing.fulfillment_availability
        if place.quantity is not None
    ]
