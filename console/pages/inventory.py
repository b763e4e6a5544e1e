"""Inventory: the allocation matrix, every item by location and by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.inventory.head import inventory_head
from console.page import page
from console.parts.live import live
from console.parts.paging import Pages
from console.parts.table import Column, Table

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

PER_PAGE = 50


@page("/inventory", "Inventory")
async def inventory(here: Here) -> None:
    """Columns are the locations and connections of the page's items; a click opens the item."""
    inventory_head(here, "What each place has, and what each channel was told and shows.")
    answer = await _fetch(here, here.query.get("cursor"))
    columns = _columns(answer["lines"])

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        found = await _fetch(here, cursor)
        return [_row(line) for line in found["lines"]], found["next"]

    async def look(text: str) -> None:
        here.remember(q=text or None, cursor=None)
        await here.reload()

    with ui.element("div").classes("filters"):
        box = ui.input("Item, title or SKU", value=here.query.get("q", "")).props("outlined dense clearable")
        box.on("keydown.enter", lambda: look(str(box.value or "").strip())).on("clear", lambda: look(""))
        ui.button("Find", on_click=lambda: look(str(box.value or "").strip())).props("outline no-caps")
    pages = Pages(here, fetch)
    table = Table(
        "Allocation matrix", columns, none="No item is like this", hint="Items come with tutti.yaml, imports, or PUT /items.",
        on_turn=pages.turn,
    )  # fmt: skip
    await pages.first(table)
    asked: dict[str, Any] = {"search": here.query.get("q"), "after": here.query.get("cursor"), "limit": PER_PAGE}
    await live(here, "/inventory/matrix", lambda _: pages.show(), every=10, **asked)


async def _fetch(here: Here, cursor: str | None) -> dict[str, Any]:
    found: dict[str, Any] = await here.api.get(
        "/inventory/matrix", search=here.query.get("q"), after=cursor, limit=PER_PAGE
    )
    return found


def _columns(lines: list[dict[str, Any]]) -> tuple[Column, ...]:
    places = sorted({stock["location_id"] for line in lines for stock in line["stock"]})
    channels = sorted({cell["connection_id"] for line in lines for cell in line["channels"]})
    return (
        Column("item", "Item", "link"),
        *(Column(f"at_{place}", place, "number") for place in places),
        Column("available", "Available", "number"),
        *(Column(f"on_{channel}", channel, "number") for channel in channels),
        Column("state", "Channels", "status"),
    )


def _row(line: dict[str, Any]) -> Row:
    row: Row = {
        "key": line["item_id"],
        "href": f"/inventory/{line['item_id']}",
        "item": line["item_id"],
        "item_sub": line["title"],
        "available": sum(stock["available"] for stock in line["stock"]),
        "state": _agreement(line["channels"]),
    }
    for stock in line["stock"]:
        row[f"at_{stock['location_id']}"] = stock["on_hand"]
        row[f"at_{stock['location_id']}_sub"] = f"{stock['reserved']} reserved" if stock["reserved"] else ""
    for connection in {cell["connection_id"] for cell in line["channels"]}:
        cells = [cell for cell in line["channels"] if cell["connection_id"] == connection]
        row[f"on_{connection}"] = _sum(cells, "confirmed")
        row[f"on_{connection}_sub"] = _beside(cells)
    return row


def _beside(cells: list[dict[str, Any]]) -> str:
    """What is not as the confirmed number says."""
    expected, confirmed = _sum(cells, "expected"), _sum(cells, "confirmed")
    if expected is None:
        return "not published"
    return "" if expected == confirmed else f"should be {expected}"


def _sum(cells: list[dict[str, Any]], name: str) -> int | None:
    known = [cell[name] for cell in cells if cell[name] is not None]
    return sum(known) if known else None


def _agreement(cells: list[dict[str, Any]]) -> dict[str, str] | None:
    published = [cell for cell in cells if cell["expected"] is not None]
    if not published:
        return None
    behind = [cell for cell in published if cell["expected"] != cell["confirmed"]]
    if not behind:
        return {"text": "All right", "tone": "ok", "icon": "check_circle"}
    return {"text": f"{len(behind)} behind", "tone": "warn", "icon": "warning"}
