"""Connections in the browser: a shop is opened step by step, paused, and shown on the map of data flows."""

import secrets

import pytest_asyncio
from playwright.async_api import Page, expect

from bench.stage import PLACES, Scene
from tests.console.browser import assert_accessible
from tests.console.conftest import Desk


@pytest_asyncio.fixture(loop_scope="session")
async def shop(stage: Scene) -> dict[str, str]:
    """A simulated shop that no connection leads to yet: its address and its credentials."""
    name, token, secret = f"shop-{secrets.token_hex(4)}", secrets.token_hex(16), secrets.token_hex(16)
    products = [{"sku": "MUG-RED", "title": "MUG-RED", "price": "10.00", "stock": {"71001": 4}}]
    body = {
        "name": name, "token": token, "secret": secret, "currency": "EUR", "locations": [PLACES[0]],
        "products": products,
    }  # fmt: skip
    (await stage.sandbox.post("/control/shopify/shops", json=body)).raise_for_status()
    return {"name": name, "token": token, "secret": secret, "url": f"{stage.stack.settings.sandbox_url}/shopify/{name}"}


async def fill(page: Page, shop: dict[str, str]) -> None:
    await page.get_by_label("Id", exact=True).fill(shop["name"])
    await page.get_by_label("Name", exact=True).fill("A <b>new</b> shop")
    await page.get_by_label("Shop Domain").fill(f"{shop['name']}.myshopify.com")
    await page.get_by_label("Access Token").fill(shop["token"])
    await page.get_by_label("Client Secrets").fill(shop["secret"])
    await page.get_by_label("Base Url (optional)").fill(shop["url"])


async def test_an_administrator_onboards_a_connection_from_credentials_to_on(desk: Desk, shop: dict[str, str]) -> None:
    page = await desk.open("/connections")
    await page.get_by_role("button", name="New connection").click()
    await page.get_by_role("button", name="Shopify", exact=True).click()
    await fill(page, shop)
    await page.get_by_role("button", name="Make the connection").click()

    await expect(page.locator("h1")).to_have_text("A <b>new</b> shop")
    await expect(page.get_by_text(f"account {shop['name']}.myshopify.com")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_label("Tutti's public address").fill(desk.stage.stack.settings.api_url)
    await page.get_by_role("button", name="Register webhooks").click()
    await expect(
        page.get_by_text(f"sent to {desk.stage.stack.settings.api_url}/webhooks/{shop['name']}")
    ).to_be_visible()
    await page.get_by_role("button", name="Save the mapping").click()
    await expect(page.get_by_text("1 of 1 places mapped")).to_be_visible()
    await page.get_by_text("Map a means of payment").click()
    await page.get_by_label("What the platform calls it").fill("shop_points")
    await page.get_by_role("combobox", name="Counts as").click()
    await page.get_by_role("option", name="Store credit", exact=True).click()
    await page.get_by_role("button", name="Save it").click()
    await expect(page.get_by_role("table", name="Means of payment").get_by_text("shop_points")).to_be_visible()
    await page.get_by_role("button", name="Take it over").click()
    await expect(page.get_by_role("table", name="Opening stock").get_by_text("Not shipped by it")).to_be_visible()
    await page.get_by_role("button", name="Run in shadow").click()
    await page.get_by_role("button", name="Go shadow").click()
    await expect(page.get_by_role("button", name="Switch on")).to_be_enabled()
    await page.get_by_role("button", name="Switch on").click()
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("button", name="Switch on")).to_have_count(0)

    made = (await desk.stage.api.get(f"/connections/{shop['name']}")).json()
    assert made["mode"] == "on"


async def test_what_the_form_lacks_is_said_at_its_fields_and_nothing_typed_is_lost(desk: Desk) -> None:
    page = await desk.open("/connections/new?platform=shopify")
    await page.get_by_label("Shop Domain").fill("kept.myshopify.com")

    await page.get_by_role("button", name="Make the connection").click()

    await expect(page.get_by_text("fill this in").first).to_be_visible()
    await expect(page.get_by_label("Shop Domain")).to_have_value("kept.myshopify.com")


async def test_a_session_that_ends_within_a_form_is_renewed_over_it(desk: Desk, shop: dict[str, str]) -> None:
    email, password = await desk.user(f"Mid{shop['name'][-4:]}", "admin")
    page = await desk.sign_in(email, password)
    await desk.go(page, "/connections/new?platform=shopify")
    await fill(page, shop)
    await desk.end_session(page)

    await page.get_by_role("button", name="Make the connection").click()
    dialog = page.get_by_role("dialog").filter(has_text="Your session has ended")
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("E-mail").fill(email)
    await dialog.get_by_label("Password").fill(password)
    await dialog.get_by_role("button", name="Sign in", exact=True).click()

    await expect(page.locator("h1")).to_have_text("A <b>new</b> shop")
    made = (await desk.stage.api.get(f"/connections/{shop['name']}")).json()
    assert made["name"] == "A <b>new</b> shop"


async def test_pausing_asks_for_a_reason_and_says_what_follows(desk: Desk) -> None:
    page = await desk.open("/connections/post", role="operations")
    await page.get_by_role("button", name="Pause", exact=True).click()
    dialog = page.get_by_role("dialog").filter(has_text="Pause writes?")
    await expect(dialog.get_by_text("Nothing more is written to it.")).to_be_visible()
    await dialog.get_by_role("button", name="Pause", exact=True).click()
    await expect(dialog.get_by_text("say why")).to_be_visible()
    await dialog.get_by_label("Reason").fill("the carrier's strike")
    await dialog.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.get_by_text("Paused: the carrier's strike", exact=True)).to_be_visible()

    await page.get_by_role("button", name="Resume").click()
    await page.get_by_role("dialog").get_by_role("button", name="Resume").click()

    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


async def test_a_viewer_sees_and_is_offered_nothing(desk: Desk) -> None:
    page = await desk.open("/connections/shopify-us", role="viewer")

    await expect(page.get_by_role("heading", name="Onboarding")).to_be_visible()
    assert await page.locator(".content").get_by_role("button", name="Pause").count() == 0
    await desk.go(page, "/connections")
    assert await page.get_by_role("button", name="Stop all writes").count() == 0
    await desk.go(page, "/connections/new")
    await expect(page.get_by_text("this page needs the role admin; you have viewer")).to_be_visible()
