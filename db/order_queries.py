"""Finds orders: filters, search, and pages that stay right while orders come in."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AwareDatetime, Field, RootModel
from sqlalchemy import ColumnElement, Connection, Row, Select, cast, exists, literal, select, tuple_, union
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.functions import func

from db.exceptions import AFFECTED, EXCEPTIONS
from db.order_reading import CONNECTIONS, FULFILLMENT_ORDERS, LINES, ORDERS, SHIPMENTS
from domain.errors import DomainError

_AT_ONCE = 500
"""Ids in one statement: databases limit its parameters."""
Sort = Literal["-placed_at", "placed_at", "-total_minor", "total_minor"]


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders; what is None lets every order pass. `email_index` and `name_index` are blind indexes of `q`."""

    state: str | None = None
    connection: str | None = None
    source: str | None = None
    country: str | None = None
    currency: str | None = None
    sku: str | None = None
    tag: str | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    cause: str | None = None
    location: str | None = None
    total_from: int | None = None
    total_to: int | None = None
    q: str | None = None
    email_index: str | None = None
    name_index: str | None = None


class OrderPage(NamedTuple):
    """Rows of the table `orders`, and the cursor of the next page (None: this is the last)."""

    rows: list[Row[Any]]
    cursor: str | None


class _Cursor(RootModel[tuple[Sort, Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)] | AwareDatetime, str]]):
    """The sort, and where the last row stood in it."""


def page(
    tx: Connection, wanted: OrderFilter, *, sort: Sort = "-placed_at", cursor: str | None = None, limit: int = 50
) -> OrderPage:
    """One page; a cursor belongs to the sort that it came from."""
    column, descending = ORDERS.c[sort.lstrip("-")], sort.startswith("-")
    query = select(ORDERS).where(*_conditions(tx, wanted))
    if cursor:
        value, last_id = _open_cursor(cursor, sort)
        here, there = tuple_(column, ORDERS.c.id), tuple_(literal(value, column.type), literal(last_id))
        query = query.where(here < there if descending else here > there)
    order = (column.desc(), ORDERS.c.id.desc()) if descending else (column.asc(), ORDERS.c.id.asc())
    rows = list(tx.execute(query.order_by(*order).limit(limit + 1)))
    more = len(rows) > limit
    return OrderPage(rows[:limit], _cursor(sort, rows[limit - 1]) if more else None)


def ids(tx: Connection, wanted: OrderFilter, *, limit: int) -> list[str]:
    """The ids that a filter selects, oldest first, at most `limit`."""
    query = select(ORDERS.c.id).where(*_conditions(tx, wanted)).order_by(ORDERS.c.placed_at, ORDERS.c.id)
    return list(tx.execute(query.limit(limit)).scalars())


def numbers(tx: Connection, order_ids: Sequence[str]) -> dict[str, str]:
    """The numbers that people know orders by."""
    found: dict[str, str] = {}
    for start in range(0, len(order_ids), _AT_ONCE):
        some = order_ids[start : start + _AT_ONCE]
        rows = tx.execute(select(ORDERS.c.id, ORDERS.c.number).where(ORDERS.c.id.in_(some)))
        found |= {row.id: row.number for row in rows}
    return found


def _conditions(tx: Connection, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    equal = {
        "state": wanted.state,
        "connection_id": wanted.connection,
        "source": wanted.source,
        "country": wanted.country,
        "currency": wanted.currency,
    }
    conditions = [ORDERS.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.placed_from is not None:
        conditions.append(ORDERS.c.placed_at >= wanted.placed_from)
    if wanted.placed_to is not None:
        conditions.append(ORDERS.c.placed_at < wanted.placed_to)
    if wanted.total_from is not None:
        conditions.append(ORDERS.c.total_minor >= wanted.total_from)
    if wanted.total_to is not None:
        conditions.append(ORDERS.c.total_minor <= wanted.total_to)
    if wanted.location is not None:
        there = select(FULFILLMENT_ORDERS.c.order_id).where(FULFILLMENT_ORDERS.c.location_id == wanted.location)
        conditions.append(ORDERS.c.id.in_(there))
    if wanted.sku is not None:
        conditions.append(ORDERS.c.id.in_(select(LINES.c.order_id).where(LINES.c.sku == wanted.sku)))
    if wanted.tag is not None:
        conditions.append(_has_tag(tx, wanted.tag))
    if wanted.cause is not None:
        conditions.append(ORDERS.c.id.in_(_held_by(wanted.cause)))
    if wanted.q is not None:
        conditions.append(ORDERS.c.id.in_(_found(wanted)))
    return conditions


def _has_tag(tx: Connection, tag: str) -> ColumnElement[bool]:
    if tx.dialect.name == "postgresql":
        return cast(ORDERS.c.tags, JSONB).contains([tag])
    each = func.json_each(ORDERS.c.tags).table_valued("value")
    return exists(select(literal(1)).select_from(each).where(each.c.value == tag))


def _held_by(cause: str) -> Select[tuple[str]]:
    return (
        select(AFFECTED.c.order_id)
        .join(EXCEPTIONS, EXCEPTIONS.c.id == AFFECTED.c.exception_id)
        .where(EXCEPTIONS.c.cause == cause, EXCEPTIONS.c.closed_at.is_(None), AFFECTED.c.gone_at.is_(None))
    )


def _found(wanted: OrderFilter) -> Any:
    """Every part goes by an index of its own, so that a search is quick among many orders."""
    text = (wanted.q or "").strip()
    everywhere = ORDERS.c.connection_id.in_(select(CONNECTIONS.c.id))
    parts = [
        select(ORDERS.c.id).where(ORDERS.c.id == text),
        select(ORDERS.c.id).where(ORDERS.c.number.in_([text, f"#{text}", text.removeprefix("#")])),
        select(ORDERS.c.id).where(everywhere, ORDERS.c.external_id == text),
        select(SHIPMENTS.c.order_id).where(SHIPMENTS.c.tracking_number == text, SHIPMENTS.c.tracking_number != ""),
        select(LINES.c.order_id).where(LINES.c.sku == text),
    ]
    if wanted.email_index is not None:
        parts.append(select(ORDERS.c.id).where(ORDERS.c.email_index == wanted.email_index))
    if wanted.name_index is not None:
        parts.append(select(ORDERS.c.id).where(ORDERS.c.name_index == wanted.name_index))
    return union(*parts)


def _cursor(sort: Sort, row: Row[Any]) -> str:
    value = getattr(row, sort.lstrip("-"))
    text = _Cursor((sort, value, row.id)).model_dump_json()
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _open_cursor(cursor: str, sort: Sort) -> tuple[datetime | int, str]:
    try:
        opened = _Cursor.model_validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        by_time = isinstance(opened.root[1], datetime)
    except (ValueError, binascii.Error):
        opened = None
    if opened is None or opened.root[0] != sort or by_time != ("placed_at" in sort):
        raise DomainError("bad_cursor", "the cursor does not fit this list; take `next` of the page before")
    return opened.root[1], opened.root[2]
