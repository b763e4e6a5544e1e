"""Saved views: filters under a name, each person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from console.here import address
from console.orders.filters import NAMES
from console.parts.error import tell_done, tell_problem
from console.parts.question import Question
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here

PAGE = "orders"


async def views(here: Here) -> None:
    """A menu of them; a key has none, for they belong to people."""
    if here.person.kind != "user":
        return
    saved: list[dict[str, Any]] = await here.api.get("/me/views", page=PAGE)
    now = {name: here.query[name] for name in NAMES if name in here.query}
    current = next((view["name"] for view in saved if view["query"] == now), None)
    with (
        ui.button(f"View: {current}" if current else "Views").props(
            'outline no-caps icon-right="expand_more" aria-haspopup="menu"'
        ),
        ui.menu().props('aria-label="Views"'),
    ):
        for view in saved:
            ui.menu_item(view["name"], on_click=lambda view=view: ui.navigate.to(address(here.path, view["query"])))
        if saved:
            ui.separator()
        if now and not current:
            ui.menu_item("Save this view …", on_click=lambda: _ask(here, now))
        if current:
            ui.menu_item(f"Forget {current}", on_click=lambda: _forget(here, current))
        if not saved and not now:
            ui.menu_item("Set filters, then save them here under a name").props("disable")


async def _ask(here: Here, query: dict[str, str]) -> None:
    async def save(values: dict[str, Any]) -> str:
        await here.api.put(f"/me/views/{PAGE}/{quote(values['name'], safe='')}", {"query": query})
        return str(values["name"])

    with Question("Save this view") as question:
        form = question.form(save)
        form.text("name", "Name", required=True, hint="A view of the same name is written over")
    if name := await question:
        tell_done(f"Saved as {name}")
        await here.reload()


async def _forget(here: Here, name: str) -> None:
    try:
        await here.api.delete(f"/me/views/{PAGE}/{quote(name, safe='')}")
    except HubError as problem:
        tell_problem(problem)
        return
    await here.reload()
