"""A transport that holds every exchange against WooCommerce's official REST index and property tables."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

CONTRACTS = Path(os.environ.get("TUTTI_CONTRACTS", Path(__file__).resolve().parents[3].parent / "shared/contracts"))
FOLDER = CONTRACTS / "woocommerce"

needs_contract = pytest.mark.skipif(not FOLDER.exists(), reason=f"WooCommerce's official contract is not at {FOLDER}")

SINCE_THE_INDEX = {"modified_after", "dates_are_gmt", "_fields", "api_restock", "status", "orderby"}
"""In the documentation's pages and not in its recorded index: newer parameters, and WordPress' own `_fields`."""
STORE = re.compile(r"/wp-json/wc/store/v1/products")
TABLES = {"products": "products", "variations": "product-variations", "orders": "orders", "webhooks": "webhooks",
          "notes": "order-notes", "refunds": "order-refunds"}  # fmt: skip
UNTABLED = {"error", "parent_id", "type", "image", "images", "permalink", "name", "variations", "shipping_class_id",
            "stock_status", "variation", "date_created", "date_modified", "_links", "needs_processing", "needs_payment",
            "is_editable", "shipping_required", "shipping_taxable", "grouped_products"}  # fmt: skip
"""Fields of the documentation's own samples that its tables leave out."""


@cache
def routes() -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    index = json.loads((FOLDER / "wc-v3-rest-index.json").read_text())["routes"]
    return tuple((re.compile("/wp-json" + path.replace("(?P", "(?P")), found) for path, found in index.items())


@cache
def tabled(page: str) -> frozenset[str]:
    """The documented properties of a resource."""
    tables = json.loads((FOLDER / "wc-v3-property-tables.json").read_text())[page]
    first = next(iter(tables.values()))
    return frozenset(row["attribute"].strip("`") for row in first)


def sample(name: str) -> Any:
    found = FOLDER / "samples" / name
    if not found.exists():
        pytest.skip(f"WooCommerce's official samples are not at {found}")
    return json.loads(found.read_text())


class OfficialTransport(httpx.AsyncBaseTransport):
    """Fails the test at the first exchange that the contract does not allow; `seen` names the routes used."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.seen: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = re.sub(r"^/woocommerce/\w+", "", request.url.path)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if STORE.fullmatch(path):
            assert "authorization" not in request.headers, "the public side is looked at without a key"
            return response
        self._check(path, request, response)
        return response

    def _check(self, path: str, request: httpx.Request, response: httpx.Response) -> None:
        known = next((found for pattern, found in routes() if pattern.fullmatch(path)), None)
        assert known is not None, f"{path} is not in the contract"
        endpoint = next((one for one in known["endpoints"] if request.method in one["methods"]), None)
        assert endpoint is not None, f"{request.method} {path} is not in the contract"
        self.seen.add(f"{request.method} {re.sub(r'[0-9]+', 'N', path)}")
        allowed = set(endpoint["args"] or ()) | SINCE_THE_INDEX
        if request.method == "GET":
            wrong = set(request.url.params) - allowed - ({"page", "per_page"} if "/settings/" in path else set())
            assert not wrong, f"unknown query at {path}: {wrong}"
        else:
            self._check_body(path, json.loads(request.content), allowed)
        if response.is_success:
            self._check_answer(path, response.json())

    @staticmethod
    def _check_body(path: str, body: Any, allowed: set[str]) -> None:
        things = [body] if not path.endswith("/batch") else [*body.get("create", ()), *body.get("update", ())]
        for thing in things:
            wrong = set(thing) - allowed - {"id", "delivery_url"}
            assert not wrong, f"unknown fields sent to {path}: {wrong}"

    @staticmethod
    def _check_answer(path: str, answer: Any) -> None:
        page = next((TABLES[word] for word in reversed(path.split("/")) if word in TABLES), None)
        if page is None or "/settings/" in path:
            return
        things = [*answer.values()] if path.endswith("/batch") else [answer]
        flat = [one for group in things for one in (group if isinstance(group, list) else [group])]
        for thing in flat:
            wrong = set(thing) - tabled(page) - UNTABLED
            assert not wrong, f"{path} answers what is not documented: {wrong}"
