"""One connection: its health, its flows with their switches, and its onboarding step by step."""

from typing import Any

from nicegui import ui

from console.connecting.flow_rows import FLOWS, flow_rows
from console.connecting.steps import onboarding_steps
from console.here import Here
from console.page import page
from console.parts.confirm import confirm
from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.live import live
from console.parts.status import status, words
from console.parts.table import Table
from console.parts.text import facts, page_head, section, text
from console.parts.time import moment

INVENTORY = "inventory"


@page("/connections/{connection}", "Connection")
async def connection(here: Here, connection: str) -> None:
    """Everything about it that may be known or done."""
    shown = await here.api.get(f"/connections/{connection}")
    with page_head(shown["name"] or connection, f"{words(shown['platform'])} · {connection}"):
        status("paused" if shown["paused_at"] else shown["mode"])
        if here.may("operations"):
            _pause_button(here, shown)
    if shown["paused_at"]:
        with ui.element("div").classes("notice notice-warn"):
            ui.icon("o_pause_circle").props('aria-hidden="true"')
            with ui.element("div").classes("notice-text"):
                moment(shown["paused_at"])
                text(f"Paused: {shown['pause_reason'] or 'no reason given'}")
    if shown["mode"] != "on":
        await _onboarding(here, shown)
    with section("Data flows", "the last 24 hours"):
        flows = Table("Data flows", FLOWS, none="Nothing has moved yet")
    with ui.element("div").classes("columns"):
        with section("Webhooks and polling"):
            polling = ui.element("div")
        with section("Stock to this channel"):
            await _inventory_switch(here, connection)
        with section("Limits"):
            await _limits(here, connection)

    def show(every: list[dict[str, Any]]) -> None:
        mine = [each for each in every if each["connection_id"] == connection]
        flows.show(flow_rows(mine), foot="")
        polling.clear()
        with polling:
            _polling(mine[0])

    await live(here, "/figures/flows", show)
    if shown["mode"] == "on":
        await _onboarding(here, shown)


async def _onboarding(here: Here, shown: dict[str, Any]) -> None:
    with section("Onboarding"):
        await onboarding_steps(here, shown)


def _pause_button(here: Here, shown: dict[str, Any]) -> None:
    path = f"/connections/{shown['id']}"

    async def pause() -> None:
        said = ["Nothing more is written to it.", "What comes in is still taken; orders wait."]
        act = lambda reason: here.api.post(f"{path}/pause", {"reason": reason})  # noqa: E731 - one expression
        if await confirm("Pause writes?", said, act, do="Pause", reason=True, danger=True, done="Paused"):
            await here.reload()

    async def resume() -> None:
        said = ["Tutti writes to it again.", "The orders that waited go on by themselves."]
        if await confirm(
            "Resume writes?", said, lambda _r: here.api.post(f"{path}/resume"), do="Resume", done="Resumed"
        ):
            await here.reload()

    if shown["paused_at"]:
        ui.button("Resume", on_click=resume).props("unelevated no-caps")
    else:
        ui.button("Pause", on_click=pause).props("outline no-caps")


def _polling(mine: dict[str, Any]) -> None:
    if not mine["polled_at"]:
        text("It is not polled: its news come by webhook, or it has none.", "muted")
        return
    share = f"{100 * mine['missed'] / mine['seen']:.2f} %" if mine["seen"] else "0 %"
    polled = {"Looked at by polling": mine["seen"], "Missed by webhooks": f"{mine['missed']} ({share})"}
    facts(polled | ({"Cannot be read": ", ".join(mine["unreadable"])} if mine["unreadable"] else {}))
    with ui.element("div").classes("row"):
        text("Last polled", "muted")
        moment(mine["polled_at"])


async def _inventory_switch(here: Here, connection: str) -> None:
    found = await here.api.get("/flows")
    now = next((each for each in found if each["connection_id"] == connection and each["flow"] == INVENTORY), None)
    mode = now["mode"] if now else "off"
    with ui.element("div").classes("row"):
        status(mode)
        if now and now["canary_percent"] < 100:
            text(f"for {now['canary_percent']} % of the items", "muted")
    if not here.may("operations"):
        return

    async def switch(typed: dict[str, Any]) -> None:
        share = {"mode": typed["mode"], "canary_percent": int(typed["canary_percent"] or 0)}
        await here.api.put(f"/flows/{connection}/{INVENTORY}", share, if_match=now and now.get("version"))
        tell_done("Switched")
        await here.reload()

    form = Form(switch, label="Switch")
    modes = {"off": "Off", "shadow": "Shadow: computed and compared, never written", "on": "On"}
    form.choice("mode", "Mode", modes, mode)
    form.number("canary_percent", "Percent of the items (when on)", now["canary_percent"] if now else 100)
    form.button()


async def _limits(here: Here, connection: str) -> None:
    if not here.may("admin"):
        text("Shown to administrators.", "muted")
        return
    config = await here.api.get(f"/connections/{connection}/config")
    budget = {words(name): value for name, value in config.items() if name.startswith("calls_per")}
    if budget:
        facts(budget)
    else:
        text("Paced by the platform's own figures in its answers.", "muted")
