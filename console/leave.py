"""Signing out: the hub ends the session, the browser forgets it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from nicegui import context

from console.problems import HubError

if TYPE_CHECKING:
    from console.api import Api


async def sign_out(api: Api) -> None:
    """Also when the hub does not answer: the browser keeps nothing."""
    client = context.client
    api.session.ask = None
    with suppress(HubError):
        await api.post("/me/sign-out")
    await client.run_javascript("await fetch('/session', {method: 'DELETE'}); location.assign('/sign-in')", timeout=10)
