"""The task cards of a shop, by what is to be done next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.cards import Cards
from console.parts.empty import empty
from console.parts.redrawn import Redrawn
from console.parts.status import status
from console.parts.text import Text, heading, text
from console.parts.time import moment
from console.store.steps import offer_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.here import Here

HEADINGS = {
    "asked_back": "Asked back: stop, and answer",
    "to_accept": "New",
    "to_pick": "Pick",
    "to_make_ready": "Pack and make ready for the buyer",
    "to_ship": "Pack and ship",
    "to_hand_over": "Ready to be collected",
    "on_hold": "On hold",
}


class Tasks:
    """Drawn where it is made."""

    def __init__(self, here: Here) -> None:
        self._none = Redrawn(ui.element("div"), _say_why)
        self._groups = {name: _Group(here, label) for name, label in HEADINGS.items()}

    def show(self, tasks: Sequence[dict[str, Any]], *, wanted: str) -> None:
        """Only those that `wanted` (a scanned code) is about, where it is given."""
        shown = [task for task in tasks if _is_about(task, wanted.strip().lower())]
        self._none.show(bool(shown), len(tasks) if wanted else 0)
        for name, group in self._groups.items():
            group.show([task for task in shown if task["heading"] == name])


class _Group:
    """The tasks with the same next step, under its heading."""

    def __init__(self, here: Here, label: str) -> None:
        self._label = label
        self._heading = heading(label)
        self._cards = Cards(lambda task: _card(here, task), "columns")

    def show(self, tasks: Sequence[dict[str, Any]]) -> None:
        self._heading.text = f"{self._label} ({len(tasks)})"
        self._heading.set_visibility(bool(tasks))
        self._cards.show({task["fulfillment_order_id"]: task for task in tasks})


def _say_why(is_any: bool, others: int) -> None:
    if is_any:
        return
    if others:
        empty("No task is about this code", f"{others} others are open; empty the field to see them.")
    else:
        empty("Nothing to do", "New tasks appear by themselves.", "o_task_alt")


def _is_about(task: dict[str, Any], code: str) -> bool:
    names = [task["order_number"], task["fulfillment_order_id"], *(line["item_id"] for line in task["lines"])]
    return not code or any(code in name.lower() for name in names)


def _card(here: Here, task: dict[str, Any]) -> None:
    with ui.element("section").classes("panel task"):
        with ui.element("div").classes("panel-head"):
            Text("h3", task["order_number"])
            status(task["state"])
        with ui.element("ul").classes("task-lines"):
            for line in task["lines"]:
                with ui.element("li"):
                    text(f"{line['quantity'] - line['shipped']} ×", "number strong")
                    with ui.element("span").classes("stack tight"):
                        text(line["title"] or line["item_id"])
                        text(line["item_id"], "muted small code")
                    if line["is_hazmat"]:
                        status("hazmat", tone="warn", label="Hazardous")
        with ui.element("div").classes("row small"):
            text("Collected by the buyer" if task["is_pickup"] else task["service"] or "Ships", "muted")
            if task["due_at"]:
                text("due", "muted")
                moment(task["due_at"])
        offer_steps(here, task)
