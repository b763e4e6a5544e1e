"""Finds returns, shows one whole, and what a counter looks an order up by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select, tuple_

from db import order_queries
from db.order_reading import LINES, ORDERS
from db.returns.opening import returnable
from db.returns.policies import active
from db.returns.reading import load
from db.returns.rows import DUTIES, GOODS, PARCELS, REFUNDS, RETURNS, lines_of, row_of, version_of
from db.rows import find, one
from domain.errors import DomainError
from domain.returns.eligibility import ReturnableLine, WantedLine, judge, window_ends
from domain.returns.state import ReturnState
from domain.returns.worth import LineShares, line_shares


class ReturnDetail(NamedTuple):
    """Rows of the tables they are named after; `now` is what decisions are made from."""

    row: Row[Any]
    now: ReturnState
    lines: list[Row[Any]]
    goods: list[Row[Any]]
    refunds: list[Row[Any]]
    duties: list[Row[Any]]
    parcels: list[Row[Any]]
    version: str


def read(tx: Connection, return_id: str) -> ReturnDetail:
    """Everything about one return; DomainError("unknown_return") if there is none."""
    row = row_of(tx, return_id)
    return ReturnDetail(
        row=row,
        now=load(tx, return_id),
        lines=lines_of(tx, return_id),
        goods=find(tx, GOODS, "id", return_id=return_id),
        refunds=find(tx, REFUNDS, "number", return_id=return_id),
        duties=find(tx, DUTIES, "number", return_id=return_id),
        parcels=find(tx, PARCELS, "reference", return_id=return_id),
        version=version_of(tx, row),
    )


def page(tx: Connection, *, wanted: Mapping[str, str | None], after: str | None, limit: int) -> list[Row[Any]]:
    """Newest first; `wanted` are columns and their values; `after` goes on from the last one of the page before."""
    query = select(RETURNS).order_by(RETURNS.c.opened_at.desc(), RETURNS.c.id.desc()).limit(limit)
    query = query.where(*(RETURNS.c[name] == value for name, value in wanted.items() if value is not None))
    if after is not None:
        last = tx.execute(select(RETURNS).where(RETURNS.c.id == after)).first()
        if last is None:
            raise DomainError("bad_cursor", "after: it names no return; take the last one of the page before")
        query = query.where(tuple_(RETURNS.c.opened_at, RETURNS.c.id) < (last.opened_at, last.id))
    return list(tx.execute(query))


class Candidate(NamedTuple):
    """An order that somebody at a counter may mean, with what of it may come back now."""

    order: Row[Any]
    lines: list[tuple[ReturnableLine, int, tuple[str, ...], datetime | None]]


def look_up(tx: Connection, text: str, email_index: str | None, now: datetime, *, limit: int = 10) -> list[Candidate]:
    """By order number, order id, receipt code (the channel's own id), tracking number or the buyer's e-mail address."""
    found = order_queries.page(tx, order_queries.OrderFilter(q=text, email_index=email_index), limit=limit).rows
    return [candidate(tx, order, now) for order in found]


def candidate(tx: Connection, order: Row[Any], now: datetime) -> Candidate:
    policy = active(tx)
    lines = []
    for line in returnable(tx, order.id, policy):
        left = max(1, line.shipped - line.authorized)
        verdict = judge([line], [WantedLine(line_id=line.line_id, quantity=left)], now, policy.timezone)[0]
        texts = tuple(refusal.text for refusal in verdict.refusals)
        lines.append((line, verdict.eligible, texts, window_ends(line, policy.timezone)))
    return Candidate(order, lines)


def shares_of(tx: Connection, order_id: str) -> dict[str, LineShares]:
    """How the order's sums fall on its lines, to the cent."""
    order, lines = one(tx, ORDERS, order_id), find(tx, LINES, "line_id", order_id=order_id)

    def sum_of(name: str) -> int:
        return int(order.amounts.get(name, {}).get("shop", {}).get("amount_minor", 0))

    found, _ = line_shares(
        [line.unit_price_minor * line.ordered for line in lines],
        [line.share_minor for line in lines],
        discounts_minor=sum_of("discounts"), tax_minor=sum_of("tax"), shipping_minor=order.shipping_minor,
    )  # fmt: skip
    return {line.line_id: each for line, each in zip(lines, found, strict=True)}


def expected_at(tx: Connection, location_id: str) -> list[Row[Any]]:
    """Returns that a place expects or has not inspected yet, the oldest first; those for no place in particular too."""
    here = (RETURNS.c.location_id == location_id) | RETURNS.c.location_id.is_(None)
    query = select(RETURNS).where(here, RETURNS.c.outcome.is_(None), RETURNS.c.decision == "approved")
    return list(tx.execute(query.order_by(RETURNS.c.opened_at, RETURNS.c.id)))
