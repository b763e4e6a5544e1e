"""What people may ask of an order: each is a fact, refused with a reason when it is too late."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, update

from db import payment_steps
from db.effects import try_again
from db.facts import Fact, lock, record
from db.order_reading import FULFILLMENT_ORDERS, LINE_CANCELS, LINES, ORDERS, SHIPMENTS, load
from db.persons import Person, person_of, seal
from db.restock import forget_waiting
from db.returns.commands import acknowledge as acknowledge_return
from db.vault import Vault
from domain.channel_order import Address
from domain.errors import DomainError
from domain.intake import postal_prefix
from domain.order_state import OrderState
from domain.progress import outcome_of

How = Literal["continue", "redo_step", "restart"]


def request_cancel(
    tx: Connection,
    order_id: str,
    *,
    by: str,
    now: datetime,
    lines: Mapping[str, int] | None = None,
    reason: str = "other",
) -> int:
    """Cancel the whole order, or units by line id. It is canceled when every location has said so; too_late if shipped."""
    order = _open_for_change(tx, order_id)
    if order.is_canceled:
        return order.seq
    if lines is not None:
        return cancel_units(tx, order_id, lines, now, why=reason, by=by)
    return _cancel(tx, order_id, by=by, now=now, reason=reason)


def _cancel(tx: Connection, order_id: str, *, by: str, now: datetime, reason: str) -> int:
    """Also the way out for an order whose process was stopped."""
    tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(cancel_requested_at=now, stopped=False))
    return record(tx, order_id, [Fact("cancel_requested", "cancel_requested", now, by, {"reason": reason})], now)


def cancel_units(tx: Connection, order_id: str, lines: Mapping[str, int], now: datetime, *, why: str, by: str) -> int:
    """Want fewer units; when nothing at all is left to ship the order is canceled as a whole."""
    order = load(tx, order_id)
    known = {line.line_id: line for line in order.lines}
    for line_id, units in lines.items():
        if line_id not in known:
            raise DomainError("unknown_line", f"order {order_id} has no line {line_id}; it has {', '.join(known)}")
        left = order.units_left(known[line_id])
        if not 0 < units <= left:
            raise DomainError("too_late", f"line {line_id}: {left} unit(s) can still be canceled, not {units}")
        tx.execute(
            update(LINES)
            .where(LINES.c.order_id == order_id, LINES.c.line_id == line_id)
            .values(canceled=LINES.c.canceled + units, quantity=LINES.c.quantity - units)
        )
    forget_waiting(tx, order_id, now, list(lines))
    key = f"lines_canceled:{now.isoformat()}:{','.join(sorted(lines))}"
    seq = record(tx, order_id, [Fact("lines_canceled", key, now, by, {"lines": dict(lines), "why": why})], now)
    after = load(tx, order_id)
    if not after.wanted() and not after.unmapped and not after.has_shipped and not after.is_canceled:
        return _cancel(tx, order_id, by=by, now=now, reason=why)
    return seq


def hold(tx: Connection, order_id: str, *, by: str, reason: str, now: datetime) -> int:
    """Nothing more is routed or sent until it is released; what a location has begun goes on."""
    order = _open_for_change(tx, order_id)
    holds = sorted({*order.holds, f"hub:{reason}"})
    tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(holds=holds, released=False))
    return record(tx, order_id, [Fact("held", f"held:{now.isoformat()}", now, by, {"reason": reason})], now)


def release(tx: Connection, order_id: str, *, by: str, now: datetime) -> int:
    """Let it go in spite of payment, risk and holds; the hub's own holds are lifted."""
    order = _open_for_change(tx, order_id)
    holds = [reason for reason in order.holds if not reason.startswith("hub:")]
    tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(holds=holds, released=True))
    return record(tx, order_id, [Fact("released", f"released:{now.isoformat()}", now, by, {})], now)


def change_address(tx: Connection, vault: Vault, order_id: str, address: Address, *, by: str, now: datetime) -> int:
    """A new destination; fulfillment orders that were sent to the old one are recalled and routed again."""
    order = _open_for_change(tx, order_id)
    if order.has_shipped:
        raise DomainError("too_late", f"order {order_id} has a shipment; redirect the parcel with the carrier instead")
    if not address.is_complete:
        raise DomainError("bad_address", "the address needs line1, city and country")
    person = person_of(tx, vault, order_id)
    subject_id = tx.execute(ORDERS.select().where(ORDERS.c.id == order_id)).one().subject_id
    sealed = seal(tx, vault, subject_id, Person(person.buyer, address, person.channel_ship_to))
    tx.execute(
        update(ORDERS)
        .where(ORDERS.c.id == order_id)
        .values(
            sealed_person=sealed,
            address_version=ORDERS.c.address_version + 1,
            address_ok=True,
            country=address.country,
            postal_prefix=postal_prefix(address.postal_code),
        )
    )
    data = {"version": order.address_version + 1, "by": "person"}
    return record(tx, order_id, [Fact("address_changed", f"address:{now.isoformat()}", now, by, data)], now)


