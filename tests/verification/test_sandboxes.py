"""Drift put into simulated shops at a known rate is measured, and repaired without touching what people edited."""

import random
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.contract import Surroundings
from connectors.woocommerce.connector import WooConfig, WooConnector
from db import locations, publication, stock_listings
from db.items_by_sku import ALIASES
from db.ledger import LEVELS, MOVEMENTS
from db.order_reading import ITEMS
from tests.connectors.shopify.shop import BERLIN, SimulatedShop
from tests.connectors.woocommerce.shop import CONFIG, World, opened
from tests.publication.merchant import Merchant
from tests.verification.rounds import verify

LISTED = 5_000
RATE = 0.03


def stock_up(tx: Connection, skus: list[str], units: int, at: datetime) -> None:
    """As receipts would, in a statement per table: there are thousands."""
    names = {"weight_g": 0, "is_hazmat": False, "sku_class": "", "components": []}
    place = {"location_id": "depot", "condition": "sellable"}
    received = {"kind": "receive", "on_hand": units, "reserved": 0, "order_id": None, "at": at, **place}
    level = {"on_hand": units, "reserved": 0, "in_transit": 0, "incoming": 0, "version": 1, "seen": 0, **place}
    tx.execute(ITEMS.insert(), [{"id": sku, "title": sku, **names} for sku in skus])
    tx.execute(ALIASES.insert(), [{"sku": s, "connection_id": "", "item_id": s, "external_id": ""} for s in skus])
    tx.execute(MOVEMENTS.insert(), [{"key": f"opening:{sku}", "item_id": sku, **received} for sku in skus])
    tx.execute(LEVELS.insert(), [{"item_id": sku, **level} for sku in skus])


async def take_over(merchant: Merchant, connector: Any, place: str, skus: list[str], units: int) -> None:
    """Every number of the shop is known and as it should be, since an hour ago."""
    merchant.write(lambda tx: stock_up(tx, skus, units, merchant.now))
    merchant.write(lambda tx: locations.put_mapping(tx, "web", place, "depot"))
    merchant.switch("shadow")
    merchant.switch("on")
    numbers = await connector.opening_stock()
    merchant.write(lambda tx: publication.begin(tx, "web"))
    merchant.write(lambda tx: stock_listings.take(tx, "web", numbers, merchant.now))
    merchant.write(lambda tx: stock_listings.discovered(tx, "web", merchant.now))
    merchant.mark()
    merchant.pass_time(hours=1)


async def send(merchant: Merchant, connector: Any) -> None:
    while batch := merchant.claim():
        merchant.settle(batch, await connector.set_stock(batch.settings, batch.key))


def tamper(world: World, chance: random.Random) -> dict[int, str]:
    """Somebody edits so many numbers, and beside them the titles, which are theirs to edit."""
    chosen = chance.sample(sorted(world.shop.products), round(LISTED * RATE))
    for number in chosen:
        product = world.shop.products[number]
        product["stock_quantity"] = chance.choice([0, 3, 11, 250])
        product["name"] = f"Edited {number}"
    return {number: f"Edited {number}" for number in chosen}


async def test_drift_in_five_thousand_listings_is_measured_and_repaired(merchant: Merchant) -> None:
    skus = [f"P{number:04}" for number in range(LISTED)]
    products = [{"sku": sku, "title": sku, "price": "5.00", "stock": 10} for sku in skus]
    async with opened(products=products) as world:
        settings = WooConfig.model_validate(CONFIG | {"calls_per_minute": 1_000_000})
        connector = WooConnector.open(settings, Surroundings("web", transport=world.control._transport))
        await take_over(merchant, connector, "shop", skus, 10)
        titles = tamper(world, random.Random(20261122))

        found = await verify(merchant, connector)
        merchant.pass_time(minutes=1)  # what fell there is raised only after orders had time to arrive
        await send(merchant, connector)
        merchant.pass_time(minutes=1)
        after = await verify(merchant, connector)

        shown = {product["stock_quantity"] for product in world.shop.products.values()}
        kept = {number: world.shop.products[number]["name"] for number in titles}
        await connector.close()
    assert abs(found.wrong / found.looked - RATE) < 0.005
    assert (after.looked, after.wrong) == (LISTED, 0)
    assert shown == {10}
    assert kept == titles


async def test_edits_at_a_shopify_shop_are_repaired_by_compare_and_swap(merchant: Merchant) -> None:
    async with SimulatedShop.opened() as shop:
        simulated = shop.simulator._shops["alpha"]
        skus = ["TEE-BLK-M", "MUG-RED", "NOTEBOOK-A5", "POSTER-A2"]
        await take_over(merchant, shop.connector, str(BERLIN), skus, 10)
        variant = simulated.variant_of("MUG-RED")
        simulated.levels[variant.item_id, BERLIN].available = 99
        variant.title = "Edited"

        found = await verify(merchant, shop.connector)
        await send(merchant, shop.connector)

        assert (found.looked, found.wrong) == (4, 1)
        assert simulated.levels[variant.item_id, BERLIN].available == 10
        assert variant.title == "Edited"
        assert shop.count("inventory") == 1
