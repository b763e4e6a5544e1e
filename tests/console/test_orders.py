"""An operator finds orders, reads why they went where they went, and acts on one and on many."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.console.browser import assert_accessible
from tests.console.conftest import Desk

MARKUP = "Bo <script>alert(1)</script>"


async def order_of(desk: Desk, key: str, *, sku: str = "TEE-BLK-M", **more: object) -> str:
    """An order by phone of one unit, which people know by the key; its id."""
    key = desk.named(key)
    body = {
        "currency": "EUR", "reference": key,
        "lines": [{"sku": sku, "quantity": 1, "unit_price_minor": 1990, "title": "<b>Tee</b>"}],
        "buyer": {"name": MARKUP, "email": f"{key}@example.com"},
        "ship_to": {"name": MARKUP, "line1": "Weg 2", "city": "Berlin", "postal_code": "10119", "country": "DE"},
    }  # fmt: skip
    made = await desk.stage.api.post("/orders", json=body | more, headers={"Idempotency-Key": key})
    made.raise_for_status()
    return str(made.json()["order_id"])


@pytest.mark.parametrize("by", ["number", "e-mail"])
async def test_the_search_of_the_top_bar_leads_straight_to_the_one_order(desk: Desk, by: str) -> None:
    key = f"find-{by.replace('-', '')}"
    order, key = await order_of(desk, key), desk.named(key)
    page = await desk.open("/orders", role="viewer")

    await page.get_by_role("searchbox").fill(key if by == "number" else f"{key}@example.com")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(f"{desk.address}/orders/{order}")
    await expect(page.locator("h1")).to_have_text(f"Order {key}")


async def test_an_operator_finds_an_order_and_reads_why_it_went_where_it_went(desk: Desk) -> None:
    order = await order_of(desk, "why-1")
    page = await desk.open("/", role="viewer")
    await page.keyboard.press("/")
    await page.keyboard.type(f"{desk.named('why-1')}@example.com\n")

    await expect(page).to_have_url(f"{desk.address}/orders/{order}")
    await expect(page.get_by_text("Chosen", exact=True)).to_be_visible()
    lost = page.get_by_role("table", name="Candidates").get_by_role("row")
    assert await lost.count() > 2
    await expect(page.get_by_text(re.compile("of rules version"))).to_be_visible()
    for figure in ("Distance of each location", "Least cost of each location"):
        await expect(page.get_by_role("img", name=re.compile(figure))).to_be_visible()
    run = page.get_by_role("link", name="Its run in the Temporal UI")
    await expect(run).to_have_attribute("href", re.compile(f"/workflows/order-routing[^/]*{order}"))
    await expect(page.get_by_role("heading", name=re.compile("^F1 · "))).to_be_visible()
    await expect(page.get_by_text("Placed", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Decide it again").click()
    await expect(page.get_by_text("Decided again: the same")).to_be_visible()
    await assert_accessible(page)


async def test_markup_in_names_is_text_and_who_looks_at_a_person_is_recorded(desk: Desk) -> None:
    order = await order_of(desk, "markup-1")
    page = await desk.open(f"/orders/{order}", role="support")
    await expect(page.get_by_text("<b>Tee</b>").first).to_be_visible()
    assert MARKUP not in await page.locator(".content").inner_text()

    await page.get_by_role("button", name="Show buyer and address").click()

    await expect(page.get_by_text(MARKUP).first).to_be_visible()
    await expect(page.get_by_text("Looked at buyer and address")).to_be_visible()


async def test_a_cancel_says_its_consequences_first_and_the_page_follows(desk: Desk) -> None:
    order = await order_of(desk, "cancel-1", sku="CAP-1999")
    page = await desk.open(f"/orders/{order}", role="support")

    await page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Every location that has it is asked to stop")).to_be_visible()
    await expect(dialog.get_by_text(re.compile("Waiting → "))).to_be_visible()
    await dialog.get_by_role("button", name="Cancel it").click()

    await expect(page.get_by_text("Recorded; the page follows")).to_be_visible()
    await expect(page.locator(".content .status", has_text="Canceled").first).to_be_visible()
    await expect(page.get_by_text("Cancel asked for")).to_be_visible()


async def test_of_two_people_the_second_is_told_what_the_first_changed(desk: Desk) -> None:
    order = await order_of(desk, "two-1", sku="CAP-2000")
    page = await desk.open(f"/orders/{order}", role="support")
    await page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Cancel it")).to_be_enabled()

    held = await desk.stage.api.post(f"/orders/{order}/hold", json={"reason": "review"})
    held.raise_for_status()
    await dialog.get_by_role("button", name="Cancel it").click()

    await expect(dialog.get_by_text("This was changed meanwhile")).to_be_visible()
    await dialog.get_by_role("button", name="Look again").click()
    await expect(page.get_by_text("Held: review")).to_be_visible()
    assert (await desk.stage.api.get(f"/orders/{order}")).json()["cancel_requested_at"] is None


async def test_a_viewer_is_offered_nothing_and_refused_all_the_same(desk: Desk) -> None:
    order = await order_of(desk, "viewer-1", sku="CAP-2001")
    page = await desk.open(f"/orders/{order}", role="viewer")
    await expect(page.get_by_text("Your role does not see personal data.")).to_be_visible()

    for action in ("Cancel", "Hold", "Release", "Re-route", "Retry", "Show buyer and address", "Not possible now"):
        await expect(page.get_by_role("button", name=action, exact=True)).to_have_count(0)
    await desk.go(page, "/orders")
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    viewer = {"Authorization": f"Bearer {await desk.key('viewer')}"}
    refused = await desk.stage.api.post(f"/orders/{order}/cancel", json={}, headers=viewer)
    assert refused.status_code == 403


async def test_many_orders_are_held_at_once_with_a_preview_and_a_result_for_each(desk: Desk) -> None:
    sku = desk.named("CAP-2002")
    for n in range(3):
        await order_of(desk, f"many-{n}", sku=sku)
    page = await desk.open(f"/orders?sku={sku}", role="operations")
    await expect(page.get_by_role("link", name=re.compile("^many-"))).to_have_count(3)

    await page.get_by_label("Select all rows shown").check()
    await page.get_by_role("toolbar").get_by_role("button", name="Hold").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("3 of 3 can.")).to_be_visible()
    await dialog.get_by_role("button", name="Hold 3 orders").click()

    await expect(page).to_have_url(re.compile("/bulk/bulk_"))
    await expect(page.get_by_text("3 of 3 done")).to_be_visible()
    await expect(page.get_by_role("table", name="Results").get_by_text("Done")).to_have_count(3)
    await assert_accessible(page)


async def test_a_long_list_is_paged_and_the_filters_stand_in_the_address(desk: Desk) -> None:
    sku = desk.named("CAP-2003")
    await asyncio.gather(*(order_of(desk, f"page-{n}", sku=sku) for n in range(120)))
    page = await desk.open(f"/orders?sku={sku}", role="viewer")
    await expect(page.get_by_role("link", name=re.compile("^page-"))).to_have_count(50)

    await page.get_by_role("button", name="Next").click()
    await expect(page).to_have_url(re.compile("cursor="))
    second = page.url
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_role("link", name=re.compile("^page-"))).to_have_count(20)
    await expect(page).not_to_have_url(second)
    await page.reload()
    await expect(page.get_by_role("link", name=re.compile("^page-"))).to_have_count(20)

    await page.get_by_label("State").click()
    await page.get_by_role("option", name="Fulfilled").click()
    await expect(page).to_have_url(re.compile(rf"sku={sku}&state=fulfilled$"))
    await expect(page.get_by_text("No order fits")).to_be_visible()


async def test_a_view_is_saved_under_a_name_and_leads_back(desk: Desk) -> None:
    email, password = await desk.user("Vera", "viewer")
    begun = await desk.stage.api.post("/sign-in", json={"email": email, "password": password})
    page = await desk.browser(token=begun.json()["token"])
    await desk.go(page, "/orders?state=waiting&sort=placed_at")

    await page.get_by_role("button", name="Views").click()
    await page.get_by_text("Save this view").click()
    await page.get_by_label("Name").fill("Oldest waiting")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("button", name="View: Oldest waiting")).to_be_visible()
    await desk.go(page, "/orders")
    await page.get_by_role("button", name="Views").click()
    await page.get_by_text("Oldest waiting").click()

    await expect(page).to_have_url(re.compile("state=waiting"))


async def test_one_slides_to_an_earlier_instant_and_sees_what_the_hub_knew(desk: Desk) -> None:
    order = await order_of(desk, "then-1", sku="CAP-2004")
    await desk.stage.api.post(f"/orders/{order}/hold", json={"reason": "review"})
    page = await desk.open(f"/orders/{order}", role="support")
    await expect(page.get_by_text("Held: review")).to_be_visible()

    await page.get_by_role("button", name="Earlier").click()
    instant = page.get_by_role("status").filter(has_text="As the hub knew it at").locator("time")
    held = page.get_by_text("Held: review")
    for _ in range(8):  # what the hub itself did after the hold are instants of their own
        shown = await instant.get_attribute("datetime") or ""
        if not await held.count():
            break
        await page.get_by_role("button", name="Earlier").click()
        await expect(instant).not_to_have_attribute("datetime", shown)  # the page follows its address a moment later
    await expect(held).to_have_count(0)
    await expect(page).to_have_url(re.compile("at="))
    await page.get_by_role("button", name="Back to now").click()
    await expect(page.get_by_text("Held: review")).to_be_visible()


async def test_the_slider_is_moved_by_arrow_keys_and_keeps_the_focus(desk: Desk) -> None:
    order = await order_of(desk, "then-2", sku="CAP-2005")
    page = await desk.open(f"/orders/{order}", role="viewer")
    slider = page.locator(".instant")
    await expect(slider).to_be_visible()
    await page.evaluate("tuttiFocus('.instant[tabindex], .instant [tabindex]')")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_text("As the hub knew it at")).to_be_visible()
    await page.wait_for_function("document.activeElement.closest('.instant') !== null")
    first = page.url

    await page.keyboard.press("ArrowLeft")

    await expect(page).not_to_have_url(first)
    await page.wait_for_function("document.activeElement.closest('.instant') !== null")


async def test_the_packing_slip_opens_with_the_session_and_not_without(desk: Desk) -> None:
    order = await order_of(desk, "slip-1")
    page = await desk.open(f"/orders/{order}", role="support")

    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Packing slip of F1").click()
    slip = await opened.value

    await expect(slip.get_by_text(MARKUP).first).to_be_visible()
    stranger = await desk.browser()
    await stranger.goto(slip.url)
    await expect(stranger).to_have_url(re.compile("/sign-in"))
