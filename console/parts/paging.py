"""Paging through a list by the hub's cursors: on and back, with the place kept in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from console.here import Here
    from console.parts.table import Row, Table

    Fetch = Callable[[str | None], Awaitable[tuple[Sequence[Row], str | None]]]
    """Given a cursor (None: the first page), the page's rows and the cursor of the next one."""

_DEEPEST = 40


class Pages:
    """`await pages.first()` shows the page that the address names; give `pages.turn` to the table as `on_turn`."""

    def __init__(self, here: Here, fetch: Fetch, *, name: str = "cursor") -> None:
        self._here = here
        self._fetch = fetch
        self._name = name
        self._trail: list[str | None] = [here.query.get(name)]
        self._next: str | None = None
        self._table: Table | None = None

    @property
    def at_start(self) -> bool:
        """Whether the first page is shown."""
        return self._trail[-1] is None

    async def first(self, table: Table) -> None:
        """Show the page that the address names."""
        self.fill(table)
        await self.show()

    def fill(self, table: Table) -> None:
        """Which table it is, where the first page is brought by somebody else (`live`)."""
        self._table = table

    async def anew(self) -> None:
        """From the start: other filters, another order."""
        self._trail = [None]
        await self.show()

    async def turn(self, where: str) -> None:
        """One page on or back."""
        if where == "next" and self._next:
            self._trail = [*self._trail, self._next][-_DEEPEST:]
        elif where == "back" and len(self._trail) > 1:
            self._trail.pop()
        elif where == "back":
            self._trail = [None]  # the address led into the middle: back is the start
        await self.show()

    async def show(self) -> None:
        """The page at which one is, as the hub has it now."""
        assert self._table is not None
        cursor = self._trail[-1]
        rows, self._next = await self._fetch(cursor)
        self._here.remember(**{self._name: cursor})
        self._table.show(rows, back=cursor is not None, next=self._next is not None)


def page_of(answer: dict[str, Any], name: str, row: Callable[[dict[str, Any]], Row]) -> tuple[list[Row], str | None]:
    """The rows under `name` and the cursor under `next`, as most lists of the API give them."""
    return [row(each) for each in answer[name]], answer.get("next")
