"""Pages that belong together, as a row of links below the heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Mapping


def tabs(label: str, here: str, pages: Mapping[str, str]) -> None:
    """`pages` by address; the one that is open is marked."""
    with ui.element("nav").classes("tabs") as row:
        for address, title in pages.items():
            link = ui.link(title, address)
            if address == here:
                link.props["aria-current"] = "page"
    row.props["aria-label"] = label
