"""API keys: made, shown once, revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.confirm import confirm
from console.parts.question import Question
from console.parts.status import status_cell, words
from console.users.people import ROLE_WORDS
from console.users.secret import show_once

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row


def key_row(key: dict[str, Any]) -> Row:
    """One key in the table."""
    return {
        "key": key["id"],
        "name": key["name"],
        "role": words(key["role"]),
        "state": status_cell("revoked", tone="idle") if key["revoked_at"] else status_cell("active", label="In force"),
        "made": key["created_at"],
    }


async def make_key(here: Here) -> None:
    """A key for a program; its token is shown once."""
    with Question("New API key", stays=True) as question:
        form = question.form(lambda values: here.api.post("/keys", values), label="Make it")
        form.text("name", "Who or what will use it", required=True)
        form.choice("role", "Role", ROLE_WORDS, "viewer", required=True)
    made: dict[str, Any] | None = await question
    if made:
        await show_once("The key", made["token"], "Keep it where only its user can read it. It is shown only here.")
        await here.reload()


async def revoke_key(here: Here, key: dict[str, Any]) -> None:
    """Refused from now on, for good."""

    async def act(_reason: str) -> None:
        await here.api.delete(f"/keys/{key['id']}")

    said = [
        f"Whatever uses the key {key['name']} is refused from now on.",
        "It cannot be taken back; make another key.",
    ]
    if await confirm(f"Revoke {key['name']}", said, act, do="Revoke", danger=True, done="Revoked"):
        await here.reload()
