"""Every refusal in one form: RFC 9457 problem+json, with a stable code and what to do."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from domain.errors import DomainError

MEDIA_TYPE = "application/problem+json"

# A refusal by a rule is a conflict with the state of things, unless it is named here or starts with `unknown_`.
_STATUS = {
    "bad_amount": 422,
    "unknown_currency": 422,
    "unknown_platform": 422,
    "bad_request": 422,
    "bad_cursor": 422,
    "bad_config": 422,
    "moment_in_the_past": 422,
    "role_too_low": 403,
    "bad_product": 422,
    "bad_columns": 422,
    "bad_currency": 422,
    "not_returnable": 422,
    "person_erased": 409,
}


class FieldProblem(BaseModel):
    """One field that is wrong."""

    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457; `code` is stable, `detail` says what to do."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)
    error_id: str | None = None
    changed_by: str | None = Field(default=None, description="of `changed_meanwhile`: who")
    changed_at: datetime | None = None
    what: str | None = None


class ProblemError(HTTPException):
    """A refusal by the API itself. An HTTPException, because FastAPI lets only those out of the reading of a body."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code
        self.more = more or {}


def problem_response(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer for a refusal."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail, **more)
    challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        status,
        {**challenge, **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def status_of(code: str) -> int:
    """The HTTP status of a DomainError's code."""
    return _STATUS.get(code) or (404 if code.startswith("unknown_") else 409)


def install(app: FastAPI) -> None:
    """Have the app answer every refusal in this form."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _not_storable)


async def _domain(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    return problem_response(status_of(error.code), error.code, str(error))


async def _validation(_request: Request, error: Exception) -> JSONResponse:
    """What was sent is not repeated: it may hold personal data."""
    assert isinstance(error, RequestValidationError)
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in found["loc"]), message=found["msg"].removeprefix("Value error, ")
        )
        for found in error.errors()
    ]
    named = ", ".join(sorted({found.field for found in errors}))
    return problem_response(422, "invalid_request", f"correct {named}", errors=errors)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = error.code if isinstance(error, ProblemError) else HTTPStatus(error.status_code).name.lower()
    more = error.more if isinstance(error, ProblemError) else {}
    return problem_response(error.status_code, code, error.detail, headers=error.headers, **more)


async def _not_storable(_request: Request, _error: Exception) -> JSONResponse:
    """PostgreSQL refuses what SQLite takes, such as the character NUL in an id to look for."""
    return problem_response(422, "bad_value", "the database cannot hold a value of the request; correct it")
