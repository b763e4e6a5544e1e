"""An exchange: a new order through order routing, paid with the value of what came back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from db import manual_orders
from db.facts import Fact, record
from db.order_reading import ORDERS
from db.persons import person_of
from db.returns import refunds
from db.returns.budget import budget
from db.returns.rows import change, locked, tell
from db.tenders import append, entry
from db.vault import Vault
from domain.channel_order import BothMoney, ChannelLine, ChannelOrder, ChannelTender
from domain.errors import DomainError
from domain.money import Money


def settle(tx: Connection, vault: Vault, row: Row[Any], order: Row[Any], credit_minor: int, now: datetime) -> int:
    """Make the new order; what of the credit it does not need is left to be refunded.

    A dearer one waits, partially paid, until the difference is there.
    """
    wanted = [(str(sku), int(units), int(price)) for sku, units, price in row.exchange or ()]
    total = sum(units * price for _, units, price in wanted)
    used = min(credit_minor, total)
    snapshot = _snapshot(tx, vault, row, order, wanted, used, now)
    new_id = manual_orders.take(tx, vault, snapshot, by="tutti", now=now)
    change(tx, row.id, exchange_order_id=new_id)
    refunds.plan(tx, row, order, used, now, credit_of=new_id)
    data = {"order": new_id, "credit_minor": used, "difference_minor": total - credit_minor}
    tell(tx, row, "exchanged", "exchanged", now=now, by="tutti", data=data, wakes=False)
    return credit_minor - used


def _snapshot(
    tx: Connection,
    vault: Vault,
    row: Row[Any],
    order: Row[Any],
    wanted: list[tuple[str, int, int]],
    used: int,
    now: datetime,
) -> ChannelOrder:
    def both(minor: int) -> BothMoney:
        amount = Money(amount_minor=minor, currency=order.currency)
        return BothMoney(shop=amount, presentment=amount)

    person, total = person_of(tx, vault, order.id), sum(units * price for _, units, price in wanted)
    paid = ChannelTender(
        external_id=f"exchange:{row.id}", tender="exchange", kind="captured", amount=both(used).shop, at=now
    )
    return ChannelOrder(
        external_id=f"exchange-{row.id}", number=f"{order.number}-X{row.number}", placed_at=now, updated_at=now,
        source="exchange", financial="paid" if used >= total else "partially_paid",
        lines=tuple(
            ChannelLine(
                external_id=str(place), sku=sku, title=sku, quantity=units, current_quantity=units,
                unit_price=both(price), discount=both(0), tax=both(0),
            )
            for place, (sku, units, price) in enumerate(wanted, start=1)
        ),
        subtotal=both(total), discounts=both(0), shipping=both(0), tax=both(0), total=both(total),
        tenders=(paid,) if used else (), ship_to=person.ship_to, buyer=person.buyer,
    )  # fmt: skip


def pay_difference(tx: Connection, return_id: str, amount: Money, reference: str, *, by: str, now: datetime) -> None:
    """The buyer paid what the new order costs more: it goes on when all of it is there."""
    row = locked(tx, return_id)
    new = tx.execute(ORDERS.select().where(ORDERS.c.id == row.exchange_order_id)).first()
    if new is None:
        raise DomainError("no_exchange", f"{return_id} has no exchange order yet; it is made when its value is known")
    if amount.currency != new.currency:
        raise DomainError("bad_currency", f"amount.currency: the order is in {new.currency}; pay the difference in it")
    append(
        tx, [entry(new.id, f"difference:{reference}", "difference", "captured", amount, now, by, external_id=reference)]
    )
    captured = sum(one.captured_minor for one in budget(tx, new.id).taken)
    if captured >= new.total_minor and new.financial != "paid":
        tx.execute(update(ORDERS).where(ORDERS.c.id == new.id).values(financial="paid"))
        data = {"from": new.financial, "to": "paid"}
        record(tx, new.id, [Fact("payment_changed", f"difference:{reference}", now, by, data)], now)
    tell(tx, row, "difference_paid", f"difference:{reference}", now=now, by=by, data=amount.model_dump(), wakes=False)
