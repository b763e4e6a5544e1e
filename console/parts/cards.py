"""Cards of a live list: one is drawn anew only when what it shows has changed, so that a tap on another is never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nicegui.element import Element


class Cards:
    """Drawn where it is made; `draw(data)` fills one card."""

    def __init__(self, draw: Callable[[Any], object], classes: str) -> None:
        self._draw = draw
        self._place = ui.element("div").classes(classes)
        self._cards: dict[str, tuple[Element, Any]] = {}

    def show(self, wanted: Mapping[str, Any]) -> None:
        """What each card shows by its key, in their order."""
        for key in [each for each in self._cards if each not in wanted]:
            self._cards.pop(key)[0].delete()
        for at, (key, data) in enumerate(wanted.items()):
            card = self._card(key, data)
            if self._place.default_slot.children[at] is not card:
                card.move(target_index=at)
        self._place.set_visibility(bool(wanted))

    def _card(self, key: str, data: Any) -> Element:
        card, shown = self._cards.get(key, (None, None))
        if card is not None and shown == data:
            return card
        if card is None:
            with self._place:
                card = ui.element("div")
        card.clear()
        with card:
            self._draw(data)
        self._cards[key] = (card, data)
        return card
