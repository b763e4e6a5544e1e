"""Content against simulated platforms: a known share of drift is measured and repaired, and what is others' stays."""

import random
from typing import Any

import pytest

from connectors.contract import Surroundings, TakesListings
from connectors.woocommerce.connector import WooConfig, WooConnector
from db import media_files
from db.session import Database
from tests.connectors.shopify.shop import SimulatedShop
from tests.connectors.woocommerce.shop import CONFIG, World, opened
from tests.content.merchant import ContentMerchant
from tests.db.migrated import migrated
from tests.db.world import NOW
from tests.domain.catalog.make import FILE

LISTED = 1_000
RATE = 0.03
WOO = {
    "version": "1", "currencies": ["EUR"], "fields": {"name": "title", "description": "description"},
    "media": {"least": 0}, "gtin": "unneeded",
}  # fmt: skip
SHOPIFY = {
    "version": "1", "currencies": ["USD"], "fields": {"title": "title", "vendor": "brand"}, "media": {"least": 0},
    "gtin": "unneeded",
}  # fmt: skip


@pytest.fixture
def database(sqlite_url: str) -> Any:
    """The platforms are what is tried here: one database does."""
    migrated(sqlite_url)
    database = Database(sqlite_url)
    yield database
    database.close()


def tamper(world: World, chance: random.Random) -> dict[int, str]:
    """Somebody edits so many of the fields that are ours, and beside them a note, which is theirs."""
    fields = [
        (number, name) for number in sorted(world.shop.products) for name in ("name", "description", "regular_price")
    ]
    for number, name in chance.sample(fields, round(len(fields) * RATE)):
        product = world.shop.products[number]
        product[name] = "1.23" if name == "regular_price" else f"Typed {number}"
        product["purchase_note"] = f"Note {number}"
    return {number: one["purchase_note"] for number, one in world.shop.products.items() if one.get("purchase_note")}


async def test_drift_in_many_listings_is_measured_and_repaired(database: Database) -> None:
    skus = [f"L{number:04}" for number in range(LISTED)]
    products = [{"sku": sku, "title": f"Lamp {sku}", "price": "19.00"} for sku in skus]
    async with opened(products=products) as world:
        settings = WooConfig.model_validate(CONFIG | {"calls_per_minute": 1_000_000})
        connector = WooConnector.open(settings, Surroundings("web", transport=world.control._transport))
        merchant = ContentMerchant(database, connector, WOO)
        merchant.make(*skus)
        await merchant.open()
        await merchant.tell()
        merchant.policy(person="repair", channel="repair")
        before = await merchant.verify()
        merchant.pass_time(hours=1)
        notes = tamper(world, random.Random(20261123))

        found = await merchant.verify()
        merchant.pass_time(minutes=1)
        await merchant.tell()
        merchant.pass_time(minutes=1)
        after = await merchant.verify()

        shown = list(world.shop.products.values())
        kept = {number: world.shop.products[number]["purchase_note"] for number in notes}
        await connector.close()
    assert (before.looked, before.wrong) == (3 * LISTED, 0)
    assert abs(found.wrong / found.looked - RATE) < 0.005
    assert (after.looked, after.wrong) == (3 * LISTED, 0)
    assert {product["regular_price"] for product in shown} == {"19.00"}
    assert all(product["name"] == f"Lamp {product['sku']}" for product in shown)
    assert kept == notes
    assert merchant.drifts() == []


async def test_one_of_several_variants_changes_and_the_others_stay(database: Database) -> None:
    async with SimulatedShop.opened() as shop:
        merchant = await _bench_of_two(database, shop.connector)
        alpha = shop.simulator._shops["alpha"]
        kept = alpha.variant_of("BENCH-L")
        pictures = ["https://media.example.com/oak.jpg"]
        merchant.write(lambda tx: media_files.put(tx, [FILE.model_copy(update={"url": pictures[0], "read_at": NOW})]))
        merchant.edit(
            "bench",
            media=[{"url": url} for url in pictures],
            variants={"BENCH-S": {"prices": {"USD": {"amount_minor": 9900}}}},
        )

        await merchant.tell()

        assert alpha.variant_of("BENCH-S").price == "99.00"
        assert alpha.variant_of("BENCH-L") is kept
        assert kept.price == "120.00"
        assert [one.source for one in alpha.products[kept.product_id].media] == pictures


async def test_a_variant_that_the_master_gains_is_made_beside_the_others(database: Database) -> None:
    async with SimulatedShop.opened() as shop:
        merchant = await _bench_of_two(database, shop.connector)
        alpha = shop.simulator._shops["alpha"]
        known = {alpha.variant_of(sku).id for sku in ("BENCH-S", "BENCH-L")}

        merchant.edit(
            "bench", options=[{"name": "Size", "values": ["S", "L", "XL"]}],
            variants={"BENCH-XL": {"options": {"Size": "XL"}, "prices": {"USD": {"amount_minor": 15000}}}},
        )  # fmt: skip
        await merchant.tell()

        product = alpha.products[alpha.variant_of("BENCH-XL").product_id]
        assert alpha.variant_of("BENCH-XL").price == "150.00"
        assert known < set(product.variants)
        assert len(product.variants) == 3


async def _bench_of_two(database: Database, channel: TakesListings) -> ContentMerchant:
    """A product of two sizes, on sale."""
    form = SHOPIFY | {
        "variants": {"optionValues": {"from": "options", "each": {"optionName": "$value.name", "name": "$value.value"}}}
    }
    merchant = ContentMerchant(database, channel, form)
    merchant.make("bench", currency="USD")
    merchant.edit(
        "bench", options=[{"name": "Size", "values": ["S", "L"]}],
        variants={
            "bench": None,
            "BENCH-S": {"options": {"Size": "S"}, "prices": {"USD": {"amount_minor": 10000}}},
            "BENCH-L": {"options": {"Size": "L"}, "prices": {"USD": {"amount_minor": 12000}}},
        },
    )  # fmt: skip
    await merchant.put_on_sale("bench")
    await merchant.open()
    await merchant.tell()
    return merchant
