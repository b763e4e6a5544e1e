"""What people may do about a return: each is a fact, refused with a reason when it is too late."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, update

from db.order_reading import EFFECTS
from db.returns import duties, goods, refunds
from db.returns.opening import approve as authorize
from db.returns.opening import returnable
from db.returns.policies import load as load_policy
from db.returns.reading import load
from db.returns.requests import refund_of
from db.returns.rows import DUTIES, RETURN_LINES, change, lines_of, locked, of_order, tell
from db.returns.standing import give_back_label, notify, reopen
from db.tenders import append, entry
from domain.errors import DomainError
from domain.money import Money


def approve(tx: Connection, return_id: str, *, by: str, reason: str, now: datetime) -> None:
    """Let it come back; also what the policy would refuse, with a reason."""
    row = _undecided(tx, return_id)
    authorize(tx, row, by=by, reason=reason, now=now)


def refuse(tx: Connection, return_id: str, *, by: str, reason: str, now: datetime) -> None:
    """Nothing may come back; the channel and the buyer are told."""
    row = _undecided(tx, return_id)
    change(tx, row.id, decision="refused", decided_by=by, decision_reason=reason)
    if row.external_id:
        duties.add(tx, row, "decline", row.connection_id)
    notify(tx, row, "refused")
    tell(tx, row, "refused", "refused", now=now, by=by, data={"reason": reason})


def _undecided(tx: Connection, return_id: str) -> Row[Any]:
    row = locked(tx, return_id)
    if row.decision or row.withdrawn:
        raise DomainError("already_decided", f"{return_id} is {row.decision or 'withdrawn'}; override it instead")
    return row


def override(tx: Connection, return_id: str, *, by: str, reason: str, now: datetime, **wish: Any) -> None:
    """In spite of the policy: more units (`authorize`), pay for a grade (`accept`), pay without goods (`keep`)."""
    row = locked(tx, return_id)
    if row.decision != "approved" or row.outcome not in {None, "nothing_accepted", "expired", "refunded"}:
        raise DomainError(
            "not_open", f"{return_id} is {row.outcome or row.decision or 'undecided'}: nothing to override"
        )
    known = {line.line_id: line for line in lines_of(tx, return_id)}
    for line_id in {*wish.get("authorize", {}), *wish.get("accept", {})} - known.keys():
        raise DomainError("unknown_line", f"{return_id} has no line {line_id}; it has {', '.join(known)}")
    if wish.get("authorize"):
        shipped = {
            line.line_id: line.shipped for line in returnable(tx, row.order_id, load_policy(tx, row.policy_version))
        }
        for line_id, units in wish["authorize"].items():
            goods.authorize(tx, row, line_id, units, shipped[line_id], by=by, now=now)
        change(tx, row.id, expired=False)
    for line_id, units in wish.get("accept", {}).items():
        mine = (RETURN_LINES.c.return_id == row.id, RETURN_LINES.c.line_id == line_id)
        tx.execute(update(RETURN_LINES).where(*mine).values(accepted_anyway=RETURN_LINES.c.accepted_anyway + units))
    if wish.get("keep"):
        change(tx, row.id, method="keep")
    if wish.get("instant"):
        change(tx, row.id, instant_refund="approval")
    reopen(tx, row)
    tell(tx, row, "overridden", f"overridden:{now.isoformat()}", now=now, by=by, data={"reason": reason, **wish})


def settle_grades(tx: Connection, return_id: str, *, by: str, reason: str, now: datetime) -> None:
    """Nothing is paid for units in a condition that is not accepted."""
    row = locked(tx, return_id)
    change(tx, row.id, grades_settled=True)
    tell(tx, row, "grades_settled", f"grades:{now.isoformat()}", now=now, by=by, data={"reason": reason})


def withdraw(tx: Connection, return_id: str, *, by: str, now: datetime) -> None:
    """The buyer keeps the goods; too_late once something came back or value was given."""
    row = locked(tx, return_id)
    state = load(tx, return_id)
    if row.outcome is not None:
        raise DomainError("not_open", f"{return_id} has ended ({row.outcome})")
    if state.has_given or any(line.received for line in state.lines):
        raise DomainError("too_late", f"{return_id}: goods came back or money was given; settle it instead")
    take_back(tx, row, by=by, now=now)
    notify(tx, row, "withdrawn")


def take_back(tx: Connection, row: Row[Any], *, by: str, now: datetime, wakes: bool = True) -> None:
    """Nothing is expected any more: units are released, the label is given back, the channel's return closed."""
    if row.withdrawn:
        return
    goods.release(tx, row, by=by, now=now)
    duties.drop_open(tx, row.id, "notify", "process")
    duties.drop_unbegun(tx, row.id, "register", "label")
    change(tx, row.id, withdrawn=True)
    give_back_label(tx, row)
    duties.add(tx, row, "close", row.connection_id)
    tell(tx, row, "withdrawn", f"withdrawn:{now.isoformat()}", now=now, by=by, wakes=wakes)


