"""Sign in: by password, by a one-time link, with the company's account, by an API key; and the first admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import Request
from nicegui import app, context, ui

from console import sign_in_calls
from console.api import Api
from console.cookie import put_into_cookie
from console.here import address
from console.page import api_of
from console.parts.error import show_problem
from console.parts.text import Text
from console.problems import HubError
from console.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OFFLINE: dict[str, Any] = {"password": True, "oidc": None, "first_admin": False}
LEAST_PASSWORD = 12
REASONS = {
    "sign_in_lost": "The sign-in took too long, or began in another browser. Begin again.",
    "provider_refused": "The provider let nobody in. Begin again, or ask its administrator.",
    "provider_unreachable": "The provider could not be asked. Try again in a moment.",
}
"""Why the provider's sign-in came back without a session."""


@ui.page("/sign-in", title="Sign in · Tutti", response_timeout=10)
async def sign_in(request: Request, code: str = "", next: str = "/", error: str = "") -> None:  # noqa: A002 - a name in the address
    """`next` is the page that was asked for; an address elsewhere is not gone to."""
    ui.dark_mode({"dark": True, "light": False}.get(request.cookies.get("tutti_theme", "")))
    api = api_of(request, Session(""))
    with ui.element("div").classes("sign-in"), ui.element("div").classes("panel"):
        Text("div", "Tutti", "brand")
        if error:
            Text("p", REASONS.get(error, f"The provider's sign-in did not work ({error})."), "field-error")
        form = SignIn(api, code, _inside(next), ui.element("div").classes("stack"))
        await form.draw()


def _inside(wanted: str) -> str:
    parts = urlsplit(wanted)
    return wanted if wanted.startswith("/") and not parts.netloc and not wanted.startswith(("//", "/\\")) else "/"


class SignIn:
    """The form, as it suits what the hub offers."""

    def __init__(self, api: Api, code: str, goal: str, place: ui.element) -> None:
        self._api, self._code, self._goal, self._place = api, code, goal, place
        self._client = context.client

    async def draw(self) -> None:
        try:
            offered = await sign_in_calls.options(self._api)
        except HubError as problem:
            offered = OFFLINE
            with self._place:
                show_problem(problem, again=self._again)
        with self._place:
            if offered["first_admin"]:
                self._first_admin()
            elif self._code:
                self._by_code()
            else:
                self._by_password(offered)
            self._by_key()

    async def _again(self) -> None:
        self._place.clear()
        await self.draw()

    def _first_admin(self) -> None:
        Text("h1", "The first administrator")
        Text("p", "Nobody has an account yet. The one you make now may do everything, and invites the others.", "muted")
        code = _field("One-time code (printed by `tutti up`)", value=self._code)
        name = _field("Name", autocomplete="name")
        email = _field("E-mail", kind="email", autocomplete="username")
        password = _field(f"Password, {LEAST_PASSWORD} characters or more", "password", "new-password")
        self._submit(
            "Make the account",
            lambda: sign_in_calls.first_admin(self._api, code.value, name.value, email.value, password.value),
            last=password,
        )

    def _by_code(self) -> None:
        Text("h1", "Sign in by your link")
        Text("p", "The link is good for one sign-in.", "muted")
        self._submit("Sign in", lambda: sign_in_calls.by_code(self._api, self._code))

    def _by_password(self, offered: dict[str, Any]) -> None:
        Text("h1", "Sign in")
        if offered["password"]:
            email = _field("E-mail", "email", "username")
            password = _field("Password", "password", "current-password")
            self._submit(
                "Sign in", lambda: sign_in_calls.by_password(self._api, email.value, password.value), last=password
            )
        if offered["oidc"]:
            back = app.state.address + address("/sign-in", {"next": self._goal})
            start = address(app.state.provider_start, {"return_to": back})
            with ui.link(target=start).classes("plain-button wide"):
                Text("span", f"Sign in with {offered['oidc']['name']}")

    def _by_key(self) -> None:
        with ui.expansion("Sign in with an API key").props("dense dense-toggle").classes("quiet"):
            key = _field("API key", "password", "off")
            self._submit("Sign in with the key", lambda: sign_in_calls.by_key(self._api, key.value.strip()), last=key)

    def _submit(self, label: str, call: Callable[[], Awaitable[str]], last: ui.input | None = None) -> None:
        wrong = Text("p", "", "field-error").props('role="alert"')

        async def submit() -> None:
            wrong.set_text("")
            try:
                token = await call()
            except HubError as problem:
                wrong.set_text(str(problem))
                return
            await put_into_cookie(self._client, token)
            self._client.open(self._goal)

        ui.button(label, on_click=submit).props("unelevated no-caps").classes("wide")
        if last is not None:
            last.on("keydown.enter", submit)


def _field(label: str, kind: str = "text", autocomplete: str = "off", value: str = "") -> ui.input:
    return ui.input(label, value=value).props(f'outlined dense type="{kind}" autocomplete="{autocomplete}"')
