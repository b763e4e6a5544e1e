"""What is told beside a launch's board: approvals, plan, leaks, and every fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.words import FACTS, OUTCOMES
from console.parts.status import status, words
from console.parts.text import Text, facts, text
from console.parts.time import moment
from console.parts.timeline import Event, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nicegui.element import Element

    from console.parts.status import Tone
    from console.session import Person

TONES: dict[str, Tone] = {
    "approved": "ok", "barrier": "ok", "blocked": "bad", "leaked": "bad", "channel_failed": "bad", "restoring": "warn",
    "cancel": "warn", "pause": "warn",
}  # fmt: skip
SHOWN_LEAKS = 10


def draw_approvals(place: Element, launch: dict[str, Any], person: Person) -> None:
    """Who said yes to the content as it is, and who may still."""
    place.clear()
    needed, given = launch["approvals_needed"], launch["approved_by_names"]
    with place:
        if not needed:
            text("This launch needs nobody's approval.", "muted")
            return
        for name in given:
            with ui.element("div").classes("row"):
                status("approved")
                text(name)
        for name in launch["void_approvals"]:
            Text("p", f"{name} approved what was staged before; it has changed since, so that counts no more.", "muted")
        missing = needed - len(given)
        if missing > 0 and launch["outcome"] is None:
            Text("p", f"{missing} more {'person' if missing == 1 else 'people'} must approve it.", "muted")
            if launch["created_by"] in {person.id, person.name}:
                Text("p", "You made it, so it is for others to approve.", "muted")


def draw_plan(place: Element, launch: dict[str, Any], names: Mapping[str, str]) -> None:
    """What was asked for."""
    place.clear()
    policy = launch["policy"]
    rule = "All channels or none" if policy["at_least"] is None else f"At least {policy['at_least']} channels"
    with place:
        facts(
            {
                "Products": launch["products"],
                "Goes live if": rule,
                "Never without": ", ".join(names.get(each, each) for each in policy["must"]),
                "Reserved": _reserved(launch.get("reserved") or {}),
                "Made by": launch["created_by_name"],
            }
        )
        with ui.element("div").classes("row"):
            text("Made", "muted")
            moment(launch["created_at"], form="exact")


def _reserved(reserved: Mapping[str, Mapping[str, int]]) -> str:
    return ", ".join(f"{units['held']} of {units['wanted']} {sku}" for sku, units in reserved.items())


def draw_leaks(place: Element, launch: dict[str, Any], names: Mapping[str, str]) -> None:
    """Large and first: somebody could see it early."""
    place.clear()
    found = launch["leaks"]
    if not found:
        return
    with place, ui.element("div").classes("notice notice-bad").props('role="alert"'):
        ui.icon("o_visibility").props('aria-hidden="true"')
        with ui.element("div").classes("notice-text"):
            Text(
                "strong", f"{len(found)} {'listing' if len(found) == 1 else 'listings'} could be seen before the moment"
            )
            for leak in found[:SHOWN_LEAKS]:
                with ui.element("div").classes("row"):
                    text(f"{leak['product_id']} on {names.get(leak['connection_id'], leak['connection_id'])}")
                    moment(leak["seen_at"], form="exact")


def draw_story(place: Element, launch: dict[str, Any], names: Mapping[str, str]) -> None:
    """Every fact, the newest first."""
    place.clear()
    with place:
        timeline(
            [
                Event(
                    each["at"], FACTS.get(each["kind"], words(each["kind"])), source=each["by_name"],
                    detail=_detail(each["data"], names), tone=TONES.get(each["kind"], "idle"),
                )
                for each in reversed(launch["events"])
            ]
        )  # fmt: skip


def _detail(data: dict[str, Any], names: Mapping[str, str]) -> str:
    told = [names.get(data[name], data[name]) for name in ("connection", "channel") if data.get(name)]
    if data.get("products"):
        told.append(f"{data['products']} {'product' if data['products'] == 1 else 'products'}")
    told += [str(data[name]) for name in ("product", "reason") if data.get(name)]
    if data.get("outcome"):
        told.append(OUTCOMES.get(data["outcome"], (words(data["outcome"]), "idle"))[0])
    return " · ".join(told)
