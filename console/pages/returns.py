"""Returns: the queue, and why goods come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.page import page
from console.parts.paging import Pages
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.tabs import tabs
from console.parts.text import page_head, section

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

COLUMNS = (
    Column("id", "Return", "link"), Column("state", "State", "status"), Column("why", "Why it stands so"),
    Column("method", "How"), Column("decision", "Decision", "status"), Column("opened", "Opened", "time"),
    Column("expires", "Until", "time"),
)  # fmt: skip
REASONS = (
    Column("sku", "SKU"), Column("channel", "Channel"), Column("reason", "Why"), Column("units", "Units", "number"),
)  # fmt: skip
RATES = (
    Column("channel", "Channel"), Column("shipped", "Shipped", "number"), Column("announced", "Sent back", "number"),
    Column("rate", "Rate", "number"),
)  # fmt: skip
STATES = {
    "": "Any state", "to_decide": "To decide", "awaiting_goods": "Goods on their way", "inspecting": "To inspect",
    "settling": "Being settled", "over": "Over",
}  # fmt: skip
PAGES = {"/returns": "Returns", "/returns/policy": "Policy"}
PER_PAGE = 50


@page("/returns", "Returns")
async def returns(here: Here) -> None:
    """Filters stand in the address."""
    page_head("Returns")
    tabs("Returns", here.path, PAGES)
    await _filters(here)

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        wanted = {name: here.query.get(name) for name in ("state", "connection", "location")}
        found = await here.api.get("/returns", **wanted, after=cursor, limit=PER_PAGE)
        return [_row(each) for each in found], found[-1]["id"] if len(found) == PER_PAGE else None

    pages = Pages(here, fetch)
    table = Table(
        "Returns",
        COLUMNS,
        none="No return is like this",
        hint="They come by channels, stores and the return page.",
        on_turn=pages.turn,
    )
    await pages.first(table)
    with ui.element("div").classes("columns"):
        with section("Why goods come back"):
            rows = [_reason(number, each) for number, each in enumerate((await here.api.get("/returns/reasons"))[:20])]
            Table("Why goods come back", REASONS, rows, none="Nothing came back yet")
        with section("How much comes back"):
            Table(
                "How much comes back",
                RATES,
                [_rate(each) for each in await here.api.get("/returns/rates")],
                none="Nothing shipped yet",
            )


async def _filters(here: Here) -> None:
    connections = await places.connections(here)
    known = await places.locations(here)

    async def change(name: str, value: str) -> None:
        here.remember(**{name: value or None, "cursor": None})
        await here.reload()

    with ui.element("div").classes("filters"):
        for name, label, of in (
            ("state", "State", STATES),
            ("connection", "Channel", {"": "Any channel"} | connections),
            ("location", "To", {"": "Any place"} | known),
        ):
            value = here.query.get(name, "")
            box = ui.select(of, label=label, value=value if value in of else "").props("outlined dense options-dense")
            box.on_value_change(lambda event, name=name: change(name, event.value))


def _row(one: dict[str, Any]) -> Row:
    return {
        "key": one["id"],
        "href": f"/returns/{one['id']}",
        "id": one["id"],
        "id_sub": one["connection_id"],
        "state": status_cell(one["outcome"] or one["state"]),
        "why": one["why"],
        "method": words(one["method"]),
        "method_sub": f"opened by {one['opened_by']}",
        "decision": status_cell(one["decision"] or "to_decide"),
        "opened": one["opened_at"],
        "expires": one["expires_at"],
    }


def _reason(number: int, one: dict[str, Any]) -> Row:
    return {"key": str(number), **one, "channel": one["connection_id"], "reason": words(one["reason"])}


def _rate(one: dict[str, Any]) -> Row:
    return {"key": one["connection_id"], **one, "channel": one["connection_id"], "rate": f"{one['rate']:.1%}"}
