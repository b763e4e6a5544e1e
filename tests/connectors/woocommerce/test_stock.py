"""Stock on WooCommerce: one number per item, in batches, and what is answered is what counts."""

import pytest
from pydantic import ValidationError

from connectors.contract import StockSetting
from connectors.errors import NotAuthorizedError
from connectors.woocommerce.connector import WooConfig
from sandbox.faults import FaultKind
from tests.connectors.woocommerce.shop import CONFIG, opened


def setting(item: object, quantity: int) -> StockSetting:
    return StockSetting(item_external_id=str(item), location_external_id="shop", quantity=quantity)


async def test_products_and_variations_are_set_and_read_back(world):
    tea, small = str(world.thing("TEA")["id"]), f"{world.thing('TEE')['id']}/{world.thing('TEE-S')['id']}"
    results = await world.connector.set_stock((setting(tea, 4), setting(small, 2)), "K1")
    shown = await world.connector.read_stock((small, tea))

    assert [(result.outcome, result.shown) for result in results] == [("confirmed", 4), ("confirmed", 2)]
    assert [(at.item_external_id, at.quantity) for at in shown] == [(small, 2), (tea, 4)]


async def test_a_cache_in_front_of_the_shop_shows_the_number_before(world):
    tea = str(world.thing("TEA")["id"])
    await world.connector.set_stock((setting(tea, 4),), "K1")
    world.strike(FaultKind.STALE_OBJECT, "products.list")
    (old,) = await world.connector.read_stock((tea,))
    (new,) = await world.connector.read_stock((tea,))

    assert (old.quantity, new.quantity) == (10, 4)


async def test_one_poison_item_in_250_stops_no_other():
    products = [{"sku": f"S{n}", "stock": 1} for n in range(249)]
    async with opened(products=products) as world:
        ids = [body["id"] for body in world.shop.products.values()]
        settings = [setting(item, 5) for item in (*ids[:100], 999_999, *ids[100:])]
        results = await world.connector.set_stock(tuple(settings), "K1")

        assert [result.setting.item_external_id for result in results if result.outcome != "confirmed"] == ["999999"]
        assert len([result for result in results if result.outcome == "confirmed"]) == 249


async def test_variations_of_a_product_that_is_gone_are_named(world):
    gone, tea = await world.connector.set_stock((setting("999/1000", 1), setting(world.thing("TEA")["id"], 1)), "K1")

    assert (gone.outcome, gone.code) == ("rejected", "not_found")
    assert tea.outcome == "confirmed"


async def test_an_item_id_that_is_none_is_refused_without_a_call(world):
    (result,) = await world.connector.set_stock((setting("TEA", 1),), "K1")

    assert (result.outcome, result.code) == ("rejected", "bad_item_id")


async def test_a_shop_that_shows_another_number_is_not_believed():
    async with opened(most_shown=3) as world:
        (result,) = await world.connector.set_stock((setting(world.thing("TEA")["id"], 9),), "K1")

        assert (result.outcome, result.shown, result.code) == ("rejected", 3, "shows_other_number")


async def test_opening_stock_holds_what_the_shop_counts(world):
    found = await world.connector.opening_stock()

    assert {(one.sku, one.available, one.location_external_id) for one in found} == {
        ("TEA", 10, "shop"), ("TEE-S", 5, "shop"), ("TEE-M", 5, "shop"),
    }  # fmt: skip


async def test_the_shop_is_the_only_place(world):
    (place,) = await world.connector.locations()

    assert (place.external_id, place.name, place.country, place.postal_code) == ("shop", "Berlin", "DE", "10119")


async def test_the_check_names_what_is_missing():
    async with opened(currency="USD", manages_stock=False) as world:
        access = await world.connector.check()

        assert access.account == "https://alpha.example"
        assert [missing.split(":")[0].split(" (")[0] for missing in access.missing] == [
            "currency EUR",
            "stock management",
        ]


async def test_a_key_that_may_only_read_is_told_at_the_first_write():
    async with opened(permissions="read") as world:
        with pytest.raises(NotAuthorizedError):
            await world.connector.set_stock((setting(101, 1),), "K1")


def test_a_key_is_not_sent_readable_over_the_open_network():
    with pytest.raises(ValidationError, match="https://"):
        WooConfig.model_validate({**CONFIG, "base_url": "http://shop.example"})
