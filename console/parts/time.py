"""Instants: how long ago, with the exact moment in the viewer's own zone on hover; the browser keeps it up to date."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from nicegui import ui
from nicegui.element import Element

from console.parts.text import text


def moment(at: str | datetime | None, *, form: Literal["ago", "exact", "left"] = "ago") -> Element:
    """An instant as the API writes it (ISO 8601); an em dash for none. `left` counts down to it."""
    if at is None:
        return text("—", "muted")
    given = at.isoformat() if isinstance(at, datetime) else at
    shown = ui.element("time")
    shown.props["datetime"] = given
    shown.props["data-form"] = form
    return shown


def seconds(total: float) -> str:
    """A duration in its two largest units."""
    left, parts = int(total), []
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
