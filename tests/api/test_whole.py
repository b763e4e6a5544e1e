"""What holds for every request: headers, limits, health, the audit log, and failures that tell nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from api import routes
from api.app import BODY_LIMIT, ROUTES
from db.audit import AUDIT
from db.vault import SUBJECTS
from runtime.keys import new_key
from runtime.wiring import Hub
from tests.api.conftest import make_order


async def test_every_answer_forbids_what_a_browser_might_do_with_it(clients: SimpleNamespace) -> None:
    for path in ("/healthz", "/nowhere", "/docs"):
        headers = (await clients.nobody.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_every_file_of_routes_is_served() -> None:
    files = {f"api.routes.{path.stem}" for path in Path(routes.__file__).parent.glob("[a-z]*.py")}

    assert {module.__name__ for module in ROUTES} == files


async def test_an_unknown_path_is_a_problem(clients: SimpleNamespace) -> None:
    answer = await clients.nobody.get("/nowhere")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_limit_is_refused_whether_its_length_is_declared_or_not(
    declared: bool, clients: SimpleNamespace
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (BODY_LIMIT // 2)

    content = b" " * (BODY_LIMIT + 1) if declared else pieces()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}

    answer = await clients.support.post("/orders", content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")


async def test_a_failure_is_logged_under_an_id_and_says_nothing_else(app: FastAPI) -> None:
    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("ada@example.com")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        answer = await client.get("/broken")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["error_id"].startswith("err_")
    assert "ada" not in answer.text


async def test_is_ready_with_the_right_key_and_not_with_another(clients: SimpleNamespace, hub: Hub) -> None:
    await make_order(clients)
    ready = await clients.nobody.get("/readyz")

    wrapped = b"\x01" + new_key() * 2
    hub.database.write_now(lambda tx: tx.execute(update(SUBJECTS).values(wrapped_key=wrapped)))

    unready = await clients.nobody.get("/readyz")
    assert (ready.status_code, unready.status_code) == (200, 503)
    assert [check["name"] for check in unready.json()["checks"] if not check["ok"]] == ["key", "relay"]


async def test_metrics_count_what_the_database_holds(clients: SimpleNamespace) -> None:
    await make_order(clients)

    text = (await clients.viewer.get("/metrics")).text

    assert 'tutti_orders{state="received"} 1.0' in text
    assert "tutti_outbox_backlog 1.0" in text


async def test_the_docs_need_nothing_from_elsewhere(clients: SimpleNamespace) -> None:
    page = (await clients.nobody.get("/docs")).text

    assert "/orders/{order}/decisions" in page
    assert "http" not in page.replace("http-equiv", "")


async def test_a_row_changed_or_removed_behind_the_hubs_back_breaks_the_audit_log(
    clients: SimpleNamespace, hub: Hub
) -> None:
    whole = (await clients.admin.get("/audit/verify")).json()

    hub.database.write_now(lambda tx: tx.execute(AUDIT.delete().where(AUDIT.c.id == 2)))

    broken = (await clients.admin.get("/audit/verify")).json()
    assert whole == {"rows": 4, "first_broken": None}
    assert broken["first_broken"] == 3
