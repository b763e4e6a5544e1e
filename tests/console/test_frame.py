"""What every page has: navigation, search, theme, keys, sign-in; and what it does on a bad day."""

import re

import pytest
from playwright.async_api import expect

from console.navigation import PLACES
from tests.console.browser import assert_accessible
from tests.console.conftest import Desk


@pytest.mark.parametrize("path", [place.path for place in PLACES])
async def test_every_page_of_the_navigation_is_accessible_in_light_and_dark(desk: Desk, path: str) -> None:
    page = await desk.open(path)
    await expect(page.locator("h1")).to_have_count(1)
    await assert_accessible(page)

    await page.evaluate("tuttiTheme()")
    await assert_accessible(page)


@pytest.mark.parametrize("path", [place.path for place in PLACES])
async def test_every_page_of_the_navigation_fits_a_phone(desk: Desk, path: str) -> None:
    page = await desk.open(path, phone=True)

    width = await page.evaluate("document.documentElement.scrollWidth")

    assert width <= 390
    await assert_accessible(page)


async def test_the_theme_is_remembered(desk: Desk) -> None:
    page = await desk.open("/")
    await page.get_by_role("button", name="Light or dark").click()
    await expect(page.locator("body.body--dark")).to_have_count(1)

    await page.reload()

    await expect(page.locator("body.body--dark")).to_have_count(1)


async def test_keys_reach_search_and_help_and_pages(desk: Desk) -> None:
    page = await desk.open("/")
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.get_by_role("searchbox").blur()

    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
    last = PLACES[-1]
    await page.keyboard.type(f"g{last.key}")

    await expect(page).to_have_url(desk.address + last.path)


async def test_the_first_tab_leads_past_the_navigation(desk: Desk) -> None:
    page = await desk.open("/")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")

    await expect(page.locator(".content")).to_be_focused()


async def test_without_a_session_one_signs_in_and_comes_back_to_the_page(desk: Desk) -> None:
    email, password = await desk.user("Ada", "support")
    page = await desk.browser()
    await page.goto(desk.address + "/?from=link")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await assert_accessible(page)

    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill("wrong password it is")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="do not fit")).to_be_visible()
    await page.get_by_label("Password").fill(password)
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(desk.address + "/?from=link")
    await expect(page.get_by_role("button", name="Signed in as Ada, support")).to_be_visible()
    cookie = next(each for each in await page.context.cookies() if each["name"] == "tutti_session")
    assert cookie["httpOnly"]
    assert "tuttis_" not in await page.evaluate("document.documentElement.outerHTML + document.cookie")


async def test_signing_out_ends_the_session_at_the_hub_too(desk: Desk) -> None:
    email, password = await desk.user("Grace", "viewer")
    page = await desk.sign_in(email, password)
    token = await desk.token(page)
    await page.get_by_role("button", name="Signed in as Grace, viewer").click()

    await page.get_by_text("Sign out").click()
    await expect(page).to_have_url(desk.address + "/sign-in")

    answer = await desk.stage.api.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_an_address_elsewhere_is_not_gone_to_after_sign_in(desk: Desk) -> None:
    page = await desk.browser()
    await page.goto(desk.address + "/sign-in?next=//example.com/")
    await page.get_by_text("Sign in with an API key").click()
    await page.get_by_role("textbox", name="API key").fill(await desk.key("viewer"))
    await page.get_by_role("button", name="Sign in with the key").click()

    await expect(page.locator("h1")).to_have_text("Today")
    assert page.url == desk.address + "/"


async def test_a_page_stays_while_the_api_is_down_and_goes_on_by_itself(desk: Desk) -> None:
    page = await desk.open("/")

    async with desk.stage.stack.without("api"):
        await expect(page.get_by_text("The hub does not answer.")).to_be_visible()
        await expect(page.locator("h1")).to_have_text("Today")
        other = await desk.browser(token=await desk.key("admin"))
        await other.goto(desk.address + "/")
        await expect(other.get_by_text("The hub does not answer").first).to_be_visible()

    await expect(page.get_by_text("The hub does not answer.")).to_have_count(0)
    await expect(other.locator("h1")).to_have_text("Today")
