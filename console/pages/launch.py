"""One launch: its board of products and channels, live; what stops it, who approved it, what people may do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.launches.actions import Actions
from console.launches.board import Board
from console.launches.findings import draw_findings, with_names
from console.launches.standing import CHANNELS, channel_row, draw_figures, draw_state
from console.launches.story import draw_approvals, draw_leaks, draw_plan, draw_story
from console.page import page
from console.parts.live import live
from console.parts.table import Table
from console.parts.text import page_head, section

if TYPE_CHECKING:
    from console.here import Here

OFTEN = 1.5
"""Seconds between two looks: around its moment a launch is watched."""


@page("/launches/{launch}", "Launch")
async def launch(here: Here, launch: str) -> None:
    """Everything follows the hub by itself."""
    path = f"/launches/{launch}"
    first, names = await here.api.get(path), await places.connections(here)
    actions = Actions(here, page_head(first["name"] or launch, f"Made by {first['created_by_name']}"), names)
    state = ui.element("div").classes("row").props('aria-live="polite"')
    figures = ui.element("div").classes("figures")
    leaks = ui.element("div")
    with ui.element("div").classes("aside-layout"):
        with ui.element("div").classes("stack"):
            with section("Channels"):
                channels = Table("Channels", CHANNELS)
            findings = ui.element("div")
            with section("Board", "each product's step on every channel"):
                board = Board(here, first, names)
        with ui.element("div").classes("stack"):
            with section("Approvals"):
                approvals = ui.element("div").classes("stack tight")
            with section("Plan"):
                plan = ui.element("div")
            with section("What happened"):
                story = ui.element("div")

    async def look_again() -> None:
        if actions.allow("recheck"):
            await here.api.post(f"{path}/recheck")

    async def show(found: dict[str, Any]) -> None:
        actions.show(found)
        draw_state(state, found, names)
        draw_figures(figures, found)
        draw_leaks(leaks, found, names)
        channels.show([channel_row(each, names) for each in found["channels"]], foot="")
        draw_approvals(approvals, found, here.person)
        draw_plan(plan, found, names)
        draw_story(story, found, names)
        if board.channels != [each["channel"] for each in found["channels"]]:
            await here.reload()
            return
        await board.follow()
        standing_against = await with_names(here, await here.api.get(f"{path}/findings"))
        findings.clear()
        if standing_against:
            with findings, section("Findings", "mend the product, or answer for it with a reason"):
                draw_findings(here, standing_against, names, look_again, none="Nothing stands against it")

    await live(here, path, show, every=OFTEN, personal=True)
