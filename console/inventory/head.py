"""The head that the pages about stock share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.parts.tabs import tabs
from console.parts.text import page_head

if TYPE_CHECKING:
    from console.here import Here

PAGES = {"/inventory": "Matrix", "/inventory/accuracy": "Accuracy and drift", "/inventory/safety-stock": "Safety stock"}


def inventory_head(here: Here, note: str) -> None:
    """Title, a line on what is shown, and the way to the other pages."""
    page_head("Inventory", note)
    tabs("Inventory", here.path, PAGES | {"/rules?kind=allocation": "Allocation rules"})
