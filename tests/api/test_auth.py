"""Keys and roles: the matrix is made from the API's own description, so no operation can be left out."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI

from api import auth
from api.app import create_app
from api.openapi import METHODS
from api.rates import Rates
from db.actors import ROLES

PUBLIC = {
    "alive", "ready", "receive", "tracking_page", "show_return_page", "start_return", "fetch_own_label",
    "sign_in_options", "sign_in", "redeem_code", "sign_in_first", "start_oidc", "finish_oidc",
}  # fmt: skip


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi()["paths"]
    return [(method, path, paths[path][method]) for path in paths for method in paths[path] if method in METHODS]


def least_role(operation: dict[str, Any]) -> str | None:
    return operation["security"][0]["ApiKey"][0] if operation.get("security") else None


def test_only_what_must_be_public_is(app: FastAPI) -> None:
    public = {operation["operationId"] for _, _, operation in operations(app) if least_role(operation) is None}

    assert public == PUBLIC


async def test_every_operation_lets_exactly_its_role_and_the_higher_ones_pass(
    app: FastAPI, clients: SimpleNamespace
) -> None:
    wrong = []
    for method, path, operation in operations(app):
        needed = least_role(operation)
        address = re.sub(r"\{\w+\}", "1", path)
        for role in ROLES if needed else ():
            answer = await getattr(clients, role).request(method, address)
            passes = ROLES.index(role) >= ROLES.index(needed)
            if (answer.status_code == 403) == passes or answer.status_code == 401:
                wrong.append((operation["operationId"], role, answer.status_code))

    assert wrong == []


async def test_every_guarded_operation_refuses_a_caller_without_a_key(app: FastAPI, clients: SimpleNamespace) -> None:
    guarded = [(method, path) for method, path, operation in operations(app) if least_role(operation)]

    statuses = {
        (await clients.nobody.request(method, re.sub(r"\{\w+\}", "1", path))).status_code for method, path in guarded
    }

    assert statuses == {401}


async def test_a_key_is_shown_once_listed_without_its_token_and_refused_once_revoked(clients: SimpleNamespace) -> None:
    made = (await clients.admin.post("/keys", json={"name": "till", "role": "viewer"})).json()
    headers = {"Authorization": f"Bearer {made['token']}"}
    worked = await clients.nobody.get("/orders", headers=headers)
    listed = await clients.admin.get("/keys")

    await clients.admin.delete(f"/keys/{made['id']}")

    refused = await clients.nobody.get("/orders", headers=headers)
    assert (worked.status_code, refused.status_code) == (200, 401)
    assert made["token"] not in listed.text


async def test_the_last_admin_key_stays(clients: SimpleNamespace) -> None:
    keys = (await clients.admin.get("/keys")).json()
    mine = next(key["id"] for key in keys if key["role"] == "admin")

    answer = await clients.admin.delete(f"/keys/{mine}")

    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin_key")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer tutti_wrong", "Basic dHV0dGk6"])
async def test_anything_but_a_key_in_force_is_refused_with_a_challenge(given: str, clients: SimpleNamespace) -> None:
    answer = await clients.nobody.get("/orders", headers={"Authorization": given})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_one_key_cannot_take_everything(clients: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_CALLS", Rates(per_second=0.1, burst=2))

    statuses = [(await clients.viewer.get("/orders")).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert (await clients.support.get("/orders")).status_code == 200


def test_every_operation_describes_its_refusals_in_one_form(hub: Any) -> None:
    app = create_app(hub)

    forms = {
        media
        for _, _, operation in operations(app)
        for status, answer in operation["responses"].items()
        if status >= "400" and status != "503"
        for media in answer["content"]
    }

    assert forms == {"application/problem+json"}
