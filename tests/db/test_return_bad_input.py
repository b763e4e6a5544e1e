"""Bad input about returns, each by its name: refused or an exception by cause, money and goods unchanged."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from db import connections
from db.news import take as take_news
from db.order_reading import ORDERS
from db.reports import record_report
from db.returns import goods
from db.returns.opening import open_return
from db.returns.reading import load
from db.returns.rows import GOODS, REFUNDS, RETURNS, row_of
from db.returns.standing import settle
from db.tenders import TENDERS
from domain.channel_order import ChannelTender
from domain.errors import DomainError
from domain.fulfillment import FulfillmentReport
from domain.money import Money
from domain.news import PaymentNews, ReturnNews
from domain.returns.causes import causes_of
from tests.db.test_returns import shipped, wish
from tests.db.world import NOW, VAULT, channel_order, found, later, route, stock, take


@pytest.fixture
def tx(database):
    with database.engine.begin() as tx:
        found(tx)
        yield tx


def state_of(tx: Connection) -> tuple[int, int, int]:
    """Returns, goods and refunds on record."""
    counted = [len(tx.execute(select(table)).all()) for table in (RETURNS, GOODS, REFUNDS)]
    return counted[0], counted[1], counted[2]


def causes(tx: Connection, rma: str) -> tuple[str, ...]:
    return tuple(cause.kind for cause in causes_of(load(tx, rma)))


def test_a_return_of_what_was_never_shipped_is_refused(tx):
    order = take(tx, channel_order(1, TEE=1))

    with pytest.raises(DomainError, match="not shipped"):
        open_return(tx, order, wish(("L1", 1)), NOW)

    assert state_of(tx) == (0, 0, 0)


def test_a_return_after_the_window_is_refused(tx):
    order = shipped(tx, TEE=1)

    with pytest.raises(DomainError, match="window of 30 days closed"):
        open_return(tx, order, wish(("L1", 1)), later(days=40))

    assert state_of(tx) == (0, 0, 0)


def test_a_fourth_of_three_units_is_refused(tx):
    order = shipped(tx, TEE=3)

    with pytest.raises(DomainError) as refusal:
        open_return(tx, order, wish(("L1", 4)), NOW)

    assert (refusal.value.code, state_of(tx)) == ("not_returnable", (0, 0, 0))


def test_a_different_item_in_the_parcel_is_an_exception_and_moves_no_money(tx):
    order = shipped(tx, TEE=1)
    rma = open_return(tx, order, wish(("L1", 1)), NOW)

    goods.receive(tx, row_of(tx, rma), "r1", "MUG", 1, "berlin", by="test", now=NOW)
    standing = settle(tx, VAULT, rma, NOW)

    assert "return_other_item" in causes(tx, rma)
    assert (standing.has_given, tx.execute(select(REFUNDS)).all()) == (False, [])


def test_a_return_of_an_order_of_an_unknown_channel_is_refused(tx):
    with pytest.raises(DomainError) as refusal:
        open_return(tx, "elsewhere-1", wish(("L1", 1)), NOW)

    assert (refusal.value.code, state_of(tx)) == ("unknown_order", (0, 0, 0))


def test_news_of_a_return_or_a_payment_of_an_unknown_order_changes_nothing(tx):
    web = connections.load(tx, "web")
    back = ReturnNews(external_id="R9", order_external_id="999", status="open", lines=(("1", 1, ""),), at=NOW)
    paid = PaymentNews(
        kind="refunded", payment_external_id="pi_9", external_id="re_9", amount=Money(amount_minor=1, currency="EUR"), at=NOW
    )  # fmt: skip

    said = [take_news(tx, VAULT, web, news, NOW, "webhook").outcome for news in (back, paid)]

    assert said == ["return of an unknown order", "payment of no order"]
    assert state_of(tx) == (0, 0, 0)


def test_a_currency_that_changed_since_is_an_exception_and_moves_no_money(tx):
    placed = channel_order(1, TEE=1)
    dollars = Money(amount_minor=1100, currency="USD")
    paid = ChannelTender(external_id="t1", tender="card", kind="captured", amount=dollars, at=NOW)
    order = shipped_with(tx, placed.model_copy(update={"tenders": (paid,)}))
    rma = open_return(tx, order, wish(("L1", 1)), NOW)
    goods.receive(tx, row_of(tx, rma), "r1", "TEE", 1, "berlin", by="test", now=NOW)

    settle(tx, VAULT, rma, NOW)

    row = row_of(tx, rma)
    assert (row.uncovered_minor, row.uncovered_why) == (1000, "the currency has changed")
    assert "refund_uncovered" in causes(tx, rma)
    assert tx.execute(select(REFUNDS)).all() == []


def shipped_with(tx: Connection, placed: Any) -> str:
    """Such an order, of which everything has left Berlin."""
    stock(tx, "TEE", 1)
    order = take(tx, placed)
    tx.execute(TENDERS.delete().where(TENDERS.c.key.contains("state:")))
    for f_id in route(tx, order):
        report = FulfillmentReport(key="shipped", kind="shipped", reference=f_id, at=NOW)
        record_report(tx, report, connection_id="store", source="test", now=NOW)
    assert tx.execute(select(ORDERS.c.currency).where(ORDERS.c.id == order)).scalar_one() == "EUR"
    return order
