"""The words of an order's state, and their tones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.status import status, status_cell

if TYPE_CHECKING:
    from nicegui.element import Element

    from console.parts.status import Tone

STATES: dict[str, tuple[str, Tone]] = {
    "received": ("Received", "busy"),
    "waiting": ("Waiting", "warn"),
    "to_route": ("To be routed", "busy"),
    "backordered": ("Backordered", "warn"),
    "in_fulfillment": ("In fulfillment", "busy"),
    "canceling": ("Being canceled", "warn"),
    "fulfilled": ("Fulfilled", "ok"),
    "shipped_despite_cancel": ("Shipped despite cancel", "bad"),
    "canceled": ("Canceled", "idle"),
    "nothing_to_ship": ("Nothing to ship", "idle"),
    "shadowed": ("Shadow only", "idle"),
    "stopped": ("Stopped", "bad"),
}
"""What `GET /orders` calls `state`: the stage of an open order, the outcome of one that has ended."""


def order_status(order: dict[str, Any]) -> Element:
    """The badge of an order."""
    label, tone = STATES.get(order["state"], (None, None))
    return status(order["state"], tone=tone, label=label)


def order_status_cell(order: dict[str, Any]) -> dict[str, str] | None:
    """The same in a table."""
    label, tone = STATES.get(order["state"], (None, None))
    return status_cell(order["state"], tone=tone, label=label)
