"""Every page of one thing: no barrier in light, dark and on a phone, and the focus can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.console.browser import assert_accessible
from tests.console.test_exceptions import order_of
from tests.console.test_launches import made, mug

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Page

    from tests.console.conftest import Desk

PHONE = 390
UNSEEN = """() => {
    const on = document.activeElement, field = on.closest('.q-field');
    if (on === document.body || field?.classList.contains('q-field--focused')) return null;
    const ringed = [on, on.parentElement].some(each => getComputedStyle(each).outlineStyle !== 'none');
    return ringed || getComputedStyle(on).boxShadow !== 'none' ? null : on.outerHTML.slice(0, 200);
}"""
"""What has the focus and does not show it."""


async def order(desk: Desk) -> str:
    return f"/orders/{await order_of(desk, 'TEE-BLK-M', 'detail-order')}"


async def exception(desk: Desk) -> str:
    await order_of(desk, "CAP-1990", "detail-exception")
    page = await desk.open("/exceptions")
    address = await page.get_by_role("link", name="CAP-1990").get_attribute("href")
    assert address
    return address


async def launch(desk: Desk) -> str:
    product = desk.named("detail-mug")
    await mug(desk, product)
    return await made(desk, desk.named("detail-launch"), product, mode="dry_run")


async def product(desk: Desk) -> str:
    product = desk.named("detail-product")
    await mug(desk, product)
    return f"/products/{product}"


async def bulk_job(desk: Desk) -> str:
    one = await order_of(desk, "CAP-1991", "detail-bulk")
    begun = await desk.stage.api.post("/bulk/hold", json={"orders": [one]})
    return f"/bulk/{begun.json()['id']}"


def at(path: str) -> Callable[[Desk], Awaitable[str]]:
    async def address(_desk: Desk) -> str:
        return path

    return address


DETAILS: dict[str, Callable[[Desk], Awaitable[str]]] = {
    "order": order,
    "exception": exception,
    "launch": launch,
    "new launch": at("/launches/new"),
    "product": product,
    "item": at("/inventory/LAMP-01"),
    "connection": at("/connections/shopify-eu"),
    "onboarding": at("/connections/new?platform=shopify"),
    "rule version": at("/rules/sourcing/2026-11-1"),
    "return policy": at("/returns/policy?market=eu"),
    "safety stock": at("/inventory/safety-stock"),
    "accuracy": at("/inventory/accuracy"),
    "store returns": at("/store/returns?at=store-berlin"),
    "bulk job": bulk_job,
}


async def assert_focus_shows(page: Page, stops: int = 25) -> None:
    """Wherever Tab leads."""
    for _ in range(stops):
        await page.keyboard.press("Tab")
        assert await page.evaluate(UNSEEN) is None


@pytest.mark.parametrize("name", DETAILS)
async def test_a_page_of_one_thing_has_no_barrier_and_fits_a_phone(desk: Desk, name: str) -> None:
    page = await desk.open(await DETAILS[name](desk))
    await expect(page.locator("h1")).to_have_count(1)
    await expect(page.locator(".content [role=alert]")).to_have_count(0)
    await assert_accessible(page)
    await assert_focus_shows(page)

    await page.evaluate("tuttiTheme()")
    await assert_accessible(page)
    await page.set_viewport_size({"width": PHONE, "height": 844})
    await assert_accessible(page)

    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE
