"""A transport that holds every exchange against Amazon's official models (Swagger 2.0)."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator

FOLDER = Path(os.environ.get("TUTTI_CONTRACTS", Path(__file__).resolve().parents[3].parent / "shared/contracts"))
MODELS = FOLDER / "amazon/models"
SAMPLES = FOLDER / "amazon/samples"
NOTIFICATIONS = FOLDER / "amazon/schemas/notifications"
USED = (
    "orders_2026-01-01", "ordersV0", "listingsItems_2021-08-01", "definitionsProductTypes_2020-09-01",
    "notifications", "sellers", "supplySources_2020-07-01",
)  # fmt: skip

needs_contract = pytest.mark.skipif(not MODELS.exists(), reason=f"Amazon's official models are not at {MODELS}")


@cache
def operations() -> tuple[tuple[str, re.Pattern[str], dict[str, Any], dict[str, Any]], ...]:
    """Method, path pattern, operation and its model; paths with fewer parameters first."""
    found = []
    for name in USED:
        model = json.loads((MODELS / f"{name}.json").read_text())
        for path, methods in model["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", r"[^/]+", path))
            found += [(m.upper(), pattern, o, model) for m, o in methods.items() if isinstance(o, dict)]
    return tuple(sorted(found, key=lambda each: each[1].pattern.count("[^/]+")))


def complaints(model: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    validator = Draft4Validator({"definitions": model["definitions"], **schema})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


class OfficialTransport(httpx.AsyncBaseTransport):
    """Fails the test at the first exchange that the models do not allow; `seen` names the operations used."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.seen: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/amazon")
        if path in {"/auth/o2/token", "/queue"} or path.startswith("/schemas/"):
            return await self._inner.handle_async_request(request)
        fits = (each for each in operations() if each[0] == request.method and each[1].fullmatch(path))
        found = next(fits, None)
        assert found is not None, f"{request.method} {path} is in no model"
        _, _, operation, model = found
        self.seen.add(operation["operationId"])
        _check_request(model, operation, request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        _check_response(model, operation, response)
        return response


def _check_request(model: dict[str, Any], operation: dict[str, Any], request: httpx.Request) -> None:
    queries = {one["name"]: one for one in operation["parameters"] if one.get("in") == "query"}
    given = dict(request.url.params)
    assert set(given) <= set(queries), f"unknown query: {set(given) - set(queries)}"
    assert {name for name, one in queries.items() if one.get("required")} <= set(given), "a query is missing"
    for name, text in given.items():
        one = queries[name]
        values = text.split(",") if one["type"] == "array" else [text]
        allowed = one.get("enum") or one.get("items", {}).get("enum")
        assert not allowed or set(values) <= set(allowed), f"{name}: {set(values) - set(allowed or ())}"
        assert len(values) <= one.get("maxItems", len(values)), f"{name} has too many values"
    for one in operation["parameters"]:
        if one.get("in") == "body":
            wrong = complaints(model, one["schema"], json.loads(request.content))
            assert not wrong, wrong


def _check_response(model: dict[str, Any], operation: dict[str, Any], response: httpx.Response) -> None:
    told = operation["responses"].get(str(response.status_code))
    assert told is not None, f"{operation['operationId']} does not answer {response.status_code}"
    if "schema" in told and response.content:
        wrong = complaints(model, told["schema"], response.json())
        assert not wrong, wrong
