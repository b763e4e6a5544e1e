"""The steps of the onboarding, each with what it found, what is missing, and the action that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.connecting.tenders import tenders
from console.parts.confirm import confirm
from console.parts.error import show_problem, tell_done, tell_problem
from console.parts.form import Form
from console.parts.status import status, words
from console.parts.table import Column, Table
from console.parts.text import Text, heading, text
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here

TITLES = {
    "credentials": "Credentials and scopes",
    "webhooks": "Webhooks",
    "locations": "Locations",
    "running": "Writes",
}
OUTCOMES = (
    Column("sku", "SKU"), Column("place", "Place"), Column("units", "Units", "number"),
    Column("outcome", "What became of it"),
)  # fmt: skip


async def onboarding_steps(here: Here, connection: dict[str, Any]) -> None:
    """Looked up at the platform now; a platform that does not answer leaves the rest of the page as it is."""
    path = f"/connections/{connection['id']}"
    try:
        report = await here.api.get(f"{path}/onboarding")
        places = await here.api.get(f"{path}/places") if _passed(report, "credentials") else []
    except HubError as problem:
        show_problem(problem, again=here.reload)
        return
    with ui.element("ol").classes("steps"):
        for number, step in enumerate(report["steps"], 1):
            with ui.element("li").classes("step"):
                _head(number, TITLES[step["name"]], step["done"], step["text"])
                for missing in step["missing"]:
                    text(missing, "muted")
                if step["name"] == "webhooks":
                    _webhooks(here, path, done=step["done"])
                elif step["name"] == "locations":
                    await _locations(here, path, places)
        with ui.element("li").classes("step"):
            _head(len(report["steps"]) + 1, "Means of payment", None, "how the money of a refund goes back")
            tenders(here, path, connection["settings"])
        with ui.element("li").classes("step"):
            _head(len(report["steps"]) + 2, "Opening stock", None, "what the platform counts where it ships from")
            _opening_stock(here, path)
        with ui.element("li").classes("step"):
            _head(len(report["steps"]) + 3, "Shadow, then on", report["mode"] == "on", words(report["mode"]))
            _mode(here, path, report)


def _passed(report: dict[str, Any], name: str) -> bool:
    return any(step["done"] for step in report["steps"] if step["name"] == name)


def _head(number: int, title: str, done: bool | None, found: str) -> None:
    with ui.element("div").classes("row"):
        heading(f"{number}. {title}", 3)
        if done is not None:
            status("done" if done else "missing", tone="ok" if done else "warn")
        text(found, "muted")


def _webhooks(here: Here, path: str, *, done: bool) -> None:
    if not here.may("admin"):
        return

    async def subscribe(typed: dict[str, Any]) -> None:
        topics = await here.api.post(f"{path}/webhooks", {"hub_url": typed["hub_url"]})
        tell_done(f"{len(topics)} topics are sent to Tutti")
        await here.reload()

    with ui.expansion("Register again" if done else "Register", value=not done).props("dense"):
        form = Form(subscribe, label="Register webhooks")
        form.text("hub_url", "Tutti's public address", required=True, hint="https://…, as the platform reaches it")
        form.button()


async def _locations(here: Here, path: str, places: list[dict[str, Any]]) -> None:
    if not places or not here.may("operations"):
        return
    ours = {each["id"]: each["name"] for each in await here.api.get("/locations")}
    choices = {"": "Leave it out"} | ours

    async def save(typed: dict[str, Any]) -> None:
        await here.api.put(f"{path}/mappings", {"places": {k: v or "" for k, v in typed.items() if v is not None}})
        tell_done("The places are mapped")
        await here.reload()

    unmapped = any(place["location_id"] is None for place in places)
    with ui.expansion("Map places", value=unmapped).props("dense"):
        form = Form(save, label="Save the mapping")
        for place in places:
            known = place["location_id"] if place["location_id"] is not None else place["suggestion"]
            label = " ".join(part for part in (place["name"], place["postal_code"], place["country"]) if part)
            hint = "suggested by name or postal code" if place["location_id"] is None and known else ""
            form.choice(place["external_id"], label, choices, known, hint=hint)
        form.button()


def _opening_stock(here: Here, path: str) -> None:
    if not here.may("operations"):
        return
    results = ui.element("div")

    async def take() -> None:
        try:
            found = await here.api.post(f"{path}/opening-stock", {"make_items": bool(make.value)})
        except HubError as problem:
            tell_problem(problem)
            return
        results.clear()
        rows = [each | {"key": f"{each['sku']} {each['place']}", "outcome": words(each["outcome"])} for each in found]
        with results:
            Table("Opening stock", OUTCOMES, rows, none="The platform counts nothing")

    with ui.element("div").classes("row"):
        make = ui.checkbox("Make items of unknown SKUs")
        ui.button("Take it over", on_click=take).props("outline no-caps")


def _mode(here: Here, path: str, report: dict[str, Any]) -> None:
    if not here.may("admin"):
        return
    ready = all(step["done"] for step in report["steps"])

    async def go(mode: str, title: str, consequences: list[str]) -> None:
        done = await confirm(
            title, consequences, lambda _reason: here.api.put(f"{path}/mode", {"mode": mode}), do=f"Go {mode}"
        )
        if done:
            await here.reload()

    with ui.element("div").classes("row"):
        if report["mode"] != "shadow":
            said = [
                "Orders and news are read; what Tutti would do is kept to be compared.",
                "Nothing is written to the platform.",
            ]
            ui.button("Run in shadow", on_click=lambda: go("shadow", "Run in shadow?", said)).props("outline no-caps")
        if report["mode"] == "shadow":
            said = ["From now on Tutti writes to the platform: stock, tracking, cancellations, money."]
            button = ui.button("Switch on", on_click=lambda: go("on", "Switch the connection on?", said))
            button.props("unelevated no-caps").set_enabled(ready)
            if not ready:
                Text("span", "every step above must be done first", "muted")
