"""Who changed which field, when, and from which side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.paging import Pages
from console.parts.status import words
from console.parts.table import Column, Row, Table
from console.products.values import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.here import Here

COLUMNS = (
    Column("field", "Field"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("actor", "Who"),
    Column("at", "When", "time"),
)
A_PAGE, SHOWN = 10, 200


async def draw_history(here: Here, product: str, channels: Mapping[str, str], people: Mapping[str, str]) -> None:
    """The newest first."""

    async def fetch(cursor: str | None) -> tuple[list[Row], str | None]:
        rows = await here.api.get(f"/products/{product}/history", before=cursor, limit=A_PAGE + 1)
        following = str(rows[A_PAGE - 1]["id"]) if len(rows) > A_PAGE else None
        return [_row(each, channels, people) for each in rows[:A_PAGE]], following

    pages = Pages(here, fetch, name="before")
    await pages.first(Table("History", COLUMNS, on_turn=pages.turn, none="Nothing was changed yet"))


def _row(change: dict[str, Any], channels: Mapping[str, str], people: Mapping[str, str]) -> Row:
    made = not change["field"]
    return {
        "key": str(change["id"]),
        "field": "The product" if made else change["field"].replace(".", " · ").replace("_", " "),
        "before": "" if made else told(change["before"], change["field"])[:SHOWN],
        "after": "made" if made else told(change["after"], change["field"])[:SHOWN] or "removed",
        "actor": people[change["actor"]],
        "actor_sub": side(change["side"], channels),
        "at": change["at"],
    }


def side(code: str, channels: Mapping[str, str]) -> str:
    """From where a change came."""
    kind, _, of = code.partition(":")
    known = {"api": "by hand or API", "import": "by an import", "channel": f"at {channels.get(of, of)}"}
    return known.get(kind, words(kind))
