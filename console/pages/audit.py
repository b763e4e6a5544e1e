"""Audit log: who did what, when, from where and why; and whether the record is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.audit_detail import show_change
from console.audit_words import action_in_words, reason_of, what_changed
from console.names import names
from console.page import page
from console.parts.error import tell_done, tell_problem
from console.parts.paging import Pages
from console.parts.status import words
from console.parts.table import Column, Table
from console.parts.text import page_head
from console.problems import HubError

if TYPE_CHECKING:
    from console.here import Here
    from console.parts.table import Row

COLUMNS = (
    Column("at", "When", "time"),
    Column("who", "Who"),
    Column("action", "Did what"),
    Column("change", "What changed"),
    Column("reason", "Reason"),
)
KINDS = (
    "order", "return", "exception", "launch", "connection", "switch", "flow", "stock", "safety_stock", "sourcing_rules",
    "allocation_rules", "return_policy", "alert_rules", "user", "key", "sign_in",
)  # fmt: skip
PAGE, DOWNLOADED = 50, 500


@page("/audit", "Audit log", role="admin")
async def audit(here: Here) -> None:
    """The filters stand in the address; pages go back in time."""
    with page_head(
        "Audit log", "Every change by a person or key, in the order in which it was made. Nothing is removed."
    ):
        ui.button("Check that it is whole", on_click=lambda: _verify(here)).props("outline no-caps")
    await _filters(here)
    known: dict[str, dict[str, Any]] = {}
    pages = Pages(here, lambda cursor: _fetch(here, cursor, known))
    table = Table(
        "Changes", COLUMNS, none="Nothing was changed", hint="Widen the filters.", on_turn=pages.turn,
        on_open=lambda key: show_change(known[key]),
        csv=lambda: _all_rows(here),
    )  # fmt: skip
    await pages.first(table)


async def _fetch(here: Here, cursor: str | None, known: dict[str, dict[str, Any]]) -> tuple[list[Row], str | None]:
    found = await _changes(here, cursor, PAGE)
    known.update({str(each["id"]): each for each in found})
    return [_row(each) for each in found], str(found[-1]["id"]) if len(found) == PAGE else None


async def _all_rows(here: Here) -> list[Row]:
    """For the download: the newest of what the filters let pass."""
    return [_row(each) for each in await _changes(here, None, DOWNLOADED)]


async def _changes(here: Here, cursor: str | None, limit: int) -> list[dict[str, Any]]:
    kind = here.query.get("kind")
    since, until = here.query.get("since"), here.query.get("until")
    found: list[dict[str, Any]] = await here.api.get(
        "/audit", actor=here.query.get("actor"), target=here.query.get("target"), before=cursor, limit=limit,
        action=f"{kind}" if kind else None, since=f"{since}T00:00:00Z" if since else None,
        until=f"{until}T23:59:59.999Z" if until else None,
    )  # fmt: skip
    return found


async def _filters(here: Here) -> None:
    async def change(name: str, value: object) -> None:
        here.remember(**{name: str(value).strip() if value else None, "cursor": None})
        await here.reload()

    people = {"": "Anybody"} | dict(sorted((await names(here)).items(), key=lambda each: each[1]))
    actor = here.query.get("actor", "")
    if actor not in people:
        people[actor] = actor
    kinds = {"": "Anything"} | {kind: words(kind) for kind in KINDS}
    with ui.element("div").classes("filters"):
        who = ui.select(people, label="Who", value=actor).props("outlined dense options-dense")
        who.on_value_change(lambda event: change("actor", event.value))
        kind = here.query.get("kind", "")
        what = ui.select(kinds, label="What", value=kind if kind in kinds else "").props("outlined dense options-dense")
        what.on_value_change(lambda event: change("kind", event.value))
        for name, label in (("since", "From (UTC)"), ("until", "To (UTC)")):
            day = ui.input(label, value=here.query.get(name, "")).props('outlined dense type="date" stack-label')
            day.on("change", lambda name=name, day=day: change(name, day.value))
        target = ui.input("Order, user, version …", value=here.query.get("target", "")).props(
            "outlined dense clearable"
        )
        target.on("change", lambda: change("target", target.value))


async def _verify(here: Here) -> None:
    try:
        verdict = await here.api.get("/audit/verify")
    except HubError as problem:
        tell_problem(problem)
        return
    if verdict["first_broken"] is None:
        tell_done(f"Whole: each of {verdict['rows']} rows follows from the one before")
    else:
        ui.notify(f"Broken: row {verdict['first_broken']} does not follow from the one before", type="negative")


def _row(change: dict[str, Any]) -> Row:
    return {
        "key": str(change["id"]),
        "at": change["at"],
        "who": change["actor_name"],
        "who_sub": " from ".join(part for part in (words(change["role"]), change["origin"]) if part),
        "action": action_in_words(change["action"]),
        "action_sub": change["target"],
        "change": what_changed(change),
        "reason": reason_of(change),
    }
