"""A session that ends while a page is open: the password is asked for over it, and nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import context, ui

from console.parts.question import Question
from console.parts.text import Text
from console.problems import HubError
from console.sign_in_calls import by_password

if TYPE_CHECKING:
    from console.api import Api


async def ask_to_sign_in(api: Api) -> str | None:
    """The new token, or None when the person does not sign in."""
    client = context.client
    note = "Sign in to go on. Everything on the page is as you left it."
    with Question("Your session has ended", note, stays=True) as question:
        email = ui.input("E-mail").props('outlined dense type="email" autocomplete="username" autofocus')
        password = ui.input("Password").props('outlined dense type="password" autocomplete="current-password"')
        wrong = Text("p", "", "field-error").props('role="alert"')

        async def submit() -> None:
            try:
                question.answer(await by_password(api, email.value or "", password.value or ""))
            except HubError as problem:
                wrong.set_text(str(problem))

        async def adopt() -> None:
            adopted = "await fetch('/session/adopt', {method: 'POST', body: window.clientId}).then(a => a.ok)"
            if await client.run_javascript(f"return {adopted}", timeout=10):
                question.answer(api.session.token)
            else:
                wrong.set_text("no other tab has signed in since")

        password.on("keydown.enter", submit)
        with question.actions():
            ui.button("I signed in in another tab", on_click=adopt).props("flat no-caps")
            ui.button("Sign in", on_click=submit).props("unelevated no-caps")
    token: str | None = await question
    return token
