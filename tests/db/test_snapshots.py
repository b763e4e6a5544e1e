"""What a newer snapshot of an order changes, and what it leaves as it was decided."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from db import connections
from db.exceptions import EXCEPTIONS
from db.facts import EVENTS, OUTBOX
from db.intake import take_order
from db.order_reading import FULFILLMENT_ORDERS, ORDERS, load
from db.routing import ask
from db.session import Database
from db.standing import settle
from domain.order_state import HELD_BACK, NO_STOCK
from tests.db.world import NOW, VAULT, channel_order, eur, found, later, route, stock, take

NEWER = {"updated_at": later(minutes=5)}


def row(tx: Connection) -> Any:
    return tx.execute(select(ORDERS)).one()


def test_totals_follow_the_newer_snapshot_and_wake_nobody(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        order = channel_order(1, TEE=2)
        take(tx, order)
        tx.execute(OUTBOX.delete())
        newer = order.model_copy(update=NEWER | {"total": eur(2500), "shipping": eur(500)})
        take(tx, newer)
        take(tx, newer)
        facts = tx.execute(select(EVENTS.c.data).where(EVENTS.c.kind == "amounts_changed")).scalars().all()
        woken = tx.execute(select(OUTBOX)).all()
        return (
            row(tx).total_minor,
            row(tx).shipping_minor,
            row(tx).amounts["total"]["shop"]["amount_minor"],
            facts,
            woken,
        )

    assert database.write_now(play) == (2500, 500, 2500, [{"total_minor": 2500, "before_minor": 2000}], [])


def test_an_older_snapshot_changes_no_total(database: Database) -> None:
    def play(tx: Connection) -> int:
        found(tx)
        order = channel_order(1, TEE=2)
        take(tx, order.model_copy(update=NEWER | {"total": eur(2500)}))
        take(tx, order)
        return int(row(tx).total_minor)

    assert database.write_now(play) == 2500


def test_an_order_placed_before_the_connection_s_start_is_left_alone(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        connections.change(tx, "web", starts_at=NOW)
        before = channel_order(1, TEE=1).model_copy(
            update={"placed_at": later(seconds=-1), "updated_at": later(days=1)}
        )
        told = [
            take_order(tx, VAULT, connections.load(tx, "web"), order, later(days=1), "test").outcome
            for order in (before, channel_order(2, TEE=1))
        ]
        return told, tx.execute(select(ORDERS.c.id)).scalars().all()

    assert database.write_now(play) == (["too_old", "new"], ["web-2"])


def test_a_pickup_that_is_learned_late_is_a_fact_and_undoes_nothing(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 2)
        order = channel_order(1, TEE=2)
        route(tx, take(tx, order))
        tx.execute(OUTBOX.delete())
        take(tx, order.model_copy(update=NEWER | {"delivery": "pickup", "pickup_location_external_id": "berlin"}))
        f = tx.execute(select(FULFILLMENT_ORDERS)).one()
        woken = tx.execute(select(OUTBOX)).all()
        return row(tx).delivery, row(tx).pickup_location_id, f.state, f.is_pickup, f.recall, len(woken)

    assert database.write_now(play) == ("pickup", "berlin", "planned", False, "", 1)


def test_a_snapshot_that_does_not_tell_the_delivery_keeps_a_known_pickup(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        order = channel_order(1, delivery="pickup", pickup="berlin", TEE=2)
        take(tx, order)
        thin = {"delivery": None, "pickup_location_external_id": ""}
        take(tx, order.model_copy(update=NEWER | thin))
        return row(tx).delivery, row(tx).pickup_location_id

    assert database.write_now(play) == ("pickup", "berlin")


def test_promise_and_completeness_reach_the_decision_and_follow_newer_snapshots(database: Database) -> None:
    def play(tx: Connection) -> list[tuple[Any, ...]]:
        found(tx)
        order = channel_order(1, TEE=2)
        promised = order.model_copy(update={"promised_on": date(2026, 12, 1), "ship_complete": True})
        asked = []
        for snapshot in (promised, order.model_copy(update=NEWER)):
            problem = ask(tx, load(tx, take(tx, snapshot)), later()).problem
            asked.append((problem.promised_on, problem.ship_complete))
        return asked

    assert database.write_now(play) == [(date(2026, 12, 1), True), (date(2026, 12, 1), False)]


def test_an_order_that_must_be_complete_waits_for_all_of_it(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        stock(tx, "TEE", 1)
        order = take(tx, channel_order(1, TEE=1, MUG=1).model_copy(update={"ship_complete": True}))
        sent = route(tx, order)
        settle(tx, order, NOW)
        waiting = sorted((w.item_id, w.reason) for w in load(tx, order).waiting)
        raised = tx.execute(select(EXCEPTIONS.c.cause)).scalars().all()
        stock(tx, "MUG", 1)
        return sent, waiting, raised, route(tx, order)

    assert database.write_now(play) == (
        [],
        [("MUG", NO_STOCK), ("TEE", HELD_BACK)],
        ["out_of_stock:MUG"],
        ["web-1-F1"],
    )
