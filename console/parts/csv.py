"""Rows of a table as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from console.parts.table import Column

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> str:
    """With a header; a cell that a spreadsheet would run as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in columns])
    for row in rows:
        writer.writerow([_cell(row.get(column.name), column.kind) for column in columns])
    return out.getvalue()


def _cell(value: Any, kind: str) -> object:
    if isinstance(value, dict):
        value = value["text"]
    if isinstance(value, str) and kind not in {"money", "number"} and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
