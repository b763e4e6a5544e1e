"""Parts of a live page, each drawn anew only when what it shows has changed: focus and open details stay elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element


class Redrawn:
    """One part of the page."""

    def __init__(self, place: Element, draw: Callable[..., object]) -> None:
        self._place = place
        self._draw = draw
        self._shown: tuple[Any, ...] | None = None

    def show(self, *data: Any) -> None:
        """Draw from this."""
        if data == self._shown:
            return
        self._shown = data
        self._place.clear()
        with self._place:
            self._draw(*data)
