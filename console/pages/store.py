"""Store: what a shop's staff have to do now, live; a scanner's barcode opens its task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.parts.live import live
from console.parts.tabs import tabs
from console.parts.text import page_head, text
from console.places import by_id
from console.store.scanner import scanner
from console.store.tasks import Tasks

if TYPE_CHECKING:
    from console.here import Here


@page("/store", "Store", role="support")
async def store(here: Here) -> None:
    """`?at=` names the location; without it the first store is shown."""
    found = await here.api.get("/locations")
    stores = by_id(each for each in found if each["kind"] == "store") or by_id(found)
    at = here.query.get("at") or next(iter(stores), "")
    page_head("Store", stores.get(at, at))
    tabs("Store", "/store", {"/store": "Tasks", f"/store/returns?at={at}": "Returns"})

    async def change(place: str) -> None:
        here.remember(at=place)
        await here.reload()

    with ui.element("div").classes("filters"):
        box = ui.select(stores, label="Location", value=at if at in stores else None).props("outlined dense")
        box.on_value_change(lambda event: change(event.value))
        scanned = scanner("Scan or type an order, a task or a SKU")
    if not at:
        text("There is no location yet.", "muted")
        return
    with ui.element("div").classes("stack").props('aria-live="polite"'):
        tasks = Tasks(here)
    latest: list[list[dict[str, Any]]] = [[]]

    def show(found: list[dict[str, Any]]) -> None:
        latest[0] = found
        tasks.show(found, wanted=scanned.value or "")

    await live(here, f"/store/{at}/tasks", show, every=3)
    scanned.on_value_change(lambda _: show(latest[0]))
