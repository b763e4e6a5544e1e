"""What one version changes against another, rule by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.parts.table import Column, Table
from console.rules.reading import in_words, value_in_words

if TYPE_CHECKING:
    from console.parts.table import Row

COLUMNS = (Column("where", "Where"), Column("before", "Before"), Column("after", "After"))


def show_differences(changes: list[dict[str, Any]], version: str, against: str) -> None:
    """A row per field that differs."""
    Table(
        f"What {version} changes against {against}", COLUMNS, [_row(number, each) for number, each in enumerate(changes)],
        none="They say the same", hint="Only their names differ.",
    )  # fmt: skip


def _row(number: int, change: dict[str, Any]) -> Row:
    parts = change["field"].split(".")
    return {
        "key": str(number),
        "where": in_words(parts[-1]),
        "where_sub": " › ".join(in_words(part) if "_" in part else part for part in parts[:-1]),
        "before": value_in_words(change["before"]) if change["before"] is not None else "(not there)",
        "after": value_in_words(change["after"]) if change["after"] is not None else "(taken away)",
    }
