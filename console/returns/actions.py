"""What a person may decide about a return: offered as the API allows it, with its consequences and a reason that is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nicegui import ui

from console.parts.confirm import confirm

if TYPE_CHECKING:
    from nicegui.element import Element

    from console.here import Here

OFFERED = {
    "approve": "Approve", "refuse": "Refuse", "override keep": "Pay without the goods", "override instant": "Refund at once",
    "settle-grades": "Settle by what was graded", "withdraw": "The buyer keeps the goods after all",
    "retry continue": "Start it again", "retry redo": "Make refused writes again", "retry skip": "Refused writes were dealt with by hand",
    "claw-back": "Write the claw-back off",
}  # fmt: skip
"""What stands on the button; the API says which are allowed, and what each brings about."""
SILENT = frozenset({"withdraw", "retry"})
"""They are recorded without a reason."""


def offer_actions(here: Here, found: dict[str, Any], place: Element) -> None:
    """Those that the return's state and the person's role allow."""
    allowed = {_name(each): each for each in found["actions"] if not each["why_not"] and _name(each) in OFFERED}
    place.clear()
    with place:
        for name, style in (("refuse", "outline"), ("approve", "unelevated")):
            if one := allowed.pop(name, None):
                act = partial(_decide, here, found, one, danger=name == "refuse")
                ui.button(f"{OFFERED[name]} …", on_click=act).props(f"{style} no-caps")
        if not allowed:
            return
        with ui.button("More").props('flat no-caps icon-right="expand_more" aria-haspopup="menu"'), ui.menu():
            for name, one in allowed.items():
                ui.menu_item(f"{OFFERED[name]} …", on_click=partial(_decide, here, found, one))


def _name(action: dict[str, Any]) -> str:
    """`how` says which retry it is, a flag which override."""
    which = action["body"].get("how") or next(iter(action["body"]), "")
    return f"{action['action']} {which}".strip()


async def _decide(here: Here, found: dict[str, Any], action: dict[str, Any], *, danger: bool = False) -> None:
    name, title = action["action"], OFFERED[_name(action)]
    once = {"reference": uuid4().hex} if name == "claw-back" else {}

    async def act(why: str) -> None:
        given = action["body"] | once | ({} if name in SILENT else {"reason": why})
        await here.api.post(f"/returns/{found['id']}/{name}", given or None, if_match=found["version"] or None)

    done = await confirm(
        title, action["consequences"], act, do=title.split(maxsplit=1)[0] if len(title) > 20 else title,
        reason=name not in SILENT, danger=danger, done="Decided", look_again=here.reload,
    )  # fmt: skip
    if done:
        await here.reload()
