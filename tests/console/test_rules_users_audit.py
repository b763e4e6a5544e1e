"""The pages of rules, users and the audit log: versions compared and put in force, people invited, changes found."""

import re

from playwright.async_api import Page, expect

from tests.console.browser import assert_accessible
from tests.console.conftest import Desk


async def invite(page: Page, name: str, email: str, role: str) -> str:
    """Through the form; the link that is shown once."""
    await page.get_by_role("button", name="Invite somebody").click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_role("combobox", name="Role").click()
    await page.get_by_role("option", name=re.compile(role)).click()
    await page.get_by_role("button", name="Invite", exact=True).click()
    secret = page.locator(".secret")
    await expect(secret).to_contain_text("/sign-in?code=")
    link = await secret.inner_text()
    await page.get_by_role("button", name="I have it").click()
    return link


async def test_an_invited_person_comes_in_by_the_link_and_loses_the_role_at_once(desk: Desk) -> None:
    admin = await desk.open("/users")
    email = f"{desk.named('bo.page')}@example.com"
    link = await invite(admin, "Bo <b>Example</b>", email, "Operations")
    row = admin.get_by_role("row", name=re.compile(email))
    await expect(row).to_contain_text("Bo <b>Example</b>")
    theirs = await desk.browser()
    await theirs.goto(link)
    await theirs.get_by_role("button", name="Sign in", exact=True).click()
    await expect(theirs.locator("h1")).to_have_text("Today")

    await row.click()
    await admin.get_by_role("button", name="Lock out …").click()
    await expect(admin.get_by_role("dialog", name="Lock out: Bo <b>Example</b>")).to_be_visible()
    await assert_accessible(admin)
    await admin.get_by_role("button", name="Lock out", exact=True).click()
    await expect(row).to_contain_text("Disabled")

    await theirs.goto(desk.address + "/rules")
    await expect(theirs).to_have_url(re.compile("/sign-in|/rules"))
    await expect(theirs.get_by_text(re.compile("Sign in|session has ended")).first).to_be_visible()


async def test_a_key_is_shown_once_and_revoked(desk: Desk) -> None:
    page = await desk.open("/users")
    await page.get_by_role("button", name="New API key").click()
    await page.get_by_label("Who or what will use it").fill(desk.named("till at the door"))
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator(".secret")).to_contain_text("tutti_")
    await page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row", name=re.compile(desk.named("till at the door")))

    await row.click()
    await page.get_by_role("button", name="Revoke …").click()
    await page.get_by_role("button", name="Revoke", exact=True).click()

    await expect(row).to_contain_text("Revoked")
    await expect(page.locator(".secret")).to_have_count(0)


LAST_LIMIT = re.compile(r"(.*max_parcels: )\d+", re.DOTALL)


async def write(page: Page, version: str, parcels: int) -> None:
    """A version from the one that is shown, with one value changed."""
    await page.get_by_role("button", name=re.compile("New version")).click()
    await page.get_by_label("Name of the version").fill(version)
    text = page.get_by_label("Rules (YAML)")
    await text.fill(LAST_LIMIT.sub(rf"\g<1>{parcels}", await text.input_value()))
    await page.get_by_role("button", name="See what changes").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("row", name=re.compile("Max parcels"))).to_contain_text(str(parcels))
    await dialog.get_by_role("button", name="Store").click()
    await expect(page).to_have_url(re.compile(f"/rules/sourcing/{version}"))


async def test_a_version_is_written_compared_and_put_in_force_and_the_second_person_is_told(desk: Desk) -> None:
    page = await desk.open("/rules", role="operations")
    await assert_accessible(page)
    version, parcels = desk.named("console-1"), 4 + desk.attempt
    await write(page, version, parcels)
    difference = page.get_by_role("row", name=re.compile("Max parcels")).first
    await expect(difference).to_contain_text(str(parcels))
    await assert_accessible(page)
    other = await desk.open(f"/rules/sourcing/{version}", role="admin")
    await other.get_by_role("button", name="Put in force").click()

    await page.get_by_role("button", name="Put in force").click()
    await page.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    await expect(page.get_by_text("In force", exact=True).first).to_be_visible()

    await other.get_by_role("dialog").get_by_role("button", name="Put in force").click()
    await expect(other.get_by_text("browser operations changed this meanwhile")).to_be_visible()


async def test_rules_that_are_no_rules_are_refused_at_the_field_and_stay_typed(desk: Desk) -> None:
    page = await desk.open("/rules", role="operations")
    await page.get_by_role("button", name="New version").click()
    await page.get_by_label("Name of the version").fill(desk.named("broken-1"))
    await page.get_by_label("Rules (YAML)").fill("rules: [")

    await page.get_by_role("button", name="See what changes").click()

    await expect(page.get_by_text(re.compile("line 1: this is not YAML"))).to_be_visible()
    await expect(page.get_by_label("Rules (YAML)")).to_have_value("rules: [")
    await page.get_by_label("Rules (YAML)").fill("currency: EUR\nrules:\n- name: any\n  max_parcels: many\n")
    await page.get_by_role("button", name="See what changes").click()
    await expect(page.get_by_text(re.compile("line 4: rules › 0 › max_parcels"))).to_be_visible()


async def test_the_audit_log_says_who_did_what_and_why_and_keeps_its_filters_in_the_address(desk: Desk) -> None:
    stopped = await desk.stage.api.post("/switches/all/stop", json={"reason": "fire <drill>"})
    stopped.raise_for_status()
    (await desk.stage.api.post("/switches/all/start")).raise_for_status()
    page = await desk.open("/audit?kind=switch")

    row = page.get_by_role("row", name=re.compile("Switch: stop")).first
    await expect(row).to_contain_text("fire <drill>")
    await assert_accessible(page)
    await page.get_by_role("button", name="Check that it is whole").click()
    await expect(page.get_by_text(re.compile("Whole: each of"))).to_be_visible()

    await page.get_by_role("combobox", name="What").click()
    await page.get_by_role("option", name="Key", exact=True).click()
    await expect(page).to_have_url(re.compile("kind=key"))
    await expect(page.get_by_role("row", name=re.compile("Key: create")).first).to_be_visible()


async def test_what_a_role_may_not_is_not_offered_and_refused(desk: Desk) -> None:
    page = await desk.open("/rules", role="viewer")

    await expect(page.get_by_role("table")).to_be_visible()
    await expect(page.get_by_role("button", name="New version")).to_have_count(0)
    for path in ("/users", "/audit"):
        await desk.go(page, path)
        await expect(page.get_by_text(re.compile("role"))).not_to_have_count(0)
        await expect(page.get_by_role("table")).to_have_count(0)
