"""An order that is edited at its channel while a location has it already."""

from typing import Any

from sqlalchemy import Connection

from db.order_reading import load
from db.session import Database
from db.standing import settle
from domain.channel_order import ChannelOrder
from tests.db.world import channel_order, found, later, route, stock, take


def edited(order: ChannelOrder, **units: int) -> ChannelOrder:
    """The same order a minute later, with so many units by SKU; lines keep their ids, new ones get their own."""
    known = {line.sku: line for line in order.lines}
    now = [(line, units.get(line.sku, 0)) for line in order.lines]
    lines = [each.model_copy(update={"quantity": max(each.quantity, n), "current_quantity": n}) for each, n in now]
    lines += [
        line.model_copy(update={"external_id": f"new-{line.sku}"})
        for line in channel_order(1, **units).lines
        if line.sku not in known
    ]
    return order.model_copy(update={"lines": tuple(lines), "updated_at": later(minutes=1)})


def play(tx: Connection, before: dict[str, int], after: dict[str, int]) -> dict[str, Any]:
    """Routed as it was, then edited; what the hub does next."""
    found(tx)
    stock(tx, "TEE", 9)
    stock(tx, "MUG", 9)
    order = channel_order(1, **before)
    order_id = take(tx, order)
    route(tx, order_id)
    settle(tx, order_id, later(minutes=0))
    tx.exec_driver_sql("UPDATE fulfillment_orders SET state = 'accepted'")
    take(tx, edited(order, **after))
    standing = settle(tx, order_id, later(minutes=1))
    demand = {unit.item_id: unit.quantity for unit in load(tx, order_id).open_demand()}
    return {"recall": [f.id for f in standing.recall], "stage": standing.stage, "to_find": demand}


def test_an_added_line_is_found_a_place_and_what_is_under_way_stays(database: Database) -> None:
    seen = database.write_now(lambda tx: play(tx, {"TEE": 2}, {"TEE": 2, "MUG": 1}))

    assert seen == {"recall": [], "stage": "to_route", "to_find": {"MUG": 1}}


def test_more_units_of_a_line_are_found_a_place(database: Database) -> None:
    seen = database.write_now(lambda tx: play(tx, {"TEE": 2}, {"TEE": 5}))

    assert seen == {"recall": [], "stage": "to_route", "to_find": {"TEE": 3}}


def test_fewer_units_of_a_line_are_asked_back(database: Database) -> None:
    seen = database.write_now(lambda tx: play(tx, {"TEE": 2}, {"TEE": 1}))

    assert (seen["recall"], seen["to_find"]) == (["web-1-F1"], {})


def test_a_removed_line_is_asked_back_with_the_parcel_that_it_is_in(database: Database) -> None:
    seen = database.write_now(lambda tx: play(tx, {"TEE": 2, "MUG": 1}, {"TEE": 2}))

    assert (seen["recall"], seen["to_find"]) == (["web-1-F1"], {})
