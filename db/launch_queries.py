"""Launches as people look at them."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from db.launch_reading import EVENTS, LAUNCHES, LEAKS, LISTINGS, PRODUCTS, row_of
from db.order_reading import CONNECTIONS
from domain.errors import DomainError


def every(tx: Connection, *, open_only: bool, limit: int, after: str | None = None) -> list[Row[Any]]:
    """The latest moment first; `after` is the last of the page before."""
    query = select(LAUNCHES).order_by(LAUNCHES.c.go_live_at.desc(), LAUNCHES.c.id).limit(limit)
    query = query.where(LAUNCHES.c.outcome.is_(None)) if open_only else query
    if after:
        at, last = LAUNCHES.c.go_live_at, tx.execute(select(LAUNCHES).where(LAUNCHES.c.id == after)).one_or_none()
        if last is None:
            raise DomainError("bad_cursor", "the cursor does not fit this list; take `next` of the page before")
        query = query.where(or_(at < last.go_live_at, and_(at == last.go_live_at, LAUNCHES.c.id > last.id)))
    return list(tx.execute(query))


def held_back(tx: Connection, connection_ids: Collection[str]) -> list[tuple[str, str]]:
    """Connections to which nothing may be written now, and why, where the connection itself says so."""
    reasons = select(CONNECTIONS.c.id, CONNECTIONS.c.pause_reason).where(CONNECTIONS.c.id.in_(list(connection_ids)))
    return [(row.id, row.pause_reason) for row in tx.execute(reasons.order_by(CONNECTIONS.c.id))]


def products_of(tx: Connection, launch_id: str) -> list[str]:
    mine = select(PRODUCTS.c.product_id).where(PRODUCTS.c.launch_id == launch_id)
    return list(tx.execute(mine.order_by(PRODUCTS.c.position)).scalars())


def leaks_of(tx: Connection, launch_id: str) -> list[Row[Any]]:
    return list(tx.execute(select(LEAKS).where(LEAKS.c.launch_id == launch_id).order_by(LEAKS.c.id)))


def events_of(tx: Connection, launch_id: str) -> list[Row[Any]]:
    return list(tx.execute(select(EVENTS).where(EVENTS.c.launch_id == launch_id).order_by(EVENTS.c.seq)))


def listings(
    tx: Connection, launch_id: str, *, channel: str | None, state: str | None, after: tuple[str, str] | None, limit: int
) -> list[Row[Any]]:
    """By channel and product, `after` the last of the page before."""
    row_of(tx, launch_id)
    query = select(LISTINGS).where(LISTINGS.c.launch_id == launch_id)
    query = query.where(LISTINGS.c.connection_id == channel) if channel else query
    query = query.where(LISTINGS.c.state == state) if state else query
    if after:
        later = and_(LISTINGS.c.connection_id == after[0], LISTINGS.c.product_id > after[1])
        query = query.where(or_(LISTINGS.c.connection_id > after[0], later))
    return list(tx.execute(query.order_by(LISTINGS.c.connection_id, LISTINGS.c.product_id).limit(limit)))


def findings(tx: Connection, launch_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Product and finding, those that stop it first."""
    row_of(tx, launch_id)
    query = select(LISTINGS.c.product_id, LISTINGS.c.findings).where(LISTINGS.c.launch_id == launch_id)
    query = query.order_by(LISTINGS.c.blocked.desc(), LISTINGS.c.connection_id, LISTINGS.c.product_id)
    for row in tx.execute(query):
        for finding in row.findings or ():
            yield row.product_id, finding
