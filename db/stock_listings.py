"""Which numbers a channel shows: found by asking it, matched to items by SKU, and what its webhooks say of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from connectors.contract import RemoteStock
from db import drift, syncs
from db.availability import LISTINGS
from db.exceptions import close_cause, open_cause
from db.flows import INVENTORY, bucket
from db.items_by_sku import items_by_sku
from db.marking import key_of_listing
from db.recompute import ask_recompute
from db.upsert import dialect_insert
from domain.news import StockNews
from domain.publication import LOOK_AFTER, unmapped

SAME_MOMENT_S = 2.0
"""Platforms write times in whole seconds: what is no older than this is not called old."""


def take(tx: Connection, connection_id: str, found: Sequence[RemoteStock], now: datetime) -> None:
    """Numbers found at the channel; those known already keep their state, and follow the SKU to its item."""
    items = items_by_sku(tx, connection_id, {one.sku for one in found})
    rows = [
        {
            "connection_id": connection_id, "item_external_id": one.item_external_id, "place": one.location_external_id,
            "item_id": (item := items.get(one.sku, "")), "sku": one.sku, "bucket": bucket(item), "expected_at": now,
            "confirmed": one.available, "confirmed_at": now, "confirmed_by": "read_back", "state": "settled",
            "version": 0, "published_version": 0, "confirmed_version": 0, "effect_key": "", "urgency": 2,
            "attempts": 0, "contests": 0, "error_code": "",
        }
        for one in found
    ]  # fmt: skip
    if rows:
        insert = dialect_insert(LISTINGS, tx.dialect.name)
        follow = {name: insert.excluded[name] for name in ("item_id", "sku", "bucket")}
        tx.execute(insert.on_conflict_do_update(index_elements=list(LISTINGS.primary_key), set_=follow), rows)


def discovered(tx: Connection, connection_id: str, now: datetime) -> None:
    """All of the channel's numbers were looked at: what is to be shown is computed, unknown SKUs are told."""
    syncs.discovered(tx, syncs.Run(connection_id, INVENTORY), now)
    ask_recompute(tx, now, reason=f"listings of {connection_id} were read")
    count_unmapped(tx, connection_id, now)


def count_unmapped(tx: Connection, connection_id: str, now: datetime) -> None:
    """Numbers of SKUs that nobody knows are left alone; one exception per connection says how many there are."""
    mine = (LISTINGS.c.connection_id == connection_id, LISTINGS.c.item_id == "")
    count = int(tx.execute(select(func.count(LISTINGS.c.item_external_id.distinct())).where(*mine)).scalar_one())
    cause = unmapped(connection_id, count)
    if count:
        open_cause(tx, cause, now, connection_id=connection_id)
    else:
        close_cause(tx, cause.code, now, by="cause gone")


def follow_sku(tx: Connection, sku: str, connection_id: str, item_id: str, now: datetime) -> None:
    """A SKU means this item from now on (empty: none): its numbers are the item's."""
    mine = [LISTINGS.c.sku == sku]
    if connection_id:
        mine.append(LISTINGS.c.connection_id == connection_id)
    moved = tx.execute(
        update(LISTINGS)
        .where(*mine, LISTINGS.c.item_id != item_id)
        .values(item_id=item_id, bucket=bucket(item_id))
        .returning(LISTINGS.c.connection_id)
    ).scalars()
    touched = set(moved)
    for connection in sorted(touched):
        count_unmapped(tx, connection, now)
    if touched and item_id:
        ask_recompute(tx, now, reason=f"SKU {sku} was mapped", item_id=item_id)


def seen(tx: Connection, connection_id: str, news: StockNews, now: datetime) -> str:
    """What a webhook says of a number, in a word. It proves what we wrote; what it says otherwise is a change by others.

    Our own writes come back this way: a number that is the confirmed one is no news (R15).
    """
    mine = (LISTINGS.c.connection_id == connection_id, LISTINGS.c.item_external_id == news.item_external_id)
    row = tx.execute(
        select(LISTINGS).where(*mine, LISTINGS.c.place == news.location_external_id).with_for_update()
    ).first()
    if row is None:
        syncs.discover(tx, syncs.Run(connection_id, INVENTORY))
        return "stock of an unknown listing"
    if news.available is None or (row.news_at is not None and news.at < row.news_at):
        return "old stock"
    return _take_in(tx, row, news.available, news.at, now)


def _take_in(tx: Connection, row: Row[Any], number: int, at: datetime, now: datetime) -> str:
    if row.state == "sent":  # the answer to our own call says more than a webhook that may be older than it
        _note(tx, row, news_at=at)
        return "stock while sending"
    if number == row.confirmed:
        by = "webhook" if row.confirmed_by == "answer" else row.confirmed_by
        _note(tx, row, news_at=at, confirmed_by=by, look_at=None if by == "webhook" else row.look_at)
        return "stock as told"
    if row.confirmed_at is not None and (row.confirmed_at - at).total_seconds() > SAME_MOMENT_S:
        return "old stock"
    drift.take(tx, row, number, now)
    _note(tx, row, news_at=at, look_at=now + LOOK_AFTER)
    syncs.wake(tx, INVENTORY, {row.connection_id})
    return "stock changed by the channel"


def _note(tx: Connection, row: Row[Any], **values: Any) -> None:
    key = {"k_connection": row.connection_id, "k_item": row.item_external_id, "k_place": row.place}
    named = {f"n_{name}": value for name, value in values.items()}
    columns = {name: bindparam(f"n_{name}", type_=LISTINGS.c[name].type) for name in values}
    tx.execute(update(LISTINGS).where(key_of_listing()).values(**columns), key | named)
