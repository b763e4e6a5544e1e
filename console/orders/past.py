"""Slide to any earlier instant and see what the hub knew then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nicegui import context, ui

from console.parts.text import Text, text
from console.parts.time import moment

if TYPE_CHECKING:
    from console.here import Here


def instants(moments: list[dict[str, Any]]) -> list[str]:
    """Every instant at which the hub learned something, the earliest first."""
    return sorted({each["known_at"] for each in moments}, key=datetime.fromisoformat)


def is_by(instant: str, at: str) -> bool:
    """Whether one instant is not after another."""
    return datetime.fromisoformat(instant) <= datetime.fromisoformat(at)


def offer_past(here: Here, learned: list[str]) -> None:
    """One step per thing learned; the last is now."""
    if len(learned) < 2:
        Text("p", "Nothing happened to it yet.", "muted")
        return
    at = here.query.get("at")
    last = len(learned)
    place = sum(1 for each in learned if is_by(each, at)) - 1 if at else last
    with ui.element("div").classes("row small"):
        shown = ui.element("div").classes("row")
        text(f"{last} things learned", "muted")
    slider = ui.slider(min=0, max=last, step=1, value=max(place, 0)).props('snap markers aria-label="Instant"')
    slider.classes("instant")
    client = context.client

    def say(value: int) -> None:
        shown.clear()
        with shown:
            if value >= last:
                text("Now", "strong")
            else:
                moment(learned[value], form="exact")

    async def go(value: int, came_from: str) -> None:
        here.remember(at=None if value >= last else learned[value])
        await here.reload()
        client.run_javascript(f"tuttiFocus('{came_from}')")  # for the next step by the keyboard

    say(int(slider.value))
    slider.on_value_change(lambda event: say(int(event.value)))
    slider.on("change", lambda: go(int(slider.value), ".instant[tabindex], .instant [tabindex]"))
    with ui.element("div").classes("row"):
        here_now = max(place, 0)
        earlier = ui.button("Earlier", on_click=lambda: go(here_now - 1, ".earlier")).props("outline no-caps dense")
        earlier.classes("earlier").set_enabled(here_now > 0)
        later = ui.button("Later", on_click=lambda: go(here_now + 1, ".later")).props("outline no-caps dense")
        later.classes("later").set_enabled(here_now < last)


def say_past(here: Here, order: dict[str, Any]) -> None:
    """Above everything: this is not now."""

    async def now() -> None:
        here.remember(at=None)
        await here.reload()

    with ui.element("div").classes("notice notice-info").props('role="status"'):
        ui.icon("o_history").props('aria-hidden="true"')
        with ui.element("div").classes("notice-text"):
            with ui.element("div").classes("row"):
                Text("strong", "As the hub knew it at")
                moment(order["at"], form="exact")
            lost = ", ".join(order["lost"])
            Text(
                "p",
                f"Shown as it is now, because it cannot be rebuilt: {lost}." if lost else "Nothing can be done here.",
            )
        ui.button("Back to now", on_click=now).props("flat no-caps")
