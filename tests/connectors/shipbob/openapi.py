"""A transport that holds every exchange against ShipBob's official OpenAPI."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(os.environ.get("TUTTI_CONTRACTS", Path(__file__).resolve().parents[3].parent / "shared/contracts"))
FILE = FOLDER / "shipbob/shipbob-openapi.json"

needs_contract = pytest.mark.skipif(not FILE.exists(), reason=f"ShipBob's official OpenAPI is not at {FILE}")

# `next` links carry it; the contract lists the query of first pages only.
OPAQUE_QUERY = {"Cursor"}


@cache
def spec() -> dict[str, Any]:
    # Its alternatives are open schemas that overlap, so that a good answer fits two: "one of" can only mean "any of".
    document: dict[str, Any] = json.loads(FILE.read_text().replace('"oneOf"', '"anyOf"'))
    return document


@cache
def operations() -> tuple[tuple[str, re.Pattern[str], dict[str, Any]], ...]:
    """Method, path pattern and operation; paths without parameters first, since `{inventoryId}` fits any word."""
    return tuple(
        (method.upper(), re.compile(re.sub(r"\{\w+\}", r"[^/:]+", path)), operation)
        for path, methods in sorted(spec()["paths"].items(), key=lambda item: item[0].count("{"))
        for method, operation in methods.items()
    )


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value; several schemas are open, so the type of each known field is what is checked."""
    validator = Draft202012Validator({"components": spec()["components"], **schema})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


class OfficialTransport(httpx.AsyncBaseTransport):
    """Fails the test at the first exchange that the contract does not allow; `seen` names the operations used."""

    def __init__(self, inner: httpx.AsyncBaseTransport, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix
        self.seen: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(self._prefix)
        operation = next((o for m, p, o in operations() if m == request.method and p.fullmatch(path)), None)
        assert operation is not None, f"{request.method} {path} is not in the contract"
        self.seen.add(operation["operationId"])
        self._check_request(operation, request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self._check_response(operation, response)
        return response

    @staticmethod
    def _check_request(operation: dict[str, Any], request: httpx.Request) -> None:
        known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"} | OPAQUE_QUERY
        assert set(request.url.params) <= known, f"unknown query: {set(request.url.params) - known}"
        for one in operation.get("parameters", ()):
            if one["in"] == "header" and one.get("required"):
                assert one["name"].lower() in request.headers, f"missing header {one['name']}"
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            wrong = complaints(schema, json.loads(request.content))
            assert not wrong, wrong

    @staticmethod
    def _check_response(operation: dict[str, Any], response: httpx.Response) -> None:
        told = operation["responses"].get(str(response.status_code))
        if told is None:
            assert response.status_code in {429, 503}, f"{response.status_code} is not documented"
            return
        content = told.get("content", {}).get("application/json")
        if content and response.content:
            wrong = complaints(content["schema"], response.json())
            assert not wrong, wrong
