"""Rules: sourcing, allocation, returns, alerts; every version, who made it, and which one is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.here import Here, address
from console.names import Names, names
from console.page import page
from console.parts.live import live
from console.parts.status import status_cell
from console.parts.table import Column, Table
from console.parts.tabs import tabs
from console.parts.text import page_head
from console.rules.kinds import KINDS, in_force
from console.rules.writing import write_version

if TYPE_CHECKING:
    from console.parts.table import Row

VERSIONS = (
    Column("version", "Version", "link"),
    Column("state", "State", "status"),
    Column("made", "Made", "time"),
    Column("by", "Made by"),
    Column("approved", "Approved by"),
)
CHANGES = 15.0


@page("/rules", "Rules")
async def rules(here: Here) -> None:
    """One kind at a time, chosen by the address."""
    kind = KINDS.get(here.query.get("kind", ""), KINDS["sourcing"])
    found = await here.api.get(kind.path)
    with page_head("Rules", "A version never changes. One of them is in force, and every decision keeps its version."):
        if here.may("operations") and found:
            ui.button("New version", on_click=lambda: _write(here, found)).props("unelevated no-caps")
    tabs("Kinds of rules", _address(kind.key), {_address(each.key): each.title for each in KINDS.values()})
    known = await names(here)
    table = Table(
        kind.title, VERSIONS, none="There is no version yet",
        hint="The hub goes by its defaults; the first version comes from tutti.yaml or the API.",
    )  # fmt: skip
    await live(
        here, kind.path, lambda versions: table.show([_row(kind.key, each, known) for each in versions]), every=CHANGES
    )


def _address(kind: str) -> str:
    return address("/rules", {"kind": kind})


async def _write(here: Here, found: list[dict[str, Any]]) -> None:
    kind = KINDS.get(here.query.get("kind", ""), KINDS["sourcing"])
    before = in_force(found)
    body = await here.api.get(f"{kind.path}/{before or found[0]['version']}")
    await write_version(here, kind, body, before)


def _row(kind: str, version: dict[str, Any], known: Names) -> Row:
    state = "active" if version["active"] else "previewed" if version.get("previewed_at") else "stored"
    return {
        "key": version["version"],
        "href": f"/rules/{kind}/{version['version']}",
        "version": version["version"],
        "state": status_cell(state, label="In force" if version["active"] else None),
        "made": version["created_at"],
        "by": known[version["created_by"]],
        "approved": known[version["approved_by"]] if version.get("approved_by") else "",
    }
