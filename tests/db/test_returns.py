"""A return in the database alone: opened, received, graded, given its value, step by step."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import connections
from db.ledger import LEVELS
from db.reports import record_report
from db.returns import commands, goods
from db.returns.news import take_payment
from db.returns.opening import Wish, open_return
from db.returns.reading import load
from db.returns.rows import REFUNDS, row_of
from db.returns.standing import settle
from db.tenders import TENDERS
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport
from domain.money import Money
from domain.news import PaymentNews
from domain.returns.eligibility import WantedLine
from tests.db.world import NOW, VAULT, channel_order, found, route, stock, take


def shipped(tx, number=1, **units) -> str:
    """An order of which everything has left Berlin."""
    for item, quantity in units.items():
        stock(tx, item, quantity)
    order = take(tx, channel_order(number, **units))
    for f_id in route(tx, order):
        report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=NOW)
        record_report(tx, report, connection_id="store", source="test", now=NOW)
    return order


def wish(*lines, method="in_store", **more) -> Wish:
    wanted = tuple(WantedLine(line_id=line, quantity=units) for line, units in lines)
    return Wish(lines=wanted, method=method, opened_by="api", by="test", **more)


@pytest.fixture
def tx(database):
    with database.engine.begin() as tx:
        found(tx)
        yield tx


def on_hand(tx, item="TEE"):
    return tx.execute(
        select(LEVELS.c.on_hand).where(LEVELS.c.item_id == item, LEVELS.c.condition == "sellable")
    ).scalar()


def test_goods_come_back_and_money_follows(tx):
    order = shipped(tx, TEE=2)
    rma = open_return(tx, order, wish(("L1", 2)), NOW)
    waiting = settle(tx, VAULT, rma, NOW)
    goods.receive(tx, row_of(tx, rma), "r1", "TEE", 2, "berlin", by="test", now=NOW)
    settling = settle(tx, VAULT, rma, NOW)
    goods.grade(tx, row_of(tx, rma), "g1", "L1", "TEE", 2, "new", disposition=None, to_location="", by="test", now=NOW)
    settle(tx, VAULT, rma, NOW)

    assert (waiting.stage, settling.has_given) == ("awaiting_goods", True)
    assert [(r.amount_minor, r.tender, r.state) for r in tx.execute(select(REFUNDS))] == [(2000, "channel", "planned")]
    assert on_hand(tx) == 2
    assert {duty.kind for duty in load(tx, rma).duties} == {"register", "refund"}


def test_a_fourth_of_three_units_is_refused(tx):
    order = shipped(tx, TEE=3)
    open_return(tx, order, wish(("L1", 3)), NOW)

    with pytest.raises(DomainError, match="3 shipped, 3 in returns, so 0 may come back") as refusal:
        open_return(tx, order, wish(("L1", 1)), NOW)

    assert refusal.value.code == "not_returnable"


def test_what_has_not_shipped_cannot_come_back(tx):
    order = take(tx, channel_order(1, TEE=1))

    with pytest.raises(DomainError, match="has not shipped; cancel it instead"):
        open_return(tx, order, wish(("L1", 1)), NOW)


def test_after_the_window_only_a_person_lets_it_come_back(tx):
    order = shipped(tx, TEE=1)
    late = NOW + timedelta(days=32)

    with pytest.raises(DomainError, match="window of 30 days closed"):
        open_return(tx, order, wish(("L1", 1)), late)
    rma = open_return(tx, order, wish(("L1", 1), override="a regular customer"), late)

    assert load(tx, rma).decision == "approved"


def test_a_withdrawn_return_may_be_announced_again(tx):
    order = shipped(tx, TEE=1)
    first = open_return(tx, order, wish(("L1", 1)), NOW)
    settle(tx, VAULT, first, NOW)
    commands.withdraw(tx, first, by="test", now=NOW)
    settle(tx, VAULT, first, NOW)

    second = open_return(tx, order, wish(("L1", 1)), NOW)

    assert (load(tx, first).withdrawn, load(tx, second).lines[0].authorized) == (True, 1)


def dispute(kind, order="1", amount=2000):
    money = Money(amount_minor=amount, currency="EUR")
    return PaymentNews(kind=kind, order_external_id=order, external_id="D1", amount=money, reason="fraud", at=NOW)


def test_a_chargeback_that_the_channel_tells_by_order_is_on_the_ledger_once_and_stops_refunds(tx):
    order = shipped(tx, TEE=2)
    web = connections.load(tx, "web")
    rma = open_return(tx, order, wish(("L1", 2)), NOW)
    said = [take_payment(tx, web, dispute("dispute_opened"), NOW, "web") for _ in range(2)]
    held = load(tx, rma).disputed
    take_payment(tx, web, dispute("dispute_won"), NOW, "web")
    kinds = tx.execute(select(TENDERS.c.kind).where(TENDERS.c.order_id == order, TENDERS.c.external_id == "D1"))

    assert said == [("payment dispute_opened", order)] * 2
    assert (held, load(tx, rma).disputed) == (True, False)
    assert sorted(kinds.scalars()) == ["chargeback", "chargeback_won"]


def test_a_chargeback_of_an_order_that_nobody_knows_is_said_so(tx):
    assert take_payment(tx, connections.load(tx, "web"), dispute("dispute_opened", "77"), NOW, "web") == (
        "payment of no order",
        None,
    )
