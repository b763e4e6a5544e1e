"""Who bought and where it goes: shown on a click, which the hub records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import show_problem
from console.parts.text import Text, facts
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here

ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "province", "country", "phone")


def offer_person(here: Here, order_id: str) -> None:
    """A button for those who may; the data stays in this tab only."""
    place = ui.element("div").classes("stack")
    if not here.may("support"):
        with place:
            Text("p", "Your role does not see personal data.", "muted")
        return

    async def show() -> None:
        try:
            found = (await here.api.get(f"/orders/{order_id}", person=True))["person"]
        except HubError as problem:
            with place:
                show_problem(problem)
            return
        place.clear()
        with place:
            _draw(found)

    with place:
        Text("p", "Names and addresses are kept encrypted. Looking at them is recorded with your name.", "muted small")
        ui.button("Show buyer and address", on_click=show).props("outline no-caps")


def _draw(person: dict[str, Any]) -> None:
    if person["erased"]:
        Text("p", "This person was forgotten on request; nothing is left to show.", "muted")
        return
    buyer, ship_to = person["buyer"] or {}, person["ship_to"] or {}
    facts({"Buyer": buyer.get("name"), "E-mail": buyer.get("email"), "Phone": buyer.get("phone")})
    Text("h3", "Ships to")
    facts({name.capitalize().replace("_", " "): ship_to.get(name) for name in ADDRESS})
