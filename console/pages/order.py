"""An order whole: where it stands and why, what may be done, and its story from every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.orders.actions import draw_actions
from console.orders.decision import draw_decisions
from console.orders.effects import draw_effects
from console.orders.fulfillment import draw_fulfillment
from console.orders.goods import draw_lines
from console.orders.money import draw_money
from console.orders.past import instants, is_by, offer_past, say_past
from console.orders.person import offer_person
from console.orders.states import order_status
from console.orders.story import story
from console.orders.words import standing
from console.page import page
from console.parts.live import live
from console.parts.money import money
from console.parts.redrawn import Redrawn
from console.parts.status import status, words
from console.parts.text import Text, facts, for_people, page_head, section, text
from console.parts.time import moment
from console.parts.timeline import timeline
from console.places import names

if TYPE_CHECKING:
    from console.here import Here
    from console.places import Names

EVERY_S = 3


@page("/orders/{order}", "Order")
async def order(here: Here, order: str) -> None:
    """Live; with `?at=` it stands still at an earlier instant."""
    at = here.query.get("at")
    path = f"/orders/{order}"
    first = await here.api.get(path, at=at)
    known = await names(here)
    actions = page_head(f"Order {first['number'] or first['id']}")
    if at:
        say_past(here, first)
    parts = _lay_out(here, order, known, actions)

    async def show(found: dict[str, Any]) -> None:
        decisions = await here.api.get(f"{path}/decisions")
        parts["state"].show(found)
        parts["actions"].show(found)
        parts["troubles"].show(found["exceptions"])
        parts["lines"].show(found)
        parts["fulfillment"].show(found)
        parts["decisions"].show([each for each in decisions if not at or is_by(each["decided_at"], at)])
        parts["money"].show(found["money"])
        parts["effects"].show(found)
        parts["about"].show(found)

    def tell(moments: list[dict[str, Any]]) -> None:
        parts["past"].show(instants(moments))
        told = [each for each in moments if not at or is_by(each["known_at"], at)]
        parts["timeline"].show(told, first["currency"])

    if at:
        await show(first)
    else:
        await live(here, path, show, every=EVERY_S)
    await live(here, f"{path}/timeline", tell, every=EVERY_S)


def _lay_out(here: Here, order_id: str, known: Names, actions: ui.element) -> dict[str, Redrawn]:
    """The empty parts by name."""
    parts = {"actions": Redrawn(actions, lambda found: draw_actions(here, found, known))}

    def part(name: str, draw: Any) -> None:
        parts[name] = Redrawn(ui.element("div").classes("stack"), draw)

    parts["state"] = Redrawn(
        ui.element("div").classes("row").props('aria-live="polite"'), lambda found: _draw_state(found, known)
    )
    part("troubles", _draw_troubles)
    with ui.element("div").classes("aside-layout"):
        with ui.element("div").classes("stack"):
            with section("Lines"):
                part("lines", lambda found: draw_lines(found, known))
            with section("Fulfillment orders and parcels"):
                part("fulfillment", lambda found: draw_fulfillment(here, found, known))
            with section("Why it ships from there"):
                part("decisions", lambda found: draw_decisions(here, order_id, found, known))
            with section("Timeline", "the latest first"):
                part("timeline", lambda moments, currency: timeline(story(moments, known, currency)))
        with ui.element("div").classes("stack"):
            with section("At an earlier instant"):
                part("past", lambda learned: offer_past(here, learned))
            with section("Buyer"):
                offer_person(here, order_id)
            with section("Money"):
                part("money", draw_money)
            with section("Written outside"):
                part("effects", lambda found: draw_effects(found, known))
            with section("About"):
                part("about", lambda found: _draw_about(found, known))
    return parts


def _draw_state(found: dict[str, Any], known: Names) -> None:
    order_status(found)
    if not found["outcome"]:
        text(standing(found["why"], known), "strong")
    text(known.connection(found["connection_id"]), "muted")
    text("placed", "muted")
    moment(found["placed_at"])
    text(money(found["total_minor"], found["currency"]), "strong")
    text(f"Payment: {words(found['financial']).lower()}", "muted")
    for hold in found["holds"]:
        status("held", label=f"Held: {words(hold.removeprefix('hub:')).lower()}")
    for tag in found["tags"]:
        status("tag", tone="idle", label=tag)


def _draw_troubles(exceptions: list[dict[str, Any]]) -> None:
    for each in exceptions:
        with ui.element("div").classes("notice notice-warn"):
            ui.icon("o_report").props('aria-hidden="true"')
            with ui.element("div").classes("notice-text"):
                ui.link(each["title"], f"/exceptions/{each['id']}").classes("strong")
                Text("p", for_people(each["remedy"]))


def _draw_about(found: dict[str, Any], known: Names) -> None:
    facts(
        {
            "Channel": known.connection(found["connection_id"]),
            "There called": found["external_id"],
            "From": words(found["source"]),
            "To": found["country"],
            "Service": found["service"],
            "Delivery": words(found["delivery"]),
            "Picked up at": known.location(found["pickup_location_id"]) if found["pickup_location_id"] else "",
            "Risk of fraud": words(found["risk"]),
            "Released by a person": "Yes" if found["released"] else "",
            "Address": "Complete" if found["address_ok"] else "Not complete",
        }
    )
    ui.link("Its run in the Temporal UI", found["links"]["temporal_run"], new_tab=True).props(
        'rel="noopener noreferrer"'
    )
    ui.link("Who did what to it", f"/audit?target={found['id']}")
