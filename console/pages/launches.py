"""Launches: what goes live when, what came of it, how far apart the channels were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.launches.words import MODES, duration, standing
from console.page import page
from console.parts.live import live
from console.parts.paging import Pages, page_of
from console.parts.status import status_cell
from console.parts.table import Column, Table
from console.parts.text import page_head

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

COLUMNS = (
    Column("name", "Launch", "link"),
    Column("at", "Moment", "time"),
    Column("stage", "Stands", "status"),
    Column("products", "Products", "number"),
    Column("channels", "Channels"),
    Column("skew", "Skew", "number"),
    Column("leaks", "Leaks", "number"),
)
WHICH = {"": "All launches", "open": "Under way"}
AT_ONCE = 50


@page("/launches", "Launches")
async def launches(here: Here) -> None:
    """The latest moment first; the first page follows the hub."""
    with page_head("Launches", "Products go live on all their channels at one moment, or are taken back."):
        if here.may("operations"):
            ui.button("New launch", icon="add", on_click=lambda: ui.navigate.to("/launches/new")).props(
                "unelevated no-caps"
            )
    names = await places.connections(here)
    only_open = here.query.get("show") == "open"

    async def choose(which: str) -> None:
        here.remember(show=which or None)
        await here.reload()

    with ui.element("div").classes("filters"):
        box = ui.select(WHICH, label="Show", value="open" if only_open else "")
        box.props("outlined dense options-dense").on_value_change(lambda event: choose(event.value))
    asked: dict[str, Any] = {"open": only_open or None, "limit": AT_ONCE}

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        answer = await here.api.get("/launches", **asked, cursor=cursor)
        return page_of(answer, "launches", lambda launch: _row(launch, names))

    pages = Pages(here, fetch)
    table = Table(
        "Launches", COLUMNS, none="No launch is under way" if only_open else "No launch yet",
        hint="Make one: it is staged unseen, checked, approved by a second person, and live at its moment.",
        on_turn=pages.turn,
    )  # fmt: skip

    async def show(_: dict[str, Any]) -> None:
        if pages.at_start:
            await pages.show()

    pages.fill(table)
    if not pages.at_start:
        await pages.show()
    await live(here, "/launches", show, **asked)


def _row(launch: dict[str, Any], names: dict[str, str]) -> Row:
    label, tone = standing(launch)
    return {
        "key": launch["id"],
        "href": f"/launches/{launch['id']}",
        "name": launch["name"] or launch["id"],
        "name_sub": MODES.get(launch["mode"], ""),
        "at": launch["go_live_at"],
        "stage": status_cell(launch["stage"], tone=tone, label=label),
        "products": launch["products"],
        "channels": ", ".join(names.get(each, each) for each in launch["channels"]),
        "skew": duration(launch["skew_ms"]),
        "leaks": launch["leaks"],
    }
