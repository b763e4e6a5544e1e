"""Counts and counter sales from places that keep their own till: booked at their own time, held while unmapped."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, select

from db.exceptions import close_cause, open_cause
from db.items_by_sku import ALIASES, items_by_sku
from db.ledger import LEVELS, MOVEMENTS, move
from db.restock import allocate, free_here
from db.tables.connections import LocationMappingRow
from db.tables.stock import HeldStockNewsRow, ItemRow
from db.upsert import insert_once
from domain.causes import Cause
from domain.news import PosSaleNews, SoldLine, StockCountNews

HELD = HeldStockNewsRow.__table__  # type: ignore[attr-defined]
ITEMS = ItemRow.__table__  # type: ignore[attr-defined]
MAPPINGS = LocationMappingRow.__table__  # type: ignore[attr-defined]
_READ: TypeAdapter[StockCountNews | PosSaleNews] = TypeAdapter(StockCountNews | PosSaleNews)

WAS_NEWS = frozenset({"count booked", "sale booked", "held"})
CLOCK_SKEW = timedelta(minutes=5)
"""A till's clock may be ahead of ours by this much; a count from later than that is of no time that we know."""


def take(tx: Connection, connection_id: str, news: StockCountNews | PosSaleNews, now: datetime) -> str:
    """Book it once, however often it is told; the word says what became of it."""
    if isinstance(news, PosSaleNews):
        return _take_sale(tx, connection_id, news, now)
    return _take_count(tx, connection_id, news, now)


def retake(tx: Connection, now: datetime, *, connection_id: str = "", sku: str = "") -> None:
    """Somebody said what a SKU or a place is: what waited for it is booked at its own time."""
    waiting = select(HELD).order_by(HELD.c.at)
    if connection_id:
        waiting = waiting.where(HELD.c.connection_id == connection_id)
    if sku:
        waiting = waiting.where(HELD.c.lacks.endswith(f":{sku}", autoescape=True))
    for row in list(tx.execute(waiting)):
        tx.execute(delete(HELD).where(HELD.c.connection_id == row.connection_id, HELD.c.key == row.key))
        take(tx, row.connection_id, _READ.validate_python(row.body), now)
        if tx.execute(select(HELD.c.key).where(HELD.c.lacks == row.lacks).limit(1)).first() is None:
            close_cause(tx, row.lacks, now, by="cause gone")


def _take_count(tx: Connection, connection_id: str, news: StockCountNews, now: datetime) -> str:
    """The count was true at its time: what moved since then comes on top of it. An older count says nothing new."""
    place = _place(tx, connection_id, news.location_external_id)
    item_id = _item(tx, connection_id, news.sku, news.item_external_id)
    if place is None or item_id is None:
        return _hold(tx, connection_id, news, place, news.sku or news.item_external_id, now)
    if not place:
        return "a place that is not ours"
    wrong = _impossible(connection_id, news)
    if news.on_hand < 0 or news.at > now + CLOCK_SKEW:
        open_cause(tx, wrong, now, connection_id=connection_id)
        return "impossible count"
    said = count_at(tx, f"count:{connection_id}:{news.key}", item_id, place, news.on_hand, at=news.at, now=now)
    close_cause(tx, wrong.code, now, by="cause gone")
    return said


def count_at(tx: Connection, key: str, item_id: str, place: str, on_hand: int, *, at: datetime, now: datetime) -> str:
    """So many units were there at that time; the same key books once."""
    newer = _last_count(tx, item_id, place)
    if newer is not None and at < newer:
        return "older than the last count"
    here = select(LEVELS.c.on_hand).where(
        LEVELS.c.item_id == item_id, LEVELS.c.location_id == place, LEVELS.c.condition == "sellable"
    )
    balance = tx.execute(here.with_for_update()).scalar() or 0
    difference = on_hand + _moved_since(tx, item_id, place, at) - balance
    if not move(tx, key, "count", item_id, place, on_hand=difference, at=at):
        return "count known"
    free_here(tx, item_id, place, now)
    allocate(tx, item_id, place, at=now)
    return "count booked"


def _take_sale(tx: Connection, connection_id: str, news: PosSaleNews, now: datetime) -> str:
    """Goods are gone, whatever we promised: recorded even below zero, and a person is told of what is oversold."""
    place = _place(tx, connection_id, news.location_external_id)
    meant = {line.external_id: _item(tx, connection_id, line.sku, line.item_external_id) for line in news.lines}
    unknown = next((line for line in news.lines if meant[line.external_id] is None), None)
    if place is None or unknown is not None:
        lacking = (unknown.sku or unknown.item_external_id) if unknown else ""
        return _hold(tx, connection_id, news, place, lacking, now)
    if not place:
        return "a place that is not ours"
    booked = [
        _book_sold(tx, connection_id, news, line, meant[line.external_id] or "", place, now) for line in news.lines
    ]
    return "sale booked" if any(booked) else "sale known"


