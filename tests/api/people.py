"""Invented staff who sign in, and a clock that a test may turn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from api.deps import _now
from db import one_time_codes
from runtime.wiring import Hub

PASSWORD = "correct horse battery"
ADA = {"name": "Ada Admin", "email": "ada.admin@example.com", "password": PASSWORD}


class Clock:
    """The moment of every request to the app; ahead of the real one by what was added."""

    def __init__(self, app: FastAPI) -> None:
        self._ahead = timedelta(0)
        app.dependency_overrides[_now] = self.now

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def turn(self, **by: float) -> None:
        self._ahead += timedelta(**by)


def first_code(hub: Hub) -> str:
    """What `tutti up` prints."""
    return hub.database.write_now(lambda tx: one_time_codes.make(tx, "first", None, datetime.now(UTC))).code


async def first_admin(client: httpx.AsyncClient, hub: Hub) -> dict[str, Any]:
    """The first admin's session."""
    answer = await client.post("/sign-in/first", json={"code": first_code(hub), **ADA})
    answer.raise_for_status()
    session: dict[str, Any] = answer.json()
    return session


def bearer(session: dict[str, Any]) -> dict[str, str]:
    """The header of a session."""
    return {"Authorization": f"Bearer {session['token']}"}


async def sign_in(client: httpx.AsyncClient, email: str = ADA["email"], password: str = PASSWORD) -> httpx.Response:
    """By password."""
    return await client.post("/sign-in", json={"email": email, "password": password})


async def invited(client: httpx.AsyncClient, admin: dict[str, Any], role: str, email: str) -> dict[str, Any]:
    """Another user, let in by a link; the session."""
    wish = {"name": f"A {role}", "email": email, "role": role}
    made = (await client.post("/users", json=wish, headers=bearer(admin))).json()
    link = (await client.post(f"/users/{made['id']}/sign-in-link", headers=bearer(admin))).json()
    session: dict[str, Any] = (await client.post("/sign-in/code", json={"code": link["code"]})).json()
    return session
