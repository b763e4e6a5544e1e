"""Connections: their health, the map of data flows, and the switch that stops every write."""

from typing import Any

from nicegui import ui

from console.connecting.flow_rows import MAP, flow_rows
from console.here import Here
from console.page import page
from console.parts.confirm import confirm
from console.parts.live import live
from console.parts.status import status_cell
from console.parts.table import Column, Row, Table
from console.parts.text import Text, page_head, section

CONNECTIONS = (
    Column("name", "Connection", "link"),
    Column("platform", "Platform"),
    Column("health", "Health", "status"),
    Column("mode", "Mode", "status"),
    Column("volume", "Moved in 24 h", "number"),
    Column("failed", "Refused", "number"),
    Column("waiting", "Waiting", "number"),
    Column("polled", "Polled", "time"),
    Column("missed", "Missed by webhooks", "number"),
)


@page("/connections", "Connections")
async def connections(here: Here) -> None:
    """One line per connection, one per flow; both follow the hub."""
    with page_head("Connections", "What Tutti is connected to, and what moves between them."):
        stop = ui.element("div")
        if here.may("admin"):
            ui.button("New connection", on_click=lambda: ui.navigate.to("/connections/new")).props("unelevated no-caps")
    stopped = ui.element("div")
    with section("Health"):
        health = Table("Connections", CONNECTIONS, none="No connection yet", hint="The first one is a minute away.")
    with section("Data flows", "the last 24 hours"):
        flows = Table("Data flows", MAP, none="Nothing has moved yet")

    def show(shown: list[dict[str, Any]]) -> None:
        health.show([_row(each) for each in shown], foot="")
        flows.show(flow_rows(shown))

    await live(here, "/figures/flows", show)
    await live(here, "/switches", lambda switches: _show_switch(here, stop, stopped, switches))


def _row(each: dict[str, Any]) -> Row:
    failed, waiting = (sum(flow[name] for flow in each["flows"]) for name in ("failed", "waiting"))
    return {
        "key": each["connection_id"],
        "href": f"/connections/{each['connection_id']}",
        "name": each["name"],
        "name_sub": each["connection_id"] if each["name"] != each["connection_id"] else "",
        "platform": each["platform"],
        "health": _health(each, waiting),
        "mode": status_cell(each["mode"]),
        "volume": sum(flow["volume"] for flow in each["flows"]),
        "failed": failed,
        "waiting": waiting,
        "polled": each["polled_at"],
        "missed": each["missed"] if each["polled_at"] else None,
    }


def _health(each: dict[str, Any], waiting: int) -> dict[str, str] | None:
    if each["paused_at"]:
        return status_cell("paused")
    if each["mode"] == "onboarding":
        return status_cell("onboarding")
    return status_cell("behind", label=f"{waiting} waiting") if waiting > 100 else status_cell("healthy")


def _show_switch(here: Here, stop: ui.element, stopped: ui.element, switches: list[dict[str, Any]]) -> None:
    known = next((each for each in switches if each["name"] == "all"), {})
    seen, now = known.get("version"), known if known.get("on") else None
    stop.clear()
    stopped.clear()
    if now:
        with stopped, ui.element("div").classes("notice notice-warn").props('role="status"'):
            ui.icon("o_pan_tool").props('aria-hidden="true"')
            Text("div", f"Every write to every platform is stopped: {now['reason']}", "notice-text")
    if not here.may("operations"):
        return
    with stop:
        if now:
            ui.button("Start all writes", on_click=lambda: _start(here, seen)).props("outline no-caps")
        else:
            ui.button("Stop all writes", on_click=lambda: _stop(here, seen)).props("outline no-caps color=negative")


async def _stop(here: Here, seen: str | None) -> None:
    await confirm(
        "Stop every write to every platform?",
        [
            "Nothing is sent to any channel, warehouse, carrier or payment provider.",
            "Orders and news still come in, are kept and planned.",
            "What waits goes on by itself when writes are started again.",
        ],
        lambda reason: here.api.post("/switches/all/stop", {"reason": reason}, if_match=seen),
        do="Stop all writes", reason=True, danger=True, done="All writes are stopped", look_again=here.reload,
    )  # fmt: skip
    await here.reload()


async def _start(here: Here, seen: str | None) -> None:
    await confirm(
        "Start writing again?",
        ["What waited is sent now.", "Connections that are paused by themselves stay so."],
        lambda _reason: here.api.post("/switches/all/start", if_match=seen),
        do="Start all writes", done="Writes go out again", look_again=here.reload,
    )  # fmt: skip
    await here.reload()
