"""ShipEngine's REST API, as far as the hub calls it."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from connectors.kit.http import HttpClient
from connectors.shipengine.schemas import (
    ShipEngineCarriers,
    ShipEngineLabel,
    ShipEngineTrack,
    ShipEngineVoid,
    ShipEngineWebhook,
)
from connectors.shipengine.signatures import KeySet

WEBHOOKS = TypeAdapter(tuple[ShipEngineWebhook, ...])


class ShipEngineClient:
    """One account; source: https://docs.shipstation.com/apis/shipengine/docs."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def carriers(self) -> ShipEngineCarriers:
        return (await self._http.read("GET", "/v1/carriers")).read(ShipEngineCarriers)

    async def buy_label(self, body: Mapping[str, Any]) -> ShipEngineLabel:
        """Not repeatable by itself: an external id that is taken is refused."""
        return (await self._http.write("POST", "/v1/labels", json=body)).read(ShipEngineLabel)

    async def label(self, label_id: str) -> ShipEngineLabel:
        return (await self._http.read("GET", f"/v1/labels/{label_id}")).read(ShipEngineLabel)

    async def label_of(self, external_id: str) -> ShipEngineLabel:
        path = f"/v1/labels/external_shipment_id/{external_id}"
        return (await self._http.read("GET", path)).read(ShipEngineLabel)

    async def void_label(self, label_id: str) -> ShipEngineVoid:
        return (await self._http.write("PUT", f"/v1/labels/{label_id}/void")).read(ShipEngineVoid)

    async def track(self, carrier: str, tracking_number: str) -> ShipEngineTrack:
        query = {"carrier_code": carrier, "tracking_number": tracking_number}
        return (await self._http.read("GET", "/v1/tracking", params=query)).read(ShipEngineTrack)

    async def webhooks(self) -> tuple[ShipEngineWebhook, ...]:
        return (await self._http.read("GET", "/v1/environment/webhooks")).read(WEBHOOKS)

    async def subscribe(self, event: str, address: str) -> None:
        await self._http.write("POST", "/v1/environment/webhooks", json={"event": event, "url": address})

    async def signing_keys(self) -> KeySet:
        """The keys that sign webhooks now; they change without notice."""
        return (await self._http.read("GET", "/jwks")).read(KeySet)
