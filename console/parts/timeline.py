"""What happened, oldest first or as given: when, from which source, in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nicegui import ui

from console.parts.text import Text
from console.parts.time import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.parts.status import Tone


@dataclass(frozen=True)
class Event:
    """One moment; `source` says who told it, `detail` is a second, quieter line."""

    at: str
    title: str
    source: str = ""
    detail: str = ""
    icon: str = "circle"
    tone: Tone = "idle"
    href: str = ""


def timeline(events: Iterable[Event]) -> None:
    """All of them, as an ordered list."""
    with ui.element("ol").classes("timeline"):
        for event in events:
            with ui.element("li"):
                with ui.element("div").classes("when"):
                    moment(event.at, form="exact")
                with ui.element("span").classes(f"dot status-{event.tone}").props('aria-hidden="true"'):
                    ui.icon(event.icon)
                with ui.element("div").classes("moment-text"):
                    if event.href:
                        ui.link(event.title, event.href)
                    else:
                        Text("span", event.title, "strong")
                    if event.detail:
                        Text("span", event.detail)
                    if event.source:
                        Text("span", event.source, "source")
