"""How commands speak to a running hub: its API, with the operator's key."""

from __future__ import annotations

import json
import os
from typing import Any, Self

import httpx
from pydantic_core import to_jsonable_python
from rich.console import Console

from runtime.access import operator_token
from runtime.errors import OperatorError
from runtime.settings import Settings

CONSOLE = Console(width=None if Console().is_terminal else 200)
"""Wide where a program reads it: an id that is cut is of no use."""


class HubClient:
    """The API as a context manager; a refusal becomes an OperatorError that says what to do."""

    def __init__(self, *, transport: httpx.BaseTransport | None = None) -> None:
        settings = Settings.of_running_stack()
        self._address = os.environ.get("TUTTI_API") or settings.api_url
        headers = {"Authorization": f"Bearer {operator_token(settings) or ''}"}
        self._http = httpx.Client(base_url=self._address, headers=headers, timeout=60, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Read; parameters that are None are left out."""
        return self.send("GET", path, params={k: v for k, v in parameters.items() if v is not None})

    def post(self, path: str, body: Any = None, *, key: str | None = None, **parameters: Any) -> Any:
        """Ask for something; `key` makes it safe to repeat."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.send("POST", path, json=body, headers=headers, params=parameters)

    def send(self, method: str, path: str, **more: Any) -> Any:
        """Any request; the answer's JSON, or None when it has none."""
        try:
            answer = self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise OperatorError(
                f"no hub answers at {self._address} ({error}); start it with `tutti up`, or name it in TUTTI_API"
            ) from error
        if answer.is_error:
            raise OperatorError(_refusal(answer))
        return answer.json() if answer.content else None


def _refusal(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"the hub answered {answer.status_code}, and not in its own words: is TUTTI_API the address of a hub?"
    if answer.status_code == 401:
        return "the hub does not know this key; set TUTTI_API_KEY, or make one with `tutti keys api NAME`"
    fields = "".join(f"\n  {wrong['field']}: {wrong['message']}" for wrong in problem.get("errors", ()))
    return f"{problem.get('detail', answer.text)}{fields}"


def show_json(value: Any) -> None:
    """The output of `--json`: what the API said, for other programs."""
    print(json.dumps(to_jsonable_python(value), indent=2))  # noqa: T201 the output of the command
