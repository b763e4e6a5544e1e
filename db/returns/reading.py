"""Reads a return as its decisions need it: everything but the person."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, select

from db.order_reading import (
    EFFECTS,
    ITEMS,
    LINES,
    ORDERS,
    SOMETHING_IS_PAUSED,
    TROUBLE_AFTER,
    components_of,
    held_back,
)
from db.returns.rows import DUTIES, GOODS, RETURN_LINES, RETURNS, missing
from db.rows import find
from db.tenders import TENDERS
from domain.order_state import Trouble
from domain.returns.policy import Terms
from domain.returns.state import Duty, ReturnLine, ReturnState

_UNITS = Mapping[str, Counter[str]]
_IN_TROUBLE = and_(
    EFFECTS.c.return_id == bindparam("return_id"),
    EFFECTS.c.state.in_(("intent", "in_doubt")),
    EFFECTS.c.attempts >= TROUBLE_AFTER,
)
_RETURN = (
    select(
        RETURNS,
        ORDERS.c.seq,
        exists().where(TENDERS.c.order_id == RETURNS.c.order_id, TENDERS.c.kind == "chargeback").label("was_disputed"),
        exists().where(_IN_TROUBLE).label("has_troubles"),
        SOMETHING_IS_PAUSED.label("something_is_paused"),
    )
    .join(ORDERS, ORDERS.c.id == RETURNS.c.order_id)
    .where(RETURNS.c.id == bindparam("return_id"))
)
"""One row tells whether the rarer tables have to be asked at all."""
_TROUBLES = select(EFFECTS).where(_IN_TROUBLE)
_LINES = (
    select(RETURN_LINES, LINES.c.item_id, ITEMS.c.components)
    .join(LINES, and_(LINES.c.order_id == RETURN_LINES.c.order_id, LINES.c.line_id == RETURN_LINES.c.line_id))
    .outerjoin(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(RETURN_LINES.c.return_id == bindparam("return_id"))
    .order_by(RETURN_LINES.c.line_id)
)
_COMPONENTS = (
    select(LINES.c.line_id, LINES.c.item_id, ITEMS.c.components)
    .outerjoin(ITEMS, ITEMS.c.id == LINES.c.item_id)
    .where(LINES.c.order_id == bindparam("order_id"))
)


def load(tx: Connection, return_id: str) -> ReturnState:
    """The return now; DomainError("unknown_return") if there is none."""
    row = tx.execute(_RETURN, {"return_id": return_id}).first()
    if row is None:
        raise missing(return_id)
    goods = [each for each in find(tx, GOODS, return_id=return_id) if each.kind in {"received", "graded"}]
    lines = _lines(tx, row, goods)
    duties = tuple(_duty(duty) for duty in find(tx, DUTIES, "number", return_id=return_id))
    counted: Counter[str] = Counter()
    for entry in goods:
        counted[entry.kind] += entry.quantity
    waits_on = {duty.connection_id for duty in duties if not duty.state} - {""}
    return ReturnState(
        id=row.id, order_id=row.order_id, connection_id=row.connection_id, seq=row.seq, run_no=row.run_no,
        decision=row.decision, method=row.method, resolution=row.resolution, instant=row.instant_refund,
        from_channel=row.opened_by == "channel", opened_at=row.opened_at, remind_at=row.remind_at,
        expires_at=row.expires_at, first_scan_at=row.first_scan_at, received_at=row.received_at, lost_at=row.lost_at,
        expired=row.expired, withdrawn=row.withdrawn, grades_settled=row.grades_settled, claw_back=row.claw_back,
        lines=lines, duties=duties,
        strange_units=sum(e.quantity for e in goods if e.kind == "received" and not e.line_id),
        ungraded_units=counted["received"] - counted["graded"],
        rejected_units=sum(line.graded - line.accepted for line in lines),
        uncovered_minor=row.uncovered_minor, uncovered_why=row.uncovered_why,
        disputed=row.was_disputed and is_disputed(tx, row.order_id),
        troubles=_troubles(tx, return_id) if row.has_troubles else (),
        exchange_order_id=row.exchange_order_id, stopped=row.stopped, round=row.round, acknowledged=frozenset(row.acknowledged),
        paused_connections=held_back(tx, waits_on) if waits_on and row.something_is_paused else frozenset(),
    )  # fmt: skip


def _duty(row: Row[Any]) -> Duty:
    return Duty(
        id=row.id, kind=row.kind, connection_id=row.connection_id, state=row.state, number=row.number, round=row.round
    )


def _lines(tx: Connection, row: Row[Any], goods: list[Row[Any]]) -> tuple[ReturnLine, ...]:
    received: _UNITS = defaultdict(Counter)
    graded: _UNITS = defaultdict(Counter)
    accepted: _UNITS = defaultdict(Counter)
    for entry in goods:
        if entry.kind == "received":
            received[entry.line_id][entry.item_id] += entry.quantity
            continue
        graded[entry.line_id][entry.item_id] += entry.quantity
        if entry.line_id and entry.grade in terms_of(row, entry.line_id).accepted_grades:
            accepted[entry.line_id][entry.item_id] += entry.quantity
    found = []
    for line in tx.execute(_LINES, {"return_id": row.id}):
        units, terms = dict(components_of(line.item_id, line.components)), terms_of(row, line.line_id)
        done = whole_units(units, graded[line.line_id])
        fine = min(done, whole_units(units, accepted[line.line_id]) + line.accepted_anyway)
        found.append(
            ReturnLine(
                line_id=line.line_id, announced=line.announced, authorized=line.authorized,
                received=whole_units(units, received[line.line_id]), graded=done, accepted=fine, paid=line.paid,
                inspection=terms.inspection,
            )
        )  # fmt: skip
    return tuple(found)


def components(tx: Connection, order_id: str) -> dict[str, dict[str, int]]:
    """Items per unit of each line of an order."""
    rows = tx.execute(_COMPONENTS, {"order_id": order_id})
    return {row.line_id: dict(components_of(row.item_id, row.components)) for row in rows}


def whole_units(per_unit: Mapping[str, int], items: Mapping[str, int]) -> int:
    """A bundle counts when all of its parts are there."""
    return min((items.get(item, 0) // n for item, n in per_unit.items()), default=0)


def terms_of(row: Row[Any], line_id: str) -> Terms:
    """The policy of a line as it was when the return was opened."""
    return Terms.model_validate(row.terms.get(line_id, {}).get("terms", {}))


def is_disputed(tx: Connection, order_id: str) -> bool:
    """A bank has taken money back and has not decided yet."""
    kinds = ("chargeback", "chargeback_won", "chargeback_lost")
    rows = tx.execute(select(TENDERS.c.kind, TENDERS.c.external_id).where(TENDERS.c.order_id == order_id, TENDERS.c.kind.in_(kinds))).all()  # fmt: skip
    decided = {row.external_id for row in rows if row.kind != "chargeback"}
    return any(row.external_id not in decided for row in rows)


def _troubles(tx: Connection, return_id: str) -> tuple[Trouble, ...]:
    rows = tx.execute(_TROUBLES, {"return_id": return_id})
    return tuple(
        Trouble(
            key=r.key, kind=r.kind, connection_id=r.connection_id, in_doubt=r.state == "in_doubt", code=r.error_code
        )
        for r in rows
    )