def _book_sold(
    tx: Connection, connection_id: str, news: PosSaleNews, line: SoldLine, item_id: str, place: str, now: datetime
) -> bool:
    """A sale from before the last count is in that count already: it is recorded, and the count is kept true."""
    is_new = False
    for part, units in _parts(tx, item_id, line.quantity):
        key = f"sale:{connection_id}:{news.external_id}:{line.external_id}:{part}"
        if not move(tx, key, "sale", part, place, on_hand=-units, at=news.at):
            continue
        is_new = True
        counted = _last_count(tx, part, place)
        if counted is not None and news.at <= counted:
            move(tx, f"{key}:counted", "count", part, place, on_hand=units, at=counted)
        free_here(tx, part, place, now)
    return is_new


def _parts(tx: Connection, item_id: str, quantity: int) -> list[tuple[str, int]]:
    """A bundle has no stock of its own: its components left the shop."""
    components = tx.execute(select(ITEMS.c.components).where(ITEMS.c.id == item_id)).scalar() or []
    return [(each["item_id"], each["quantity"] * quantity) for each in components] or [(item_id, quantity)]


def _item(tx: Connection, connection_id: str, sku: str, external_id: str) -> str | None:
    if sku:
        return items_by_sku(tx, connection_id, {sku}).get(sku)
    known = select(ALIASES.c.item_id).where(
        ALIASES.c.connection_id == connection_id, ALIASES.c.external_id == external_id
    )
    return tx.execute(known).scalar()


def _place(tx: Connection, connection_id: str, external_id: str) -> str | None:
    """Our location; empty for one that is left out on purpose, None for one that nobody has mapped."""
    return tx.execute(
        select(MAPPINGS.c.location_id).where(
            MAPPINGS.c.connection_id == connection_id, MAPPINGS.c.external_id == external_id
        )
    ).scalar()


def _last_count(tx: Connection, item_id: str, place: str) -> datetime | None:
    at: datetime | None = tx.execute(
        select(MOVEMENTS.c.at)
        .where(*_sellable(item_id, place), MOVEMENTS.c.kind == "count")
        .order_by(MOVEMENTS.c.at.desc())
        .limit(1)
    ).scalar()
    return at


def _moved_since(tx: Connection, item_id: str, place: str, at: datetime) -> int:
    moved = select(func.coalesce(func.sum(MOVEMENTS.c.on_hand), 0)).where(
        *_sellable(item_id, place), MOVEMENTS.c.at > at
    )
    return int(tx.execute(moved).scalar_one())


def _sellable(item_id: str, place: str) -> tuple[Any, ...]:
    return MOVEMENTS.c.item_id == item_id, MOVEMENTS.c.location_id == place, MOVEMENTS.c.condition == "sellable"


def _hold(
    tx: Connection, connection_id: str, news: StockCountNews | PosSaleNews, place: str | None, sku: str, now: datetime
) -> str:
    """Nothing is lost and nothing is guessed: it waits, and a person sees for what."""
    lacks = _unmapped(connection_id, sku) if place is not None else _unknown_place(connection_id, news)
    open_cause(tx, lacks, now, connection_id=connection_id)
    key = news.key if isinstance(news, StockCountNews) else news.external_id
    row = {"connection_id": connection_id, "key": f"{news.about}:{key}", "lacks": lacks.code, "at": news.at}
    insert_once(tx, HELD, [row | {"body": news.model_dump(mode="json")}])
    return "held"


def _unmapped(connection_id: str, sku: str) -> Cause:
    return Cause(
        kind="uncounted_sku",
        subject=f"{connection_id}:{sku}",
        title=f"{connection_id} counts or sells {sku!r}, which is not mapped to an item",
        remedy="Map the SKU to an item (tutti items map, PUT /items/{item}/aliases); what waits is booked at once.",
        blocks=False,
    )


def _unknown_place(connection_id: str, news: StockCountNews | PosSaleNews) -> Cause:
    return Cause(
        kind="uncounted_place",
        subject=f"{connection_id}:{news.location_external_id}",
        title=f"{connection_id} counts or sells at {news.location_external_id!r}, which is not mapped to a location",
        remedy="Map the place (tutti connections map, PUT /connections/{connection}/locations); what waits is booked at once.",
        blocks=False,
    )


def _impossible(connection_id: str, news: StockCountNews) -> Cause:
    return Cause(
        kind="impossible_count",
        subject=f"{connection_id}:{news.location_external_id}:{news.sku or news.item_external_id}",
        title=f"{connection_id} told a count that cannot be: {news.on_hand} units",
        remedy="Count again there; nothing was booked, and the next possible count closes this.",
        blocks=False,
    )
