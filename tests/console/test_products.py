"""Somebody looks a product up, sees what a channel would get, and changes a field of the master."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playwright.async_api import expect

from db import listing_drift, offered
from domain.content.looking import Foreign
from tests.console.browser import assert_accessible
from tests.console.test_launches import mug

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.console.conftest import Desk


async def test_a_product_is_found_and_a_field_of_its_master_changed(desk: Desk) -> None:
    product = desk.named("tall-mug")
    await mug(desk, product, title="Tall <script>mug</script>")
    page = await desk.sign_in(*await desk.user("Petra", "operations"))
    await desk.go(page, "/products")
    await page.get_by_label("Name, SKU or GTIN").fill(product)
    await expect(page.get_by_role("table").get_by_role("link")).to_have_count(1)
    await page.get_by_role("link", name="Tall <script>mug</script>").click()
    await expect(page.get_by_role("heading", name="Tall <script>mug</script>")).to_be_visible()
    await expect(page.get_by_role("region", name="gets it")).to_contain_text("Tall <script>mug</script>")

    title = page.get_by_role("row", name="Title Tall <script>mug</script>", exact=True)
    save = page.get_by_role("dialog").get_by_role("button", name="Save")
    await title.click()
    await page.get_by_role("dialog").get_by_label("Title").fill("Tall mug")
    (await desk.stage.api.patch(f"/products/{product}", json={"brand": "Meanwhile"})).raise_for_status()
    await save.click()
    await expect(page.get_by_role("dialog")).to_contain_text("changed this meanwhile: product: brand")
    await page.reload()
    await title.click()
    await page.get_by_role("dialog").get_by_label("Title").fill("Tall mug")
    await save.click()
    await expect(page.get_by_role("heading", name="Tall mug", exact=True)).to_be_visible()
    await expect(page.get_by_role("region", name="History")).to_contain_text("Tall <script>mug</script>")
    await expect(page.get_by_role("region", name="History")).to_contain_text("Petra")
    await assert_accessible(page)


async def test_drift_says_who_did_it_and_is_repaired(desk: Desk) -> None:
    product = desk.named("odd-mug")
    await mug(desk, product)
    now = datetime.now(UTC)

    def drifted(tx: Connection) -> None:
        row = {
            "connection_id": "woo-outlet", "product_id": product, "external_id": "o-7", "bucket": 1,
            "published": {"title": "Ours"}, "confirmed": {"title": "Theirs"},
        }  # fmt: skip
        offered.add(tx, [row], now)
        (at,) = offered.locked(tx, "woo-outlet", offered.OFFERED.c.product_id == product)
        listing_drift.take(tx, at, [Foreign("title", "<i>Theirs</i>", "person")], now)
        offered.save(tx, at, now)

    await desk.stage.hub.database.write(drifted)
    page = await desk.open(f"/products/{product}", role="operations")
    drift = page.locator("section.panel", has=page.get_by_role("heading", name="Drift", exact=True))
    await expect(drift).to_contain_text("somebody changed it there")
    await expect(drift).to_contain_text("There: <i>Theirs</i>")
    await assert_accessible(page)

    await drift.get_by_role("button", name="Repair …").click()
    await expect(page.get_by_role("dialog")).to_contain_text("is told ours again")
    await page.get_by_role("dialog").get_by_role("button", name="Repair", exact=True).click()

    await expect(page.get_by_text("It is being told")).to_be_visible()
    listed = (await desk.stage.api.get("/content/drift", params={"product": product})).json()
    assert [each["action"] for each in listed] in ([], ["repair"])


async def test_a_viewer_reads_and_edits_nothing(desk: Desk) -> None:
    product = desk.named("low-mug")
    await mug(desk, product)
    page = await desk.open(f"/products/{product}", role="viewer", phone=True)
    await expect(page.get_by_role("heading", name=f"Mug {product}")).to_be_visible()
    for action in ("Make it draft", "Launch it", "Waive", "Revoke"):
        await expect(page.get_by_role("button", name=action)).to_have_count(0)
    await page.locator("tr", has_text=f"Mug {product}").first.click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
