"""Shadow: everything is computed and nothing is written, whoever of an order's connections is in it."""

from typing import Any

from sqlalchemy import Connection, func, select

from connectors.contract import Effect
from db import connections
from db.effects import begin
from db.exceptions import EXCEPTIONS
from db.facts import OUTBOX
from db.ledger import LEVELS, RESERVATIONS
from db.order_reading import DECISIONS, EFFECTS, FULFILLMENT_ORDERS
from db.session import Database
from db.standing import settle
from tests.db.world import NOW, channel_order, found, route, stock, take


def test_an_order_of_a_channel_in_shadow_is_decided_and_promised_nothing(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 2)
        connections.change(tx, "web", mode="shadow")
        order = take(tx, channel_order(1, TEE=2))
        route(tx, order)
        outcome = settle(tx, order, NOW).outcome
        winners = [row.plan["parcels"][0]["location_id"] for row in tx.execute(select(DECISIONS))]
        written = [
            tx.execute(select(func.count()).select_from(table)).scalar()
            for table in (FULFILLMENT_ORDERS, RESERVATIONS, EFFECTS, EXCEPTIONS)
        ]
        return outcome, winners, tx.execute(select(LEVELS.c.reserved)).scalar(), written

    assert database.write_now(play) == ("shadowed", ["berlin"], 0, [0, 0, 0, 0])


def test_a_location_in_shadow_is_asked_for_nothing_until_it_is_switched_on(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 1)
        connections.change(tx, "store", mode="shadow")
        order = take(tx, channel_order(1, TEE=1))
        (f_id,) = route(tx, order)
        settle(tx, order, NOW)
        sending = Effect(key=f"send:{f_id}", kind="fulfillment_order", connection_id="store", order_id=order)
        held = begin(tx, sending, NOW).state, tx.execute(select(func.count()).select_from(EFFECTS)).scalar()
        told = list(tx.execute(select(EXCEPTIONS.c.cause).where(EXCEPTIONS.c.closed_at.is_(None))).scalars())
        tx.execute(OUTBOX.delete())
        connections.change(tx, "store", mode="on")
        woken = connections.let_go(tx, "store", NOW)
        settle(tx, order, NOW)
        left = tx.execute(select(func.count()).where(EXCEPTIONS.c.closed_at.is_(None))).scalar()
        return held, told, (woken, left), begin(tx, sending, NOW).state

    assert database.write_now(play) == (("held", 0), ["paused:store"], (("web-1",), 0), "call")
