"""What locations were asked to do, what they said, and the parcels that left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from console.parts.empty import empty
from console.parts.status import status, words
from console.parts.text import Text, heading, text
from console.parts.time import moment

if TYPE_CHECKING:
    from console.here import Here
    from console.places import Names

RECALLS = {
    "wanted": ("warn", "To be asked back"), "asked": ("warn", "Asked back"), "confirmed": ("idle", "Came back"),
    "refused": ("bad", "Would not give back"),
}  # fmt: skip
REPORTS = {
    "": "The channel is still to be told", "reported": "The channel shows it", "refused": "The channel refused it",
    "skipped": "The channel was not told",
}  # fmt: skip
TONES = {"rejected": "bad", "canceled": "idle", "superseded": "idle"}


def draw_fulfillment(here: Here, order: dict[str, Any], known: Names) -> None:
    """One block per fulfillment order, its parcels within."""
    if not order["fulfillment_orders"]:
        empty("No location was asked yet", "The routing decision below says why, once there is one.", "o_inventory_2")
    for each in order["fulfillment_orders"]:
        with ui.element("article").classes("work"):
            _head(here, each, known)
            _dates(each, known)
            titles = {line["line_id"]: line["title"] or line["sku"] for line in order["lines"]}
            with ui.element("ul").classes("stack tight"):
                for unit in each["lines"]:
                    left = f", {unit['shipped']} shipped" if unit["shipped"] else ""
                    Text("li", f"{unit['quantity']} × {titles.get(unit['line_id'], unit['item_id'])}{left}")
            for parcel in order["shipments"]:
                if parcel["fulfillment_order_id"] == each["id"]:
                    _parcel(parcel)


def _head(here: Here, each: dict[str, Any], known: Names) -> None:
    with ui.element("div").classes("row"):
        heading(f"F{each['number']} · {known.location(each['location_id'])}", level=3)
        status(each["state"], tone=TONES.get(each["state"]))  # type: ignore[arg-type]
        if each["recall"]:
            tone, label = RECALLS[each["recall"]]
            status(each["recall"], tone=tone, label=label)  # type: ignore[arg-type]
        if here.may("support"):
            text("", "spring")
            for kind, label in (("pick-list", "Pick list"), ("packing-slip", "Packing slip")):
                link = ui.link(label, f"/documents/{quote(each['id'], safe='')}/{kind}", new_tab=True)
                link.props["aria-label"] = f"{label} of F{each['number']}"


def _dates(each: dict[str, Any], known: Names) -> None:
    with ui.element("div").classes("row small muted"):
        text(f"Round {each['round'] + 1}")
        text(
            f"by {known.connection(each['connection_id'])}"
            + (f", there {each['external_id']}" if each["external_id"] else "")
        )
        text("to be collected" if each["is_pickup"] else f"to leave on {each['ship_on']}" if each["ship_on"] else "")
        for label, at in (("asked", each["sent_at"]), ("due", each["due_at"]), ("ended", each["ended_at"])):
            if at:
                with ui.element("span").classes("nowrap"):
                    text(f"{label} ")
                    moment(at)
        if each["reason"]:
            text(f"because: {words(each['reason']).lower()}")


def _parcel(parcel: dict[str, Any]) -> None:
    with ui.element("div").classes("parcel row"):
        ui.icon("o_local_shipping").props('aria-hidden="true"')
        text("Collected" if parcel["is_collected"] else parcel["carrier"] or "Parcel", "strong")
        number = parcel["tracking_number"]
        if number and parcel["tracking_url"].startswith(("https://", "http://")):
            ui.link(number, parcel["tracking_url"], new_tab=True).props('rel="noopener noreferrer"')
        elif number:
            text(number, "code")
        text("delivered" if parcel["delivered_at"] else "left", "muted")
        moment(parcel["delivered_at"] or parcel["shipped_at"])
        text(REPORTS.get(parcel["report"], words(parcel["report"])), "muted small")
        if parcel["capture"]:
            text(f"Money: {words(parcel['capture']).lower()}", "muted small")
