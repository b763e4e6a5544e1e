"""The simulated shop keeps the platform's own rules, whoever calls."""

import httpx
import pytest_asyncio

from tests.connectors.woocommerce.shop import CONFIG, opened
from tests.connectors.woocommerce.test_orders import buy

KEY = httpx.BasicAuth(CONFIG["consumer_key"], CONFIG["consumer_secret"])


@pytest_asyncio.fixture
async def world():
    async with opened() as found:
        yield found


@pytest_asyncio.fixture
async def api(world):
    """The merchant's own calls, past the contract's check: these are to be refused."""
    inner = world.control._transport
    async with httpx.AsyncClient(transport=inner, base_url=f"{CONFIG['base_url']}/wp-json", auth=KEY) as client:
        yield client


async def test_nobody_gets_in_without_the_key_but_to_the_public_side(api):
    api.auth = None

    assert (await api.get("/wc/v3/products")).status_code == 401
    assert (await api.get("/wc/store/v1/products")).status_code == 200


async def test_drafts_are_not_public(world, api):
    await api.post("/wc/v3/products", json={"name": "Secret", "sku": "SECRET", "status": "draft"})
    public = (await api.get("/wc/store/v1/products")).json()

    assert "SECRET" not in {product["sku"] for product in public}
    assert {product["sku"] for product in public} == {"TEA", "TEE"}


async def test_a_batch_takes_a_hundred_and_no_more(api):
    items = [{"name": str(number)} for number in range(101)]
    answer = await api.post("/wc/v3/products/batch", json={"create": items})

    assert (answer.status_code, answer.json()["code"]) == (413, "woocommerce_rest_request_entity_too_large")


async def test_a_sku_is_taken_by_products_and_variations_alike(api):
    answer = await api.post("/wc/v3/products", json={"name": "Copy", "sku": "TEE-S"})

    assert (answer.status_code, answer.json()["code"]) == (400, "product_invalid_sku")


async def test_stock_follows_the_orders_status(world, api):
    placed = await buy(world, {"TEA": 3})
    sold = world.thing("TEA")["stock_quantity"]
    await api.put(f"/wc/v3/orders/{placed['id']}", json={"status": "cancelled"})

    assert (sold, world.thing("TEA")["stock_quantity"]) == (7, 10)


async def test_a_full_refund_makes_an_order_refunded(world, api):
    placed = await buy(world, {"TEA": 1})
    await api.post(f"/wc/v3/orders/{placed['id']}/refunds", json={"amount": placed["total"]})

    assert world.shop.orders[placed["id"]]["status"] == "refunded"


async def test_the_count_of_writes_is_the_simulators_own(world, api):
    await api.post("/wc/v3/products", json={"name": "Mug", "sku": "MUG"})
    world.shop.products.clear()

    assert world.simulator.counters()["product"] == {"alpha:MUG": 1}
