"""The API's own description: what FastAPI derives, and every refusal in the one form in which it comes."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import MEDIA_TYPE, Problem

_TEXT = {
    "400": "The body could not be read",
    "401": "No key in force was sent, or the signature does not fit",
    "403": "The key's role is too low",
    "404": "There is no such thing",
    "409": "The state of things does not allow it; `code` says why",
    "412": "It was changed after the version in `If-Match`; the answer says by whom",
    "413": "The body is too large",
    "422": "A field is wrong; `errors` names it",
    "429": "Too many requests; Retry-After says when to come again",
    "503": "Not ready",
}
METHODS = ("get", "put", "post", "patch", "delete")


def install(app: FastAPI) -> None:
    """Have the app describe itself with its refusals."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign] # the way that FastAPI documents


def _describe(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    own = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(own.pop("$defs"), Problem=own)
    for path in document["paths"].values():
        for method in METHODS:
            if operation := path.get(method):
                _add_refusals(operation, method)
    return document


def _add_refusals(operation: dict[str, Any], method: str) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status in sorted(_refusals(operation, method) | (answers.keys() & _TEXT.keys())):
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers.setdefault(status, {"description": _TEXT[status]}).setdefault("content", content)


def _refusals(operation: dict[str, Any], method: str) -> set[str]:
    parameters = operation.get("parameters", [])
    statuses = set()
    if operation.get("security"):
        statuses |= {"401", "403", "429"}
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.add("404")
    if any(parameter["name"] == "if-match" for parameter in parameters):
        statuses.add("412")
    if parameters or "requestBody" in operation:
        statuses.add("422")
    if "requestBody" in operation:
        statuses |= {"400", "404", "413"}  # a body may name what does not exist
    if method != "get":
        statuses.add("409")
    return statuses
