"""ShipBob's REST API 2026-01, as far as the hub calls it."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import TypeAdapter

from connectors.errors import UnreadableError
from connectors.kit.http import HttpClient
from connectors.shipbob.schemas import (
    ShipBobCancel,
    ShipBobChannel,
    ShipBobLocation,
    ShipBobOrder,
    ShipBobPage,
    ShipBobStock,
    ShipBobSubscription,
)

T = TypeVar("T")

API = "/2026-01"
MOST_PAGES = 1000
ORDERS = TypeAdapter(tuple[ShipBobOrder, ...])
LOCATIONS = TypeAdapter(tuple[ShipBobLocation, ...])


class ShipBobClient:
    """One account and channel; source: https://developer.shipbob.com/api-reference."""

    def __init__(self, http: HttpClient, channel_id: int) -> None:
        self._http = http
        self._channel = {"shipbob_channel_id": str(channel_id)}

    async def create_order(self, body: Mapping[str, Any]) -> ShipBobOrder:
        """Not repeatable by itself: a reference that is taken is refused with 422."""
        return (await self._http.write("POST", f"{API}/order", json=body, headers=self._channel)).read(ShipBobOrder)

    async def orders_by_reference(self, reference: str) -> tuple[ShipBobOrder, ...]:
        query = {"ReferenceIds": reference}
        return (await self._http.read("GET", f"{API}/order", params=query, headers=self._channel)).read(ORDERS)

    async def order(self, order_id: str) -> ShipBobOrder:
        return (await self._http.read("GET", f"{API}/order/{order_id}", headers=self._channel)).read(ShipBobOrder)

    async def cancel_order(self, order_id: str) -> ShipBobCancel:
        return (await self._http.write("POST", f"{API}/order/{order_id}:cancel")).read(ShipBobCancel)

    async def channels(self) -> tuple[ShipBobChannel, ...]:
        return await self._all(f"{API}/channel", ShipBobPage[ShipBobChannel])

    async def locations(self) -> tuple[ShipBobLocation, ...]:
        return (await self._http.read("GET", f"{API}/location", params={"AccessGranted": "true"})).read(LOCATIONS)

    async def stock(self) -> tuple[ShipBobStock, ...]:
        return await self._all(f"{API}/inventory-level/locations", ShipBobPage[ShipBobStock], PageSize="250")

    async def subscriptions(self) -> tuple[ShipBobSubscription, ...]:
        return await self._all(f"{API}/webhook", ShipBobPage[ShipBobSubscription])

    async def subscribe(self, address: str, topics: tuple[str, ...], secret: str) -> None:
        body = {"url": address, "topics": topics, "secret": secret, "description": "Tutti"}
        await self._http.write("POST", f"{API}/webhook", json=body)

    async def unsubscribe(self, subscription_id: str) -> None:
        await self._http.write("DELETE", f"{API}/webhook/{subscription_id}")

    async def _all(self, path: str, shape: type[ShipBobPage[T]], **query: str) -> tuple[T, ...]:
        """Every page; of `next` only the query is used, so that an answer cannot send us to another host."""
        items: list[T] = []
        for _ in range(MOST_PAGES):
            page = (await self._http.read("GET", path, params=query)).read(shape)
            items += page.items
            if not page.next:
                return tuple(items)
            query = dict(parse_qsl(urlsplit(page.next).query))
        raise UnreadableError("ShipBob's list does not end", f"{path} has more than {MOST_PAGES} pages", field="next")
