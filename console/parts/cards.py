"""Cards of a live list: one is drawn anew only when what it shows has changed, so that a tap on another is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.redrawn import Redrawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.element import Element


class Cards:
    """Drawn where it is made; `draw(data)` fills one card."""

    def __init__(self, draw: Callable[[Any], object], classes: str) -> None:
        self._draw = draw
        self._place = ui.element("div").classes(classes)
        self._cards: dict[str, tuple[Element, Redrawn]] = {}

    def show(self, wanted: Mapping[str, Any]) -> None:
        """What each card shows by its key, in their order."""
        for key in [each for each in self._cards if each not in wanted]:
            self._cards.pop(key)[0].delete()
        for at, (key, data) in enumerate(wanted.items()):
            card, shown = self._cards.get(key) or self._new(key)
            shown.show(data)
            if self._place.default_slot.children[at] is not card:
                card.move(target_index=at)
        self._place.set_visibility(bool(wanted))

    def _new(self, key: str) -> tuple[Element, Redrawn]:
        with self._place:
            card = ui.element("div")
        self._cards[key] = (card, Redrawn(card, self._draw))
        return self._cards[key]
