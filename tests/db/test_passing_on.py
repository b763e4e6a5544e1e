"""Stock that was allocated to an order which cannot use it goes to those behind it in the queue, and never back."""

from sqlalchemy import Connection

from db.facts import EVENTS
from db.ledger import RESERVATIONS
from db.session import Database
from tests.db.world import channel_order, found, route, stock, take


def woken(tx: Connection, order: str) -> list[str]:
    facts = tx.execute(EVENTS.select().where(EVENTS.c.order_id == order, EVENTS.c.kind == "restocked"))
    return [fact.data["location"] for fact in facts]


def test_what_an_order_that_must_leave_complete_cannot_use_goes_to_the_one_behind_it(database: Database) -> None:
    """A tee is promised to the older order, which has no mug and may not leave without it."""

    def play(tx: Connection) -> tuple[list[tuple[str, int]], list[str], list[str]]:
        found(tx)
        whole = take(tx, channel_order(1, TEE=1, MUG=1).model_copy(update={"ship_complete": True}))
        behind = take(tx, channel_order(2, TEE=1))
        route(tx, whole)
        route(tx, behind)
        stock(tx, "TEE", 1)
        route(tx, whole)
        held = [(row.order_id, row.quantity) for row in tx.execute(RESERVATIONS.select()).all() if row.quantity]
        return held, woken(tx, whole), woken(tx, behind)

    held, first, second = database.write_now(play)

    assert first == ["berlin"]
    assert second == ["berlin"]
    assert held == [("web-2", 1)]
