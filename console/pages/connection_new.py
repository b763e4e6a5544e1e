"""A new connection: which platform, what it takes to reach it."""

from typing import Any

from nicegui import ui

from console.connecting.schema_form import add_fields, config_of
from console.here import Here, address
from console.page import page
from console.parts.form import Form
from console.parts.status import words
from console.parts.text import Text, page_head, section


@page("/connections/new", "New connection", role="admin")
async def new_connection(here: Here) -> None:
    """Choose first; the form follows the platform."""
    page_head("New connection", "It starts in onboarding: nothing is read or written before you say so.")
    platforms = {each["platform"]: each for each in await here.api.get("/platforms")}
    chosen = here.query.get("platform", "")
    with section("Platform"), ui.element("div").classes("row"):
        for name in platforms:
            look = "unelevated" if name == chosen else "outline"
            go = address("/connections/new", {"platform": name})
            button = ui.button(words(name), on_click=lambda go=go: ui.navigate.to(go)).props(f"{look} no-caps")
            button.props["aria-pressed"] = "true" if name == chosen else "false"
    if chosen in platforms:
        with section(words(chosen)):
            _form(here, platforms[chosen])


def _form(here: Here, platform: dict[str, Any]) -> None:
    async def create(typed: dict[str, Any]) -> None:
        wish = {
            "id": typed["id"], "platform": platform["platform"], "name": typed["name"], "market": typed["market"],
            "captures": typed["captures"], "config": config_of(platform["config"], typed),
        }  # fmt: skip
        await here.api.post("/connections", wish)
        ui.navigate.to(f"/connections/{typed['id']}")

    form = Form(create, label="Make the connection")
    with ui.element("div").classes("stack narrow"):
        form.text(
            "id", "Id", required=True, hint="for addresses and files: small letters, digits and -, such as shop-eu"
        )
        form.text("name", "Name", hint="as people call it")
        form.text("market", "Market (optional)", hint="such as EU; rules may speak of it")
        money = {"channel": "The channel takes the money", "hub": "Tutti has the money taken when it ships"}
        form.choice("captures", "Who takes the money", money, "channel")
        add_fields(form, platform["config"])
        Text("p", "Secrets are sealed under the master key and never shown again.", "muted small")
        form.button()
