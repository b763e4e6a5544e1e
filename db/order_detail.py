"""One order whole, as a page about it needs it; without the person."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from db.exceptions import AFFECTED, EXCEPTIONS
from db.order_reading import (
    DECISIONS,
    EFFECTS,
    FULFILLMENT_LINES,
    FULFILLMENT_ORDERS,
    LINES,
    ORDERS,
    SHIPMENTS,
    WAITING_LINES,
    load,
)
from db.routing import RULES
from db.tenders import TENDERS
from domain.errors import DomainError
from domain.order_state import OrderState


class OrderDetail(NamedTuple):
    """Rows of the tables they are named after; `now` is what decisions are made from."""

    order: Row[Any]
    now: OrderState
    lines: list[Row[Any]]
    fulfillment_orders: list[Row[Any]]
    fulfillment_lines: list[Row[Any]]
    shipments: list[Row[Any]]
    waiting: list[Row[Any]]
    tenders: list[Row[Any]]
    effects: list[Row[Any]]
    exceptions: list[Row[Any]]


def read(tx: Connection, order_id: str) -> OrderDetail:
    """Everything about one order; DomainError("unknown_order") if there is none."""
    now = load(tx, order_id)

    def of_order(table: Any, *order_by: Any) -> list[Row[Any]]:
        return list(tx.execute(select(table).where(table.c.order_id == order_id).order_by(*order_by)))

    return OrderDetail(
        order=row_of(tx, order_id),
        now=now,
        lines=of_order(LINES, LINES.c.line_id),
        fulfillment_orders=of_order(FULFILLMENT_ORDERS, FULFILLMENT_ORDERS.c.number),
        fulfillment_lines=of_order(FULFILLMENT_LINES, FULFILLMENT_LINES.c.line_id, FULFILLMENT_LINES.c.item_id),
        shipments=of_order(SHIPMENTS, SHIPMENTS.c.shipped_at, SHIPMENTS.c.id),
        waiting=of_order(WAITING_LINES, WAITING_LINES.c.line_id, WAITING_LINES.c.item_id),
        tenders=of_order(TENDERS, TENDERS.c.id),
        effects=of_order(EFFECTS, EFFECTS.c.intended_at, EFFECTS.c.key),
        exceptions=open_exceptions(tx, order_id),
    )


def row_of(tx: Connection, order_id: str) -> Row[Any]:
    """The order's row; DomainError("unknown_order") if there is none."""
    row = tx.execute(select(ORDERS).where(ORDERS.c.id == order_id)).first()
    if row is None:
        raise DomainError("unknown_order", f"there is no order {order_id}; list orders to find its id")
    return row


def open_exceptions(tx: Connection, order_id: str) -> list[Row[Any]]:
    """The exceptions that hold this order up now."""
    return list(
        tx.execute(
            select(EXCEPTIONS)
            .join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id)
            .where(AFFECTED.c.order_id == order_id, AFFECTED.c.gone_at.is_(None), EXCEPTIONS.c.closed_at.is_(None))
            .order_by(EXCEPTIONS.c.id)
        )
    )


def decisions(tx: Connection, order_id: str) -> list[Row[Any]]:
    """The routing decisions, first round first."""
    row_of(tx, order_id)
    return list(tx.execute(select(DECISIONS).where(DECISIONS.c.order_id == order_id).order_by(DECISIONS.c.round)))


def parcels(tx: Connection, order_id: str) -> tuple[str, list[Row[Any]]]:
    """The order's number and its shipments, for the public page."""
    number = row_of(tx, order_id).number
    mine = select(SHIPMENTS).where(SHIPMENTS.c.order_id == order_id).order_by(SHIPMENTS.c.shipped_at, SHIPMENTS.c.id)
    return number, list(tx.execute(mine))


def rules_of(tx: Connection, version: str) -> dict[str, Any] | None:
    """The body of a version of the sourcing rules, if it is still kept."""
    body: dict[str, Any] | None = tx.execute(select(RULES.c.body).where(RULES.c.version == version)).scalar()
    return body
