"""Who comes in first, and by the company's own accounts."""

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from runtime.access import first_admin_link
from runtime.settings import Settings
from runtime.supervisor import Stack
from tests.api.openid_provider import OpenIdProvider
from tests.console.browser import assert_accessible
from tests.console.conftest import Desk

PASSWORD = "correct horse battery staple"


async def test_the_first_administrator_comes_in_by_the_link_that_is_printed(
    chromium: tuple[Browser, dict[str, str]], tmp_path: Path
) -> None:
    settings = Settings(var=tmp_path / "var", api_port=0, console_port=0)
    async with Stack(settings, parts=["api", "console"], any_free_port=True) as stack:
        link = first_admin_link(stack.settings)
        assert link
        context = await chromium[0].new_context()
        page = await context.new_page()
        await page.goto(link)
        await expect(page.get_by_role("heading", name="The first administrator")).to_be_visible()
        await assert_accessible(page)
        await page.get_by_label("Name").fill("Ada <b>First</b>")
        await page.get_by_label("E-mail").fill("ada.first@example.com")
        await page.get_by_label("Password, 12").fill("too short")
        await page.get_by_role("button", name="Make the account").click()
        await expect(page.get_by_role("alert").first).not_to_be_empty()
        await page.get_by_label("Password, 12").fill(PASSWORD)
        await page.get_by_role("button", name="Make the account").click()
        await expect(page.get_by_role("button", name="Signed in as Ada <b>First</b>, admin")).to_be_visible()

        await context.clear_cookies()
        await page.goto(link)
        await expect(page.get_by_role("heading", name="The first administrator")).to_have_count(0)
        await context.close()
        assert first_admin_link(stack.settings) is None


async def test_one_comes_in_by_the_companys_account_and_back_to_the_page(desk: Desk, provider: OpenIdProvider) -> None:
    provider.person = {
        "sub": "kim", "email": "kim@example.com", "email_verified": True, "name": "Kim Example", "groups": ["ops"],
    }  # fmt: skip
    page = await desk.browser()
    await page.goto(desk.address + "/exceptions?snoozed=true")
    await page.get_by_role("link", name="Sign in with your company's account").click()

    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page).to_have_url(desk.address + "/exceptions?snoozed=true")
    await expect(page.get_by_role("button", name="Signed in as Kim Example, operations")).to_be_visible()

    provider.person = provider.person | {"sub": "lee", "email": "lee@example.com", "groups": ["nobody"]}
    stranger = await desk.browser()
    await stranger.goto(desk.address + "/sign-in")
    await stranger.get_by_role("link", name="Sign in with your company's account").click()
    await expect(stranger.locator(".field-error").first).not_to_be_empty()
