"""Items, bundles, and SKUs that orders wait for."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from db import items
from db.exceptions import EXCEPTIONS
from db.facts import EVENTS, OUTBOX
from db.order_reading import LINES
from db.sku_mapping import map_sku, unmap_sku
from db.standing import settle
from domain.errors import DomainError
from domain.item import Alias, Component, Item
from tests.db.world import NOW, channel_order, found, stock, take


def bundle(item_id: str, *parts: str) -> Item:
    return Item(id=item_id, title=item_id, components=tuple(Component(item_id=part, quantity=1) for part in parts))


@pytest.fixture
def world(database):
    database.write_now(found)
    return database


def refusal(database, work) -> str:
    with pytest.raises(DomainError) as refused:
        database.write_now(work)
    return refused.value.code


def test_an_item_is_made_and_then_replaced(world):
    lamp = Item(id="LAMP", title="Lamp", weight_g=900)
    first = world.write_now(lambda tx: items.put(tx, lamp))
    second = world.write_now(lambda tx: items.put(tx, lamp.model_copy(update={"title": "Desk lamp"})))

    assert (first, second) == (None, lamp)
    assert world.read_now(lambda tx: items.load(tx, "LAMP")).title == "Desk lamp"


def test_a_bundle_keeps_its_components(world):
    found_again = world.read_now(lambda tx: items.load(tx, "SET"))

    assert [(part.item_id, part.quantity) for part in found_again.components] == [("TEE", 1), ("MUG", 2)]
    assert world.read_now(lambda tx: items.bundles_with(tx, "MUG")) == ["SET"]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (bundle("BOX", "NOWHERE"), "unknown_item"),
        (bundle("BOX", "SET"), "nested_bundle"),
        (bundle("TEE", "MUG"), "nested_bundle"),
    ],
)
def test_bundles_are_one_level_deep(world, item, code):
    assert refusal(world, lambda tx: items.put(tx, item)) == code


def test_what_has_stock_is_no_bundle(world):
    world.write_now(lambda tx: items.put(tx, Item(id="LAMP", title="Lamp")))
    world.write_now(lambda tx: stock(tx, "LAMP", 3))

    assert refusal(world, lambda tx: items.put(tx, bundle("LAMP", "TEE"))) == "bundle_with_stock"


def test_an_item_is_found_by_a_part_of_its_id_its_title_or_its_sku(world):
    world.write_now(lambda tx: map_sku(tx, "MUG", Alias(sku="cup_50%"), by="test", now=NOW))

    def found_by(search: str) -> list[str]:
        return [item.id for item in world.read_now(lambda tx: items.page(tx, search=search))]

    assert [found_by("tee"), found_by("shirt"), found_by("_50%"), found_by("_")] == [["TEE"], ["TEE"], ["MUG"], ["MUG"]]


def test_mapping_a_sku_fills_the_lines_that_wait_for_it_and_wakes_their_orders(world):
    order_id = world.write_now(lambda tx: take(tx, channel_order(1, NEW=2, TEE=1)))
    world.write_now(lambda tx: settle(tx, order_id, NOW))
    world.write_now(lambda tx: tx.execute(OUTBOX.delete()))
    mapped = world.write_now(lambda tx: map_sku(tx, "MUG", Alias(sku="NEW"), by="ada", now=NOW))

    assert (mapped.lines, mapped.order_ids) == (1, (order_id,))
    assert world.read_now(
        lambda tx: tx.execute(select(LINES.c.sku, LINES.c.item_id).order_by(LINES.c.line_id)).all()
    ) == [
        ("NEW", "MUG"),
        ("TEE", "TEE"),
    ]
    assert world.read_now(lambda tx: tx.execute(select(OUTBOX.c.order_id, OUTBOX.c.seq)).all()) == [(order_id, 2)]
    assert world.read_now(lambda tx: tx.execute(select(EVENTS.c.kind).order_by(EVENTS.c.seq)).scalars().all()) == [
        "placed",
        "mapped",
    ]
    assert world.read_now(lambda tx: tx.execute(select(EXCEPTIONS.c.cause, EXCEPTIONS.c.closed_at)).all()) == [
        ("unmapped_sku:web:NEW", NOW)
    ]


def test_an_alias_of_another_connection_leaves_the_lines_waiting(world):
    world.write_now(lambda tx: take(tx, channel_order(1, NEW=1)))
    mapped = world.write_now(lambda tx: map_sku(tx, "MUG", Alias(sku="NEW", connection_id="store"), by="ada", now=NOW))

    assert mapped.lines == 0


def test_lines_that_have_an_item_keep_it_when_the_sku_comes_to_mean_another(world):
    world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    mapped = world.write_now(lambda tx: map_sku(tx, "MUG", Alias(sku="TEE"), by="ada", now=NOW))

    assert mapped.lines == 0


def test_a_sku_can_be_unmapped_and_mapped_again(world):
    world.write_now(lambda tx: unmap_sku(tx, "TEE", ""))
    world.write_now(lambda tx: take(tx, channel_order(1, TEE=1)))
    first = world.write_now(lambda tx: map_sku(tx, "TEE", Alias(sku="TEE"), by="ada", now=NOW))
    again = world.write_now(lambda tx: map_sku(tx, "TEE", Alias(sku="TEE"), by="ada", now=NOW + timedelta(seconds=1)))

    assert (first.lines, again.lines) == (1, 0)


def count_statements(database, work) -> int:
    statements = 0

    def on_statement(*_args) -> None:
        nonlocal statements
        statements += 1

    event.listen(database.engine, "before_cursor_execute", on_statement)
    database.write_now(work)
    event.remove(database.engine, "before_cursor_execute", on_statement)
    return statements


def test_a_thousand_waiting_orders_go_on_in_a_handful_of_statements(world):
    def take_all(tx):
        for number in range(1000):
            take(tx, channel_order(number, NEW=1))

    world.write_now(take_all)
    world.write_now(lambda tx: tx.execute(OUTBOX.delete()))
    statements = count_statements(world, lambda tx: map_sku(tx, "MUG", Alias(sku="NEW"), by="ada", now=NOW))
    woken = world.read_now(lambda tx: tx.execute(select(func.count()).select_from(OUTBOX)).scalar())

    assert woken == 1000
    assert statements < 20
