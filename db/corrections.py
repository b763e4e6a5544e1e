"""Carries out what the facts and the clock demand of an order's fulfillment orders."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from db import stock_hours
from db.commands import cancel_units
from db.facts import Fact, record
from db.fulfillment import end, patience
from db.line_cancels import tell_canceled
from db.order_reading import FULFILLMENT_ORDERS, LINES
from db.payment_steps import settle_money
from db.restock import forget_waiting
from domain.corrections import ASK_AGAIN, Corrections


def correct(tx: Connection, order_id: str, wanted: Corrections, now: datetime) -> None:
    """Each correction is a fact; doing it twice changes nothing, since the state has moved on."""
    rows = {f.id: f for f in tx.execute(select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.order_id == order_id))}
    facts = []
    for f_id in wanted.drop:
        end(tx, rows[f_id], "canceled", "not wanted", now)
        facts.append(_about("dropped", f_id, now))
    for f_id in wanted.recall:
        _want_recall(tx, f_id)
        facts.append(_about("recall_wanted", f_id, now))
    for f_id in wanted.ask_again:
        _want_recall(tx, f_id)
    for f_id in wanted.silent:
        due_at = now + patience(tx, rows[f_id].location_id, "accept_within_hours")
        _want_recall(tx, f_id, due_at=due_at, reason="silent")
        facts.append(_about("silent", f_id, now))
    for f_id in wanted.expired:
        end(tx, rows[f_id], "expired", "not collected", now)
        facts.append(_about("expired", f_id, now))
    facts += _correct_lines(tx, order_id, wanted, now)
    if wanted.settle_money:
        settle_money(tx, order_id, now)
    if facts:
        record(tx, order_id, facts, now)


def _correct_lines(tx: Connection, order_id: str, wanted: Corrections, now: datetime) -> list[Fact]:
    facts = []
    if wanted.give_up:
        stock_hours.canceled_for_stock(tx, order_id, now)
    for line_id, units in wanted.give_up:
        cancel_units(tx, order_id, {line_id: units}, now, why="given_up", by="tutti")
    for line_id, units in wanted.keep:
        _keep(tx, order_id, line_id, units)
        facts.append(Fact("kept", f"kept:{line_id}:{now.isoformat()}", now, "tutti", {"line": line_id, "units": units}))
    if wanted.tell_canceled:
        told = tell_canceled(tx, order_id, dict(wanted.tell_canceled), now)
        facts.append(Fact("line_cancel_wanted", f"wanted:{told}", now, "tutti", {"line_cancel": told}))
    if wanted.forget_waiting:
        forget_waiting(tx, order_id, now, wanted.forget_waiting)
    return facts


def _want_recall(tx: Connection, f_id: str, *, due_at: datetime | None = None, reason: str | None = None) -> None:
    values: dict[str, object] = {"recall": "wanted", "due_at": due_at}
    if reason is not None:
        values["reason"] = reason
    tx.execute(update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f_id).values(**values))


def _keep(tx: Connection, order_id: str, line_id: str, units: int) -> None:
    tx.execute(
        update(LINES)
        .where(LINES.c.order_id == order_id, LINES.c.line_id == line_id)
        .values(canceled=LINES.c.canceled - units, quantity=LINES.c.quantity + units)
    )


def _about(kind: str, f_id: str, now: datetime) -> Fact:
    return Fact(kind, f"{kind}:{f_id}:{now.isoformat()}", now, "tutti", {"fulfillment_order": f_id})


def recall_asked(tx: Connection, f_id: str, now: datetime) -> None:
    """The location was asked; the question is put again when it stays silent."""
    tx.execute(
        update(FULFILLMENT_ORDERS)
        .where(FULFILLMENT_ORDERS.c.id == f_id, FULFILLMENT_ORDERS.c.recall == "wanted")
        .values(recall="asked", recall_asks=FULFILLMENT_ORDERS.c.recall_asks + 1, due_at=now + ASK_AGAIN)
    )
