"""An operator launches a product on three channels in the browser; findings, four eyes, and what a viewer may not."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from bench.catalog import demo_products
from bench.demo_launch import CHANNELS
from bench.windows import look
from tests.console.browser import assert_accessible

if TYPE_CHECKING:
    from playwright.async_api import Page

    from tests.console.conftest import Desk

NAMES = ("Nordlicht Europe", "Nordlicht Outlet", "Amazon.com")


async def mug(desk: Desk, name: str, **changes: Any) -> str:
    """The example's mug under another name, with its own SKU, its pictures read."""
    media = f"{desk.stage.stack.settings.sandbox_url}/media/"
    like = next(each for each in demo_products(media) if each["id"] == "tide-mug")
    sku, variant = next(iter(like["variants"].items()))
    variants = {f"{name}-{sku}".upper(): variant | {"item_id": None}}
    options = [{"name": "Color", "values": [variant["options"]["Color"]]}]
    body = like | {"id": name, "title": f"Mug {name}", "variants": variants, "options": options} | changes
    (await desk.stage.api.patch(f"/products/{name}", json=body)).raise_for_status()
    (await desk.stage.api.post(f"/products/{name}/media/read")).raise_for_status()
    return f"{name}-{sku}".upper()


async def made(desk: Desk, name: str, product: str, **asked: Any) -> str:
    """A launch that was asked for over the API."""
    moment = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    body = {"id": name, "name": name, "products": [product], "channels": ["woo-outlet"], "go_live_at": moment}
    (await desk.stage.api.post("/launches", json=body | asked)).raise_for_status()
    return f"/launches/{name}"


async def moment_of(page: Page, ahead_s: int) -> str:
    """A moment as the person's own clock shows it."""
    script = f"(at => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19))(new Date(Date.now() + {ahead_s * 1000}))"
    return str(await page.evaluate(script))


async def mended(page: Page) -> None:
    """The finding leads to the product in another tab, where its field is filled in."""
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name=re.compile("Fix the product harbor-mug")).first.click()
    product = await opened.value
    await product.get_by_role("row", name="Country of origin —", exact=True).click()
    await product.get_by_role("dialog").get_by_label("Country of origin").fill("PT")
    await product.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(product.get_by_role("row", name="Country of origin PT", exact=True)).to_be_visible()
    await product.close()


async def test_an_operator_launches_on_three_channels_and_sees_it_live(desk: Desk) -> None:
    product = desk.named("harbor-mug")
    sku = await mug(desk, product)
    await desk.stage.api.patch(f"/products/{product}", json={"attributes": {"country_of_origin": None}})
    page = await desk.open(f"/products/{product}", role="operations")
    await page.get_by_role("button", name="Launch it").click()
    await expect(page.get_by_text("Chosen: 1 product")).to_be_visible()
    for name in NAMES:
        await page.get_by_role("checkbox", name=name).click()
    await page.get_by_label("What people call it").fill("Harbor mug <b>autumn</b>")
    await page.get_by_role("button", name="In an hour").click()
    await page.get_by_role("button", name="Look at it").click()
    await mended(page)
    await page.get_by_role("button", name="Look at it").click()
    await expect(page.get_by_text("Every gate lets it pass")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="Make the launch").click()

    await expect(page.get_by_role("heading", name="Harbor mug <b>autumn</b>")).to_be_visible()
    await expect(page.get_by_text("Awaiting approval")).to_be_visible()
    await expect(page.get_by_text("for others to approve")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    second = await desk.open(page.url.removeprefix(desk.address), role="admin")
    await second.get_by_role("button", name="Approve").click()
    await expect(second.get_by_text("goes live by itself at its moment")).to_be_visible()
    await second.get_by_role("dialog").get_by_role("button", name="Approve").click()
    await expect(page.get_by_text("Ready, waits for its moment")).to_be_visible()
    await assert_accessible(page)

    await page.get_by_role("button", name="Move the moment").click()
    await page.get_by_role("dialog").get_by_label("The new moment").fill(await moment_of(page, 4))
    await page.get_by_role("button", name="Move it").click()
    await expect(page.get_by_text("Live everywhere").first).to_be_visible()
    await expect(page.locator(".figure", has_text="Skew").locator(".figure-value")).to_contain_text("s")
    await expect(second.get_by_text("Live everywhere").first).to_be_visible()
    for window in CHANNELS.values():
        assert sku in await look(desk.stage.sandbox, window)


async def test_a_failing_gate_is_waived_with_a_reason_by_whom_the_gate_lets(desk: Desk) -> None:
    product = desk.named("bare-mug")
    await mug(desk, product)
    await desk.stage.api.patch(f"/products/{product}", json={"attributes": {"country_of_origin": None}})
    path = await made(desk, desk.named("bare-launch"), product)
    lower = await desk.open(path, role="operations")
    await expect(lower.get_by_role("heading", name="Findings")).to_be_visible()
    await expect(lower.get_by_role("link", name=f"Fix the product {product}").first).to_be_visible()
    await expect(lower.get_by_role("button", name="Waive")).to_have_count(0)

    page = await desk.open(path, role="admin")
    await page.get_by_role("button", name="Waive").first.click()
    await page.get_by_role("button", name="Waive it").click()
    await expect(page.get_by_text("say why")).to_be_visible()
    await page.get_by_label("Reason").fill("sold inside the country only")
    await page.get_by_role("button", name="Waive it").click()
    await expect(page.get_by_text("Awaiting approval")).to_be_visible()

    await desk.go(page, f"/products/{product}?channel=woo-outlet")
    await expect(page.get_by_text("sold inside the country only")).to_be_visible()
    await assert_accessible(page)


async def test_a_launch_is_paused_resumed_and_canceled(desk: Desk) -> None:
    product = desk.named("calm-mug")
    await mug(desk, product)
    page = await desk.open(await made(desk, desk.named("calm-launch"), product), role="operations")
    await expect(page.get_by_text("Awaiting approval")).to_be_visible()
    await page.get_by_role("button", name="Pause").click()
    await expect(page.get_by_text("Nothing goes live until it is resumed.")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
    await page.get_by_role("button", name="Resume").click()
    await page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    await page.get_by_role("button", name="More").click()
    await page.get_by_text("Cancel the launch").click()
    await expect(page.get_by_text("goes back to what it showed before")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel the launch").click()
    await expect(page.get_by_text("Canceled, taken back").first).to_be_visible()


async def test_a_viewer_is_offered_nothing_and_refused(desk: Desk) -> None:
    product, name = desk.named("seen-mug"), desk.named("seen-launch")
    await mug(desk, product)
    page = await desk.open(await made(desk, name, product), role="viewer")
    await expect(page.get_by_role("heading", name="Board")).to_be_visible()
    for action in ("Approve", "Pause", "Move the moment", "More"):
        await expect(page.get_by_role("button", name=action)).to_have_count(0)
    await desk.go(page, "/launches")
    await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="New launch")).to_have_count(0)
    await desk.go(page, "/launches/new")
    await expect(page.get_by_text("this page needs the role operations")).to_be_visible()


@pytest.mark.parametrize("action", ["approve", "pause", "cancel", "recheck"])
async def test_the_hub_refuses_a_viewer_whatever_a_page_offers(desk: Desk, action: str) -> None:
    key = (await desk.stage.api.post("/keys", json={"name": f"viewer {action}", "role": "viewer"})).json()["token"]
    bearer = {"Authorization": f"Bearer {key}"}
    answer = await desk.stage.api.post(f"/launches/none/{action}", headers=bearer)
    assert answer.status_code == 403
