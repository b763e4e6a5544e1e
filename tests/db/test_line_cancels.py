"""Canceled units of a line: the channel is told once, the money is booked once, the units are subtracted once."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from db import commands, connections
from db.facts import OUTBOX
from db.fulfillment import end
from db.line_cancels import refund_of
from db.news import take as take_news
from db.order_reading import FULFILLMENT_ORDERS, LINE_CANCELS, LINES, load
from db.session import Database
from db.standing import settle
from db.tenders import TENDERS, moved
from domain.channel_order import ChannelOrder, ChannelTender
from domain.money import Money
from domain.news import RefundNews
from tests.db.world import NOW, VAULT, channel_order, found, later, route, stock, take


def counted(order: ChannelOrder, units: int, minutes: int) -> ChannelOrder:
    """A later snapshot with so many units of the first line."""
    line = order.lines[0].model_copy(update={"current_quantity": units})
    return order.model_copy(update={"lines": (line, *order.lines[1:]), "updated_at": later(minutes=minutes)})


def cancel(tx: Connection, order_id: str, **lines: int) -> Any:
    commands.request_cancel(tx, order_id, by="test", now=NOW, lines=lines)
    return settle(tx, order_id, NOW)


def wanted(tx: Connection) -> int:
    return int(tx.execute(select(LINES.c.quantity).where(LINES.c.line_id == "L1")).scalar_one())


def test_a_line_cancel_is_to_be_told_with_its_units_and_their_money(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        order = take(tx, channel_order(1, TEE=3, MUG=1))
        standing = cancel(tx, order, L1=2)
        again = settle(tx, order, NOW)
        return standing.refund, again.refund, refund_of(tx, "web-1-C1")

    first, again, request = database.write_now(play)

    assert first == again == ("web-1-C1",)
    assert request is not None
    assert request.lines == (("1-1", 2),)
    assert request.amount == Money(amount_minor=2000, currency="EUR")


def test_units_that_nobody_paid_for_are_taken_out_without_money(database: Database) -> None:
    def play(tx: Connection) -> Any:
        found(tx)
        order = take(tx, channel_order(1, TEE=3).model_copy(update={"financial": "authorized"}))
        cancel(tx, order, L1=1)
        return refund_of(tx, "web-1-C1")

    request = database.write_now(play)

    assert (request.amount.amount_minor, request.lines) == (0, (("1-1", 1),))


def test_the_channel_is_told_only_after_the_location_gave_the_units_back(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 3)
        order = take(tx, channel_order(1, TEE=3))
        (f_id,) = route(tx, order)
        tx.execute(FULFILLMENT_ORDERS.update().values(state="sent"))
        asking = cancel(tx, order, L1=1)
        f = tx.execute(select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.id == f_id)).one()
        end(tx, f, "canceled", "recalled", NOW)
        return asking.recall[0].id, asking.refund, settle(tx, order, NOW).refund

    assert database.write_now(play) == ("web-1-F1", (), ("web-1-C1",))


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ((2,), 2),  # the echo of what the channel was told
        ((2, 2), 2),  # twice
        ((1,), 1),  # the echo and another unit, in one snapshot
        ((2, 1), 1),  # the echo, and later an edit by staff
        ((3, 2), 2),  # a snapshot from before the echo
        ((2, 3), 3),  # staff put a unit back later
    ],
)
def test_units_are_subtracted_once_whatever_the_channel_then_counts(
    database: Database, counts: tuple[int, ...], left: int
) -> None:
    def play(tx: Connection) -> int:
        found(tx)
        placed = channel_order(1, TEE=3)
        cancel(tx, take(tx, placed), L1=1)
        for minutes, units in enumerate(counts, start=1):
            take(tx, counted(placed, units, minutes))
        return wanted(tx)

    assert database.write_now(play) == left


def test_what_staff_have_done_by_hand_is_not_told_again(database: Database) -> None:
    """They took the unit out while a location still held it."""

    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        placed = channel_order(1, TEE=3)
        order = take(tx, placed)
        commands.request_cancel(tx, order, by="test", now=NOW, lines={"L1": 1})
        take(tx, counted(placed, 2, 1))
        return settle(tx, order, NOW).refund, wanted(tx), tx.execute(select(LINE_CANCELS)).all()

    assert database.write_now(play) == ((), 2, [])


def test_our_refund_its_webhook_and_the_snapshot_are_one_movement(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        placed = channel_order(1, TEE=3)
        order = take(tx, placed)
        amount = Money(amount_minor=1000, currency="EUR")
        gave = ChannelTender(external_id="t9", tender="card", kind="refunded", amount=amount, at=NOW)
        echo = RefundNews(order_external_id="1", external_id="r1", movements=(gave,), at=NOW)
        take_news(tx, VAULT, connections.load(tx, "web"), echo, NOW, "test")
        take(tx, counted(placed, 2, 1).model_copy(update={"tenders": (gave,), "financial": "partially_refunded"}))
        rows = tx.execute(select(TENDERS).where(TENDERS.c.kind == "refunded")).all()
        return len(rows), dict(moved(tx, order, "EUR"))

    assert database.write_now(play) == (1, {"captured": 3000, "refunded": 1000})


def test_a_named_capture_replaces_the_one_that_the_state_of_payment_stood_for(database: Database) -> None:
    def play(tx: Connection) -> dict[str, int]:
        found(tx)
        placed = channel_order(1, TEE=3)
        order = take(tx, placed)
        amount = Money(amount_minor=3000, currency="EUR")
        took = ChannelTender(external_id="t1", tender="card", kind="captured", amount=amount, at=NOW)
        take(tx, counted(placed, 3, 1).model_copy(update={"tenders": (took,)}))
        return dict(moved(tx, order, "EUR"))

    assert database.write_now(play) == {"captured": 3000}


def test_a_refusal_is_an_exception_that_can_be_retried_or_skipped(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        order = take(tx, channel_order(1, TEE=3))
        cancel(tx, order, L1=1)
        tx.execute(LINE_CANCELS.update().values(report="refused"))
        refused = settle(tx, order, NOW)
        commands.retry(tx, order, how="redo_step", by="test", now=NOW)
        retried = settle(tx, order, NOW)
        tx.execute(LINE_CANCELS.update().values(report="refused"))
        commands.acknowledge(tx, order, "refund_refused:web-1-C1", by="test", now=NOW)
        skipped = [told.report for told in load(tx, order).line_cancels]
        assert tx.execute(select(OUTBOX)).all()
        return refused.refund, retried.refund, skipped

    assert database.write_now(play) == ((), ("web-1-C1",), ["skipped"])
