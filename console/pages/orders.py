"""Orders: searched, filtered, worked on in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.orders.bulk import BulkBar
from console.orders.filters import NAMES, asked_now, filters
from console.orders.states import order_status_cell
from console.orders.views import views
from console.orders.words import standing
from console.page import page
from console.parts.live import live
from console.parts.money import money
from console.parts.paging import Pages, page_of
from console.parts.status import words
from console.parts.table import Column, Row, Table
from console.parts.text import page_head
from console.places import Names, names

if TYPE_CHECKING:
    from console.here import Here

AT_ONCE = 50
MOST_IN_A_FILE = 5000
COLUMNS = (
    Column("number", "Order", "link"),
    Column("state", "State", "status"),
    Column("why", "Where it stands"),
    Column("placed", "Placed", "time"),
    Column("payment", "Payment"),
    Column("country", "To"),
    Column("total", "Total", "money"),
)


@page("/orders", "Orders")
async def orders(here: Here) -> None:
    """The first page follows the hub; the others stand still while somebody reads them."""
    known = await names(here)
    with page_head("Orders", _said(here)):
        if any(name in here.query for name in NAMES):
            ui.button("Clear", on_click=lambda: ui.navigate.to(here.path)).props("flat no-caps")
        await views(here)
    await filters(here, known)
    asked = asked_now(here)
    bar = BulkBar(here, asked)
    newest: list[dict[str, Any]] = []

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        if cursor is None and newest:
            answer = newest.pop()
        else:
            answer = await here.api.get("/orders", **asked, cursor=cursor, limit=AT_ONCE)
        return page_of(answer, "orders", lambda order: _row(order, known))

    async def download() -> list[Row]:
        rows: list[Row] = []
        cursor: str | None = None
        while len(rows) < MOST_IN_A_FILE:
            answer = await here.api.get("/orders", **asked, cursor=cursor, limit=200)
            more, cursor = page_of(answer, "orders", lambda order: _row(order, known))
            rows += more
            if cursor is None:
                break
        return rows

    pages = Pages(here, fetch)
    table = Table(
        "Orders", COLUMNS, none="No order fits", hint="Take a filter away, or look for something else.",
        on_turn=pages.turn, csv=download, on_choose=bar.chosen if here.may("operations") else None,
    )  # fmt: skip

    async def show(answer: dict[str, Any]) -> None:
        if pages.at_start:
            newest[:] = [answer]
            await pages.show()

    pages.fill(table)
    if not pages.at_start:
        await pages.show()
    await live(here, "/orders", show, limit=AT_ONCE, **asked)


def _said(here: Here) -> str:
    return f"Found for “{here.query['q']}”" if here.query.get("q") else ""


def _row(order: dict[str, Any], known: Names) -> Row:
    return {
        "key": order["id"],
        "href": f"/orders/{order['id']}",
        "number": order["number"] or order["id"],
        "number_sub": known.connection(order["connection_id"]),
        "state": order_status_cell(order),
        "why": "" if order["outcome"] else standing(order["why"], known),
        "why_sub": ", ".join(order["tags"]),
        "placed": order["placed_at"],
        "payment": words(order["financial"]),
        "country": order["country"],
        "total": money(order["total_minor"], order["currency"]),
    }
