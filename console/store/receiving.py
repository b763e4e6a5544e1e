"""One return at the place where it arrives: units taken in, then graded, each by a tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nicegui import ui

from console import places
from console.parts.error import tell_done
from console.parts.question import Question
from console.parts.status import status, words
from console.parts.text import text

if TYPE_CHECKING:
    from console.here import Here

GRADES = {"new": "As new", "opened": "Opened", "worn": "Worn", "damaged": "Damaged"}
ENDS = {
    "": "The usual for its state", "restock": "Back to the shelf", "refurbish": "Refurbish", "scrap": "Scrap",
    "return_to_vendor": "Back to the vendor", "transfer": "Send to another place",
}  # fmt: skip


def draw_expected(here: Here, at: str, found: dict[str, Any]) -> None:
    """A card; units that are received and not graded yet are inspected next."""
    with ui.element("section").classes("panel task"):
        with ui.element("div").classes("panel-head"):
            with ui.element("h3"):
                ui.link(found["id"], f"/returns/{found['id']}")
            status(found["state"])
        text(found["why"], "muted small")
        for line in found["lines"]:
            _line(here, at, found, line)
        ui.button("Something else was in it …", on_click=lambda: _receive(here, at, found, "", 1)).props("flat no-caps")


def _line(here: Here, at: str, found: dict[str, Any], line: dict[str, Any]) -> None:
    to_come = max(0, line["authorized"] - line["received"])
    to_grade = max(0, line["received"] - line["graded"])
    with ui.element("div").classes("row return-line"):
        with ui.element("span").classes("stack tight"):
            text(line["sku"], "strong")
            said = f"{line['authorized']} expected, {line['received']} here, {line['graded']} inspected"
            text(f"{words(line['reason'])}; {said}", "muted small")
        if to_come:
            ui.button("Take in …", on_click=lambda: _receive(here, at, found, line["sku"], to_come)).props(
                "unelevated no-caps"
            )
        if to_grade:
            ui.button("Inspect …", on_click=lambda: _inspect(here, found, line, to_grade)).props("unelevated no-caps")


async def _receive(here: Here, at: str, found: dict[str, Any], item: str, units: int) -> None:
    once = uuid4().hex

    async def submit(values: dict[str, Any]) -> None:
        body = {"key": once, "location_id": at, "item_id": values["item_id"], "quantity": int(values["quantity"] or 0)}
        await here.api.post(f"/store/returns/{found['id']}/receive", body, if_match=found["version"])

    note = "Say what is there: more, fewer or others than announced are kept as they are."
    with Question("What came in", note) as question:
        form = question.form(submit, label="Take in")
        form.text("item_id", "Item", item, required=True, hint="scan it")
        form.number("quantity", "Units", units, required=True)
    if await question:
        tell_done("Taken in")
        await here.reload()


async def _inspect(here: Here, found: dict[str, Any], line: dict[str, Any], units: int) -> None:
    once = uuid4().hex
    known = await places.locations(here)

    async def submit(values: dict[str, Any]) -> Any:
        body = {
            "key": once, "line_id": line["line_id"], "item_id": line["sku"], "quantity": int(values["quantity"] or 0),
            "grade": values["grade"], "disposition": values["disposition"] or None,
            "to_location_id": values["to_location_id"] or "",
        }  # fmt: skip
        path = f"/store/returns/{found['id']}/inspect"
        return (await here.api.post(path, body, if_match=found["version"]))["disposition"]

    with Question(f"Inspect {line['sku']}") as question:
        form = question.form(submit, label="That is its state")
        form.number("quantity", "Units in this state", units, required=True)
        form.add("grade", ui.toggle(GRADES, value="new").props("no-caps unelevated"), "State")
        form.choice("disposition", "What becomes of it", ENDS, "")
        form.choice("to_location_id", "Send to", {"": "Nowhere"} | known, "")
    if outcome := await question:
        tell_done(f"Inspected: {ENDS[outcome].lower()}")
        await here.reload()
