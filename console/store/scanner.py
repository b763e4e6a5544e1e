"""A field for barcodes: a keyboard scanner types the code and Enter; the field takes the focus back for the next one."""

from __future__ import annotations

from nicegui import ui


def scanner(label: str) -> ui.input:
    """Its value is what was scanned last; Escape empties it."""
    field = ui.input(label).props('outlined dense clearable autocomplete="off" autofocus input-class="code"')
    field.classes("scanner")
    field.on("keydown.enter", js_handler="(event) => event.target.select()")
    field.on("keydown.escape", lambda: field.set_value(""))
    return field
