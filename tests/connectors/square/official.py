"""A transport that holds every exchange against Square's official OpenAPI."""

import gzip
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

FOLDER = (
    Path(os.environ.get("TUTTI_CONTRACTS", Path(__file__).resolve().parents[3].parent / "shared/contracts")) / "square"
)
FILE = FOLDER / "square_api_2025-08-20.openapi.json.gz"

needs_contract = pytest.mark.skipif(not FILE.exists(), reason=f"Square's official OpenAPI is not at {FILE}")


@cache
def spec() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return document


@cache
def operations() -> tuple[tuple[str, re.Pattern[str], dict[str, Any]], ...]:
    return tuple(
        (method.upper(), re.compile(re.sub(r"\{\w+\}", r"[^/]+", path)), operation)
        for path, methods in sorted(spec()["paths"].items(), key=lambda item: item[0].count("{"))
        for method, operation in methods.items()
        if isinstance(operation, dict)
    )


@cache
def _closed(name: str) -> dict[str, Any]:
    """A schema of the contract that refuses fields which it does not name."""
    schema: dict[str, Any] = spec()["components"]["schemas"][name]
    return schema


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"components": spec()["components"], "$ref": pointer})


def complaints(schema: dict[str, Any], value: Any) -> list[str]:
    if "$ref" not in schema:
        return []
    wrong = [f"{error.json_path}: {error.message}" for error in _validator(schema["$ref"]).iter_errors(value)]
    return wrong + _unknown(schema["$ref"], value, "$")


def _unknown(pointer: str, value: Any, place: str) -> list[str]:
    """The contract's schemas are open; a field that they do not name is a mistake all the same."""
    schema = _closed(pointer.rpartition("/")[2])
    known = schema.get("properties", {})
    if not isinstance(value, dict) or not known:
        return []
    found = [f"{place}.{name}: not in the contract" for name in value if name not in known]
    for name, part in value.items():
        shape = known.get(name, {})
        items = shape.get("items", {})
        if "$ref" in shape:
            found += _unknown(shape["$ref"], part, f"{place}.{name}")
        elif "$ref" in items and isinstance(part, list):
            found += [text for one in part for text in _unknown(items["$ref"], one, f"{place}.{name}[]")]
    return found


def sample(name: str) -> Any:
    found = FOLDER / "samples" / f"{name}.json"
    if not found.exists():
        pytest.skip(f"Square's official samples are not at {found}")
    return json.loads(found.read_text())


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
        assert request.headers["square-version"] == "2025-08-20"
        self.seen.add(operation["operationId"])
        known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        assert set(request.url.params) <= known, f"unknown query: {set(request.url.params) - known}"
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert not (wrong := complaints(schema, json.loads(request.content))), wrong
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if response.is_success:
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            assert not (wrong := complaints(schema, response.json())), wrong
        return response
