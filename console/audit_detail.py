"""One change of the audit log, whole: every field before and after, from where, and the way to what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.audit_words import action_in_words, fields_of, page_of
from console.parts.question import Question
from console.parts.status import words
from console.parts.table import Column, Table
from console.parts.text import facts

if TYPE_CHECKING:
    from console.parts.table import Row

COLUMNS = (Column("field", "Field"), Column("before", "Before"), Column("after", "After"))


async def show_change(change: dict[str, Any]) -> None:
    """In a dialog over the list."""
    with Question(action_in_words(change["action"]), leave="Close", wide=True) as question:
        facts(
            {
                "What": change["target"],
                "Who": change["actor_name"],
                "As": words(change["role"]),
                "From": change["origin"],
                "When": change["at"].replace("T", " ")[:19] + " UTC",
                "Number": change["id"],
            }
        )
        rows = [_row(*each) for each in fields_of(change)]
        if rows:
            Table("Fields", COLUMNS, rows)
        with question.actions():
            if page := page_of(change):
                ui.button("Open it", on_click=lambda: ui.navigate.to(page)).props("outline no-caps")
    await question


def _row(field: str, before: str, after: str) -> Row:
    return {"key": field, "field": field, "before": before or "—", "after": after}
