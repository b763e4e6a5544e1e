"""An edit of the master arrives at every channel that shows the product, and is confirmed by reading it back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from db import catalog
from db.exceptions import EXCEPTIONS
from db.offered import OFFERED
from db.order_reading import EFFECTS
from runtime.settings import Settings
from sandbox.amazon.account import Settings as Seller
from tests.content.run import Shopkeeper, keeping_shop
from tests.workflows.launch_channels import FaultyHub, open_others

CHANNELS = ("alpha", "woo", "amazon")


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Shopkeeper]:
    FaultyHub.plan, FaultyHub.struck = (
        {("", "write_listings", ""): "refuse"},
        set(),
    )  # wrapped, and struck by no product
    async with keeping_shop(env.client, settings, kind=FaultyHub) as running:
        await open_others(running.stack)
        yield running


async def on_sale(keeper: Shopkeeper, count: int = 1, channels: tuple[str, ...] = CHANNELS) -> list[str]:
    """Brought live by a launch; the flow is on everywhere."""
    products = [await keeper.stack.product() for _ in range(count)]
    assert await keeper.stack.outcome(await keeper.stack.launch(products, channels=channels)) == "live"
    await keeper.switch_on(*channels)
    await keeper.until_calm(*((channel, product) for channel in channels for product in products))
    return products


async def shown(keeper: Shopkeeper, product: str) -> dict[str, tuple[str, str]]:
    """Title and price as each platform itself has them."""
    stack, sku = keeper.stack, f"{product}-1"
    alpha = (await stack.shop("alpha"))[product]
    woo = (await stack.http.get("/control/woocommerce/shops/woo/products")).json()
    body = next(one for one in woo if one["sku"] in {product, sku})
    amazon = (await stack.http.get("/control/amazon/listings")).json()[sku]["attributes"]
    offer = amazon["purchasable_offer"][0]["our_price"][0]["schedule"][0]["value_with_tax"]
    return {
        "alpha": (alpha["title"], alpha["variants"][sku]["price"]),
        "woo": (body["name"], body["regular_price"]),
        "amazon": (amazon["item_name"][0]["value"], f"{offer:.2f}"),
    }


def price(product: str, amount_minor: int) -> dict[str, Any]:
    return {f"{product}-1": {"prices": {"USD": {"amount_minor": amount_minor}}}}


async def test_an_edit_arrives_at_every_channel_also_where_yes_comes_before_it_shows(keeper: Shopkeeper) -> None:
    (product,) = await on_sale(keeper)
    slow = Seller(visible_after=1.0).model_dump()
    (await keeper.stack.http.post("/control/amazon/settings", json=slow)).raise_for_status()

    await keeper.edit(product, title="Lamp, brighter", variants=price(product, 4500))
    await keeper.until_calm(*((channel, product) for channel in CHANNELS))

    assert await shown(keeper, product) == dict.fromkeys(CHANNELS, ("Lamp, brighter", "45.00"))


@pytest.mark.parametrize("fault", ["lose the answer", "die"])
async def test_a_call_that_goes_wrong_ends_with_the_change_shown_everywhere(keeper: Shopkeeper, fault: str) -> None:
    """`die`: the worker goes after the call, and nothing is recorded of its end."""
    products = await on_sale(keeper)
    FaultyHub.plan = {(channel, "write_listings", product): fault for channel in CHANNELS for product in products}
    FaultyHub.struck = set()

    for product in products:
        await keeper.edit(product, title=f"After {fault}")
    await keeper.until_calm(*((channel, product) for channel in CHANNELS for product in products))

    assert len(FaultyHub.struck) == len(FaultyHub.plan)
    for product in products:
        assert {title for title, _ in (await shown(keeper, product)).values()} == {f"After {fault}"}


async def test_one_that_is_refused_stops_no_other_and_says_field_and_channel(keeper: Shopkeeper) -> None:
    products = await on_sale(keeper, 4, ("alpha",))

    for product in products:
        await keeper.edit(product, title="X" * 300 if product == products[0] else "Fine")
    await keeper.until_calm(*(("alpha", product) for product in products[1:]))
    shop = await keeper.stack.shop("alpha")
    await keeper.until_open("content_rejected")
    causes = await keeper.stack.read(
        lambda tx: [
            row.title for row in tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.closed_at.is_(None)))
            if row.kind == "content_rejected"
        ]
    )  # fmt: skip

    assert [shop[product]["title"] for product in products[1:]] == ["Fine"] * 3
    assert shop[products[0]]["title"] != "X" * 300
    assert len(causes) == 1
    assert "alpha" in causes[0]
    assert "title" in causes[0]


async def test_a_persons_edit_of_another_field_survives_and_one_of_ours_is_asked_about(keeper: Shopkeeper) -> None:
    (product,) = await on_sale(keeper, 1, ("alpha",))
    await keeper.stack.edit("alpha", f"{product}-1", fields={"tags": ["by hand"], "vendor": "Typed"})

    await keeper.edit(product, title="Ours", brand="Ours")
    await keeper.until_open("content_drift")

    at = (await keeper.stack.shop("alpha"))[product]
    assert (at["title"], at["vendor"], at["tags"]) == ("Ours", "Typed", ["by hand"])


async def test_edits_for_a_launch_stay_inside_until_its_moment(keeper: Shopkeeper) -> None:
    (product,) = await on_sale(keeper, 1, ("alpha",))
    launch = await keeper.stack.launch([product], channels=("beta",))

    await keeper.edit(product, title="Under embargo")
    early = (await keeper.stack.shop("alpha"))[product]["title"]
    assert await keeper.stack.outcome(launch) == "live"
    await keeper.until_calm(("alpha", product))

    assert early != "Under embargo"
    assert (await keeper.stack.shop("alpha"))[product]["title"] == "Under embargo"


async def test_a_batch_is_one_effect_and_every_effect_is_settled(keeper: Shopkeeper) -> None:
    products = await on_sale(keeper, 5, ("alpha",))
    now = keeper.now()

    def rename(tx: Any) -> None:
        for product in products:
            catalog.merge(tx, product, {"title": "All at once"}, by=catalog.Author("ada", "api"), now=now)

    await keeper.stack.write(rename)
    await keeper.until_calm(*(("alpha", product) for product in products))
    effects = await keeper.stack.read(
        lambda tx: tx.execute(select(EFFECTS).where(EFFECTS.c.kind == "content", EFFECTS.c.intended_at >= now)).all()
    )
    rows = await keeper.stack.read(lambda tx: tx.execute(select(OFFERED)).all())

    assert [row.state for row in effects] == ["confirmed"]
    assert len(rows) == 5
