"""One item: where it is, what each channel shows and why, its movements, who holds it and who waits; counts and receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.inventory.booking import offer_booking
from console.page import page
from console.parts.live import live
from console.parts.paging import Pages
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.text import page_head, section

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

PLACES = (
    Column("place", "Location"), Column("on_hand", "On hand", "number"), Column("reserved", "Reserved", "number"),
    Column("available", "Available", "number"),
)  # fmt: skip
CHANNELS = (
    Column("channel", "Channel", "link"), Column("allocated", "Allocated", "number"), Column("buffer", "Buffer", "number"),
    Column("expected", "Should be", "number"), Column("published", "Told", "number"),
    Column("confirmed", "Confirmed", "number"), Column("since", "Since", "time"), Column("state", "State", "status"),
)  # fmt: skip
MOVEMENTS = (
    Column("at", "When", "time"), Column("kind", "What"), Column("location", "Location"),
    Column("on_hand", "On hand", "number"), Column("reserved", "Reserved", "number"), Column("order", "Order", "link"),
)  # fmt: skip
HOLDERS = (Column("order", "Order", "link"), Column("location", "Location"), Column("units", "Units", "number"))
WAITERS = (
    Column("order", "Order", "link"), Column("units", "Units", "number"), Column("placed", "Placed", "time"),
    Column("until", "Gives up", "time"),
)  # fmt: skip
PER_PAGE = 50


@page("/inventory/{item}", "Item")
async def inventory_item(here: Here, item: str) -> None:
    """Stock and channels follow by themselves; movements by page."""
    first = await here.api.get(f"/inventory/matrix/{item}")
    with page_head(item, first["title"]):
        offer_booking(here, item, [stock["location_id"] for stock in first["stock"]])
    with ui.element("div").classes("aside-layout"):
        with ui.element("div").classes("stack"):
            with section("On the channels"):
                channels = Table(
                    "On the channels",
                    CHANNELS,
                    none="No channel lists it",
                    hint="Map its SKU and switch publication on.",
                )
            with section("Movements", "the ledger, newest first"):
                await _movements(here, item)
        with ui.element("div").classes("stack"):
            with section("Where it is"):
                places = Table("Where it is", PLACES, none="It was never anywhere")
            with section("Reserved for"):
                held = await here.api.get(f"/inventory/reservations/{item}")
                Table("Reserved for", HOLDERS, [_holder(each) for each in held], none="Nobody holds any")
            with section("Waiting for it", "what comes in goes to the first"):
                waiting = await here.api.get(f"/inventory/waiting/{item}")
                Table("Waiting for it", WAITERS, [_waiter(each) for each in waiting], none="Nobody waits")

    def show(line: dict[str, Any]) -> None:
        places.show([_place(each) for each in line["stock"]], foot="")
        channels.show([_channel(each) for each in line["channels"]], foot="")

    await live(here, f"/inventory/matrix/{item}", show)


async def _movements(here: Here, item: str) -> None:
    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        found = await here.api.get(f"/inventory/movements/{item}", before=cursor, limit=PER_PAGE)
        return [_movement(each) for each in found], str(found[-1]["id"]) if len(found) == PER_PAGE else None

    pages = Pages(here, fetch)
    await pages.first(Table("Movements", MOVEMENTS, none="Nothing moved yet", on_turn=pages.turn))


def _place(stock: dict[str, Any]) -> Row:
    return {"key": stock["location_id"], "place": stock["location_id"], **stock}


def _channel(cell: dict[str, Any]) -> Row:
    return cell | {
        "key": f"{cell['connection_id']} {cell['place']} {cell['sku']}",
        "href": f"/connections/{cell['connection_id']}",
        "channel": cell["connection_id"],
        "channel_sub": "; ".join(cell["why"]) or cell["sku"],
        "state": status_cell(cell["state"]),
        "state_sub": cell["error_code"],
    }


def _movement(moved: dict[str, Any]) -> Row:
    return {
        "key": str(moved["id"]),
        "at": moved["at"],
        "kind": words(moved["kind"]),
        "location": moved["location_id"],
        "location_sub": "" if moved["condition"] == "sellable" else words(moved["condition"]),
        "on_hand": _signed(moved["on_hand"]),
        "reserved": _signed(moved["reserved"]),
        "order": moved["order_id"],
        "href": f"/orders/{moved['order_id']}" if moved["order_id"] else None,
    }


def _signed(units: int) -> str:
    return f"{units:+d}" if units else ""


def _holder(held: dict[str, Any]) -> Row:
    return {
        "key": f"{held['holder']} {held['line_id']} {held['location_id']}",
        "href": f"/orders/{held['order_id']}",
        "order": held["order_id"],
        "location": held["location_id"],
        "units": held["quantity"],
    }


def _waiter(waits: dict[str, Any]) -> Row:
    return {
        "key": f"{waits['order_id']} {waits['line_id']}",
        "href": f"/orders/{waits['order_id']}",
        "order": waits["order_id"],
        "order_sub": words(waits["reason"]),
        "units": waits["quantity"],
        "placed": waits["placed_at"],
        "until": waits["give_up_at"],
    }
