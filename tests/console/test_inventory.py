"""What every place has and every channel shows: found, counted, received, kept back."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.console.browser import assert_accessible
from tests.console.conftest import Desk

ITEM = "LAMP-01"


async def test_the_matrix_leads_to_an_item_and_what_comes_in_is_shown_by_the_channels(desk: Desk) -> None:
    page = await desk.open(f"/inventory?q={ITEM}")
    await page.get_by_role("link", name=ITEM).click()
    channels = page.get_by_role("table", name="On the channels")
    await expect(channels.get_by_role("link").first).to_be_visible()
    await assert_accessible(page)
    before = int(await page.get_by_role("table", name="Where it is").locator("td.kind-number").first.inner_text())

    await page.get_by_role("button", name="Receive …").click()
    await page.get_by_label("How many came in").fill("7")
    await page.get_by_role("button", name="Receive", exact=True).click()

    await expect(page.locator(".q-notification").get_by_text(re.compile(r"\d+ on hand"))).to_be_visible()
    await expect(page.get_by_role("table", name="Movements").get_by_text("+7").first).to_be_visible()
    after = page.get_by_role("table", name="Where it is").locator("td.kind-number").first
    await expect(after).to_have_text(str(before + 7))


async def test_safety_stock_is_set_and_taken_away_and_a_refusal_stands_at_its_field(desk: Desk) -> None:
    page = await desk.open("/inventory/safety-stock", role="operations")
    await page.get_by_label("Item").fill("NO-SUCH-ITEM")
    await page.get_by_label("Units kept back").fill("3")
    await page.get_by_role("button", name="Set").click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    await expect(page.get_by_label("Item")).to_have_value("NO-SUCH-ITEM")

    await page.get_by_label("Item").fill(ITEM)
    await page.get_by_role("button", name="Set").click()
    row = page.get_by_role("table", name="Entries").get_by_role(
        "row", name=f"{ITEM} All channels All locations Always 3"
    )
    await expect(row).to_have_count(1)

    await page.get_by_label("Units kept back").fill("")
    await page.get_by_role("button", name="Set").click()
    await expect(row).to_have_count(0)


@pytest.mark.parametrize("path", ["/inventory", "/inventory/accuracy", "/inventory/safety-stock", f"/inventory/{ITEM}"])
async def test_a_viewer_reads_and_is_offered_no_change(desk: Desk, path: str) -> None:
    page = await desk.open(path, role="viewer", phone=True)

    await expect(page.locator("h1")).to_be_visible()
    for action in ("Receive …", "Count …", "Set"):
        await expect(page.get_by_role("button", name=action)).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await assert_accessible(page)
