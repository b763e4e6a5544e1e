"""Products found and chosen for a launch: any number of them, by search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nicegui import ui

from console.parts.error import tell_done, tell_problem
from console.parts.status import status_cell
from console.parts.table import Column, Table
from console.parts.text import Text
from console.problems import HubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.here import Here

COLUMNS = (Column("title", "Product"), Column("state", "State", "status"), Column("skus", "SKUs", "number"))
CHOSEN = (Column("title", "Product"), Column("skus", "SKUs", "number"))
A_PAGE, AT_ONCE, MOST, SHOWN = 8, 200, 5000, 50


class Picker:
    """`chosen` by id, with title and SKUs; `changed()` is called after each change."""

    def __init__(self, here: Here, changed: Callable[[], None]) -> None:
        self.chosen: dict[str, dict[str, Any]] = {}
        self._here = here
        self._changed = changed
        self._found: dict[str, dict[str, Any]] = {}
        self._trail = [""]
        self._next: str | None = None
        with ui.element("div").classes("columns"):
            with ui.element("div").classes("stack tight"):
                self._draw_search()
            with ui.element("div").classes("stack tight"):
                self._draw_chosen()

    def _draw_search(self) -> None:
        with ui.element("div").classes("filters"):
            self._search = (
                ui.input("Find by name, SKU or GTIN")
                .props("outlined dense clearable debounce=300")
                .style("min-width: 260px")
            )
            self._search.on_value_change(self.search)
        self._table = Table(
            "Found", COLUMNS, on_choose=lambda _: None, on_turn=self._turn, cards=False, none="No product is like that"
        )
        with ui.element("div").classes("row"):
            ui.button("Add the selected", on_click=self._add).props("outline no-caps")
            ui.button("Add all that match", on_click=self._add_all).props("flat no-caps")

    def _draw_chosen(self) -> None:
        self._count = Text("h3", "")
        self._mine = Table(
            "Chosen", CHOSEN, on_choose=lambda _: None, cards=False, none="Nothing is chosen yet",
            hint="Find products and add them: one, or all that match.",
        )  # fmt: skip
        ui.button("Take out the selected", on_click=self._take_out).props("flat no-caps")
        self._tell()

    async def start(self, wanted: list[str]) -> None:
        """The first page, and what the address asks for."""
        for each in wanted:
            shown = (await self._here.api.get(f"/products/{each}"))["product"]
            self.chosen[each] = {"id": each, "title": shown["title"], "skus": list(shown["variants"])}
        await self.search()
        self._tell()

    async def search(self) -> None:
        """From the first page on."""
        self._trail = [""]
        await self._show()

    async def _show(self) -> None:
        try:
            found = await self._page(self._trail[-1], A_PAGE)
        except HubError as problem:
            tell_problem(problem)
            return
        self._found = {each["id"]: each for each in found["products"]}
        self._next = found["next"]
        self._table.show(
            [_row(each) for each in self._found.values()], back=len(self._trail) > 1, next=bool(self._next)
        )

    async def _page(self, after: str, limit: int) -> dict[str, Any]:
        page: dict[str, Any] = await self._here.api.get(
            "/products", search=str(self._search.value or "").strip(), state="ready", after=after, limit=limit
        )
        return page

    async def _turn(self, where: str) -> None:
        if where == "next" and self._next:
            self._trail.append(self._next)
        elif where == "back" and len(self._trail) > 1:
            self._trail.pop()
        await self._show()

    def _add(self) -> None:
        self.chosen |= {key: self._found[key] for key in self._table.chosen if key in self._found}
        self._table.choose([])
        self._tell()

    async def _add_all(self) -> None:
        after: str | None = ""
        before = len(self.chosen)
        try:
            while after is not None and len(self.chosen) < MOST:
                found = await self._page(after, AT_ONCE)
                self.chosen |= {each["id"]: each for each in found["products"]}
                after = found["next"]
        except HubError as problem:
            tell_problem(problem)
        tell_done(f"{len(self.chosen) - before} added")
        self._tell()

    def _take_out(self) -> None:
        for key in self._mine.chosen:
            self.chosen.pop(key, None)
        self._tell()

    def _tell(self) -> None:
        count = len(self.chosen)
        self._count.text = f"Chosen: {count} {'product' if count == 1 else 'products'}"
        shown = list(self.chosen.values())[-SHOWN:]
        self._mine.show([_row(each) for each in shown], foot=f"the last {SHOWN} of {count}" if count > SHOWN else "")
        self._changed()


def _row(product: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": product["id"], "title": product["title"], "title_sub": product["id"], "skus": len(product["skus"]),
        "state": status_cell(product.get("state", "ready")),
    }  # fmt: skip
