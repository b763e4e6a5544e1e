"""The steps that staff take with a task: one large button for the usual next one, the others behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nicegui import ui

from console.parts.error import tell_done, tell_problem
from console.parts.question import Question
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here

USUAL = {
    "accept": ("Accept", "Accepted"),
    "pick": ("Picked", "Off the shelf"),
    "ready": ("Ready to collect", "The buyer is told"),
    "collect": ("Collected", "The buyer has it"),
}
REASONS = {
    "out_of_stock": "It is not there", "damaged": "It is damaged", "closed": "We are closed",
    "no_capacity": "We have no time for it", "other": "Something else",
}  # fmt: skip


def offer_steps(here: Here, task: dict[str, Any]) -> None:
    """Only what is allowed now."""
    path = f"/store/tasks/{quote(task['fulfillment_order_id'], safe='')}"
    paper = f"/documents/{quote(task['fulfillment_order_id'], safe='')}"
    with ui.element("div").classes("row"):
        for step, (label, done) in USUAL.items():
            if step in task["allowed"]:
                ui.button(label, on_click=lambda s=step, d=done: _take(here, f"{path}/{s}", None, d)).props(
                    "unelevated no-caps"
                )
        if "ship" in task["allowed"]:
            ui.button("Ship …", on_click=lambda: _ship(here, path)).props("unelevated no-caps")
        if "answer_recall" in task["allowed"]:
            for answer, label in (("confirm", "It stays here"), ("refuse", "Too late")):
                ui.button(
                    label, on_click=lambda a=answer: _take(here, f"{path}/cancel-answer", {"answer": a}, "Answered")
                ).props("outline no-caps")
        if "reject" in task["allowed"]:
            with ui.button("Cannot do it").props("flat no-caps aria-haspopup=menu"), ui.menu():
                for reason, label in REASONS.items():
                    ui.menu_item(
                        label,
                        on_click=lambda r=reason: _take(here, f"{path}/reject", {"reason": r}, "It goes elsewhere"),
                    )
        ui.link("Pick list", f"{paper}/pick-list", new_tab=True).classes("small")
        ui.link("Packing slip", f"{paper}/packing-slip", new_tab=True).classes("small")


async def _take(here: Here, path: str, body: dict[str, Any] | None, done: str) -> None:
    try:
        await here.api.post(path, body)
    except HubError as problem:
        tell_problem(problem)
    else:
        tell_done(done)
    await here.reload()


async def _ship(here: Here, path: str) -> None:
    async def submit(values: dict[str, Any]) -> None:
        await here.api.post(f"{path}/ship", values)

    with Question("A parcel left") as question:
        form = question.form(submit, label="It left")
        form.text("carrier", "Carrier", required=True)
        form.text("tracking_number", "Tracking number", required=True, hint="scan the label")
    if await question:
        tell_done("Shipped; the channel is told")
        await here.reload()
