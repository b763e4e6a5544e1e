"""Who answers for what the gates found of a product, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.confirm import confirm
from console.parts.status import status, words
from console.parts.text import Text, text
from console.parts.time import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.here import Here


async def draw_waivers(here: Here, product: str, channels: Mapping[str, str], people: Mapping[str, str]) -> None:
    """In force first; those that were revoked stay to be read."""
    found = await here.api.get(f"/products/{product}/waivers")
    if not found:
        text("Nobody answers for any finding.", "muted")
        return
    with ui.element("ul").classes("findings"):
        for each in sorted(found, key=lambda one: one["revoked_at"] is not None):
            _draw(here, product, each | {"approver": people[each["approver"]]}, channels)


def _draw(here: Here, product: str, waiver: dict[str, Any], channels: Mapping[str, str]) -> None:
    over = waiver["revoked_at"] is not None
    where = channels.get(waiver["connection_id"], waiver["connection_id"])
    about = " · ".join(each for each in (where, waiver["sku"], waiver["field"]) if each)
    with ui.element("li").classes("finding"):
        status("waiver", tone="idle" if over else "warn", label="Revoked" if over else "In force")
        with ui.element("div").classes("notice-text"):
            Text("span", words(waiver["gate"]), "strong")
            text(about, "muted small")
            text(f"{waiver['reason']} — {waiver['approver']}", "small")
            with ui.element("span").classes("small muted"):
                moment(waiver["at"], form="exact")
        if not over and here.may("operations"):
            button = ui.button("Revoke …", on_click=lambda: _revoke(here, product, waiver, where))
            button.props("outline no-caps dense")


async def _revoke(here: Here, product: str, waiver: dict[str, Any], where: str) -> None:
    done = await confirm(
        "Revoke this waiver",
        [f"{words(waiver['gate'])} stops the product on {where} again.", "A launch that is not live yet is looked at again."],
        lambda _: here.api.delete(f"/products/{product}/waivers/{waiver['id']}"), do="Revoke it", done="Revoked",
    )  # fmt: skip
    if done:
        await here.reload()
