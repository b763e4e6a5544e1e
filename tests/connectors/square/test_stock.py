"""Numbers at the till: moved by the difference, so that no sale is undone; one bad change stops no other."""

import pytest

from connectors.contract import StockSetting
from connectors.errors import OutcomeUnknownError
from sandbox.faults import FaultKind
from tests.connectors.square.official import needs_contract
from tests.connectors.square.till import opened


def setting(sku: str, quantity: int, expected: int | None = None, location: str = "LBER") -> StockSetting:
    return StockSetting(
        item_external_id=f"VAR-{sku}", location_external_id=location, quantity=quantity, expected=expected
    )


async def test_numbers_are_set_up_and_down_and_counted_where_there_is_none(world):
    results = await world.connector.set_stock((setting("TEA", 7, 10), setting("CUP", 8, 5), setting("NEW", 3)), "K1")

    assert [(result.outcome, result.shown) for result in results] == [
        ("confirmed", 7),
        ("confirmed", 8),
        ("confirmed", 3),
    ]
    assert (world.units("TEA"), world.units("CUP"), world.units("NEW")) == (7, 8, 3)
    assert [change["type"] for change in world.simulator.account.changes] == [
        "ADJUSTMENT",
        "ADJUSTMENT",
        "PHYSICAL_COUNT",
    ]


async def test_a_sale_that_the_hub_has_not_heard_of_is_not_overwritten(world):
    await world.sell({"TEA": 1})
    (result,) = await world.connector.set_stock((setting("TEA", 7, 10),), "K1")

    assert (result.outcome, result.shown, result.code) == ("stale", 9, "not_as_expected")
    assert world.units("TEA") == 9


async def test_a_number_that_was_read_from_an_old_state_is_put_right_by_the_next_look(world):
    await world.sell({"TEA": 1})
    world.strike(FaultKind.STALE_OBJECT, "BatchRetrieveInventoryCounts")
    (first,) = await world.connector.set_stock((setting("TEA", 7, 10),), "K1")
    (second,) = await world.connector.set_stock((setting("TEA", 7, first.shown),), "K2")

    assert (first.outcome, first.shown) == ("stale", 6)
    assert (second.outcome, second.shown, world.units("TEA")) == ("confirmed", 7, 7)


async def test_a_sale_between_the_look_and_the_write_is_kept(world):
    real = world.connector._stock._send

    async def sold_meanwhile(changes, key):
        await world.sell({"TEA": 2})
        return await real(changes, key)

    world.connector._stock._send = sold_meanwhile
    (result,) = await world.connector.set_stock((setting("TEA", 7, 10),), "K1")

    assert (result.outcome, result.shown, result.code) == ("stale", 5, "sold_meanwhile")
    assert world.units("TEA") == 5


async def test_a_lost_answer_is_unknown_and_the_repeat_moves_nothing(world):
    world.strike(FaultKind.COMMIT_THEN_DROP, "BatchChangeInventory")
    with pytest.raises(OutcomeUnknownError):
        await world.connector.set_stock((setting("TEA", 7, 10),), "K1")
    (result,) = await world.connector.set_stock((setting("TEA", 7, 10),), "K1")

    assert (result.outcome, world.units("TEA"), world.count("inventory")) == ("confirmed", 7, 1)


async def test_a_key_that_was_used_means_that_an_earlier_attempt_has_landed(world):
    """The look found the old number, and the earlier attempt arrived after it."""
    real = world.connector._stock._shown
    await world.connector.set_stock((setting("TEA", 7, 10),), "K1")
    looks = []

    async def late(items, places):
        looks.append(items)
        return {("VAR-TEA", "LBER"): 10} if len(looks) == 1 else await real(items, places)

    world.connector._stock._shown = late
    (result,) = await world.connector.set_stock((setting("TEA", 7, 10),), "K1")

    assert (result.outcome, world.units("TEA"), world.count("inventory")) == ("confirmed", 7, 1)


async def test_one_poison_item_in_250_stops_no_other():
    stock = {f"S{number}": {"LBER": 1} for number in range(249)}
    async with opened(stock=stock) as world:
        settings = [setting(sku, 5, 1) for sku in stock]
        settings.insert(100, setting("NOBODY", 5))
        results = await world.connector.set_stock(tuple(settings), "K1")

        assert [
            (result.setting.item_external_id, result.code) for result in results if result.outcome != "confirmed"
        ] == [("VAR-NOBODY", "NOT_FOUND")]
        assert {world.units(sku) for sku in stock} == {5}


async def test_opening_stock_names_skus_and_places(world):
    found = await world.connector.opening_stock()

    assert {(one.sku, one.location_external_id, one.available) for one in found} == {
        ("TEA", "LBER", 10), ("TEA", "LHAM", 4), ("CUP", "LBER", 5),
    }  # fmt: skip


async def test_the_check_names_missing_scopes():
    async with opened(scopes=["ORDERS_READ"]) as world:
        access = await world.connector.check()

        assert access.missing == ("MERCHANT_PROFILE_READ", "ITEMS_READ", "INVENTORY_READ", "INVENTORY_WRITE")


@needs_contract
async def test_every_call_is_in_the_official_contract(world):
    await world.connector.set_stock((setting("TEA", 7, 10),), "K1")
    await world.connector.opening_stock()
    await world.connector.check()
    await world.connector.locations()

    assert world.official.seen == {
        "BatchRetrieveInventoryCounts", "BatchChangeInventory", "ListCatalog", "RetrieveTokenStatus", "ListLocations",
    }  # fmt: skip
