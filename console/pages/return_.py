"""One return: goods and money as they stand, what was asked of the outside, and what a person may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.parts.live import live
from console.parts.money import money
from console.parts.status import status, status_cell, words
from console.parts.table import Column, Table
from console.parts.text import facts, page_head, section, text
from console.parts.time import moment
from console.returns.actions import offer_actions

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

LINES = (
    Column("sku", "SKU"), Column("reason", "Why"), Column("announced", "Announced", "number"),
    Column("authorized", "Authorized", "number"), Column("received", "Received", "number"),
    Column("graded", "Inspected", "number"), Column("accepted", "Accepted", "number"), Column("paid", "Paid", "number"),
)  # fmt: skip
GOODS = (
    Column("at", "When", "time"), Column("kind", "What"), Column("item_id", "Item"), Column("quantity", "Units", "number"),
    Column("location_id", "Where"), Column("end", "State, and what became of it"),
)  # fmt: skip
REFUNDS = (
    Column("tender", "Tender"), Column("amount", "Amount", "money"), Column("before", "Given back before", "money"),
    Column("within", "Captured", "money"), Column("state", "State", "status"), Column("external_id", "At the provider"),
)  # fmt: skip
DUTIES = (Column("kind", "What"), Column("connection_id", "Where"), Column("state", "State", "status"))
PARCELS = (Column("tracking_number", "Tracking"), Column("carrier", "Carrier"), Column("status", "Status", "status"))


@page("/returns/{return_id}", "Return")
async def return_(here: Here, return_id: str) -> None:
    """Everything follows by itself."""
    path = f"/returns/{return_id}"
    first = await here.api.get(path)
    with page_head(return_id, first["why"]):
        decisions = ui.element("div").classes("row")
    offered: list[Any] = []
    state = ui.element("div").classes("row").props('aria-live="polite"')
    with ui.element("div").classes("aside-layout"):
        with ui.element("div").classes("stack"):
            with section("Lines"):
                lines = Table("Lines", LINES)
            with section("Goods", "what was received, graded and restocked"):
                goods = Table("Goods", GOODS, none="Nothing came back yet")
            with section("Money", "what is given back, by tender"):
                refunds = Table("Money", REFUNDS, none="Nothing is refunded yet")
        with ui.element("div").classes("stack"):
            with section("About"):
                about = ui.element("div")
            with section("Parcels"):
                parcels = Table("Parcels", PARCELS, none="No parcel is known")
            with section("Told to the outside"):
                duties = Table("Told to the outside", DUTIES, none="Nothing was to be told")

    def show(found: dict[str, Any]) -> None:
        if offered != (now := [found["version"], found["actions"]]):  # an open menu stays open while nothing changes
            offered[:] = now
            offer_actions(here, found, decisions)
        _draw_state(state, found)
        lines.show([_line(each) for each in found["lines"]], foot="")
        goods.show([_moved(number, each) for number, each in enumerate(found["goods"])], foot="")
        refunds.show([_refund(each) for each in found["refunds"]], foot="")
        duties.show([_duty(each) for each in found["duties"]], foot="")
        parcels.show([_parcel(each) for each in found["parcels"]], foot="")
        about.clear()
        with about:
            _facts(found)

    await live(here, path, show, every=3)


def _draw_state(row: ui.element, found: dict[str, Any]) -> None:
    row.clear()
    with row:
        status(found["outcome"] or found["state"])
        text(f"{words(found['method'])}, {words(found['resolution']).lower()}", "muted")
        text("opened", "muted")
        moment(found["opened_at"])


def _facts(found: dict[str, Any]) -> None:
    ui.link("The order", f"/orders/{found['order_id']}")
    ui.link("Its run in the Temporal UI", found["temporal_run"], new_tab=True).props('rel="noopener noreferrer"')
    if found["exchange_order_id"]:
        ui.link("The order of the exchange", f"/orders/{found['exchange_order_id']}")
    facts(
        {
            "Channel": found["connection_id"],
            "Opened by": found["opened_by"],
            "Goods to": found["location_id"],
            "Policy": found["policy_version"],
            "Decision": words(found["decision"]) if found["decision"] else "Not yet",
            "Decided by": found["decided_by"],
            "Reason": found["decision_reason"],
            "Not covered": found["uncovered_why"],
        }
    )


def _line(one: dict[str, Any]) -> Row:
    return {"key": one["line_id"], **one, "reason": words(one["reason"])}


def _moved(number: int, one: dict[str, Any]) -> Row:
    end = ", ".join(words(part) for part in (one["grade"], one["disposition"]) if part)
    return {"key": str(number), **one, "kind": words(one["kind"]), "end": end}


def _refund(one: dict[str, Any]) -> Row:
    return {
        "key": one["id"],
        "tender": words(one["tender"]),
        "amount": money(one["amount_minor"], one["currency"]),
        "before": money(one["before_minor"], one["currency"]),
        "within": money(one["within_minor"], one["currency"]),
        "state": status_cell(one["state"]),
        "external_id": one["external_id"],
    }


def _duty(one: dict[str, Any]) -> Row:
    return {
        "key": one["id"],
        "kind": words(one["kind"]),
        "connection_id": one["connection_id"],
        "state": status_cell(one["state"] or "due"),
    }


def _parcel(one: dict[str, Any]) -> Row:
    state = "voided" if one["is_voided"] else one["status"] or "announced"
    return {"key": one["reference"], **one, "status": status_cell(state)}
