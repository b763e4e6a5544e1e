"""Sets through the database: routed whole, waiting together, woken by the part that was missing."""

from sqlalchemy import Connection, select

from db.exceptions import EXCEPTIONS
from db.locations import put
from db.order_reading import WAITING_LINES, load
from db.routing import ask
from db.session import Database
from db.standing import settle
from domain.location import Location, LocationProfile
from tests.db.world import NOW, channel_order, found, route, stock, take


def second_place(tx: Connection) -> None:
    found(tx)
    profile = LocationProfile(country="DE", postal_code="80331", timezone="Europe/Berlin")
    put(tx, Location(id="munich", name="Munich", kind="store", connection_id="store", profile=profile))


def test_a_bundle_is_asked_for_as_sets_and_a_line_of_its_own_is_not(database: Database) -> None:
    def play(tx: Connection) -> list[tuple[str, str, int]]:
        second_place(tx)
        order = take(tx, channel_order(1, SET=2, TEE=1))
        return [(d.item_id, d.bundle, d.per_bundle) for d in ask(tx, load(tx, order), NOW).problem.demand]

    demand = database.write_now(play)

    assert demand == [("MUG", "L1", 2), ("TEE", "L1", 1), ("TEE", "", 1)]


def test_a_set_whose_parts_are_apart_waits_under_an_exception_and_leaves_once_they_meet(database: Database) -> None:
    def apart(tx: Connection) -> tuple[list[str], set[str], list[str]]:
        second_place(tx)
        stock(tx, "TEE", 5)
        stock(tx, "MUG", 5, location_id="munich")
        order = take(tx, channel_order(1, SET=1))
        sent = route(tx, order)
        settle(tx, order, NOW)
        waiting = set(tx.execute(select(WAITING_LINES.c.reason)).scalars())
        return sent, waiting, sorted(tx.execute(select(EXCEPTIONS.c.kind)).scalars())

    def together(tx: Connection) -> list[tuple[str, list[str]]]:
        stock(tx, "TEE", 1, location_id="munich")
        route(tx, "web-1")
        return [(f.location_id, sorted(unit.item_id for unit in f.lines)) for f in load(tx, "web-1").fulfillment_orders]

    sent, waiting, raised = database.write_now(apart)
    after = database.write_now(together)

    assert sent == []
    assert waiting == {"bundle_apart"}
    assert raised == ["bundle_apart", "bundle_apart"]
    assert after == [("munich", ["MUG", "TEE"])]
