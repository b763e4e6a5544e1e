"""The orders that may be meant at a counter, and what of each may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.empty import empty
from console.parts.error import tell_done, tell_problem
from console.parts.text import Text, text
from console.parts.time import moment
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.here import Here

REASONS = {
    "changed_mind": "Changed their mind", "too_big": "Too big", "too_small": "Too small", "defective": "Defective",
    "damaged_in_transit": "Damaged on the way", "wrong_item": "Another item came", "not_as_described": "Not as described",
    "late": "Came too late", "other": "Something else",
}  # fmt: skip


def draw_candidates(here: Here, at: str, candidates: Sequence[dict[str, Any]]) -> None:
    """One card per order."""
    if not candidates:
        empty("No order is like this", "Look on the receipt for the order number, or ask for the e-mail address.")
    for each in candidates:
        _candidate(here, at, each)


def _candidate(here: Here, at: str, found: dict[str, Any]) -> None:
    wanted: dict[str, ui.number] = {}
    why: dict[str, ui.select] = {}

    async def take_in() -> None:
        lines = [
            {"line_id": line, "quantity": int(box.value), "reason": why[line].value}
            for line, box in wanted.items()
            if box.value
        ]
        body = {"order_id": found["order_id"], "lines": lines, "method": "in_store", "location_id": at}
        try:
            opened = await here.api.post("/returns", body)
        except HubError as problem:
            tell_problem(problem)
            return
        tell_done(f"Return {opened['return_id']} is open: take the goods in below")
        here.remember(q=None)
        await here.reload()

    with ui.element("section").classes("panel"):
        with ui.element("div").classes("panel-head"):
            Text("h3", found["number"])
            with ui.element("span").classes("row small muted"):
                text(found["connection_id"])
                moment(found["placed_at"])
        for line in found["lines"]:
            with ui.element("div").classes("row return-line"):
                with ui.element("span").classes("stack tight"):
                    text(line["sku"], "strong")
                    text(f"{line['eligible']} of {line['shipped']} may come back", "muted small")
                    for refusal in line["refusals"]:
                        text(refusal, "small")
                if line["eligible"]:
                    label = f"Units of {line['sku']}"
                    wanted[line["line_id"]] = ui.number(label, value=0, min=0, max=line["eligible"], step=1).props(
                        "outlined dense"
                    )
                    box = ui.select(REASONS, label="Why", value="changed_mind").props("outlined dense options-dense")
                    why[line["line_id"]] = box
        if wanted:
            ui.button("Open the return", on_click=take_in).props("unelevated no-caps")
