"""What stands where there is nothing to show: why, and what to do about it."""

from nicegui import ui

from console.parts.text import Text


def empty(title: str, hint: str = "", icon: str = "o_inbox") -> None:
    """Nothing here."""
    with ui.element("div").classes("empty"):
        ui.icon(icon).props('aria-hidden="true"')
        Text("strong", title)
        if hint:
            Text("p", hint, "muted")
