"""Faults that were found once: what went wrong then goes right now."""

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from connectors.contract import ShownPayment
from db import connections
from db.desks.channel import ChannelDesk
from db.desks.payments import PaymentDesk
from db.exceptions import AFFECTED, EXCEPTIONS
from db.intake import take_order
from db.order_reading import load
from db.persons import person_of
from db.reports import record_report
from db.session import Database
from db.standing import settle
from db.vault import Vault
from domain.fulfillment import FulfillmentReport, ReportedLine, ReportedShipment
from domain.refs import OrderRef, Part
from tests.db.world import KEYS, NOW, channel_order, found, later, route, stock, take

ORDER = OrderRef(order_id="web-1", run_no=0, connection_id="web")


def parcel_of(name: str) -> Part:
    return Part(order=ORDER, id=f"web-1-F1-{name}", connection_id="web")


def ship(tx: Connection, name: str, minutes: int, **units: int) -> None:
    lines = tuple(ReportedLine(sku=sku, quantity=quantity) for sku, quantity in units.items())
    parcel = ReportedShipment(external_id=name, tracking_number=f"TR-{name}", lines=lines)
    report = FulfillmentReport(
        key=f"shipped-{name}", kind="shipped", reference="web-1-F1", at=later(minutes=minutes), shipment=parcel
    )
    record_report(tx, report, connection_id="store", source="test", now=NOW)


def test_a_person_s_key_that_was_rolled_back_is_never_used(database: Database) -> None:
    """The vault remembers opened keys: one that was never committed would lock the person out for good."""
    database.write_now(found)
    vault = Vault(KEYS)

    def broken(tx: Connection) -> None:
        take_order(tx, vault, connections.load(tx, "web"), channel_order(1, TEE=1), NOW, "test")
        raise RuntimeError("the transaction is undone")

    with pytest.raises(RuntimeError):
        database.write_now(broken)
    database.write_now(
        lambda tx: take_order(tx, vault, connections.load(tx, "web"), channel_order(1, TEE=1), NOW, "test")
    )

    person = database.read_now(lambda tx: person_of(tx, Vault(KEYS), "web-1"))
    assert person.buyer.name == "Ada Example"


async def test_a_bundle_is_shown_with_the_parcel_that_was_heard_of_last(database: Database) -> None:
    """By the order of arrival, not of names: else the buyer is told of it twice, or never."""

    def play(tx: Connection) -> None:
        found(tx)
        stock(tx, "TEE", 1)
        stock(tx, "MUG", 2)
        route(tx, take(tx, channel_order(1, SET=1)))
        ship(tx, "p2", 1, TEE=1)
        ship(tx, "p1", 2, MUG=2)

    database.write_now(play)
    desk = ChannelDesk(database)

    first, last = await desk.notice(parcel_of("p2")), await desk.notice(parcel_of("p1"))

    assert first is None
    assert last is not None
    assert last.lines == (("1-1", 1),)


async def test_the_second_parcel_is_captured_although_the_order_is_partially_paid_by_then(database: Database) -> None:
    placed = channel_order(1, TEE=2).model_copy(update={"financial": "authorized"})

    def play(tx: Connection) -> None:
        found(tx)
        connections.change(tx, "web", captures="hub")
        stock(tx, "TEE", 2)
        route(tx, take(tx, placed))
        ship(tx, "p1", 1, TEE=1)

    def paid_in_part(tx: Connection) -> Any:
        take(tx, placed.model_copy(update={"financial": "partially_paid", "updated_at": later(minutes=2)}))
        ship(tx, "p2", 3, TEE=1)
        return settle(tx, "web-1", NOW).capture

    database.write_now(play)
    desk = PaymentDesk(database)
    (step,) = await desk.steps_of(parcel_of("p1"))
    first = await desk.step_due(step)
    assert first is not None
    await desk.captured(step, "capture:p1", first, ShownPayment(external_id="t1", amount=first.amount))
    await desk.capture_told(parcel_of("p1"))

    due = database.write_now(paid_in_part)

    (step,) = await desk.steps_of(parcel_of("p2"))
    second = await desk.step_due(step)
    assert due == ("web-1-F1-p2",)
    assert second is not None
    assert (first.amount.amount_minor, second.amount.amount_minor) == (1000, 1000)


async def test_orders_that_meet_one_cause_at_once_are_in_one_exception(database: Database) -> None:
    """Opened, joined and left at the same moment by many: it never closes while an order has the cause."""
    database.write_now(found)
    taken = [database.write_now(partial(take, order=channel_order(n, NEW=1))) for n in range(1, 21)]
    over = {"canceled_at": later(minutes=1), "updated_at": later(minutes=1)}

    def leave(tx: Connection, number: int) -> None:
        take(tx, channel_order(number, NEW=1).model_copy(update=over))
        settle(tx, f"web-{number}", NOW)

    await asyncio.gather(*(database.write(partial(settle, order_id=o, now=NOW)) for o in taken[:10]))
    joins = [database.write(partial(settle, order_id=o, now=NOW)) for o in taken[10:]]
    leaves = [database.write(partial(leave, number=n)) for n in range(1, 11)]
    await asyncio.gather(*(step for pair in zip(joins, leaves, strict=True) for step in pair))

    held = select(func.count()).select_from(AFFECTED).where(AFFECTED.c.gone_at.is_(None))
    still_open = select(func.count()).select_from(EXCEPTIONS).where(EXCEPTIONS.c.closed_at.is_(None))
    counts = database.read_now(lambda tx: (tx.execute(held).scalar(), tx.execute(still_open).scalar()))
    assert counts == (10, 1)
    assert database.read_now(lambda tx: load(tx, "web-20").unmapped) != ()
