"""Every write to the outside, and what proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.empty import empty
from console.parts.status import status, words
from console.parts.text import facts, text
from console.parts.time import moment

if TYPE_CHECKING:
    from console.places import Names

KINDS = {
    "send": "Ask to ship", "recall": "Ask back", "tracking": "Tell of a parcel", "capture": "Take the money",
    "void": "Let an authorization go", "refund": "Give money back", "cancel": "Tell of the cancel",
}  # fmt: skip
STATES = {
    "intent": "Under way", "in_doubt": "Not known whether it happened", "confirmed": "Confirmed", "rejected": "Refused",
    "shadow": "Not sent: shadow",
}  # fmt: skip


def draw_effects(order: dict[str, Any], known: Names) -> None:
    """Oldest first; each opens to its key and proof."""
    if not order["effects"]:
        empty("Nothing was written outside yet", icon="o_outbox")
    for each in order["effects"]:
        with ui.element("details").classes("effect"):
            with ui.element("summary"):
                text(KINDS.get(each["kind"], words(each["kind"])), "strong")
                text(f"{known.connection(each['connection_id'])}", "muted")
                status(each["state"], label=STATES.get(each["state"]))
            facts(_facts(order, each))
            for label, at in (("Begun", each["intended_at"]), ("Settled", each["settled_at"])):
                if at:
                    with ui.element("div").classes("row small"):
                        text(label, "muted")
                        moment(at, form="exact")


def _facts(order: dict[str, Any], each: dict[str, Any]) -> dict[str, object]:
    proof = {
        words(name): _plain(value) for name, value in (each["proof"] or {}).items() if value not in (None, "", [], {})
    }
    return {
        "What": _what(order, each),
        "Key": each["key"],
        "Tries": each["attempts"],
        "Refused because": words(each["error_code"]) if each["error_code"] and each["state"] == "rejected" else "",
        "Last trouble": words(each["error_code"]) if each["error_code"] and each["state"] != "rejected" else "",
        **({f"Read back: {name.lower()}": value for name, value in proof.items()}),
    }


def _what(order: dict[str, Any], each: dict[str, Any]) -> str:
    """What was sent, from the facts that it was made of."""
    for fulfillment_order in order["fulfillment_orders"]:
        if each["kind"] in {"send", "recall"} and each["key"].split(":")[1] == fulfillment_order["id"]:
            units = sum(unit["quantity"] for unit in fulfillment_order["lines"])
            return f"fulfillment order F{fulfillment_order['number']}, {units} {'unit' if units == 1 else 'units'}"
    for parcel in order["shipments"]:
        if parcel["id"] in each["key"]:
            return f"{parcel['carrier']} {parcel['tracking_number']}".strip()
    return ""


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{words(name).lower()} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    return str(value)
