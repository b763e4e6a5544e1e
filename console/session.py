"""Who sits before an open page: the token, the person behind it, and how an expired session is renewed there.

The token lives in an HttpOnly, SameSite=Lax cookie and, while a page is open, in this process: never in a script of
the page, never on this process's disk; a console that was started again, or a second one, takes it from the cookie.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from console.may import ROLES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.may import Role

COOKIE = "tutti_session"
TICKET_LIVES_S = 30.0


@dataclass(frozen=True)
class Person:
    """A user, or whoever holds an API key."""

    id: str
    name: str
    email: str
    role: Role
    kind: str = "user"

    @classmethod
    def of(cls, shown: dict[str, Any]) -> Person:
        """From what `GET /me` says."""
        role: Role = next((known for known in ROLES if known == shown["role"]), "viewer")
        return cls(str(shown["id"]), shown["name"], shown.get("email") or "", role, shown.get("kind", "user"))


@dataclass
class Session:
    """One per open page; all calls of the page carry its token."""

    token: str
    ask: Callable[[], Awaitable[str | None]] | None = None
    """Asks the person to sign in again over the open page; the new token, or None when they do not."""
    _renewal: asyncio.Future[str | None] | None = field(default=None, repr=False)
    _declined: str = field(default="", repr=False)
    """The token for which the person did not want to be asked again."""

    async def renewed(self, spent: str) -> bool:
        """Whether the session goes on with another token than the spent one; many callers, one question."""
        if self.token != spent:
            return True
        if self.ask is None:
            return False
        return await asyncio.shield(self._question(self.ask)) is not None

    def ask_aside(self, spent: str) -> None:
        """Ask once, and wait for no answer: the page's own looks at the hub must not stop."""
        if self.ask is not None and spent == self.token != self._declined:
            self._question(self.ask)

    def _question(self, ask: Callable[[], Awaitable[str | None]]) -> asyncio.Future[str | None]:
        if self._renewal is None:
            self._renewal = asyncio.ensure_future(ask())
            self._renewal.add_done_callback(self._over)
        return self._renewal

    def _over(self, done: asyncio.Future[str | None]) -> None:
        self._renewal = None
        token = None if done.cancelled() or done.exception() else done.result()
        if token:
            self.token = token
        else:
            self._declined = self.token


class Tickets:
    """How a token gets into the cookie unseen by scripts: the page is given a ticket and turns it in once."""

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[str, float]] = {}

    def issue(self, token: str) -> str:
        """A ticket that is good for half a minute."""
        now = time.monotonic()
        self._tokens = {ticket: kept for ticket, kept in self._tokens.items() if kept[1] > now}
        ticket = secrets.token_urlsafe(32)
        self._tokens[ticket] = (token, now + TICKET_LIVES_S)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """The token, once."""
        token, until = self._tokens.pop(ticket, ("", 0.0))
        return token if until > time.monotonic() else None


TICKETS = Tickets()
