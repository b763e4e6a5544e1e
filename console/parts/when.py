"""A moment to be chosen in the viewer's own zone; the hub is told the instant."""

from __future__ import annotations

import json

from nicegui import ui

from console.parts.text import text

_LOCAL = "(at => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19))"
_ZONE = "Intl.DateTimeFormat().resolvedOptions().timeZone"
SOON = {
    "In 10 minutes": "new Date(Date.now() + 600000)",
    "In an hour": "new Date(Date.now() + 3600000)",
    "Tomorrow at 9": "(at => { at.setDate(at.getDate() + 1); at.setHours(9, 0, 0, 0); return at; })(new Date())",
}


class When:
    """A field for day and time with quick choices; `await instant()` gives it with its zone, empty for none."""

    def __init__(self, label: str) -> None:
        with ui.element("div").classes("stack tight"):
            self.field = ui.input(label).props('outlined dense stack-label type="datetime-local" step="1"')
            with ui.element("div").classes("row"):
                for name, soon in SOON.items():
                    ui.button(name, on_click=lambda soon=soon: self._choose(soon)).props("flat dense no-caps")
                self._zone = text("in your time zone", "muted small")

    async def suggest(self, instant: str) -> None:
        """Start from this one; only where the browser is there already, as in a dialog."""
        await self._choose(f"new Date({json.dumps(instant)})")

    async def instant(self) -> str:
        """What is chosen, in UTC."""
        if not self.field.value:
            return ""
        given = await ui.run_javascript(
            f"return new Date({json.dumps(str(self.field.value))}).toISOString()", timeout=10
        )
        return str(given)

    async def _choose(self, script: str) -> None:
        self.field.value, zone = await ui.run_javascript(f"return [{_LOCAL}({script}), {_ZONE}]", timeout=10)
        self._zone.text = f"your time zone: {zone}"
