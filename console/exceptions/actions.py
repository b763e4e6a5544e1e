"""What a person may do with any exception: take it, give it, snooze it, write a note, have its orders go on, settle it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.confirm import confirm
from console.parts.error import tell_done, tell_problem
from console.parts.question import Question
from console.problems import HubError

if TYPE_CHECKING:
    from nicegui.element import Element

    from console.here import Here

NAPS = {"One hour": timedelta(hours=1), "Until this time tomorrow": timedelta(days=1), "One week": timedelta(days=7)}
WAYS = {
    "continue": "Look again whether they can go on",
    "redo_step": "Repeat the step that was refused",
    "restart": "Decide anew, also where stock was not found",
}


def offer_actions(here: Here, found: dict[str, Any], place: Element) -> None:
    """The buttons that the person's role allows, in `place`."""
    if found["closed_at"] or not here.may("support"):
        return
    desk = Desk(here, found)
    with place:
        if found["assignee"] != here.person.name:
            ui.button("Take it", on_click=desk.take).props("outline no-caps")
        with ui.button("More").props('flat no-caps icon-right="expand_more" aria-haspopup="menu"'), ui.menu():
            ui.menu_item("Assign …", on_click=lambda: desk.ask("Whose is it?", "assignee", "Name", desk.assign))
            ui.menu_item(
                "Write a note …", on_click=lambda: desk.ask("Note", "text", "What was found or done", desk.note)
            )
            for label, nap in NAPS.items():
                ui.menu_item(f"Snooze: {label.lower()}", on_click=lambda nap=nap: desk.snooze(nap))
            if found["snoozed_until"]:
                ui.menu_item("Wake it", on_click=lambda: desk.snooze(None))
            ui.menu_item("It is dealt with …", on_click=desk.resolve)
        if here.may("operations") and found["orders"]:
            ui.button("Resume its orders", on_click=desk.resume).props("unelevated no-caps")


class Desk:
    """The calls of one exception's page."""

    def __init__(self, here: Here, found: dict[str, Any]) -> None:
        self._here = here
        self._found = found
        self._path = f"/exceptions/{found['id']}"

    async def take(self) -> None:
        """It is mine now."""
        await self._do("assign", {"assignee": self._here.person.name}, "It is yours")

    async def assign(self, values: dict[str, Any]) -> None:
        await self._send("assign", values)

    async def note(self, values: dict[str, Any]) -> None:
        await self._send("note", values)

    async def snooze(self, nap: timedelta | None) -> None:
        until = (datetime.now(UTC) + nap).isoformat() if nap else None
        await self._do("snooze", {"until": until}, "Hidden from the list until then" if nap else "Awake again")

    async def resolve(self) -> None:
        """A cause that still holds refuses this."""
        consequences = ["It leaves the list, with your name.", "If its cause still holds, the hub refuses."]
        if self._found["orders"]:
            consequences.insert(0, f"{self._found['orders']} orders count as dealt with and go on.")
        await confirm(
            "Is it dealt with?", consequences, lambda _: self._send("resolve", None), do="It is dealt with",
            done="Settled", look_again=self._here.reload,
        )  # fmt: skip
        await self._here.reload()

    async def resume(self) -> None:
        """How is asked first; then the job's page shows what becomes of each order."""
        way = {"how": "continue"}

        async def act(_: str) -> None:
            started = await self._send("resume", {"how": way["how"]})
            way["job"] = (started["job"] or {}).get("id", "")

        count = self._found["orders"]
        resumed = await confirm(
            f"Resume {count} {'order' if count == 1 else 'orders'}",
            ["Each goes on by itself; an order that refuses stops no other.", "Orders whose cause still holds wait again."],
            act, do="Resume",
            choices=lambda: ui.radio(WAYS).bind_value(way, "how"),
        )  # fmt: skip
        if resumed and way.get("job"):
            ui.navigate.to(f"/bulk/{way['job']}")

    async def ask(self, title: str, name: str, label: str, send: Any) -> None:
        """One field in a dialog."""
        with Question(title) as question:
            form = question.form(send)
            form.area(name, label) if name == "text" else form.text(name, label, self._found["assignee"])
        if await question:
            await self._here.reload()

    async def _do(self, what: str, body: dict[str, Any], done: str) -> None:
        try:
            await self._send(what, body)
        except HubError as problem:
            tell_problem(problem)
        else:
            tell_done(done)
            await self._here.reload()

    async def _send(self, what: str, body: dict[str, Any] | None) -> Any:
        seen = None if what == "note" else self._found.get("version")  # a note takes nothing from anybody
        return await self._here.api.post(f"{self._path}/{what}", body, if_match=seen)
