"""One product: the master beside what each channel would get, what stands against it, its history and its waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console import places
from console.here import address
from console.launches.findings import draw_findings, with_names
from console.names import names as names_of_people
from console.page import page
from console.parts.confirm import confirm
from console.parts.empty import empty
from console.parts.status import status
from console.parts.text import page_head, section, text
from console.products.channel import channel_table
from console.products.drift import draw_drift
from console.products.history import draw_history
from console.products.master import Master
from console.products.waivers import draw_waivers

if TYPE_CHECKING:
    from console.here import Here

NEXT = {"draft": ("ready", "retired"), "ready": ("draft", "retired"), "retired": ("draft",)}
MEANS = {
    "ready": "It can be launched, and content flows tell its channels.",
    "draft": "It can no longer be launched; what is on sale already stays as it is.",
    "retired": "It can no longer be launched; take it off sale on the channels themselves.",
}


@page("/products/{product}", "Product")
async def product(here: Here, product: str) -> None:
    """The channel and the variant that one looks at stand in the address."""
    found = await here.api.get(f"/products/{product}")
    master = found["product"]
    names, people = await places.connections(here), await names_of_people(here)
    with page_head(master["title"], product):
        _actions(here, found)
    with ui.element("div").classes("row"):
        status(master.get("state", "draft"))
        skus = len(master["variants"])
        text(f"{skus} {'variant' if skus == 1 else 'variants'}, version {found['version']}", "muted")
    attributes = await here.api.get("/attributes")
    with ui.element("div").classes("master-layout"):
        with section("Master", "one truth for all channels"):
            Master(here, found, attributes, people)
        with ui.element("div").classes("stack"):
            await _channels(here, found, names)
    await draw_drift(here, product, names)
    with ui.element("div").classes("columns even"):
        with section("History"):
            await draw_history(here, product, names, people)
        with section("Waivers", "who answers for what the gates found"):
            await draw_waivers(here, product, names, people)


def _actions(here: Here, found: dict[str, Any]) -> None:
    if not here.may("operations"):
        return
    state, name = found["product"].get("state", "draft"), found["id"]

    async def move(to: str) -> None:
        done = await confirm(
            f"Make it {to}", [MEANS[to]],
            lambda _: here.api.patch(f"/products/{name}", {"state": to}, if_match=found["version"]),
            do=f"Make it {to}", done=f"It is {to} now", look_again=here.reload,
        )  # fmt: skip
        if done:
            await here.reload()

    for to in NEXT[state]:
        ui.button(f"Make it {to}", on_click=lambda to=to: move(to)).props("outline no-caps")
    if state == "ready":
        where = address("/launches/new", {"products": name})
        ui.button("Launch it", icon="o_rocket_launch", on_click=lambda: ui.navigate.to(where)).props(
            "unelevated no-caps"
        )


async def _channels(here: Here, found: dict[str, Any], names: dict[str, str]) -> None:
    name = found["id"]
    forms = {each: await _form(here, each) for each in names}
    channels = {each: names[each] for each, version in forms.items() if version}
    with section("As a channel gets it", "before anything is published"):
        if not channels:
            empty("No channel has a form yet", "Write one under forms in tutti.yaml, and apply it.")
            return
        asked = here.query.get("channel", "")
        chosen = asked if asked in channels else next(iter(channels))

        async def choose(channel: str) -> None:
            here.remember(channel=channel)
            await here.reload()

        box = ui.select(channels, label="Channel", value=chosen, on_change=lambda event: choose(str(event.value)))
        box.props("outlined dense options-dense")
        answer = await here.api.get(f"/products/{name}/check", channel=chosen)
        form = await here.api.get(f"/connections/{chosen}/forms/{forms[chosen]}")
        variants = found["product"]["variants"]
        sku = here.query.get("sku", "")
        channel_table(answer, form, found["product"], sku if sku in variants else next(iter(variants), ""))
    with section("Findings", names[chosen]):
        findings = await with_names(here, [each | {"product": name} for each in answer["findings"]])
        draw_findings(here, findings, names, here.reload, none="Every gate lets it pass")


async def _form(here: Here, connection: str) -> str:
    """The version in force; empty where there is none."""
    versions = await here.api.get(f"/connections/{connection}/forms")
    return next((each["version"] for each in versions if each["active"]), "")
