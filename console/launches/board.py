"""The board of a launch: a page of its products, and the step of each on every channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.launches.words import step
from console.parts.paging import Pages
from console.parts.status import status_cell
from console.parts.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.here import Here

ONLY = {"": "All products", "findings": "Stopped by findings", "kept": "Others' changes kept"}
A_PAGE = 50


class Board:
    """Drawn where it is made; `follow()` shows the same page as the hub has it now."""

    def __init__(self, here: Here, launch: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._here = here
        self._path = f"/launches/{launch['id']}/board"
        self._pages = Pages(here, self._fetch, name="after")
        self._channels = [each["channel"] for each in launch["channels"]]
        columns = [Column(name, names.get(name, name), "status") for name in self._channels]
        self._filters()
        self._table = Table(
            "Board", [Column("product", "Product", "link"), *columns], on_turn=self._pages.turn,
            none="No product is like that", hint="Choose all products to see the whole board.",
        )  # fmt: skip
        self._is_drawn = False

    @property
    def channels(self) -> list[str]:
        """Those that have a column; another board is drawn when others join."""
        return self._channels

    async def follow(self) -> None:
        """The page as it is now."""
        if self._is_drawn:
            await self._pages.show()
        else:
            self._is_drawn = True
            await self._pages.first(self._table)

    def _filters(self) -> None:
        async def change(name: str, value: object) -> None:
            self._here.remember(**{name: str(value) if value else None})
            await self._pages.anew()

        query = self._here.query
        with ui.element("div").classes("filters"):
            search = ui.input("Find a product", value=query.get("search", "")).props(
                "outlined dense clearable debounce=300"
            )
            search.on_value_change(lambda event: change("search", event.value))
            only = ui.select(ONLY, label="Show", value=query.get("only") if query.get("only") in ONLY else "")
            only.props("outlined dense options-dense").on_value_change(lambda event: change("only", event.value))

    async def _fetch(self, cursor: str | None) -> tuple[list[Row], str | None]:
        found = await self._here.api.get(
            self._path, search=self._here.query.get("search"), only=self._here.query.get("only"),
            after=cursor, limit=A_PAGE,
        )  # fmt: skip
        following = found["next"]
        return [_row(each) for each in found["products"]], None if following is None else str(following)


def _row(product: dict[str, Any]) -> Row:
    row: Row = {
        "key": product["product_id"],
        "href": f"/products/{product['product_id']}",
        "product": product["title"],
        "product_sub": product["product_id"],
    }
    for listing in product["listings"]:
        label, tone = step(listing)
        row[listing["connection_id"]] = status_cell(listing["state"], tone=tone, label=label)
        row[f"{listing['connection_id']}_sub"] = _beside(listing)
    return row


def _beside(listing: dict[str, Any]) -> str:
    if listing["kept"]:
        return f"kept as others left it: {', '.join(sorted(listing['kept']))}"
    warnings = len(listing["findings"] or ())
    return f"{warnings} {'finding' if warnings == 1 else 'findings'}" if warnings else ""