def retry(tx: Connection, return_id: str, *, how: Literal["continue", "redo", "skip"], by: str, now: datetime) -> int:
    """Look again; make refused writes once more; or count them as dealt with by hand. Also starts a stopped return again."""
    row = locked(tx, return_id)
    refused = [duty for duty in load(tx, return_id).duties if duty.state == "refused"]
    for duty in refused:
        if how == "redo":
            fresh = {"state": "intent", "called_at": None, "settled_at": None, "attempts": 0}
            tx.execute(update(EFFECTS).where(EFFECTS.c.key == f"return:{duty.id}").values(**fresh))
            tx.execute(update(DUTIES).where(DUTIES.c.id == duty.id).values(state=""))
        elif how == "skip":
            _by_hand(tx, duty.id, by=by, now=now)
    if row.stopped:
        change(tx, row.id, stopped=False, withdrawn=False)
        again = reopen(tx, row)
        if row.decision == "approved" and row.withdrawn:
            authorize(tx, again, by=by, reason=row.decision_reason, now=now)
    change(tx, row.id, outcome=None)
    return tell(tx, row, "retry_requested", f"retry:{now.isoformat()}", now=now, by=by, data={"how": how})


def _by_hand(tx: Connection, duty_id: str, *, by: str, now: datetime) -> None:
    """A refund that the platform would not make was paid another way: it counts as made."""
    duty = duties.find(tx, duty_id)
    duties.settle(tx, duty_id, "skipped")
    if duty.kind != "refund":
        return
    refund = refund_of(tx, duty)
    amount = Money(amount_minor=refund.amount_minor, currency=refund.currency)
    refunds.made(tx, refund, refund.id, amount, now, tender="by hand", by=by)


def claw_back(
    tx: Connection, return_id: str, *, recovered: Money | None, reference: str, by: str, reason: str, now: datetime
) -> None:
    """Money that was given for goods that never came: what the buyer paid back, or nothing (it is written off)."""
    row = locked(tx, return_id)
    if row.claw_back != "due":
        raise DomainError("nothing_to_claw_back", f"{return_id}: nothing is claimed back")
    if recovered is not None:
        append(
            tx, [entry(row.order_id, f"recovered:{row.id}:{reference}", "claw-back", "recovered", recovered, now, by)]
        )
    change(tx, row.id, claw_back="settled")
    amount = recovered.model_dump() if recovered else None
    tell(
        tx,
        row,
        "claw_back_settled",
        f"claw-back:{reference}",
        now=now,
        by=by,
        data={"reason": reason, "amount": amount},
    )


def acknowledge(tx: Connection, order_id: str, code: str, *, by: str, now: datetime) -> None:
    """A person has dealt with a cause of one of an order's returns."""
    for row in of_order(tx, order_id):
        if code.endswith(f":{row.id}"):
            change(tx, row.id, acknowledged=sorted({*row.acknowledged, code}))
            tell(tx, row, "acknowledged", f"ack:{code}:{now.isoformat()}", now=now, by=by, data={"cause": code})