def retry(tx: Connection, order_id: str, *, how: How, by: str, now: datetime) -> int:
    """Continue: look again. Redo step: repeat what was refused. Restart: forget where stock was not found, and all of that."""
    lock(tx, order_id)
    load(tx, order_id)
    if how in {"redo_step", "restart"}:
        try_again(tx, order_id)
        mine = SHIPMENTS.c.order_id == order_id
        tx.execute(update(SHIPMENTS).where(mine, SHIPMENTS.c.report == "refused").values(report=""))
        tx.execute(update(SHIPMENTS).where(mine, SHIPMENTS.c.capture == "refused").values(capture=""))
        payment_steps.reopen(tx, order_id)
        refused = (LINE_CANCELS.c.order_id == order_id, LINE_CANCELS.c.report == "refused")
        tx.execute(update(LINE_CANCELS).where(*refused).values(report=""))
        tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(cancel_refused=False))
    if how == "restart":
        tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(stopped=False, outcome=None))
        forget_waiting(tx, order_id, now)
    return record(tx, order_id, [Fact("retry_requested", f"retry:{now.isoformat()}", now, by, {"how": how})], now)


def reroute(tx: Connection, order_id: str, *, by: str, now: datetime) -> int:
    """Take back what has not shipped and decide anew; the same locations may win again."""
    order = _open_for_change(tx, order_id)
    live = [f.id for f in order.fulfillment_orders if f.is_live and not f.recall]
    if not live:
        raise DomainError("nothing_to_reroute", f"order {order_id} has no open fulfillment order")
    tx.execute(
        update(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id.in_(live)).values(recall="wanted", reason="re-route")
    )
    return record(tx, order_id, [Fact("reroute_requested", f"reroute:{now.isoformat()}", now, by, {})], now)


def acknowledge(tx: Connection, order_id: str, code: str, *, by: str, now: datetime) -> int:
    """A person has dealt with a cause; a refused duty towards the channel counts as skipped."""
    lock(tx, order_id)
    order = load(tx, order_id)
    tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(acknowledged=sorted({*order.acknowledged, code})))
    kind, _, subject = code.partition(":")
    if kind in {"tracking_refused", "capture_refused"}:
        column = "report" if kind == "tracking_refused" else "capture"
        mine = (SHIPMENTS.c.id == subject, SHIPMENTS.c.order_id == order_id, SHIPMENTS.c[column] == "refused")
        tx.execute(update(SHIPMENTS).where(*mine).values({column: "skipped"}))
    if kind in {"capture_refused", "void_refused"}:
        payment_steps.skip(tx, order_id, subject)
    if kind == "refund_refused":
        mine = (LINE_CANCELS.c.id == subject, LINE_CANCELS.c.order_id == order_id, LINE_CANCELS.c.report == "refused")
        tx.execute(update(LINE_CANCELS).where(*mine).values(report="skipped"))
    if kind == "cancel_refused_by_channel":
        tx.execute(update(ORDERS).where(ORDERS.c.id == order_id).values(cancel_told_at=now, cancel_refused=False))
    acknowledge_return(tx, order_id, code, by=by, now=now)
    return record(tx, order_id, [Fact("acknowledged", f"ack:{code}:{now.isoformat()}", now, by, {"cause": code})], now)


def _open_for_change(tx: Connection, order_id: str) -> OrderState:
    """The order, kept from other writers; too_late once all of it has shipped, order_ended when it ended otherwise."""
    lock(tx, order_id)
    order = load(tx, order_id)
    nothing_open = not any(f.is_live for f in order.fulfillment_orders) and not order.open_demand()
    if order.has_shipped and nothing_open and not order.unmapped:
        raise DomainError("too_late", f"order {order_id} has shipped; open a return instead")
    ended = outcome_of(order)
    if ended is not None and ended != "stopped":
        raise DomainError("order_ended", f"order {order_id} has ended ({ended}); nothing is left to change")
    return order
