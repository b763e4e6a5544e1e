"""Stock at a simulated shop: set by compare-and-swap, results per item, every write one effect."""

from connectors.contract import StockSetting
from tests.connectors.shopify.shop import BERLIN, MUG, TEE, TORONTO, SimulatedShop


def setting(item: str, location: int, quantity: int, expected: int | None = 10) -> StockSetting:
    return StockSetting(item_external_id=item, location_external_id=str(location), quantity=quantity, expected=expected)


async def test_one_bad_item_stops_no_other(shop: SimulatedShop) -> None:
    settings = (
        setting(TEE, BERLIN, 5),
        setting("999", BERLIN, 5),
        setting(MUG, BERLIN, 5, expected=9),
        setting(MUG, TORONTO, 0),
    )

    results = await shop.connector.set_stock(settings, "k")

    assert [result.outcome for result in results] == ["confirmed", "rejected", "stale", "confirmed"]
    assert [result.shown for result in results] == [5, None, 10, 0]
    assert results[1].code == "INVALID_INVENTORY_ITEM"


async def test_a_batch_with_bad_items_repeated_by_its_key_ends_the_same(shop: SimulatedShop) -> None:
    settings = (setting(TEE, BERLIN, 5), setting("999", BERLIN, 5))
    first = await shop.connector.set_stock(settings, "k")

    again = await shop.connector.set_stock(settings, "k")

    assert [result.outcome for result in again] == [result.outcome for result in first]
    assert shop.count("inventory") == 1


async def test_five_seven_five_are_three_effects(shop: SimulatedShop) -> None:
    for version, (expected, quantity) in enumerate([(10, 5), (5, 7), (7, 5)]):
        await shop.connector.set_stock((setting(TEE, BERLIN, quantity, expected),), f"stock/{version}")

    assert shop.count("inventory") == 3


async def test_every_number_is_read_when_a_connection_is_opened(shop: SimulatedShop) -> None:
    found = await shop.connector.opening_stock()

    assert len(found) == 7
    assert {stock.sku for stock in found} == {"TEE-BLK-M", "MUG-RED", "NOTEBOOK-A5", "POSTER-A2"}
