"""An edit of the master arrives at every channel that shows the product, and is confirmed by reading it back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from db import catalog
from db.exceptions import EXCEPTIONS
from db.order_reading import EFFECTS
from runtime.settings import Settings
from sandbox.amazon.account import Settings as Seller
from tests.content.calls import Calls
from tests.content.run import EDITOR, Shopkeeper, keeping_shop
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


async def on_sale(keeper: Shopkeeper, count: int) -> list[str]:
    """Brought live by a launch; the flow is on everywhere."""
    products = [await keeper.stack.product() for _ in range(count)]
    assert await keeper.stack.outcome(await keeper.stack.launch(products, channels=CHANNELS)) == "live"
    await keeper.switch_on(*CHANNELS)
    await keeper.until_calm(*everywhere(*products))
    return products


def everywhere(*products: str) -> tuple[tuple[str, str], ...]:
    return tuple((channel, product) for channel in CHANNELS for product in products)


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


async def at_once(keeper: Shopkeeper, *edits: tuple[str, dict[str, Any]]) -> None:
    """Several edits that no turn of a run comes between."""

    def work(tx: Any) -> None:
        for product, patch in edits:
            catalog.merge(tx, product, patch, by=EDITOR, now=keeper.now())

    await keeper.stack.write(work)


async def test_a_burst_of_edits_is_one_small_change_on_each_of_three_platforms(keeper: Shopkeeper) -> None:
    """Amazon says yes a second before it shows anything."""
    transport = keeper.stack.hub.transport = Calls(keeper.stack.hub.transport)
    (product,) = await on_sale(keeper, 1)
    slow = Seller(visible_after=1.0).model_dump()
    (await keeper.stack.http.post("/control/amazon/settings", json=slow)).raise_for_status()
    transport.clear()
    begun = keeper.now()

    await at_once(
        keeper, (product, {"title": "Lamp, bright", "description": "<p>Two.</p>"}),
        (product, {"variants": price(product, 4500)}), (product, {"title": "Lamp, brighter"}),
    )  # fmt: skip
    await keeper.until_calm(*everywhere(product))
    effects = await keeper.stack.read(
        lambda tx: tx.execute(select(EFFECTS).where(EFFECTS.c.kind == "content", EFFECTS.c.intended_at >= begun)).all()
    )

    assert await shown(keeper, product) == dict.fromkeys(CHANNELS, ("Lamp, brighter", "45.00"))
    assert sorted((row.connection_id, row.state) for row in effects) == [
        (name, "confirmed") for name in sorted(CHANNELS)
    ]
    assert transport.shopify() == [
        {"title": "Lamp, brighter", "descriptionHtml": "<p>Two.</p>"}, {"price": "45.00", "compareAtPrice": None},
    ]  # fmt: skip
    assert transport.woocommerce() == [
        {"name": "Lamp, brighter", "description": "<p>Two.</p>", "regular_price": "45.00", "sale_price": ""}
    ]
    (patch,) = transport.amazon()
    assert patch.keys() == {"item_name", "product_description", "purchasable_offer"}
    assert patch["item_name"]["value"] == "Lamp, brighter"


async def test_what_a_platform_refuses_is_named_by_cause_and_the_rest_goes_through(keeper: Shopkeeper) -> None:
    """Amazon takes titles of 200 letters; the others take this one."""
    first, second = await on_sale(keeper, 2)
    long = "X" * 220

    await at_once(
        keeper, (first, {"title": long}), (second, {"title": "Fine"}), (first, {"variants": price(first, 4400)})
    )
    await keeper.until_calm(("alpha", first), ("woo", first), *everywhere(second))
    await keeper.until_open("content_rejected")
    await keeper.stack.until(lambda: costs(keeper, first, "44.00"))
    causes = await keeper.stack.read(
        lambda tx: tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.kind == "content_rejected")).all()
    )
    seen = await shown(keeper, first)

    assert [(row.connection_id, "item_name" in row.title) for row in causes] == [("amazon", True)]
    assert {name: title for name, (title, _) in seen.items()} == {
        "alpha": long, "woo": long, "amazon": f"Lamp {first}",
    }  # fmt: skip
    assert {title for title, _ in (await shown(keeper, second)).values()} == {"Fine"}

    await keeper.edit(first, title="Mended")
    await keeper.until_calm(*everywhere(first))
    still = await keeper.stack.read(
        lambda tx: tx.execute(select(EXCEPTIONS).where(EXCEPTIONS.c.closed_at.is_(None))).all()
    )

    assert [row.title for row in still if row.kind == "content_rejected"] == []


async def costs(keeper: Shopkeeper, product: str, amount: str) -> bool:
    return {each for _, each in (await shown(keeper, product)).values()} == {amount}


async def test_lost_answers_and_dead_workers_end_with_the_change_shown_everywhere(keeper: Shopkeeper) -> None:
    """Each channel loses one answer and one worker, which goes after the call and before anything is recorded."""
    products = await on_sale(keeper, 2)
    faults = dict(zip(products, ("lose the answer", "die"), strict=True))

    for product, fault in faults.items():
        FaultyHub.plan = {(channel, "write_listings", product): fault for channel in CHANNELS}
        FaultyHub.struck = set()
        await keeper.edit(product, title=f"After {fault}")
        await keeper.until_calm(*everywhere(product))

        assert FaultyHub.struck == set(FaultyHub.plan)
        assert {title for title, _ in (await shown(keeper, product)).values()} == {f"After {fault}"}


async def test_a_persons_edit_of_another_field_survives_and_one_of_ours_is_asked_about(keeper: Shopkeeper) -> None:
    (product,) = await on_sale(keeper, 1)
    await keeper.stack.edit("alpha", f"{product}-1", fields={"tags": ["by hand"], "vendor": "Typed"})

    await keeper.edit(product, title="Ours", brand="Ours")
    await keeper.until_open("content_drift")

    at = (await keeper.stack.shop("alpha"))[product]
    assert (at["title"], at["vendor"], at["tags"]) == ("Ours", "Typed", ["by hand"])


async def test_edits_of_a_product_under_launch_stay_inside_until_its_moment(keeper: Shopkeeper) -> None:
    (product,) = await on_sale(keeper, 1)
    launch = await keeper.stack.launch([product], channels=("beta",))

    await keeper.edit(product, title="Under embargo")
    early = {title for title, _ in (await shown(keeper, product)).values()}
    assert await keeper.stack.outcome(launch) == "live"
    await keeper.until_calm(*everywhere(product))

    assert early == {f"Lamp {product}"}
    assert {title for title, _ in (await shown(keeper, product)).values()} == {"Under embargo"}
