"""A launch as a board: a page of its products, each with its listing on every channel; and figures for the list of launches."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, Text, cast, func, or_, select

from db.catalog import PRODUCTS as MASTER
from db.launch_reading import CHANNELS, LEAKS, LISTINGS, PRODUCTS, row_of

Only = Literal["findings", "kept"]


class BoardRow(NamedTuple):
    """One product of a launch with its listings, by channel."""

    position: int
    product_id: str
    title: str
    listings: list[Row[Any]]


def board(
    tx: Connection, launch_id: str, *, search: str = "", only: Only | None = None, after: int, limit: int
) -> list[BoardRow]:
    """In the order of the launch; `only` those with findings, or those of which others' changes were kept."""
    row_of(tx, launch_id)
    title = func.coalesce(MASTER.c.title, PRODUCTS.c.product_id)
    query = (
        select(PRODUCTS.c.position, PRODUCTS.c.product_id, title.label("title"))
        .join(MASTER, MASTER.c.id == PRODUCTS.c.product_id, isouter=True)
        .where(PRODUCTS.c.launch_id == launch_id, PRODUCTS.c.position > after)
        .order_by(PRODUCTS.c.position)
        .limit(limit)
    )
    if search:
        like = f"%{search.lower()}%"
        query = query.where(or_(func.lower(title).like(like), func.lower(PRODUCTS.c.product_id).like(like)))
    if only:
        query = query.where(PRODUCTS.c.product_id.in_(_with(launch_id, only)))
    products = list(tx.execute(query))
    of_them = LISTINGS.c.product_id.in_([product.product_id for product in products])
    listings: dict[str, list[Row[Any]]] = defaultdict(list)
    mine = select(LISTINGS).where(LISTINGS.c.launch_id == launch_id, of_them).order_by(LISTINGS.c.connection_id)
    for row in tx.execute(mine):
        listings[row.product_id].append(row)
    return [BoardRow(one.position, one.product_id, one.title, listings[one.product_id]) for one in products]


def _with(launch_id: str, only: Only) -> Any:
    mine = select(LISTINGS.c.product_id).where(LISTINGS.c.launch_id == launch_id)
    kept = cast(LISTINGS.c.kept, Text).not_in(("{}", "null"))
    return mine.where(LISTINGS.c.blocked if only == "findings" else kept)


class InShort(NamedTuple):
    """What a list tells of a launch besides its own row."""

    products: int
    leaks: int
    channels: list[str]


def in_short(tx: Connection, launch_ids: Iterable[str]) -> dict[str, InShort]:
    """For many launches at once."""
    wanted = list(launch_ids)
    products = _counted(tx, PRODUCTS, wanted)
    leaks = _counted(tx, LEAKS, wanted)
    channels: dict[str, list[str]] = defaultdict(list)
    mine = select(CHANNELS.c.launch_id, CHANNELS.c.connection_id).where(
        CHANNELS.c.launch_id.in_(wanted), CHANNELS.c.is_in
    )
    for launch_id, connection_id in tx.execute(mine.order_by(CHANNELS.c.connection_id)):
        channels[launch_id].append(connection_id)
    return {name: InShort(products.get(name, 0), leaks.get(name, 0), channels[name]) for name in wanted}


def _counted(tx: Connection, table: Any, launch_ids: list[str]) -> dict[str, int]:
    query = select(table.c.launch_id, func.count()).where(table.c.launch_id.in_(launch_ids))
    return {row[0]: row[1] for row in tx.execute(query.group_by(table.c.launch_id))}
