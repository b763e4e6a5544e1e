"""Captures and voids as the hub decides them: fixed before they are asked for, each within one authorization."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, or_, select, update

from connectors.contract import PaymentRequest
from db import connections
from db.line_cancels import give_back_all
from db.order_reading import ORDERS, PAYMENT_STEPS, SHIPMENTS
from db.rows import change
from db.tenders import DERIVED, TENDERS
from domain.money import Money

CLOSED = ("captured", "voided")


class Authorized(NamedTuple):
    """Money that may still be captured."""

    tender: str
    external_id: str
    left_minor: int


def authorizations(tx: Connection, order_id: str, currency: str) -> list[Authorized]:
    """What is left of each: neither captured nor given up, nor about to be. Read it under the order's lock."""
    mine = (TENDERS.c.order_id == order_id, TENDERS.c.currency == currency)
    rows = list(tx.execute(select(TENDERS).where(*mine, TENDERS.c.kind.in_(("authorized", *CLOSED)))))
    given = _real([row for row in rows if row.kind == "authorized"])
    gone = [
        (row.parent_external_id, row.external_id, row.amount_minor)
        for row in _real([r for r in rows if r.kind in CLOSED])
    ]
    planned = tx.execute(select(PAYMENT_STEPS).where(PAYMENT_STEPS.c.order_id == order_id, PAYMENT_STEPS.c.state == ""))
    gone += [(step.parent_external_id, "", step.amount_minor) for step in planned]
    return _left(given, gone)


def _left(given: list[Row[Any]], gone: list[tuple[str, str, int]]) -> list[Authorized]:
    """What names its authorization lowers that one, the rest lowers whichever has something left."""
    left = {row.id: row.amount_minor for row in given}
    names = {row.external_id for row in given if row.external_id}
    for by_name in (True, False):
        for parent, own, amount in gone:
            name = parent if parent in names else own if own in names else ""
            if bool(name) != by_name:
                continue
            rest = amount
            for row in [row for row in given if not name or row.external_id == name]:
                part = min(rest, left[row.id])
                left[row.id] -= part
                rest -= part
    return [Authorized(row.tender, row.external_id, left[row.id]) for row in given if left[row.id] > 0]


def _real(rows: list[Row[Any]]) -> list[Row[Any]]:
    """What stands for a state of payment counts only until a movement is named."""
    return [row for row in rows if f":{DERIVED}" not in row.key] or rows


def plan_capture(tx: Connection, order: Row[Any], shipment_id: str, due_minor: int) -> None:
    """So much is due for a shipment, as far as it is authorized; does nothing when that was decided before."""
    if tx.execute(select(PAYMENT_STEPS.c.id).where(PAYMENT_STEPS.c.shipment_id == shipment_id).limit(1)).first():
        return
    rest = due_minor
    for one in authorizations(tx, order.id, order.presentment_currency):
        amount = min(rest, one.left_minor)
        if amount > 0:
            _insert(tx, order, one, amount, "capture", shipment_id)
            rest -= amount


def about_to_capture(tx: Connection, order_id: str) -> int:
    """Decided and not settled yet; also what is in doubt: it counts as taken until it is known."""
    open_still = (PAYMENT_STEPS.c.order_id == order_id, PAYMENT_STEPS.c.kind == "capture", PAYMENT_STEPS.c.state == "")
    return int(
        tx.execute(select(func.coalesce(func.sum(PAYMENT_STEPS.c.amount_minor), 0)).where(*open_still)).scalar_one()
    )


def plan_voids(tx: Connection, order: Row[Any]) -> None:
    """Every authorization that a payment provider holds is given up; those at the channel go with its own cancel."""
    connection = connections.load(tx, order.connection_id)
    for one in authorizations(tx, order.id, order.presentment_currency):
        if connections.payments_of(connection, one.tender) != connection.id:
            _insert(tx, order, one, one.left_minor, "void")


