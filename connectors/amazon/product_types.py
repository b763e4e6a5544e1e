"""Product Type Definitions, kept for a day: a launch asks for one often, and Amazon changes them now and then."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from connectors.amazon.client import AmazonClient
from connectors.amazon.schemas import SCHEMA
from connectors.kit.http import HttpClient

KEPT_S = 24 * 60 * 60.0


class ProductTypes:
    def __init__(self, client: AmazonClient, http: HttpClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._http = http
        self._clock = clock
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    async def schema(self, kind: str) -> Mapping[str, Any]:
        """JSON Schema of a product type, no older than a day."""
        read_at, kept = self._kept.get(kind, (0.0, None))
        if kept is None or self._clock() - read_at > KEPT_S:
            address = await self._client.product_type_schema(kind)
            kept = (await self._http.read("GET", address)).read(SCHEMA)
            self._kept[kind] = self._clock(), kept
        return kept
