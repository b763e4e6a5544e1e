"""The list of keys that `?` shows; the keys themselves are in `static/console.js`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

from console.parts.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.navigation import Place

EVERYWHERE = {"/": "Search", "?": "Show or hide these keys", "Esc": "Close", "j  k": "Next and previous row of a table",
              "Enter": "Open the row", "x": "Select the row"}  # fmt: skip


def keys_dialog(places: Iterable[Place]) -> None:
    """Hidden until `?` is pressed."""
    with ui.element("dialog").props('id="keys" aria-label="Keys"').classes("keys"):
        Text("h2", "Keys")
        with ui.element("dl").classes("facts"):
            for key, meaning in EVERYWHERE.items():
                Text("dt", key, "key")
                Text("dd", meaning)
            for place in places:
                Text("dt", f"g  {place.key}", "key")
                Text("dd", place.title)
        ui.button("Close").props("flat no-caps").on("click", js_handler="() => document.getElementById('keys').close()")
