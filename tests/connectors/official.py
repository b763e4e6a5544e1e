"""A transport that holds every exchange against a platform's official OpenAPI (the files are not shipped)."""

import gzip
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

CONTRACTS = Path(os.environ.get("TUTTI_CONTRACTS", Path(__file__).resolve().parents[2].parent / "shared/contracts"))
SPELLED = {"get", "put", "post", "delete", "patch"}


def needs(file: str) -> pytest.MarkDecorator:
    """Skips a test where this official file is not at hand."""
    return pytest.mark.skipif(not (CONTRACTS / file).exists(), reason=f"no official contract at {CONTRACTS / file}")


class Contract:
    """One OpenAPI description, read as JSON Schema.

    `excused` are fields whose rules the platform does not keep in the examples of its own documentation.
    """

    def __init__(self, document: dict[str, Any], excused: frozenset[str]) -> None:
        self._excused = excused
        self._components = _as_json_schema(document["components"], excused)
        _open_parts(self._components["schemas"])
        self.operations = sorted(_operations(document), key=lambda found: found[2])

    def operation(self, method: str, path: str) -> dict[str, Any]:
        for known, pattern, _, operation in self.operations:
            if known == method and pattern.fullmatch(path):
                return operation
        raise AssertionError(f"{method} {path} is not in the contract")

    def complaints(self, schema: dict[str, Any], value: Any) -> list[str]:
        whole = {"components": self._components, **_as_json_schema(schema, self._excused)}
        return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


@cache
def contract(file: str, excused: frozenset[str] = frozenset()) -> Contract:
    path = CONTRACTS / file
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Contract(yaml.load(raw, loader) if path.suffix == ".yaml" else json.loads(raw), excused)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, re.Pattern[str], int, dict[str, Any]]]:
    """With the number of path parameters: a path without any is meant before one whose parameter fits any word."""
    for path, methods in document["paths"].items():
        pattern = re.compile(re.sub(r"\{\w+\}", r"[^/:]+", path))
        for method in SPELLED & set(methods):
            shared = [_resolved(document, one) for one in methods.get("parameters", ())]
            own = [_resolved(document, one) for one in methods[method].get("parameters", ())]
            told = {status: _resolved(document, one) for status, one in methods[method]["responses"].items()}
            operation = methods[method] | {"parameters": shared + own, "responses": told}
            yield method.upper(), pattern, path.count("{"), operation


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _as_json_schema(schema: Any, excused: frozenset[str]) -> Any:
    """OpenAPI 3.0 says `nullable`, and means by closed compositions that their parts together name all fields."""
    if isinstance(schema, list):
        return [_as_json_schema(part, excused) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _as_json_schema(part, excused) for name, part in schema.items() if name != "nullable"}
    if "oneOf" in made:  # alternatives are open schemas that overlap, so that a good answer fits two
        made["anyOf"] = made.pop("oneOf")
    if isinstance(made.get("required"), list):
        made["required"] = [name for name in made["required"] if name not in excused]
    if made.get("type") == "object" and "properties" in made:
        made["properties"] |= dict.fromkeys(excused, True)
    if "allOf" in made and made.pop("additionalProperties", None) is False:
        made["unevaluatedProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


def _open_parts(schemas: dict[str, Any]) -> None:
    """A part that is composed with others cannot be closed: it would refuse the fields of the others."""
    for schema in schemas.values():
        parts = schema.get("allOf", ()) if isinstance(schema, dict) else ()
        for part in parts if len(parts) > 1 else ():
            schemas[part.get("$ref", "").rpartition("/")[2]].pop("additionalProperties", None)


class OfficialTransport(httpx.AsyncBaseTransport):
    """Fails the test at the first exchange that the contract does not allow; `seen` names the operations used.

    `beside` are paths that are documented elsewhere, `opaque` is query that only the platform's own links carry.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        file: str,
        prefix: str = "",
        *,
        excused: frozenset[str] = frozenset(),
        beside: frozenset[str] = frozenset(),
        opaque: frozenset[str] = frozenset(),
    ) -> None:
        self._inner = inner
        self._contract = contract(file, excused)
        self._prefix = prefix
        self._beside = beside
        self._opaque = opaque
        self.seen: set[str] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(self._prefix)
        if path in self._beside:
            return await self._inner.handle_async_request(request)
        operation = self._contract.operation(request.method, path)
        self.seen.add(operation["operationId"])
        self._check_request(operation, request)
        response = await self._inner.handle_async_request(request)
        await response.aread()
        self._check_response(operation, response)
        return response

    def _check_request(self, operation: dict[str, Any], request: httpx.Request) -> None:
        known = {one["name"] for one in operation["parameters"] if one["in"] == "query"} | self._opaque
        assert set(request.url.params) <= known, f"unknown query: {set(request.url.params) - known}"
        for one in operation["parameters"]:
            if one["in"] == "header" and one.get("required"):
                assert one["name"].lower() in request.headers, f"missing header {one['name']}"
        if not request.content:
            return
        form = request.headers["content-type"]
        schema = operation["requestBody"]["content"][form]["schema"]
        value = _unflattened(request.content, schema) if "form" in form else json.loads(request.content)
        assert not (wrong := self._contract.complaints(schema, value)), wrong

    def _check_response(self, operation: dict[str, Any], response: httpx.Response) -> None:
        told = operation["responses"].get(str(response.status_code)) or operation["responses"].get("default")
        if told is None:
            assert response.status_code in {401, 429, 503}, f"{response.status_code} is not documented"
            return
        content = told.get("content", {}).get("application/json")
        if content and response.content:
            wrong = self._contract.complaints(content["schema"], response.json())
            assert not wrong, wrong


def _unflattened(form: bytes, schema: dict[str, Any]) -> dict[str, Any]:
    """A form's text as the values that the schema means."""
    value: dict[str, Any] = {}
    for name, text in parse_qsl(form.decode(), keep_blank_values=True):
        outer, _, inner = name.partition("[")
        kind = schema["properties"].get(outer, {}).get("type")
        if inner:
            value.setdefault(outer, {})[inner.removesuffix("]")] = text
        else:
            value[outer] = int(text) if kind == "integer" else text
    return value
