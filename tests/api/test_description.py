"""The API keeps to its own description: no failure, no answer that is not described."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.openapi import METHODS
from db.actors import Role

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8
"""Per operation and caller, so that all of them take well under a minute."""


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The API behind a real server: schemathesis brings its own client."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("caller", ["admin", "nobody"])
def test_every_answer_is_described(caller: Role, app: FastAPI, tokens: dict[Role, str], address: str) -> None:
    described = openapi.from_dict(app.openapi())
    headers = {"Authorization": f"Bearer {tokens[caller]}"} if caller in tokens else {}
    tried = 0

    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def keeps_to_it(case: Case[Any]) -> None:
            case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)

        keeps_to_it()
        tried += 1

    assert tried == len([path for path in app.openapi()["paths"].values() for method in path if method in METHODS])
