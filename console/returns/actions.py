"""What a person may decide about a return: each said with its consequences, with a reason that is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from nicegui import ui

from console.parts.confirm import confirm

if TYPE_CHECKING:
    from nicegui.element import Element

    from console.here import Here

OVERRIDES = {
    "keep": (
        "Pay without the goods",
        ["The buyer is paid and keeps the goods.", "What comes back all the same is taken in."],
    ),
    "instant": (
        "Refund at once",
        ["The buyer is paid now, before anything is here.", "If nothing comes, the hub claws back."],
    ),
}


def offer_actions(here: Here, found: dict[str, Any], place: Element) -> None:
    """Those that the return's state and the person's role allow."""
    if found["outcome"]:
        return
    do = partial(_decide, here, found)
    with place:
        if found["state"] == "to_decide" and here.may("operations"):
            yes = ["The buyer may send the goods back.", "A label is bought where the policy pays for it."]
            no = ["Nothing comes back and nothing is refunded.", "The channel is told."]
            ui.button("Refuse …", on_click=lambda: do("refuse", "Refuse the return", no, danger=True)).props(
                "outline no-caps"
            )
            ui.button("Approve …", on_click=lambda: do("approve", "Approve the return", yes)).props(
                "unelevated no-caps"
            )
        with ui.button("More").props('flat no-caps icon-right="expand_more" aria-haspopup="menu"') as more, ui.menu():
            count = _more(here, found, do)
        if not count:
            more.delete()


def _more(here: Here, found: dict[str, Any], do: Any) -> int:
    items = []
    if here.may("operations"):
        for name, (title, consequences) in OVERRIDES.items():
            act = partial(do, "override", title, consequences, body={name: True})
            items.append(ui.menu_item(f"{title} …", on_click=act))
        if found["state"] == "inspecting":
            said = ["Units that are not accepted are not paid for."]
            items.append(
                ui.menu_item(
                    "Settle by what was graded …", on_click=lambda: do("settle-grades", "Settle as graded", said)
                )
            )
        if found["claw_back"] == "due":
            said = ["It is written off; the return ends."]
            body = {"reference": uuid4().hex}
            items.append(
                ui.menu_item(
                    "Write the claw-back off …", on_click=lambda: do("claw-back", "Write it off", said, body=body)
                )
            )
        if any(duty["state"] == "refused" for duty in found["duties"]):
            said = ["Every write that was refused is made once more."]
            act = partial(do, "retry", "Make refused writes again", said, body={"how": "redo"}, reason=False)
            items.append(ui.menu_item("Make refused writes again …", on_click=act))
    if here.may("support") and not found["goods"]:
        said = ["Nothing is expected any more.", "A label that was bought is given back."]
        items.append(
            ui.menu_item(
                "The buyer keeps the goods after all …",
                on_click=lambda: do("withdraw", "Withdraw the return", said, reason=False),
            )
        )
    return len(items)


async def _decide(
    here: Here, found: dict[str, Any], action: str, title: str, consequences: list[str], *,
    body: dict[str, Any] | None = None, reason: bool = True, danger: bool = False,
) -> None:  # fmt: skip
    async def act(why: str) -> None:
        given = (body or {}) | ({"reason": why} if reason else {})
        await here.api.post(f"/returns/{found['id']}/{action}", given or None, if_match=found.get("version") or None)

    done = await confirm(
        title, consequences, act, do=title.split(maxsplit=1)[0] if len(title) > 20 else title, reason=reason, danger=danger,
        done="Decided", look_again=here.reload,
    )  # fmt: skip
    if done:
        await here.reload()
