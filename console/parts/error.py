"""How a problem looks: what happened, what to do, and a way to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.text import Text
from console.problems import HubError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def show_problem(problem: HubError, *, again: Callable[[], Awaitable[Any]] | None = None) -> None:
    """In place of what could not be shown or done; `again` is offered as a button."""
    with ui.element("div").classes("notice notice-bad").props('role="alert"'):
        ui.icon("o_error").props('aria-hidden="true"')
        with ui.element("div").classes("notice-text"):
            Text("strong", problem.title)
            Text("p", problem)
            if isinstance(problem, RefusedError):
                for field, wrong in problem.fields.items():
                    Text("p", f"{field}: {wrong}", "small")
        if again is not None:
            ui.button("Try again", on_click=again).props("flat no-caps")


def tell_problem(problem: HubError) -> None:
    """For a moment, above the page: an action did not work."""
    ui.notify(f"{problem.title}: {problem}", type="negative", position="top", close_button="Close", timeout=12_000)


def tell_done(what: str) -> None:
    """For a moment, above the page: an action worked."""
    ui.notify(what, type="positive", position="top", timeout=4_000)
