"""What goes out to the platforms while a test looks: the bodies of calls that change a product."""

import json
from typing import Any

import httpx


class Calls(httpx.AsyncBaseTransport):
    """In front of the simulators."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._writes: list[tuple[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.method != "GET" and body.startswith(b"{"):
            self._writes.append((request.url.path, json.loads(body)))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def clear(self) -> None:
        self._writes.clear()

    def shopify(self) -> list[dict[str, Any]]:
        """What each mutation said of a product or of its variants, without their ids."""
        told = [body for path, body in self._writes if "/shopify/" in path and "mutation" in body["query"]]
        values = [value for body in told for name, value in body["variables"].items() if name.startswith("x")]
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        return [{name: each for name, each in one.items() if name != "id"} for one in flat]

    def woocommerce(self) -> list[dict[str, Any]]:
        """Of each product in a batch, without what it is found by."""
        found = [one for path, body in self._writes if path.endswith("/products/batch") for one in body["update"]]
        return [{name: each for name, each in one.items() if name not in {"id", "sku", "meta_data"}} for one in found]

    def amazon(self) -> list[dict[str, Any]]:
        """The attributes that each patch replaced."""
        patched = [body["patches"] for path, body in self._writes if "/listings/2021-08-01/items/" in path]
        return [{patch["path"].rpartition("/")[2]: patch["value"][0] for patch in patches} for patches in patched]
