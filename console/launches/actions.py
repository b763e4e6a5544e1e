"""What a person may do with a launch, each with its consequences said first; the hub says which actions are open to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.channels import launchable
from console.parts.confirm import confirm
from console.parts.error import show_problem
from console.parts.when import When
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from nicegui.element import Element

    from console.here import Here

HIDDEN = "What is staged stays staged, and no buyer sees it."


class Actions:
    """The buttons of one launch, drawn once: `show` offers those that are allowed, and an open menu stays open."""

    def __init__(self, here: Here, place: Element, names: dict[str, str]) -> None:
        self._here = here
        self._names = names
        self._launch: dict[str, Any] = {}
        self._offered: dict[str, ui.button | ui.menu_item] = {}
        with place:
            self._draw()

    def show(self, launch: dict[str, Any]) -> None:
        """As the hub allows it now."""
        self._launch = launch
        for action, offered in self._offered.items():
            offered.set_visibility(action in launch["allowed"])
        self._more.set_visibility(any(action in launch["allowed"] for action in self._behind))

    def allow(self, action: str) -> bool:
        """Whether the hub lets this person do it now."""
        return action in self._launch["allowed"]

    def _draw(self) -> None:
        at_hand: Sequence[tuple[str, str, Callable[[], Awaitable[None]], str]] = (
            ("approve", "Approve", self.approve, "unelevated icon=o_how_to_reg"),
            ("resume", "Resume", self.resume, "unelevated"),
            ("move", "Move the moment", self.move, "outline"),
            ("pause", "Pause", self.pause, "outline"),
        )
        behind: Sequence[tuple[str, str, Callable[[], Awaitable[None]]]] = (
            ("add-channel", "Add a channel …", self.add_channel),
            ("drop-channel", "Leave a channel out …", self.drop_channel),
            ("recheck", "Look at the findings again", self.recheck),
            ("rehearse", "Rehearse it …", self.rehearse),
            ("cancel", "Cancel the launch …", self.cancel),
        )
        for action, label, act, style in at_hand:
            self._offered[action] = ui.button(label, on_click=act).props(f"{style} no-caps")
        self._more = ui.button("More").props('flat no-caps icon-right="expand_more" aria-haspopup="menu"')
        with self._more, ui.menu():
            for action, label, act in behind:
                self._offered[action] = ui.menu_item(label, on_click=act)
        self._behind = [action for action, *_ in behind]

    async def approve(self) -> None:
        """Four eyes: the hub offers it to others than who made the launch."""
        launch = self._launch
        given, needed = len(launch["approved_by"]) + 1, launch["approvals_needed"]
        then = "With it the launch goes live by itself at its moment." if given >= needed else "It needs more after it."
        await self._confirm(
            "Approve this launch", "approve",
            [f"It is approval {given} of {needed}, kept with your name.", then,
             "It holds for what is staged now: when that changes, it is asked for again."],
            do="Approve", done="Approved", body=lambda: _content(launch),
        )  # fmt: skip

    async def pause(self) -> None:
        await self._confirm(
            "Pause this launch", "pause",
            ["Nothing goes live until it is resumed.", HIDDEN,
             "If its moment passes meanwhile, it is missed, and wants another one."],
            do="Pause", done="Paused",
        )  # fmt: skip

    async def resume(self) -> None:
        await self._confirm(
            "Resume this launch", "resume",
            ["It goes live at its moment, if all is staged and approved.", "If its moment is over, give it another one."],
            do="Resume", done="It goes on",
        )  # fmt: skip

    async def recheck(self) -> None:
        await self._confirm(
            "Look at the findings again", "recheck",
            ["The gates look again at every product that was stopped.", "What passes now is staged."],
            do="Look again", done="The gates look again",
        )  # fmt: skip

    async def move(self) -> None:
        chosen: list[When] = []
        await self._confirm(
            "Move the moment", "move", ["Approvals stand: what is approved is the content.", HIDDEN], do="Move it", done="Moved",
            choices=lambda: chosen.append(When("The new moment")), body=lambda: _moment(chosen[0]),
        )  # fmt: skip

    async def add_channel(self) -> None:
        inside = {each["channel"] for each in self._launch["channels"]} | {
            each["form_of"] for each in self._launch["channels"]
        }
        found = [each for each in await launchable(self._here) if each.id not in inside and not each.trouble]
        await self._channel(
            "Add a channel", "add-channel", {each.id: each.name for each in found},
            ["Its products are staged there at once, and no buyer sees them.", "Approvals are asked for again."],
            do="Add it", done="Added",
        )  # fmt: skip

    async def drop_channel(self) -> None:
        inside = {
            each["channel"]: self._names.get(each["channel"], each["channel"])
            for each in self._launch["channels"]
            if each["is_in"]
        }
        await self._channel(
            "Leave a channel out", "drop-channel", inside,
            ["What is staged there is taken back; the other channels go on.", "Approvals are asked for again."],
            do="Leave it out", done="Left out",
        )  # fmt: skip

    async def cancel(self) -> None:
        live = sum(
            each["counts"].get("live", 0) + each["counts"].get("published", 0) for each in self._launch["channels"]
        )
        seen = [f"{live} listings that buyers may see already disappear, or show again what they showed before."]
        await self._confirm(
            "Cancel this launch", "cancel",
            [*(seen if live else []), "Every channel goes back to what it showed before the launch.",
             "What others changed there meanwhile is kept, and named here.", "It cannot be undone; make another launch instead."],
            do="Cancel the launch", done="It is being taken back", danger=True,
        )  # fmt: skip

    async def rehearse(self) -> None:
        chosen: list[When] = []
        name = f"{self._launch['id'][:40]}-rehearsal-{datetime.now(UTC):%m%d%H%M%S}"

        async def act(_: str) -> None:
            moment = await _moment(chosen[0])
            await self._here.api.post(f"/launches/{self._launch['id']}/rehearse", moment | {"id": name})

        done = await confirm(
            "Rehearse this launch",
            ["The same products and steps, on the connections that stand in for its channels.",
             "The channels themselves are not touched, and the launch goes on as it is.",
             "A channel needs a stand-in: a connection at the sandbox, named in its settings."],
            act, do="Rehearse", choices=lambda: chosen.append(When("The rehearsal's moment")),
        )  # fmt: skip
        if done:
            ui.navigate.to(f"/launches/{name}")

    async def _channel(self, title: str, what: str, of: dict[str, str], says: list[str], *, do: str, done: str) -> None:
        boxes: list[ui.select] = []

        def choices() -> None:
            boxes.append(ui.select(of, label="Channel").props("outlined dense options-dense"))

        async def body() -> dict[str, str]:
            if not boxes[0].value:
                raise HubError("choose a channel")
            return {"channel": boxes[0].value}

        says = says if of else ["There is no other channel that could take it now."]
        await self._confirm(title, what, says, do=do, done=done, choices=choices, body=body)

    async def _confirm(
        self,
        title: str,
        what: str,
        says: list[str],
        *,
        body: Callable[[], Awaitable[dict[str, str]]] | None = None,
        **more: Any,
    ) -> None:
        async def act(_: str) -> None:
            given = await body() if body else None
            await self._here.api.post(
                f"/launches/{self._launch['id']}/{what}", given, if_match=self._launch.get("version")
            )

        if await confirm(title, says, act, look_again=self._here.reload, **more):
            try:
                self.show(await self._here.api.get(f"/launches/{self._launch['id']}"))
            except HubError as problem:
                show_problem(problem)


async def _content(launch: dict[str, Any]) -> dict[str, str]:
    """What the person has looked at: the hub refuses the yes if something else is staged by then."""
    return {"content": launch["content"]}


async def _moment(when: When) -> dict[str, str]:
    instant = await when.instant()
    if not instant:
        raise HubError("choose day and time")
    return {"go_live_at": instant}
