"""One version of some rules: what it says, what it changes, and putting it in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.names import Names, names
from console.page import page
from console.parts.empty import empty
from console.parts.status import status
from console.parts.text import facts, page_head, section, text
from console.parts.time import moment
from console.rules.differences import show_differences
from console.rules.forcing import put_in_force
from console.rules.kinds import KINDS, Kind, in_force
from console.rules.reading import show_body
from console.rules.writing import write_version

if TYPE_CHECKING:
    from console.here import Here


@page("/rules/{kind}/{version}", "Rules")
async def rule_version(here: Here, kind: str, version: str) -> None:
    """Compared with the version in force, or with the one that the address names."""
    if kind not in KINDS:
        empty("There are no such rules", "Look at the list of rules for the kinds that there are.")
        return
    of = KINDS[kind]
    versions = await here.api.get(of.path)
    body = await here.api.get(f"{of.path}/{version}")
    row = next(each for each in versions if each["version"] == version)
    active = in_force(versions)
    with page_head(f"{of.title}: {version}", of.note):
        _actions(here, of, row, body, active)
    with ui.element("div").classes("row"):
        status("active" if row["active"] else "stored", label="In force" if row["active"] else "Stored")
        text("Made", "muted")
        moment(row["created_at"])
    with ui.element("div").classes("aside-layout"):
        with section("What it says"):
            show_body(body)
        with ui.element("div").classes("stack"):
            with section("About"):
                _about(row, await names(here))
            others = [each["version"] for each in versions if each["version"] != version]
            if others:
                with section("Differences"):
                    await _differences(here, of, version, others, active)


def _actions(here: Here, of: Kind, row: dict[str, Any], body: dict[str, Any], active: str) -> None:
    ui.link("All versions", f"/rules?kind={of.key}")
    if here.may("operations"):
        ui.button("New version from this", on_click=lambda: write_version(here, of, body, active)).props(
            "outline no-caps"
        )
    if of.force and here.may(of.role) and not row["active"]:
        ui.button(of.verb, on_click=lambda: put_in_force(here, of, row["version"], active)).props("unelevated no-caps")


def _about(row: dict[str, Any], known: Names) -> None:
    facts(
        {
            "Version": row["version"],
            "Made by": known[row["created_by"]],
            "Approved by": known[row["approved_by"]] if row.get("approved_by") else "",
        }
    )
    if row.get("previewed_at"):
        with ui.element("div").classes("row"):
            text("Previewed", "muted")
            moment(row["previewed_at"])


async def _differences(here: Here, of: Kind, version: str, others: list[str], active: str) -> None:
    asked = here.query.get("against") or (active if active in others else others[0])
    against = asked if asked in others else others[0]

    async def change(value: str) -> None:
        here.remember(against=value)
        await here.reload()

    box = ui.select(others, label="Against", value=against).props("outlined dense options-dense")
    box.on_value_change(lambda event: change(event.value))
    found = await here.api.get(f"{of.path}/{version}/diff", against=against)
    show_differences(found, version, against)
