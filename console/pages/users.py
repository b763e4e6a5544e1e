"""Users: the people who sign in and the keys of programs, with their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.page import page
from console.parts.live import live
from console.parts.question import Question
from console.parts.table import Column, Table
from console.parts.text import page_head, section
from console.users import keys, people

if TYPE_CHECKING:
    from console.here import Here

PEOPLE = (
    Column("name", "Name"),
    Column("role", "Role"),
    Column("state", "State", "status"),
    Column("came", "Last signed in", "time"),
    Column("made", "Made", "time"),
)
KEYS = (
    Column("name", "Key"),
    Column("role", "Role"),
    Column("state", "State", "status"),
    Column("made", "Made", "time"),
)
SELDOM = 15.0


@page("/users", "Users", role="admin")
async def users(here: Here) -> None:
    """A row opens what may be done with it."""
    with page_head("Users", "People sign in with their own account; programs call the API with a key."):
        ui.button("New API key", on_click=lambda: keys.make_key(here)).props("outline no-caps")
        ui.button("Invite somebody", on_click=lambda: people.invite(here)).props("unelevated no-caps")
    known: dict[str, dict[str, Any]] = {}
    with section("People"):
        table = Table(
            "People", PEOPLE, none="Nobody signs in yet", hint="Invite somebody; they get a link.",
            on_open=lambda key: _choose(here, known[key], is_user=True),
        )  # fmt: skip
    with section("API keys"):
        key_table = Table("API keys", KEYS, none="No key", on_open=lambda key: _choose(here, known[key], is_user=False))

    def show_people(found: list[dict[str, Any]]) -> None:
        known.update({each["id"]: each for each in found})
        table.show([people.person_row(each) for each in found])

    def show_keys(found: list[dict[str, Any]]) -> None:
        known.update({each["id"]: each for each in found})
        in_force_first = sorted(found, key=lambda each: each["revoked_at"] is not None)
        key_table.show([keys.key_row(each) for each in in_force_first])

    await live(here, "/users", show_people, every=SELDOM)
    await live(here, "/keys", show_keys, every=SELDOM)


async def _choose(here: Here, found: dict[str, Any], *, is_user: bool) -> None:
    """What may be done with this one."""
    with Question(found["name"], leave="Close") as question:
        for label, act in _acts(here, found, is_user=is_user).items():
            ui.button(label, on_click=lambda act=act: question.answer(act)).props("outline no-caps align=left")
    if act := await question:
        await act(here, found)


def _acts(here: Here, found: dict[str, Any], *, is_user: bool) -> dict[str, Any]:
    if not is_user:
        return {} if found["revoked_at"] else {"Revoke …": keys.revoke_key}
    if found["disabled_at"]:
        return {"Let in again …": people.disable}
    mine = found["id"] == here.person.id
    return {
        "New sign-in link": people.give_link,
        "Another role …": people.change_role,
        **({} if mine else {"Lock out …": people.disable}),
    }
