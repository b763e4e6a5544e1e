"""What happened to an order, from every source in one list."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, select

from db.audit import AUDIT
from db.exceptions import AFFECTED, EXCEPTIONS
from db.facts import EVENTS
from db.order_detail import row_of
from db.order_reading import DECISIONS, EFFECTS
from db.tenders import TENDERS

Source = Literal["fact", "decision", "effect", "money", "exception", "audit"]


class Moment(NamedTuple):
    """One thing that happened at `at` and that the hub knew from `known_at` on."""

    at: datetime
    known_at: datetime
    source: Source
    kind: str
    by: str
    data: dict[str, Any]
    seq: int | None = None


def read(tx: Connection, order_id: str, *, as_of: datetime | None = None) -> list[Moment]:
    """Oldest first; with `as_of`, only what the hub knew then."""
    row_of(tx, order_id)
    moments = [moment for source in _SOURCES for moment in source(tx, order_id)]
    known = [moment for moment in moments if as_of is None or moment.known_at <= as_of]
    return sorted(known, key=lambda moment: (moment.at, moment.known_at, moment.seq or 0))


def _rows(tx: Connection, table: Any, order_id: str) -> list[Row[Any]]:
    return list(tx.execute(select(table).where(table.c.order_id == order_id)))


def _facts(tx: Connection, order_id: str) -> Iterator[Moment]:
    for row in _rows(tx, EVENTS, order_id):
        yield Moment(row.at, row.recorded_at, "fact", row.kind, row.source, row.data, row.seq)


def _decisions(tx: Connection, order_id: str) -> Iterator[Moment]:
    for row in _rows(tx, DECISIONS, order_id):
        locations = [parcel["location_id"] for parcel in row.plan.get("parcels", ())]
        data = {"round": row.round, "rule": row.plan.get("rule"), "locations": locations, "rules": row.rules_version}
        yield Moment(row.decided_at, row.decided_at, "decision", "routed", "sourcing", data)


def _effects(tx: Connection, order_id: str) -> Iterator[Moment]:
    for row in _rows(tx, EFFECTS, order_id):
        data = {"key": row.key, "attempts": row.attempts}
        yield Moment(row.intended_at, row.intended_at, "effect", f"{row.kind} intended", row.connection_id, data)
        if row.settled_at is not None:
            proof = {**data, "proof": row.proof, "error_code": row.error_code}
            kind = f"{row.kind} {row.state}"
            yield Moment(row.settled_at, row.settled_at, "effect", kind, row.connection_id, proof)


def _money(tx: Connection, order_id: str) -> Iterator[Moment]:
    for row in _rows(tx, TENDERS, order_id):
        data = {"tender": row.tender, "amount_minor": row.amount_minor, "currency": row.currency}
        yield Moment(row.at, row.at, "money", row.kind, row.source, data)


def _exceptions(tx: Connection, order_id: str) -> Iterator[Moment]:
    query = select(EXCEPTIONS.c.cause, EXCEPTIONS.c.title, AFFECTED.c.since, AFFECTED.c.gone_at)
    joined = query.join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id).where(AFFECTED.c.order_id == order_id)
    for row in tx.execute(joined):
        data = {"cause": row.cause, "title": row.title}
        yield Moment(row.since, row.since, "exception", "held up", "hub", data)
        if row.gone_at is not None:
            yield Moment(row.gone_at, row.gone_at, "exception", "cause gone", "hub", data)


def _changes(tx: Connection, order_id: str) -> Iterator[Moment]:
    for row in tx.execute(select(AUDIT).where(AUDIT.c.target == order_id)):
        yield Moment(row.at, row.at, "audit", row.action, row.actor, {"after": row.after})


_SOURCES: tuple[Callable[[Connection, str], Iterator[Moment]], ...] = (
    _facts, _decisions, _effects, _money, _exceptions, _changes,
)  # fmt: skip
