"""Gives value back: what is owed by the goods, less what the channel gave by itself, to the tenders it came from."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, update

from db.order_reading import LINES, ORDERS
from db.returns import exchange, refunds
from db.returns.budget import budget
from db.returns.reading import terms_of
from db.returns.rows import REFUNDS, RETURN_LINES, RETURNS, change, lines_of, tell
from db.rows import find, one, total
from db.tenders import append, entry
from db.vault import Vault
from domain.money import Money
from domain.returns.eligibility import OUR_FAULT
from domain.returns.policy import Terms
from domain.returns.state import ReturnState
from domain.returns.worth import restocking_fee, worth_of


class Due(NamedTuple):
    """Value for units that came back, in the order's currency."""

    worth_minor: int
    fee_minor: int
    shipping_minor: int

    @property
    def amount_minor(self) -> int:
        return self.worth_minor + self.shipping_minor - self.fee_minor


def give(tx: Connection, vault: Vault, row: Row[Any], state: ReturnState, now: datetime) -> None:
    """Decide refunds (or the exchange) for every unit that is owed; each becomes a duty. Call it under the order's lock."""
    order = one(tx, ORDERS, row.order_id)
    due = _mark_paid(tx, row, order, state.owed())
    rest = due.amount_minor - _given_by_channel(tx, row, due.amount_minor)
    if due.fee_minor:
        key = f"fee:{row.id}:{sum(line.paid for line in lines_of(tx, row.id))}"
        fee = Money(amount_minor=due.fee_minor, currency=order.currency)
        append(tx, [entry(row.order_id, key, "return", "fee", fee, now, "tutti")])
    if state.resolution == "exchange" and not row.exchange_order_id:
        rest = exchange.settle(tx, vault, row, order, rest, now)
    refunds.plan(tx, row, order, rest, now)
    data = {"worth_minor": due.worth_minor, "fee_minor": due.fee_minor, "shipping_minor": due.shipping_minor,
            "currency": order.currency, "units": state.owed()}  # fmt: skip
    paid = sum(line.paid for line in lines_of(tx, row.id))
    tell(tx, row, "value_given", f"given:{paid}", now=now, by="tutti", data=data, wakes=False)


def _mark_paid(tx: Connection, row: Row[Any], order: Row[Any], owed: dict[str, int]) -> Due:
    """Units count as paid from the moment of the decision: nothing is decided twice."""
    bought = {line.line_id: line for line in find(tx, LINES, order_id=row.order_id)}
    lines = {line.line_id: line for line in lines_of(tx, row.id)}
    worth = fees = 0
    for line_id, units in owed.items():
        line, terms = bought[line_id], terms_of(row, line_id)
        part = worth_of(line.share_minor, line.ordered, given_units(tx, line), units)
        fee = restocking_fee(part, terms, lines[line_id].reason)
        mine = (RETURN_LINES.c.return_id == row.id, RETURN_LINES.c.line_id == line_id)
        tx.execute(
            update(RETURN_LINES)
            .where(*mine)
            .values(
                paid=RETURN_LINES.c.paid + units,
                worth_minor=RETURN_LINES.c.worth_minor + part,
                fee_minor=RETURN_LINES.c.fee_minor + fee,
            )
        )
        given = (LINES.c.order_id == row.order_id, LINES.c.line_id == line_id)
        tx.execute(update(LINES).where(*given).values(given_back_minor=LINES.c.given_back_minor + part))
        worth, fees = worth + part, fees + fee
    first = not any(line.paid for line in lines.values())
    fees += _label_fee(row, order, list(lines.values())) if first else 0
    return Due(worth, min(fees, worth), _shipping(tx, row, order, list(bought.values())))


def given_units(tx: Connection, line: Row[Any]) -> int:
    """Units of an order's line whose money was given back: in any return, or since they were canceled."""
    paid = total(tx, RETURN_LINES.c.paid, order_id=line.order_id, line_id=line.line_id)
    return paid + int(max(line.canceled_told, line.canceled_seen))


def _label_fee(row: Row[Any], order: Row[Any], lines: list[Row[Any]]) -> int:
    """What the buyer pays for a label, once per return; nothing where the merchant is at fault."""
    if row.method != "label" or any(line.reason in OUR_FAULT for line in lines):
        return 0
    of_buyer = [terms for line in lines if (terms := terms_of(row, line.line_id)).shipping_paid_by == "buyer"]
    return max((terms.return_fee_minor.get(order.currency, 0) for terms in of_buyer), default=0)


def _shipping(tx: Connection, row: Row[Any], order: Row[Any], bought: list[Row[Any]]) -> int:
    """The outward shipping goes back with the last unit of the whole order, if the policy says so."""
    terms: list[Terms] = [terms_of(row, line.line_id) for line in lines_of(tx, row.id)]
    whole = all(given_units(tx, line) >= line.ordered for line in bought)
    given = total(tx, RETURNS.c.shipping_given_minor, order_id=order.id)
    if not whole or given or not all(each.refund_shipping for each in terms):
        return 0
    change(tx, row.id, shipping_given_minor=order.shipping_minor)
    return int(order.shipping_minor)


def _given_by_channel(tx: Connection, row: Row[Any], amount: int) -> int:
    """What somebody refunded at the channel counts towards the return that is open: it is not refunded twice."""
    claimed = total(tx, RETURNS.c.channel_given_minor, order_id=row.order_id)
    part = min(amount, max(0, budget(tx, row.order_id).outside_minor - claimed))
    if part:
        change(tx, row.id, channel_given_minor=row.channel_given_minor + part)
    return part


def reconsider(tx: Connection, row: Row[Any], refund: Row[Any]) -> int:
    """Just before it is made: what the channel refunded meanwhile is taken off; what is left of the amount."""
    given = _given_by_channel(tx, row, refund.amount_minor)
    left = int(refund.amount_minor) - given
    values: dict[str, Any] = {"amount_minor": left} if left else {"state": "given_up"}
    if given:
        tx.execute(update(REFUNDS).where(REFUNDS.c.id == refund.id).values(**values))
    return left
