"""One exception: what to do about it, the orders it holds up, what was done so far; mended in place where that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.exceptions.actions import offer_actions
from console.exceptions.mending import offer_mending
from console.page import page
from console.parts.live import live
from console.parts.money import money, sums
from console.parts.redrawn import Redrawn
from console.parts.status import status, status_cell
from console.parts.table import Column, Table
from console.parts.text import Text, facts, for_people, page_head, section, text
from console.parts.time import moment
from console.parts.timeline import Event, timeline

if TYPE_CHECKING:
    from console.here import Here

ORDERS = (
    Column("number", "Order", "link"),
    Column("state", "State", "status"),
    Column("why", "Why it stands still"),
    Column("placed", "Placed", "time"),
    Column("total", "Total", "money"),
)


@page("/exceptions/{exception}", "Exception")
async def exception(here: Here, exception: str) -> None:
    """Live: who has it, its orders, and that it is over."""
    path = f"/exceptions/{exception}"
    first = await here.api.get(path)
    head = page_head(first["title"], for_people(first["remedy"]))
    actions = Redrawn(head, lambda found: offer_actions(here, found, head))
    state = ui.element("div").classes("row").props('aria-live="polite"')
    with ui.element("div").classes("aside-layout"):
        with ui.element("div").classes("stack"):
            if first["closed_at"] is None:
                offer_mending(here, first)
            with section("Orders"):
                orders = Table(
                    "Orders", ORDERS, none="No order is held up", hint="It may be about stock or a connection."
                )
        with ui.element("div").classes("stack"):
            with section("About"):
                about = ui.element("div")
            with section("Notes"):
                notes = ui.element("div")

    def show(found: dict[str, Any]) -> None:
        actions.show({name: value for name, value in found.items() if name != "affected"})
        _draw_state(state, found)
        orders.show([_row(each) for each in found["affected"]], foot=_foot(found))
        about.clear()
        with about:
            _facts(found)
        notes.clear()
        with notes:
            _notes(found["notes"])

    await live(here, path, show, limit=200)


def _draw_state(row: ui.element, found: dict[str, Any]) -> None:
    row.clear()
    with row:
        if found["closed_at"]:
            status("closed", tone="ok", label="Over")
            text(f"Closed by {found['closed_by']}", "muted")
            moment(found["closed_at"])
        else:
            status(found["severity"])
            text("Since", "muted")
            moment(found["opened_at"])


def _facts(found: dict[str, Any]) -> None:
    facts(
        {
            "Whose": found["assignee"] or "Nobody's yet",
            "At risk": sums(found["value_at_risk"]),
            "Orders held up": found["orders"],
            "Connection": found["connection_id"],
            "Cause": found["cause"],
        }
    )
    if found["snoozed_until"]:
        with ui.element("div").classes("row"):
            text("Snoozed until", "muted")
            moment(found["snoozed_until"], form="exact")


def _notes(notes: list[dict[str, Any]]) -> None:
    if not notes:
        Text("p", "Nothing was written down yet.", "muted")
    timeline([Event(note["at"], note["text"], source=note["author"], icon="o_edit_note") for note in notes])


def _row(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": order["id"],
        "href": f"/orders/{order['id']}",
        "number": order["number"] or order["id"],
        "number_sub": order["connection_id"],
        "state": status_cell(order["outcome"] or order["state"]),
        "why": order["why"],
        "placed": order["placed_at"],
        "total": money(order["total_minor"], order["currency"]),
    }


def _foot(found: dict[str, Any]) -> str:
    shown, count = len(found["affected"]), found["orders"]
    return f"the first {shown} of {count}" if count > shown else f"{shown} {'order' if shown == 1 else 'orders'}"
