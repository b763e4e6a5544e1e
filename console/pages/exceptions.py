"""Exceptions: what needs a person, one entry per cause, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.page import page
from console.parts.live import live
from console.parts.money import sums
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.text import for_people, page_head

if TYPE_CHECKING:
    from console.here import Here

COLUMNS = (
    Column("title", "What", "link"),
    Column("severity", "Severity", "status"),
    Column("orders", "Orders", "number"),
    Column("value", "At risk", "money"),
    Column("since", "Since", "time"),
    Column("assignee", "Whose"),
)
SEVERITIES = {"": "Any severity", "critical": "Critical", "warning": "Warning", "info": "Info"}
STATES = {"open": "Open", "closed": "Closed"}


@page("/exceptions", "Exceptions")
async def exceptions(here: Here) -> None:
    """The filters stand in the address; entries come and go by themselves."""
    page_head("Exceptions", "One entry per cause. It closes by itself when the cause is gone, and its orders go on.")
    await _filters(here)
    state = here.query.get("state", "open")
    table = Table(
        "Exceptions", COLUMNS,
        none="Nothing needs a person" if state == "open" else "Nothing was closed yet",
        hint="Exceptions appear by themselves within seconds.",
    )  # fmt: skip

    def show(found: list[dict[str, Any]]) -> None:
        table.show([_row(each) for each in found], foot=_foot(found))

    await live(
        here, "/exceptions", show,
        state=state, severity=here.query.get("severity"), connection=here.query.get("connection"),
        assignee=here.query.get("assignee"), snoozed=here.query.get("snoozed"), limit=500,
    )  # fmt: skip


async def _filters(here: Here) -> None:
    connections = {"": "Any connection"} | await places.connections(here)

    async def change(name: str, value: object) -> None:
        here.remember(**{name: str(value) if value else None})
        await here.reload()

    def choice(name: str, label: str, of: dict[str, str], default: str = "") -> None:
        value = here.query.get(name, default)
        box = ui.select(of, label=label, value=value if value in of else default)
        box.props("outlined dense options-dense").on_value_change(lambda event: change(name, event.value))

    with ui.element("div").classes("filters"):
        choice("state", "State", STATES, "open")
        choice("severity", "Severity", SEVERITIES)
        choice("connection", "Connection", connections)
        choice("assignee", "Whose", {"": "Anybody's", here.person.name: "Mine"})
        snoozed = ui.checkbox("Snoozed too", value=here.query.get("snoozed") == "true")
        snoozed.on_value_change(lambda event: change("snoozed", "true" if event.value else None))


def _row(exception: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": str(exception["id"]),
        "href": f"/exceptions/{exception['id']}",
        "title": exception["title"],
        "title_sub": for_people(exception["remedy"]),
        "severity": status_cell(exception["severity"], label=words(exception["severity"])),
        "orders": exception["orders"],
        "value": sums(exception["value_at_risk"]),
        "since": exception["opened_at"],
        "assignee": exception["assignee"],
    }


def _foot(found: list[dict[str, Any]]) -> str:
    if not found:
        return ""
    orders = sum(each["orders"] for each in found)
    return f"{len(found)} {'cause' if len(found) == 1 else 'causes'}, {orders} {'order' if orders == 1 else 'orders'} held up"
