"""The table of all lists: columns by kind, order and paging by the server, selection, keys, cards on a phone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from nicegui import ui
from nicegui.element import Element

from console.parts.csv import as_csv
from console.parts.empty import empty

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from nicegui.events import GenericEventArguments

    Handler = Callable[[Any], Awaitable[None] | None]

Kind = Literal["text", "link", "status", "time", "money", "number"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """`link` leads to the row's `href`; `status` takes `status_cell(…)`, `time` an ISO instant."""

    name: str
    label: str
    kind: Kind = "text"
    sortable: bool = False


class Table(Element, component="table.js"):
    """A row is a dict: `key` (unique), `href` (optional: where Enter and a click lead), one value per column,
    and under `<column>_sub` a second, quieter line.
    """

    def __init__(
        self,
        caption: str,
        columns: Sequence[Column],
        rows: Sequence[Row] = (),
        *,
        none: str = "Nothing here",
        hint: str = "",
        on_choose: Handler | None = None,
        on_order: Handler | None = None,
        on_turn: Handler | None = None,
        on_open: Handler | None = None,
        csv: Callable[[], Awaitable[Sequence[Row]]] | None = None,
        cards: bool = True,
    ) -> None:
        """`on_choose(keys)` makes it selectable, `on_order(name, descending)`, `on_turn("back" | "next")`, `on_open(key)`;

        `csv` gives the rows of the download (all pages of them).
        """
        super().__init__()
        self.columns = columns
        self.chosen: list[str] = []
        self._caption = caption
        self._props.update(
            caption=caption, columns=[asdict(column) for column in columns], chosen=[], selectable=on_choose is not None,
            opens=on_open is not None, downloads=csv is not None, cards=cards, foot="",
        )  # fmt: skip
        self._csv = csv
        self._on("choose", on_choose, self._remember_choice)
        self._on("order", on_order)
        self._on("turn", on_turn)
        self._on("open", on_open)
        if csv is not None:
            self.on("download", self._download)
        with self:
            empty(none, hint)
        self.show(rows)

    def show(self, rows: Sequence[Row], *, foot: str | None = None, back: bool = False, next: bool = False) -> None:  # noqa: A002 - the button's word
        """Other rows; the choice is kept for rows that are still there."""
        kept = {row["key"] for row in rows}
        self.chosen = [key for key in self.chosen if key in kept]
        said = foot if foot is not None else f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}" if rows else ""
        self._props.update(rows=list(rows), chosen=self.chosen, foot=said, back=back, next=next)
        self.update()

    def sorted_by(self, name: str, *, descending: bool = False) -> None:
        """Show by which column the server has ordered the rows."""
        self._props.update(sortedBy=name, descending=descending)
        self.update()

    def choose(self, keys: Sequence[str]) -> None:
        """Select these rows."""
        self.chosen = list(keys)
        self._props["chosen"] = self.chosen
        self.update()

    def _on(self, event: str, handler: Handler | None, first: Callable[[Any], None] | None = None) -> None:
        if handler is None:
            return

        async def handle(given: GenericEventArguments) -> None:
            if first:
                first(given.args)
            result = handler(given.args)
            if result is not None:
                await result

        self.on(event, handle)

    def _remember_choice(self, keys: list[str]) -> None:
        self.choose(keys)

    async def _download(self) -> None:
        assert self._csv
        name = self._caption.lower().replace(" ", "-")
        ui.download.content(as_csv(self.columns, await self._csv()), f"{name}.csv", "text/csv")
