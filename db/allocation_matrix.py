"""The allocation matrix: what each item has at each location, and what each channel may show, was told and shows."""

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists

from db import items
from db.availability import LISTINGS, Computed, balances_of, compute, open_book
from db.ledger import LEVELS
from db.order_reading import ITEMS
from domain.base import Frozen

Only = Literal["waiting", "refused", "wrong", "sold_out", "unknown"]
_STATES: dict[Only, ColumnElement[bool]] = {
    "waiting": LISTINGS.c.state.in_(["due", "sent", "accepted"]),
    "refused": LISTINGS.c.error_code != "",
    "wrong": LISTINGS.c.confirmed.is_distinct_from(LISTINGS.c.expected) & LISTINGS.c.expected.is_not(None),
    "sold_out": LISTINGS.c.expected == 0,
    "unknown": LISTINGS.c.expected.is_(None),
}
"""What can be said of a number, for those who look for such items."""


class Stock(Frozen):
    """An item at a location."""

    location_id: str
    on_hand: int
    reserved: int
    available: int


class Cell(Frozen):
    """A number on a channel; `since` is when the channel confirmed it, `allocated` and `buffer` are before and of safety stock."""

    connection_id: str
    place: str
    sku: str
    locations: tuple[str, ...]
    allocated: int
    buffer: int
    expected: int | None
    published: int | None
    confirmed: int | None
    since: datetime | None
    confirmed_by: str
    state: str
    error_code: str
    why: tuple[str, ...] = ()


class Line(Frozen):
    """One item."""

    item_id: str
    title: str
    stock: tuple[Stock, ...]
    channels: tuple[Cell, ...]


class Page(NamedTuple):
    """Some items, and where the next page goes on from; None on the last one."""

    lines: tuple[Line, ...]
    after: str | None


class Filter(NamedTuple):
    """Which items are wanted: with a number in this state, on this channel, with stock at this location."""

    only: Only | None = None
    connection_id: str = ""
    location_id: str = ""


EVERYTHING = Filter()


def page(
    tx: Connection, now: datetime, *, search: str = "", after: str = "", limit: int = 50, filter_: Filter = EVERYTHING
) -> Page:
    """By item; `search` finds part of an id, a title or a SKU."""
    found = items.page(tx, search=search, after=after, limit=limit + 1, where=_where(filter_))
    shown = found[:limit]
    lines = _lines(tx, now, {item.id: item.title for item in shown})
    narrowed = tuple(_narrowed(line, filter_) for line in lines)
    return Page(narrowed, shown[-1].id if len(found) > limit else None)


def _where(wanted: Filter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.only or wanted.connection_id:
        listed: list[ColumnElement[bool]] = [LISTINGS.c.item_id == ITEMS.c.id]
        if wanted.only:
            listed.append(_STATES[wanted.only])
        if wanted.connection_id:
            listed.append(LISTINGS.c.connection_id == wanted.connection_id)
        where.append(exists().where(*listed))
    if wanted.location_id:
        where.append(exists().where(LEVELS.c.item_id == ITEMS.c.id, LEVELS.c.location_id == wanted.location_id))
    return where


def _narrowed(line: Line, wanted: Filter) -> Line:
    """Columns that nobody asked for are left out."""
    stock = tuple(at for at in line.stock if wanted.location_id in ("", at.location_id))
    channels = tuple(cell for cell in line.channels if wanted.connection_id in ("", cell.connection_id))
    return line.model_copy(update={"stock": stock, "channels": channels})


def one(tx: Connection, now: datetime, item_id: str) -> Line:
    """One item, with the derivation of every number."""
    return _lines(tx, now, {item_id: items.load(tx, item_id).title}, explain=True)[0]


def _lines(tx: Connection, now: datetime, titles: dict[str, str], *, explain: bool = False) -> tuple[Line, ...]:
    balances = balances_of(tx, titles)
    cells: dict[str, list[Cell]] = {item_id: [] for item_id in titles}
    for computed in compute(tx, open_book(tx, now), titles):
        cells[computed.row.item_id].append(_cell(computed, explain=explain))
    return tuple(
        Line(
            item_id=item_id,
            title=title,
            stock=tuple(
                Stock(location_id=place, on_hand=at.on_hand, reserved=at.reserved, available=at.atp)
                for place, at in sorted(balances.get(item_id, {}).items())
            ),
            channels=tuple(cells[item_id]),
        )
        for item_id, title in titles.items()
    )


def _cell(computed: Computed, *, explain: bool) -> Cell:
    row, steps = computed.row, computed.steps
    same = (
        "connection_id",
        "place",
        "sku",
        "expected",
        "published",
        "confirmed",
        "confirmed_by",
        "state",
        "error_code",
    )
    return Cell(
        **{name: getattr(row, name) for name in same},
        locations=tuple(step.location_id for step in steps),
        allocated=sum(step.allocated for step in steps),
        buffer=sum(step.buffer for step in steps),
        since=row.confirmed_at,
        why=computed.why() if explain else (),
    )
