"""One return at the place where it arrives: units taken in, then graded, each by a tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nicegui import context, ui

from console import places
from console.parts.error import tell_done
from console.parts.form import Form
from console.parts.status import status, words
from console.parts.text import Text, text

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
        dialog.submit(True)

    with context.client.layout, ui.dialog() as dialog, ui.card().classes("dialog"):
        Text("h2", "What came in")
        dialog.props["aria-label"] = "What came in"
        text("Say what is there: more, fewer or others than announced are kept as they are.", "muted small")
        form = Form(submit, label="Take in")
        form.text("item_id", "Item", item, required=True, hint="scan it")
        form.number("quantity", "Units", units, required=True)
        _ask(dialog, form)
    await _ended(here, dialog, "Taken in")


async def _inspect(here: Here, found: dict[str, Any], line: dict[str, Any], units: int) -> None:
    once = uuid4().hex
    known = await places.locations(here)

    async def submit(values: dict[str, Any]) -> None:
        body = {
            "key": once, "line_id": line["line_id"], "item_id": line["sku"], "quantity": int(values["quantity"] or 0),
            "grade": values["grade"], "disposition": values["disposition"] or None,
            "to_location_id": values["to_location_id"] or "",
        }  # fmt: skip
        done = await here.api.post(f"/store/returns/{found['id']}/inspect", body, if_match=found["version"])
        dialog.submit(done["disposition"])

    with context.client.layout, ui.dialog() as dialog, ui.card().classes("dialog"):
        Text("h2", f"Inspect {line['sku']}")
        dialog.props["aria-label"] = f"Inspect {line['sku']}"
        form = Form(submit, label="That is its state")
        form.number("quantity", "Units in this state", units, required=True)
        form.add("grade", ui.toggle(GRADES, value="new").props("no-caps unelevated"), "State")
        form.choice("disposition", "What becomes of it", ENDS, "")
        form.choice("to_location_id", "Send to", {"": "Nowhere"} | known, "")
        _ask(dialog, form)
    await _ended(here, dialog, "Inspected")


def _ask(dialog: ui.dialog, form: Form) -> None:
    with ui.element("div").classes("dialog-actions"):
        ui.button("Not now", on_click=lambda: dialog.submit(None)).props("flat no-caps")
        form.button()


async def _ended(here: Here, dialog: ui.dialog, done: str) -> None:
    outcome = await dialog
    dialog.delete()
    if outcome:
        tell_done(done if outcome is True else f"{done}: {ENDS[outcome].lower()}")
        await here.reload()
