"""The hub's API as one signed-in person reaches it."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx

from console.problems import SignedOutError, UnreachableError, problem_of
from console.reach import SLOW_AFTER_S

if TYPE_CHECKING:
    from console.reach import Reach
    from console.session import Session

PATIENCE = httpx.Timeout(30, connect=3)
UNATTENDED: ContextVar[bool] = ContextVar("unattended", default=False)
"""Set where a page looks at the hub by itself: that does not keep a session alive that nobody uses."""


def open_http(address: str) -> httpx.AsyncClient:
    """The one client that all pages share."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits, trust_env=False)


class Api:
    """Every method returns the answer's JSON (None without one) or raises a HubError.

    A session that has expired is renewed on the open page, and the call made again.
    """

    def __init__(self, http: httpx.AsyncClient, reach: Reach, session: Session, *, origin: str = "") -> None:
        """`origin` is the network address of the browser, for the audit log and the limits of the hub."""
        self.reach = reach
        self.session = session
        self._http = http
        self._origin = {"X-Forwarded-For": origin} if origin else {}

    async def get(self, path: str, **parameters: Any) -> Any:
        """Read; parameters that are None or empty are left out."""
        return await self.send("GET", path, parameters=parameters)

    async def post(
        self, path: str, body: Any = None, *, key: str = "", if_match: object = None, **parameters: Any
    ) -> Any:
        """Ask for something; `key` makes it safe to repeat, `if_match` is the version that the person looks at."""
        return await self.send("POST", path, body=body, key=key, if_match=if_match, parameters=parameters)

    async def put(self, path: str, body: Any = None, *, if_match: object = None, **parameters: Any) -> Any:
        return await self.send("PUT", path, body=body, if_match=if_match, parameters=parameters)

    async def patch(self, path: str, body: Any = None, *, if_match: object = None) -> Any:
        return await self.send("PATCH", path, body=body, if_match=if_match)

    async def delete(self, path: str, **parameters: Any) -> Any:
        return await self.send("DELETE", path, parameters=parameters)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        key: str = "",
        if_match: object = None,
        parameters: dict[str, Any] | None = None,
    ) -> Any:
        """Any call."""
        headers = {"Idempotency-Key": key} if key else {}
        if UNATTENDED.get():
            headers["X-Tutti-Unattended"] = "1"
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        given = {name: value for name, value in (parameters or {}).items() if value not in (None, "")}
        content = {} if body is None else {"json": body}
        while True:
            token = self.session.token
            signed = headers | {"Authorization": f"Bearer {token}"}
            answer = await self.bare(method, path, params=given, headers=signed, **content)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                break
            if UNATTENDED.get():
                self.session.ask_aside(token)
                raise SignedOutError("the session is over")
            if not await self.session.renewed(token):
                raise SignedOutError("sign in to go on; nothing that you typed is lost")
        if answer.is_error:
            raise problem_of(answer)
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    async def bare(self, method: str, path: str, *, headers: dict[str, str], **more: Any) -> httpx.Response:
        """The answer as it comes, with no token of its own; only a hub that cannot be reached is an error."""
        call = asyncio.ensure_future(self._http.request(method, path, headers=self._origin | headers, **more))
        try:
            done, _ = await asyncio.wait({call}, timeout=SLOW_AFTER_S)
            if not done:
                self.reach.tell("slow")
            answer = await call
        except httpx.TimeoutException as error:
            self.reach.tell("slow")
            raise UnreachableError("it has not answered in time; try again in a moment") from error
        except httpx.TransportError as error:
            self.reach.tell("down")
            raise UnreachableError("no connection to the API; the page tries again by itself") from error
        except asyncio.CancelledError:
            call.cancel()
            raise
        if done:
            self.reach.tell("up")
        return answer
