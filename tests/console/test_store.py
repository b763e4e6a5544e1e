"""A shop's day in the browser: a task is picked and shipped, and the goods come back over the counter."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.console.browser import assert_accessible
from tests.console.conftest import Desk
from tests.console.test_exceptions import order_of

ITEM, SHOP = "TEE-WHT-L", "store-berlin"


async def shipped(desk: Desk, page: Page, key: str) -> str:
    """An order's number, picked and shipped in the shop by its staff."""
    order = await order_of(desk, ITEM, key)
    number = order.removeprefix("manual-")
    await desk.go(page, f"/store?at={SHOP}")
    await expect(page.get_by_label("Scan or type")).to_be_focused()
    await page.keyboard.type(f"{number}\n")  # as a keyboard scanner does
    card = page.locator(".task", has_text=number)
    await card.get_by_role("button", name="Accept").click()
    await card.get_by_role("button", name="Picked").click()
    async with page.expect_popup() as opened:
        await card.get_by_role("link", name="Packing slip").click()
    slip = await opened.value
    await expect(slip.get_by_text(ITEM).first).to_be_visible()
    await slip.close()
    await card.get_by_role("button", name="Ship …").click()
    await page.get_by_label("Carrier").fill("DHL")
    await page.get_by_label("Tracking number").fill(f"T{number}")
    await page.get_by_role("button", name="It left").click()
    await expect(page.get_by_text("Shipped; the channel is told")).to_be_visible()
    return number


async def test_a_task_is_shipped_and_its_goods_are_taken_back_over_the_counter(desk: Desk) -> None:
    page = await desk.open("/", role="support", phone=True)
    number = await shipped(desk, page, "shop-1")

    await desk.go(page, f"/store/returns?at={SHOP}&q={number}")
    await page.get_by_label(f"Units of {ITEM}").fill("1")
    await assert_accessible(page)
    await page.get_by_role("button", name="Open the return").click()
    await page.get_by_role("button", name="Take in …").click()
    await page.get_by_role("button", name="Take in", exact=True).click()
    await page.get_by_role("button", name="Inspect …").click()
    await page.get_by_role("button", name="That is its state").click()

    await expect(page.get_by_text("1 expected, 1 here, 1 inspected")).to_be_visible()
    await desk.go(page, "/returns")
    await page.get_by_role("link", name=number).first.click()
    await expect(page.get_by_role("table", name="Goods").get_by_text("New, Restock").first).to_be_visible()
    await assert_accessible(page)


async def test_a_task_that_cannot_be_done_goes_elsewhere(desk: Desk) -> None:
    order = await order_of(desk, ITEM, "shop-2")
    page = await desk.open(f"/store?at={SHOP}", role="support")
    card = page.locator(".task", has_text=order.removeprefix("manual-"))

    await card.get_by_role("button", name="Cannot do it").click()
    await page.get_by_text("It is not there").click()

    await expect(card).to_have_count(0)


async def test_the_return_policy_says_what_holds_and_why(desk: Desk) -> None:
    page = await desk.open("/returns/policy?market=eu", role="viewer")

    await expect(page.get_by_role("table", name="What holds").get_by_text("Days to send it back")).to_be_visible()
    await assert_accessible(page)


@pytest.mark.parametrize("path", ["/store", "/store/returns"])
async def test_a_viewer_is_not_let_into_the_shop(desk: Desk, path: str) -> None:
    page = await desk.open(path, role="viewer")

    await expect(page.get_by_text("needs the role support")).to_be_visible()
    await expect(page.get_by_role("link", name="Store")).to_have_count(0)
