"""One action over many orders: tried first, then done in the background; the job has a page of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.orders.words import after_words
from console.parts.error import show_problem
from console.parts.question import Question
from console.parts.status import status_cell
from console.parts.table import Column, Table
from console.parts.text import Text, text
from console.places import names
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here

ACTIONS = {
    "cancel": "Cancel", "re-route": "Re-route", "retry": "Retry", "hold": "Hold", "release": "Release",
}  # fmt: skip
DETAILS: dict[str, tuple[str, str, dict[str, str]]] = {
    "cancel": ("reason", "Reason", {"customer": "The customer wants it", "inventory": "No stock", "fraud": "Fraud",
                                    "declined": "Payment declined", "other": "Another reason"}),
    "retry": ("how", "How", {"continue": "Look again whether they can go on", "redo_step": "Repeat what was refused",
                             "restart": "Decide anew, also where stock was not found"}),
    "hold": ("hold", "Why", {"review": "To be reviewed", "customer": "The customer asked", "stocktake": "Stock is counted",
                             "fraud": "Suspicion of fraud"}),
}  # fmt: skip
COLUMNS = (Column("number", "Order", "link"), Column("result", "Would", "status"), Column("then", "Then, or why not"))
MOST = 1000


class BulkBar:
    """Appears when orders are chosen; `asked` is the filter of the list, for those who want all that it finds."""

    def __init__(self, here: Here, asked: dict[str, Any]) -> None:
        self._here = here
        self._filter = {name: value for name, value in asked.items() if name not in {"q", "sort"}}
        self._whole = False if "q" in asked else bool(self._filter)
        self._keys: list[str] = []
        self._bar = (
            ui.element("div").classes("bulk-bar hidden").props('role="toolbar" aria-label="For the chosen orders"')
        )
        with self._bar:
            self._count = text("", "strong")
            for action, label in ACTIONS.items():
                button = ui.button(label, on_click=lambda action=action: self._begin(action))
                button.props("outline no-caps dense")
            if self._whole:
                self._all = ui.checkbox(f"All that the filters find (at most {MOST})")
                self._all.on_value_change(self._say)

    def chosen(self, keys: list[str]) -> None:
        """What stands chosen in the table."""
        self._keys = list(keys)
        self._bar.classes(remove="hidden") if keys else self._bar.classes(add="hidden")
        self._say()

    def _say(self) -> None:
        count = len(self._keys)
        said = "All that the filters find" if self._selects_all else f"{count} {'order' if count == 1 else 'orders'}"
        self._count.set_text(said)

    @property
    def _selects_all(self) -> bool:
        return self._whole and bool(self._all.value)

    async def _begin(self, action: str) -> None:
        which = {"filter": self._filter} if self._selects_all else {"orders": self._keys}
        await BulkDialog(self._here, action, which).open()


class BulkDialog:
    """What would happen to each, and the button that does it."""

    def __init__(self, here: Here, action: str, which: dict[str, Any]) -> None:
        self._here = here
        self._action = action
        self._body = dict(which)

    async def open(self) -> None:
        known = await names(self._here)
        with Question(f"{ACTIONS[self._action]} orders", wide=True) as self._question:
            if self._action in DETAILS:
                self._ask_detail()
            self._summary = Text("p", "Trying it, changing nothing …").props('role="status"')
            self._tried = Table("Preview", COLUMNS, none="No order is chosen", cards=False)
            self._trouble = ui.element("div")
            with self._question.actions():
                color = "negative" if self._action == "cancel" else "primary"
                self._go = ui.button(ACTIONS[self._action], on_click=self._start, color=color)
                self._go.props("unelevated no-caps").disable()
        self._known = known
        self._question.open()
        await self._preview()
        job = await self._question
        if job:
            ui.navigate.to(f"/bulk/{job}")

    def _ask_detail(self) -> None:
        name, label, choices = DETAILS[self._action]
        first = next(iter(choices))
        self._body[name] = first

        async def change(value: str) -> None:
            self._body[name] = value
            await self._preview()

        box = ui.select(choices, label=label, value=first).props("outlined dense options-dense")
        box.on_value_change(lambda event: change(event.value))

    async def _preview(self) -> None:
        self._trouble.clear()
        try:
            tried = await self._here.api.post(f"/bulk/{self._action}", self._body, preview=True)
        except HubError as problem:
            with self._trouble:
                show_problem(problem)
            self._summary.set_text("")
            return
        allowed, refused = tried["allowed"], sum(tried["refused"].values())
        self._tried.show([self._row(item, tried["numbers"]) for item in tried["items"]])
        self._summary.set_text(
            f"{allowed} of {allowed + refused} can. " + ("The others stay as they are." if refused else "")
        )
        self._go.set_text(f"{ACTIONS[self._action]} {allowed} {'order' if allowed == 1 else 'orders'}")
        self._go.set_enabled(allowed > 0)

    def _row(self, item: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
        return {
            "key": item["order_id"],
            "href": f"/orders/{item['order_id']}",
            "number": numbers.get(item["order_id"]) or item["order_id"],
            "result": status_cell("ready", label="Can") if item["allowed"] else status_cell("refused", label="Cannot"),
            "then": after_words(item["after"], self._known) if item["allowed"] else item["detail"],
        }

    async def _start(self) -> None:
        self._go.disable()
        self._trouble.clear()
        try:
            job = await self._here.api.post(f"/bulk/{self._action}", self._body)
        except HubError as problem:
            with self._trouble:
                show_problem(problem)
            self._go.enable()
            return
        self._question.answer(job["id"])
