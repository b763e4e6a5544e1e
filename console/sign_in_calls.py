"""The calls that give a session: by password, by a one-time code, for the first admin, by an API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.problems import problem_of

if TYPE_CHECKING:
    from console.api import Api


async def options(api: Api) -> dict[str, Any]:
    """How one may sign in here."""
    found: dict[str, Any] = await _call(api, "GET", "/sign-in/options")
    return found


async def by_password(api: Api, email: str, password: str) -> str:
    """The token of a new session."""
    return await _token(api, "/sign-in", {"email": email, "password": password})


async def by_code(api: Api, code: str) -> str:
    """Redeem a one-time code."""
    return await _token(api, "/sign-in/code", {"code": code})


async def first_admin(api: Api, code: str, name: str, email: str, password: str) -> str:
    """Make the first user, and sign in."""
    return await _token(api, "/sign-in/first", {"code": code, "name": name, "email": email, "password": password})


async def by_key(api: Api, key: str) -> str:
    """An API key is its own token; it must be in force."""
    await _call(api, "GET", "/me", token=key)
    return key


async def _token(api: Api, path: str, body: dict[str, str]) -> str:
    answer = await _call(api, "POST", path, body)
    return str(answer["token"])


async def _call(api: Api, method: str, path: str, body: dict[str, str] | None = None, token: str = "") -> Any:
    answer = await api.bare(method, path, json=body, headers={"Authorization": f"Bearer {token}"} if token else {})
    if answer.is_error:
        raise problem_of(answer)
    return answer.json()
