"""Returns at a counter: find any channel's order, take the goods in, say what state they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.page import page
from console.parts.cards import Cards
from console.parts.empty import empty
from console.parts.live import live
from console.parts.tabs import tabs
from console.parts.text import page_head, section, text
from console.store.counter import draw_candidates
from console.store.receiving import draw_expected
from console.store.scanner import scanner

if TYPE_CHECKING:
    from console.here import Here


@page("/store/returns", "Returns at the store", role="support")
async def store_returns(here: Here) -> None:
    """`?at=` names the location, `?q=` what was looked for."""
    known = await places.locations(here)
    at = here.query.get("at") or next(iter(known), "")
    page_head("Store", known.get(at, at))
    tabs("Store", f"/store/returns?at={at}", {f"/store?at={at}": "Tasks", f"/store/returns?at={at}": "Returns"})
    with section("Somebody brings something back"):
        looked_for = scanner("Order number, e-mail address or receipt code")
        found = ui.element("div").classes("stack")

        async def look() -> None:
            code = str(looked_for.value or "").strip()
            here.remember(q=code or None)
            found.clear()
            if code:
                candidates = await here.api.get("/returns/lookup", q=code)
                with found:
                    draw_candidates(here, at, candidates)

        looked_for.on("keydown.enter", look)
        if here.query.get("q"):
            looked_for.value = here.query["q"]
            await look()
    with section("To take in and to inspect"):
        none = ui.element("div")
        with none:
            empty("Nothing is expected", "Returns to this place appear by themselves.", "o_task_alt")
        with ui.element("div").props('aria-live="polite"'):
            cards = Cards(lambda each: draw_expected(here, at, each), "stack")

    def show(expected: list[dict[str, Any]]) -> None:
        none.set_visibility(not expected)
        cards.show({each["id"]: each for each in expected})

    if at:
        await live(here, f"/store/{at}/returns", show, every=3)
    else:
        text("There is no location yet.", "muted")
