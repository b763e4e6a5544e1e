"""`@page`: what every page of the console has before its own content."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app, context, ui

from console.api import Api
from console.frame import Frame
from console.here import Here, address
from console.parts.error import show_problem
from console.problems import HubError, RefusedError, SignedOutError
from console.session import COOKIE, Person, Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.may import Role

    Content = Callable[..., Awaitable[None]]

WITHIN_S = 1.5
"""Content that takes longer follows over the open connection; a browser never waits for a page."""
LOG = logging.getLogger("console")


def page(path: str, title: str, *, role: Role = "viewer") -> Callable[[Content], Content]:
    """The decorated `async def content(here: Here, **path_parameters)` fills the page at `path`."""

    def decorate(content: Content) -> Content:
        @ui.page(path, title=f"{title} · Tutti", response_timeout=10)
        async def build(request: Request) -> Response | None:
            token = request.cookies.get(COOKIE, "")
            if not token:
                wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(address("/sign-in", {"next": wanted}))
            opened = OpenPage(request, Session(token), title, role, content)
            filling = asyncio.create_task(opened.fill())
            await asyncio.wait({filling}, timeout=WITHIN_S)
            opened.drawn()
            return opened.elsewhere

        return content

    return decorate


def api_of(request: Request, session: Session) -> Api:
    """The hub as the person behind this request reaches it."""
    origin = request.client.host if request.client else ""
    return Api(app.state.http, app.state.reach, session, origin=origin)


class OpenPage:
    """One page in one browser tab."""

    def __init__(self, request: Request, session: Session, title: str, role: Role, content: Content) -> None:
        self.elsewhere: Response | None = None
        self._request = request
        self._role = role
        self._content = content
        self._client = context.client
        self._client.tutti_session = session  # type: ignore[attr-defined]
        self._api = api_of(request, session)
        self._frame = Frame(self._api, title, request)
        self._client.on_delete(self._api.reach.watch(self._reach_changed))
        self._needs_filling = False
        self._query: dict[str, str] = dict(request.query_params)
        """As the person has changed it since: filling anew keeps the filters."""

    async def fill(self) -> None:
        """The content anew; a problem takes its place, and is tried again when the hub is back."""
        self._needs_filling = False
        with self._client:
            try:
                person = await self._person()
                self._frame.welcome(person)
                await self._fill_for(person)
            except SignedOutError:
                self.elsewhere = RedirectResponse(address("/sign-in", {"next": str(self._request.url.path)}))
            except HubError as problem:
                self._needs_filling = problem.may_pass
                self._show(problem)

    def drawn(self) -> None:
        """From now on a session that ends is renewed over the page instead of leaving it."""
        self._api.session.ask = self._frame.ask

    async def _fill_for(self, person: Person) -> None:
        here = Here(self._api, person, self._request.url.path, self._query, self.fill)
        self._query = here.query
        if not here.may(self._role):
            raise RefusedError(403, {"detail": f"this page needs the role {self._role}; you have {person.role}"})
        self._frame.content.clear()
        with self._frame.content:
            await self._content(here, **self._request.path_params)

    async def _person(self) -> Person:
        return Person.of(await self._api.get("/me"))

    def _show(self, problem: HubError) -> None:
        self._frame.content.clear()
        with self._frame.content:
            show_problem(problem, again=self.fill)

    def _reach_changed(self, state: str) -> None:
        with self._client:
            self._frame.show_reach(state)
            if state == "up" and self._needs_filling:
                asyncio.create_task(self.fill())  # noqa: RUF006 - the page holds it by its own life
