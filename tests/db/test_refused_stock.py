"""Stock at a location that said no to an order is not offered to it, and the exception says so."""

from typing import Any

from sqlalchemy import Connection, select

from db import connections, locations
from db.exceptions import EXCEPTIONS
from db.facts import OUTBOX
from db.order_reading import load
from db.reports import record_report
from db.restock import receive
from db.session import Database
from db.standing import settle
from domain.fulfillment import FulfillmentReport
from domain.location import Location, LocationProfile
from domain.order_state import STOCK_REFUSED
from tests.db.world import KEYS, NOW, channel_order, found, later, route, stock, take


def rejected(tx: Connection) -> str:
    """An order that Berlin has said no to, though it has stock; Munich has none."""
    found(tx)
    connections.create(tx, KEYS, "store2", platform="store", config={}, now=NOW)
    connections.change(tx, "store2", mode="on")
    profile = LocationProfile(country="DE", postal_code="80331", handling_minor=100)
    locations.put(tx, Location(id="munich", name="Munich", kind="store", connection_id="store2", profile=profile))
    stock(tx, "TEE", 1)
    order = take(tx, channel_order(1, TEE=1))
    (f_id,) = route(tx, order)
    no = FulfillmentReport(key="no", kind="rejected", reference=f_id, at=NOW, reason="damaged")
    record_report(tx, no, connection_id="store", source="test", now=NOW)
    route(tx, order)
    settle(tx, order, NOW)
    tx.execute(OUTBOX.delete())
    return order


def test_the_exception_says_that_only_locations_that_refused_have_stock(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        order = rejected(tx)
        reasons = [w.reason for w in load(tx, order).waiting]
        return reasons, tx.execute(select(EXCEPTIONS.c.cause, EXCEPTIONS.c.title)).all()

    reasons, raised = database.write_now(play)

    assert reasons == [STOCK_REFUSED]
    assert raised == [
        ("stock_refused:TEE", "Stock of TEE is only where locations have said no to the orders that wait for it")
    ]


def test_stock_there_wakes_the_order_behind_and_stock_elsewhere_wakes_this_one(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        first = rejected(tx)
        other = take(tx, channel_order(2, TEE=2))
        route(tx, other)
        here = receive(tx, "more", "TEE", "berlin", 1, at=later(minutes=1))
        there = receive(tx, "there", "TEE", "munich", 1, at=later(minutes=2))
        return here == (other,), there == (first,)

    assert database.write_now(play) == (True, True)
