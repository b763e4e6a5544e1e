"""One cause is one exception, however many orders it holds up; what is gone closes itself, what is mended goes on."""

from typing import Any

from sqlalchemy import Connection, select

from db.exceptions import AFFECTED, EXCEPTIONS, orders_held_by
from db.facts import OUTBOX
from db.ledger import LEVELS
from db.order_reading import load
from db.restock import receive
from db.session import Database
from db.sku_mapping import map_sku
from db.standing import settle
from domain.channel_order import ChannelOrder
from domain.item import Alias
from tests.db.world import NOW, channel_order, found, later, route, take

CAUSE = "unmapped_sku:web:NEW"


def exceptions(tx: Connection) -> list[tuple[Any, ...]]:
    """(cause, who closed it), in the order in which they were opened."""
    rows = tx.execute(select(EXCEPTIONS.c.cause, EXCEPTIONS.c.closed_by).order_by(EXCEPTIONS.c.id))
    return [tuple(row) for row in rows]


def waiting(tx: Connection, *orders: ChannelOrder) -> list[str]:
    """Take them and see that they wait."""
    taken = [take(tx, order) for order in orders]
    for order_id in taken:
        settle(tx, order_id, NOW)
    return taken


def test_many_orders_of_one_cause_are_one_exception(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        taken = waiting(tx, *(channel_order(n, NEW=1) for n in range(1, 31)))
        return exceptions(tx), sorted(orders_held_by(tx, CAUSE)) == sorted(taken)

    assert database.write_now(play) == ([(CAUSE, "")], True)


def test_it_closes_itself_with_its_last_order_and_opens_anew_when_it_comes_back(database: Database) -> None:
    def play(tx: Connection) -> list[Any]:
        found(tx)
        placed = [channel_order(n, NEW=1) for n in (1, 2)]
        taken, seen = waiting(tx, *placed), []
        for order, order_id in zip(placed, taken, strict=True):
            over = {"canceled_at": later(minutes=1), "updated_at": later(minutes=1)}
            take(tx, order.model_copy(update=over))
            settle(tx, order_id, NOW)
            seen.append(exceptions(tx))
        waiting(tx, channel_order(3, NEW=1))
        return [*seen, exceptions(tx)]

    assert database.write_now(play) == [
        [(CAUSE, "")],
        [(CAUSE, "cause gone")],
        [(CAUSE, "cause gone"), (CAUSE, "")],
    ]


def test_mapping_a_sku_resumes_every_order_that_waits_for_it(database: Database) -> None:
    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        taken = waiting(tx, *(channel_order(n, NEW=1) for n in range(1, 11)))
        (other,) = waiting(tx, channel_order(11, OTHER=1))
        tx.execute(OUTBOX.delete())
        mapped = map_sku(tx, "TEE", Alias(sku="NEW", connection_id="web"), by="test", now=NOW)
        told = tx.execute(select(OUTBOX.c.order_id)).scalars().all()
        stages = {settle(tx, order_id, NOW).stage for order_id in taken}
        everyone = sorted(mapped.order_ids) == sorted(told) == sorted(taken)
        return everyone, stages, settle(tx, other, NOW).stage, exceptions(tx)

    closed = [(CAUSE, "cause gone"), ("unmapped_sku:web:OTHER", "")]

    assert database.write_now(play) == (True, {"to_route"}, "waiting", closed)


def test_restock_wakes_by_priority_then_age_and_only_the_winners(database: Database) -> None:
    def placed(number: int, minutes: int, *tags: str) -> ChannelOrder:
        return channel_order(number, TEE=1).model_copy(update={"placed_at": later(minutes=minutes), "tags": tags})

    def play(tx: Connection) -> tuple[Any, ...]:
        found(tx)
        for order in (placed(1, 3), placed(2, 1), placed(3, 4, "express"), placed(4, 5, "vip"), placed(5, 2)):
            route(tx, take(tx, order))
        tx.execute(OUTBOX.delete())
        first = receive(tx, "r1", "TEE", "berlin", 3, at=NOW)
        again = receive(tx, "r1", "TEE", "berlin", 3, at=NOW)
        told = sorted(tx.execute(select(OUTBOX.c.order_id)).scalars())
        held = tx.execute(select(LEVELS.c.on_hand, LEVELS.c.reserved)).one()
        second = receive(tx, "r2", "TEE", "berlin", 9, at=NOW)
        return first, again, told, tuple(held), second

    assert database.write_now(play) == (
        ("web-4", "web-3", "web-2"), (), ["web-2", "web-3", "web-4"], (3, 3), ("web-5", "web-1"),
    )  # fmt: skip


def test_orders_that_wait_for_one_item_share_an_exception_and_leave_it_one_by_one(database: Database) -> None:
    def play(tx: Connection) -> list[Any]:
        found(tx)
        taken = [take(tx, channel_order(n, TEE=1)) for n in (1, 2)]
        for order_id in taken:
            route(tx, order_id)
            settle(tx, order_id, NOW)
        seen: list[Any] = [orders_held_by(tx, "out_of_stock:TEE")]
        for delivery in ("r1", "r2"):
            for order_id in receive(tx, delivery, "TEE", "berlin", 1, at=NOW):
                route(tx, order_id)
                settle(tx, order_id, NOW)
            seen.append(orders_held_by(tx, "out_of_stock:TEE"))
        gone = tx.execute(select(AFFECTED.c.gone_at)).scalars().all()
        return [*seen, exceptions(tx), [*gone] == [NOW, NOW], load(tx, "web-2").waiting]

    out = [("web-1", "web-2"), ("web-2",), (), [("out_of_stock:TEE", "cause gone")], True, ()]

    assert database.write_now(play) == out
