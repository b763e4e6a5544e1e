"""Causes that can be mended right where they are shown: an unmapped SKU, an address that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import tell_done, tell_problem
from console.parts.form import Form
from console.parts.text import section
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.here import Here

ADDRESS = (
    ("name", "Name"), ("line1", "Street and number"), ("line2", "More of the address"), ("postal_code", "Postal code"),
    ("city", "City"), ("province", "Province or state"), ("country", "Country, two letters"), ("phone", "Phone"),
)  # fmt: skip
REQUIRED = {"line1", "city", "country"}


def offer_mending(here: Here, found: dict[str, Any]) -> None:
    """The form of this kind of cause, if there is one and the person's role allows it."""
    kind, role = found["kind"], "support" if found["kind"] == "no_address" else "operations"
    if kind in MENDERS and here.may(role):  # type: ignore[arg-type]
        MENDERS[kind](here, found)


def _map_sku(here: Here, found: dict[str, Any]) -> None:
    """A SKU of a channel is one of our items: search it, map it, and the orders go on."""
    _, connection, sku = found["cause"].split(":", 2)

    async def submit(values: dict[str, Any]) -> None:
        body = {"sku": sku, "connection_id": "" if values["everywhere"] else connection}
        mapped = await here.api.put(f"/items/{values['item']}/aliases", body)
        tell_done(f"Mapped: {mapped['orders']} orders go on")

    with section(f"Map {sku} to an item", "The orders that wait for it go on by themselves."):
        form = Form(submit, label="Map it")
        box = ui.select({}, label="Item", with_input=True).props("outlined dense options-dense")

        latest = [""]

        async def search(typed: str = "") -> None:
            latest[0] = typed
            try:
                items = (await here.api.get("/items", search=typed, limit=20))["items"]
            except HubError as problem:
                tell_problem(problem)
                return
            if typed == latest[0]:  # an answer that was overtaken would take the choice away
                box.set_options({each["id"]: f"{each['id']} — {each['title']}" for each in items}, value=box.value)

        box.on("input-value", lambda event: search(str(event.args or "")), throttle=0.25, leading_events=False)
        box.on("focus", lambda: search(""))
        form.add("item", box, "Item", required=True)
        form.check("everywhere", "The same on every connection")
        form.button()


def _correct_address(here: Here, found: dict[str, Any]) -> None:
    """The cause is one order's: the address is sent there, and the order goes on."""
    order = found["cause"].split(":", 1)[1]

    async def submit(values: dict[str, Any]) -> None:
        given = {name: value for name, value in values.items() if value}
        await here.api.post(f"/orders/{order}/address", given | {"country": str(values["country"] or "").upper()})
        tell_done("The order goes on to this address")

    with section("Say where it goes", "It is kept encrypted, and the change is recorded."):
        form = Form(submit, label="Use this address")
        with ui.element("div").classes("columns"):
            for name, label in ADDRESS:
                form.text(name, label, required=name in REQUIRED)
        form.button()


def _settle_doubt(here: Here, found: dict[str, Any]) -> None:
    """Somebody looked at the platform and says whether the write happened there."""
    key = found["cause"].split(":", 1)[1]
    if not found["affected"]:
        return
    order = found["affected"][0]["id"]

    async def submit(values: dict[str, Any]) -> None:
        said = {"key": key, "happened": values["happened"] == "yes", "reference": values["reference"] or ""}
        await here.api.post(f"/orders/{order}/settle", said)
        tell_done("Recorded; the order goes on")

    with section("Say what happened", "Look at the platform first. Your name is kept with what you say."):
        form = Form(submit, label="This is what happened")
        answers = {
            "yes": "It happened: the hub takes it as done and goes on",
            "no": "It did not happen: the hub does it again at once, without looking first",
        }
        form.choice("happened", "What happened", answers, required=True)
        form.text("reference", "What the platform calls it", hint="Needed when a location was asked to ship")
        form.button()


MENDERS: dict[str, Callable[[Here, dict[str, Any]], None]] = {
    "unmapped_sku": _map_sku,
    "no_address": _correct_address,
    "in_doubt": _settle_doubt,
}
