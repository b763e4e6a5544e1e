"""How right the channels are: accuracy and latency per connection, drift with its author, units sold that nobody had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.inventory.head import inventory_head
from console.page import page
from console.parts.confirm import confirm
from console.parts.live import live
from console.parts.status import status_cell, words
from console.parts.table import Column, Table
from console.parts.text import section

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

QUALITY = (
    Column("connection", "Connection", "link"), Column("when", "Flow", "status"),
    Column("accuracy", "Accuracy", "number"), Column("p50", "Latency p50", "number"),
    Column("p95", "Latency p95", "number"), Column("orders", "Orders", "number"),
    Column("canceled", "Canceled for stock, per 10,000", "number"), Column("lost", "Sold and nobody had", "number"),
)  # fmt: skip
DRIFT = (
    Column("item", "Item", "link"), Column("connection", "Connection"), Column("shown", "Shows", "number"),
    Column("expected", "Should be", "number"), Column("author", "By whom", "status"), Column("action", "What is done"),
    Column("seen", "Seen", "time"),
)  # fmt: skip
LOSSES = (
    Column("order", "Order", "link"), Column("item", "Item"), Column("connection", "Connection"),
    Column("units", "Units", "number"), Column("cause", "Cause"), Column("at", "When", "time"),
)  # fmt: skip
ROUNDS = (
    Column("connection", "Connection"), Column("mode", "Mode", "status"), Column("started", "Started", "time"),
    Column("looked", "Looked at", "number"), Column("wrong", "Not as it should be", "number"),
    Column("moving", "On its way", "number"),
)  # fmt: skip
AUTHORS = {"us": ("We are late", "warn"), "channel": ("The channel", "warn"), "person": ("A person", "busy")}
DAYS = {"1": "One day", "7": "7 days", "30": "30 days", "365": "One year"}


@page("/inventory/accuracy", "Accuracy and drift")
async def inventory_accuracy(here: Here) -> None:
    """Measured by reading back; figures before a flow was switched on stand beside those after."""
    inventory_head(here, "Measured by reading every channel back.")
    days = here.query.get("days", "7")

    async def change(value: str) -> None:
        here.remember(days=value)
        await here.reload()

    with ui.element("div").classes("filters"):
        box = ui.select(DAYS, label="Over", value=days if days in DAYS else "7").props("outlined dense options-dense")
        box.on_value_change(lambda event: change(event.value))
    with section("By connection"):
        quality = Table(
            "By connection", QUALITY, none="Nothing was measured yet", hint="Switch a flow to shadow or on."
        )
    with section("Drift", "numbers that are not as they should be") as panel:
        drift = Table("Drift", DRIFT, none="Every number that was read is as it should be")
    with section("Units sold that nobody had"):
        losses = Table("Units sold that nobody had", LOSSES, none="None")
    with section("Rounds of verification"):
        rounds = Table("Rounds of verification", ROUNDS, none="No round yet")
    await live(
        here,
        "/inventory/accuracy",
        lambda found: quality.show([_quality(each) for each in found], foot=""),
        every=15,
        days=days,
    )
    first = await here.api.get("/inventory/drift", limit=200)
    if here.may("operations"):
        with panel:
            _decisions(here, first)
    await live(
        here, "/inventory/drift", lambda found: drift.show([_drift(each) for each in found]), every=15, limit=200
    )
    losses.show([_loss(each) for each in await here.api.get("/inventory/window-losses", days=days)])
    rounds.show([_round(each) for each in await here.api.get("/inventory/verifications")], foot="")


def _decisions(here: Here, drifts: list[dict[str, Any]]) -> None:
    """For numbers that somebody else changed: send ours again, or leave theirs until ours change."""
    pairs = sorted({(each["connection_id"], each["author"]) for each in drifts if each["author"] != "us"})
    with ui.element("div").classes("row"):
        for connection, author in pairs:
            for action, label in (("repair", "Send ours again to"), ("accept", "Leave theirs on")):
                ui.button(
                    f"{label} {connection}",
                    on_click=lambda c=connection, a=author, do=action, said=label: _decide(here, c, a, do, said),
                ).props("outline no-caps")


async def _decide(here: Here, connection: str, author: str, action: str, label: str) -> None:
    consequences = {
        "repair": "The hub's numbers are sent again and read back.",
        "accept": "The channel's numbers stay until ours change.",
    }
    body = {"connection_id": connection, "author": author, "action": action}
    await confirm(
        f"{label} {connection}",
        [f"It is about every number there that {AUTHORS[author][0].lower()} changed.", consequences[action]],
        lambda _: here.api.post("/inventory/drift/decide", body),
        do=label.split(maxsplit=1)[0], done="Decided", look_again=here.reload,
    )  # fmt: skip


def _quality(one: dict[str, Any]) -> Row:
    return {
        "key": f"{one['connection_id']} {one['is_baseline']}",
        "href": f"/connections/{one['connection_id']}",
        "connection": one["connection_id"],
        "when": status_cell("before", label="Before it was on") if one["is_baseline"] else status_cell("on"),
        "accuracy": None if one["accuracy"] is None else f"{one['accuracy']:.2%}",
        "p50": _seconds(one["latency_p50"]),
        "p95": _seconds(one["latency_p95"]),
        "orders": one["orders"],
        "canceled": None
        if one["canceled_for_stock_per_10000"] is None
        else f"{one['canceled_for_stock_per_10000']:.1f}",
        "lost": sum(one["window_loss_units"].values()),
        "lost_sub": ", ".join(f"{words(cause).lower()} {units}" for cause, units in one["window_loss_units"].items()),
    }


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f} s"


def _drift(one: dict[str, Any]) -> Row:
    label, tone = AUTHORS.get(one["author"], (words(one["author"]), "idle"))
    return {
        "key": str(one["id"]),
        "href": f"/inventory/{one['item_id']}",
        "item": one["item_id"],
        "item_sub": one["sku"],
        "connection": one["connection_id"],
        "shown": "not listed" if one["shown"] is None else one["shown"],
        "expected": one["expected"],
        "author": status_cell(one["author"], tone=tone, label=label),  # type: ignore[arg-type]
        "action": words(one["action"]),
        "seen": one["seen_at"],
    }


def _loss(one: dict[str, Any]) -> Row:
    return {
        "key": f"{one['order_id']} {one['line_id']}",
        "href": f"/orders/{one['order_id']}",
        "order": one["order_id"],
        "item": one["item_id"],
        "connection": one["connection_id"],
        "units": one["units"],
        "cause": words(one["cause"]),
        "at": one["at"],
    }


def _round(one: dict[str, Any]) -> Row:
    return {
        "key": str(one["id"]),
        "connection": one["connection_id"],
        "mode": status_cell(one["mode"]),
        "started": one["started_at"],
        "looked": one["looked"],
        "wrong": one["wrong"],
        "moving": one["in_flight"],
    }
