"""The people of the hub: invited by a link, given a role, locked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.may import ROLES
from console.parts.confirm import confirm
from console.parts.error import tell_problem
from console.parts.question import Question
from console.parts.status import status_cell, words
from console.problems import HubError
from console.users.secret import show_once

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

ROLE_WORDS = {
    "viewer": "Viewer: sees everything but people's data",
    "support": "Support: works on orders, returns and exceptions",
    "operations": "Operations: also rules, stock, launches and connections",
    "admin": "Admin: also users, keys, approvals and the audit log",
}


def person_row(user: dict[str, Any]) -> Row:
    """One user in the table."""
    return {
        "key": user["id"],
        "name": user["name"],
        "name_sub": user["email"],
        "role": words(user["role"]),
        "state": status_cell("disabled", tone="bad") if user["disabled_at"] else _state(user),
        "came": user["signed_in_at"],
        "made": user["created_at"],
    }


def _state(user: dict[str, Any]) -> dict[str, str] | None:
    return status_cell("active") if user["signed_in_at"] else status_cell("invited", tone="warn")


async def invite(here: Here) -> None:
    """Make a user and the link that lets them in."""
    with Question("Invite somebody", stays=True) as question:
        form = question.form(lambda values: here.api.post("/users", values), label="Invite")
        form.text("name", "Name", required=True)
        form.text("email", "E-mail", required=True, kind="email")
        form.choice("role", "Role", ROLE_WORDS, "viewer", required=True)
    user: dict[str, Any] | None = await question
    if user:
        await give_link(here, user)
        await here.reload()


async def give_link(here: Here, user: dict[str, Any]) -> None:
    """A new sign-in link; the one before is good no longer."""
    try:
        link = await here.api.post(f"/users/{user['id']}/sign-in-link")
    except HubError as problem:
        tell_problem(problem)
        return
    await show_once(
        f"Sign-in link for {user['name']}", link["address"],
        "Pass it on. It is good once and for a day; with it they sign in and set a password.",
    )  # fmt: skip


async def change_role(here: Here, user: dict[str, Any]) -> None:
    """Another role, at once, also where they are signed in."""
    chosen: list[ui.radio] = []

    async def act(_reason: str) -> None:
        await here.api.patch(f"/users/{user['id']}", {"role": chosen[0].value}, if_match=user["version"])

    await _confirmed(
        here, f"The role of {user['name']}", ["It holds at once, also where they are signed in."], act, "Give this role",
        choices=lambda: chosen.append(ui.radio({role: ROLE_WORDS[role] for role in ROLES}, value=user["role"])),
    )  # fmt: skip


async def disable(here: Here, user: dict[str, Any]) -> None:
    """Lock out, or let in again."""
    locked = bool(user["disabled_at"])

    async def act(_reason: str) -> None:
        await here.api.patch(f"/users/{user['id']}", {"disabled": not locked}, if_match=user["version"])

    consequences = (
        ["They can sign in again, with the role they had."]
        if locked
        else ["Their sessions end at once, and links that were made for them are void."]
    )
    do = "Let in again" if locked else "Lock out"
    await _confirmed(here, f"{do}: {user['name']}", consequences, act, do, danger=not locked)


async def _confirmed(here: Here, title: str, consequences: list[str], act: Any, do: str, **more: Any) -> None:
    if await confirm(title, consequences, act, do=do, done="Done", look_again=here.reload, **more):
        await here.reload()
