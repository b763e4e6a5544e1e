"""What channels show otherwise than they were told: whose doing it is, and what is to be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.confirm import confirm
from console.parts.status import status, words
from console.parts.text import Text, section, text
from console.parts.time import moment
from console.products.values import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.here import Here

AUTHORS = {"us": "our own doing", "channel": "the channel's doing", "person": "somebody changed it there"}


async def draw_drift(here: Here, product: str, names: Mapping[str, str]) -> None:
    """Nothing where nothing drifts."""
    found = await here.api.get("/content/drift", product=product, limit=100)
    if not found:
        return
    with section("Drift", "channels show it otherwise than the master says"), ui.element("ul").classes("findings"):
        for each in found:
            _draw(here, each, names)


def _draw(here: Here, drift: dict[str, Any], names: Mapping[str, str]) -> None:
    where = names.get(drift["connection_id"], drift["connection_id"])
    with ui.element("li").classes("finding"):
        status("drift", tone="warn", label=words(drift["action"]))
        with ui.element("div").classes("notice-text"):
            Text("span", f"{drift['field']} on {where}", "strong")
            text(f"Ours: {told(drift['ours']) or 'nothing'}", "small")
            text(f"There: {told(drift['shown']) or 'nothing'}", "small")
            with ui.element("span").classes("small muted"):
                text(AUTHORS.get(drift["author"], drift["author"]))
                text(" · ")
                moment(drift["found_at"])
        if here.may("operations"):
            with ui.element("div").classes("row"):
                ui.button("Repair …", on_click=lambda: _decide(here, drift, "repair", where)).props(
                    "outline no-caps dense"
                )
                ui.button("Accept …", on_click=lambda: _decide(here, drift, "accept", where)).props(
                    "flat no-caps dense"
                )


async def _decide(here: Here, drift: dict[str, Any], action: str, where: str) -> None:
    says = {
        "repair": [f"{where} is told ours again: {told(drift['ours']) or 'nothing'}."],
        "accept": [
            f"What {where} shows becomes its own value in the master: {told(drift['shown']) or 'nothing'}.",
            "The other channels keep ours.",
        ],
    }
    done = await confirm(
        words(f"{action} {drift['field']}"), says[action], lambda _: here.api.post(f"/content/drift/{drift['id']}/{action}"),
        do=words(action), done="It is being told" if action == "repair" else "It is that channel's own now",
    )  # fmt: skip
    if done:
        await here.reload()
