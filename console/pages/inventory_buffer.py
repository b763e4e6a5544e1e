"""Safety stock: units that are not published, by item, channel, location and calendar profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.inventory.head import inventory_head
from console.page import page
from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.paging import Pages
from console.parts.table import Column, Table
from console.parts.text import section

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

ENTRIES = (
    Column("item", "Item"), Column("connection", "Channel"), Column("location", "Location"),
    Column("profile", "When"), Column("units", "Units kept back", "number"),
)  # fmt: skip
PROFILES = (Column("name", "Profile"), Column("starts", "From", "time"), Column("ends", "Until", "time"))
PER_PAGE = 100


@page("/inventory/safety-stock", "Safety stock")
async def inventory_buffer(here: Here) -> None:
    """It limits what is published, never what a sold order may use; the most exact entry counts."""
    inventory_head(here, "Limits what channels show, never what a sold order may use. The most exact entry counts.")
    with ui.element("div").classes("aside-layout"):
        with section("Entries"):
            pages = await _entries(here)
        with ui.element("div").classes("stack"):
            profiles = await here.api.get("/calendar-profiles")
            if here.may("operations"):
                with section("Set an entry"):
                    await _form(here, profiles, pages)
            with section("Calendar profiles"):
                rows = [_profile(number, each) for number, each in enumerate(profiles)]
                Table("Calendar profiles", PROFILES, rows, none="No profile", hint="tutti availability profiles")


async def _entries(here: Here) -> Pages:
    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        found = await here.api.get("/safety-stock", after=cursor, limit=PER_PAGE)
        return [_entry(each) for each in found["entries"]], found["next"]

    pages = Pages(here, fetch)
    await pages.first(Table("Entries", ENTRIES, none="Nothing is kept back", on_turn=pages.turn))
    return pages


async def _form(here: Here, profiles: list[dict[str, Any]], pages: Pages) -> None:
    connections = await places.connections(here)
    locations = await places.locations(here)

    async def submit(values: dict[str, Any]) -> None:
        plain = {name: values[name] or "" for name in ("item_id", "connection_id", "location_id", "profile")}
        units = None if values["units"] is None else int(values["units"])
        await here.api.put("/safety-stock", plain | {"units": units})
        tell_done("Taken away" if units is None else "Set; the channels follow")
        await pages.show()

    form = Form(submit, label="Set")
    form.text("item_id", "Item", hint="empty: all items")
    form.choice("connection_id", "Channel", {"": "All channels"} | connections, "")
    form.choice("location_id", "Location", {"": "All locations"} | locations, "")
    names = {each["name"]: each["name"] for each in profiles}
    form.choice("profile", "When", {"": "Always"} | names, "")
    form.number("units", "Units kept back", hint="empty: take the entry away")
    form.button()


def _entry(one: dict[str, Any]) -> Row:
    return {
        "key": "|".join(str(one[name]) for name in ("item_id", "connection_id", "location_id", "profile")),
        "item": one["item_id"] or "All items",
        "connection": one["connection_id"] or "All channels",
        "location": one["location_id"] or "All locations",
        "profile": one["profile"] or "Always",
        "units": one["units"],
    }


def _profile(number: int, one: dict[str, Any]) -> Row:
    return {"key": str(number), "name": one["name"], "starts": one["starts_at"], "ends": one["ends_at"]}
