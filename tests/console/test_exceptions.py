"""An operator works off exceptions: finds them, mends the cause in place, sees the orders go on."""

from __future__ import annotations

from playwright.async_api import expect

from tests.console.conftest import Desk


async def order_of(desk: Desk, sku: str, key: str, **more: object) -> str:
    """An order by phone of one unit."""
    address = {
        "name": "Bo <script>alert(1)</script>",
        "line1": "Weg 2",
        "city": "Berlin",
        "postal_code": "10119",
        "country": "DE",
    }
    body = {"currency": "EUR", "lines": [{"sku": sku, "quantity": 1, "unit_price_minor": 1990, "title": "<b>Cap</b>"}]}
    made = await desk.stage.api.post(
        "/orders", json=body | {"ship_to": address} | more, headers={"Idempotency-Key": desk.named(key)}
    )
    made.raise_for_status()
    return str(made.json()["order_id"])


async def test_an_unmapped_sku_is_mapped_in_place_and_the_waiting_orders_go_on(desk: Desk) -> None:
    sku = desk.named("CAP-1970")
    await desk.stage.api.put("/items/OLD-CAP", json={"title": "Old cap", "weight_g": 100})
    orders = [await order_of(desk, sku, f"cap-{n}") for n in range(2)]
    page = await desk.open("/exceptions")

    await page.get_by_role("link", name=f"'{sku}'").first.click()
    await expect(page.get_by_role("table").get_by_role("link")).to_have_count(2)
    await page.get_by_label("Item").click()
    await page.get_by_label("Item").fill("old")
    await page.get_by_role("option", name="OLD-CAP").click()
    await page.get_by_role("button", name="Map it").click()

    await expect(page.get_by_text("Mapped: 2 orders go on")).to_be_visible()
    await expect(page.get_by_text("Over", exact=True)).to_be_visible()
    states = [(await desk.stage.order(order)).state for order in orders]  # type: ignore[union-attr]
    assert "waiting" not in states
    await desk.go(page, "/exceptions")
    await expect(page.get_by_role("link", name=f"'{sku}'")).to_have_count(0)
    for order in orders:  # there is none of it anywhere: it was decided, and waits for stock
        await desk.go(page, f"/orders/{order}")
        await expect(page.locator(".content .status", has_text="Backordered").first).to_be_visible()
        await expect(page.get_by_role("heading", name="Why it ships from there")).to_be_visible()


async def test_an_exception_is_taken_noted_and_snoozed(desk: Desk) -> None:
    sku = desk.named("CAP-1971")
    await order_of(desk, sku, "cap-1971")
    page = await desk.open("/exceptions", role="support")
    await page.get_by_role("link", name=f"'{sku}'").first.click()

    await page.get_by_role("button", name="Take it").click()
    await expect(page.get_by_role("button", name="Take it")).to_have_count(0)
    await page.get_by_role("button", name="More").click()
    await page.get_by_text("Write a note").click()
    await page.get_by_label("What was found or done").fill("asked <i>the supplier</i>")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("asked <i>the supplier</i>")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    await page.get_by_text("Snooze: one hour").click()
    await expect(page.get_by_text("Snoozed until")).to_be_visible()

    await desk.go(page, "/exceptions")
    await expect(page.get_by_role("link", name=f"'{sku}'")).to_have_count(0)
    await desk.go(page, "/exceptions?snoozed=true&assignee=browser+support")
    await expect(page.get_by_role("link", name=f"'{sku}'")).to_have_count(1)


async def test_a_viewer_is_offered_nothing_and_refused_all_the_same(desk: Desk) -> None:
    sku = desk.named("CAP-1972")
    await order_of(desk, sku, "cap-1972")
    page = await desk.open("/exceptions", role="viewer")
    await page.get_by_role("link", name=f"'{sku}'").first.click()
    await expect(page.get_by_role("heading", name="Notes")).to_be_visible()

    for action in ("Take it", "More", "Resume its orders", "Map it"):
        await expect(page.get_by_role("button", name=action)).to_have_count(0)