def _insert(tx: Connection, order: Row[Any], one: Authorized, amount: int, kind: str, shipment_id: str = "") -> None:
    known = len(tx.execute(select(PAYMENT_STEPS.c.id).where(PAYMENT_STEPS.c.order_id == order.id, PAYMENT_STEPS.c.shipment_id == shipment_id)).all())  # fmt: skip
    named = shipment_id + (f":{known + 1}" if known else "") if shipment_id else f"{order.id}-V{known + 1}"
    holder = connections.payments_of(connections.load(tx, order.connection_id), one.tender)
    tx.execute(
        PAYMENT_STEPS.insert().values(
            id=named, order_id=order.id, shipment_id=shipment_id, kind=kind, connection_id=holder, tender=one.tender,
            parent_external_id=one.external_id, currency=order.presentment_currency, amount_minor=amount, state="",
            external_id="",
        )
    )  # fmt: skip


def settle_money(tx: Connection, order_id: str, now: datetime) -> None:
    """No more will ship: authorizations are given up, and what was captured for nothing goes back. Once per order."""
    order = tx.execute(select(ORDERS).where(ORDERS.c.id == order_id)).one()
    plan_voids(tx, order)
    shipped = tx.execute(select(SHIPMENTS.c.id).where(SHIPMENTS.c.order_id == order_id).limit(1)).first()
    if shipped is None:
        give_back_all(tx, order, now)
    change(tx, ORDERS, order_id, money_settled=True)


def of_shipment(tx: Connection, shipment_id: str) -> list[Row[Any]]:
    return list(tx.execute(select(PAYMENT_STEPS).where(PAYMENT_STEPS.c.shipment_id == shipment_id)))


def find(tx: Connection, step_id: str) -> Row[Any]:
    return tx.execute(select(PAYMENT_STEPS).where(PAYMENT_STEPS.c.id == step_id)).one()


def settle(tx: Connection, step_id: str, state: str, external_id: str = "") -> None:
    tx.execute(update(PAYMENT_STEPS).where(PAYMENT_STEPS.c.id == step_id).values(state=state, external_id=external_id))


def is_claimed(tx: Connection, step: Row[Any], external_id: str) -> bool:
    """Another step was proven by this movement already."""
    same = (PAYMENT_STEPS.c.order_id == step.order_id, PAYMENT_STEPS.c.kind == step.kind, PAYMENT_STEPS.c.id != step.id)
    return tx.execute(select(PAYMENT_STEPS.c.id).where(*same, PAYMENT_STEPS.c.external_id == external_id).limit(1)).first() is not None  # fmt: skip


def request(tx: Connection, step: Row[Any]) -> PaymentRequest:
    """What the holder is asked; movements on the ledger that this step has not made are others."""
    order = tx.execute(select(ORDERS.c.external_id).where(ORDERS.c.id == step.order_id)).one()
    mine = (PAYMENT_STEPS.c.order_id == step.order_id, PAYMENT_STEPS.c.id != step.id, PAYMENT_STEPS.c.external_id != "")
    return PaymentRequest(
        reference=step.id,
        order_external_id=order.external_id,
        amount=Money(amount_minor=step.amount_minor, currency=step.currency),
        parent_external_id=step.parent_external_id,
        others=tuple(tx.execute(select(PAYMENT_STEPS.c.external_id).where(*mine)).scalars()),
    )


def reopen(tx: Connection, order_id: str) -> None:
    """What was refused is asked for once more."""
    refused = (PAYMENT_STEPS.c.order_id == order_id, PAYMENT_STEPS.c.state == "refused")
    tx.execute(update(PAYMENT_STEPS).where(*refused).values(state=""))


def skip(tx: Connection, order_id: str, subject: str) -> None:
    """A person dealt with what was refused: of a shipment, or a void."""
    about = or_(PAYMENT_STEPS.c.shipment_id == subject, PAYMENT_STEPS.c.id == subject)
    refused = (PAYMENT_STEPS.c.order_id == order_id, PAYMENT_STEPS.c.state == "refused")
    tx.execute(update(PAYMENT_STEPS).where(*refused, about).values(state="skipped"))
