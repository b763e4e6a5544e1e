"""Units that came in, or that were counted: booked once, even if the button is pressed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nicegui import ui

from console import places
from console.parts.error import tell_done
from console.parts.question import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.here import Here

KINDS = {
    "count": ("Count", "How many are there now", "The difference to the ledger is booked as a movement."),
    "receive": ("Receive", "How many came in", "Orders that wait get them at once."),
}


def offer_booking(here: Here, item: str, stocked: Sequence[str]) -> None:
    """Two buttons, for who may."""
    if not here.may("operations"):
        return
    for kind, (label, _, _) in KINDS.items():
        look = "unelevated" if kind == "receive" else "outline"
        ui.button(f"{label} …", on_click=lambda kind=kind: _ask(here, item, kind, stocked)).props(f"{look} no-caps")


async def _ask(here: Here, item: str, kind: str, stocked: Sequence[str]) -> None:
    label, asked, then = KINDS[kind]
    known = await places.locations(here)
    once = uuid4().hex

    async def submit(values: dict[str, Any]) -> Any:
        body = {
            "kind": kind,
            "item_id": item,
            "location_id": values["location_id"],
            "quantity": int(values["quantity"] or 0),
        }
        return await here.api.post("/inventory/movements", body, key=once)

    with Question(f"{label} {item}", then) as question:
        form = question.form(submit, label=label)
        form.choice("location_id", "Location", known, stocked[0] if stocked else None, required=True)
        form.number("quantity", asked, required=True)
    if booked := await question:
        woken = len(booked["woken"])
        tell_done(f"{booked['level']['on_hand']} on hand" + (f"; {woken} waiting orders go on" if woken else ""))
        await here.reload()
