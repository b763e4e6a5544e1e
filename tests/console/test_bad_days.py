"""A hub that is slow or fails, text that looks like markup, and an answer that is not the hub's."""

import os
import signal
from datetime import UTC, datetime

from playwright.async_api import expect

from db.tables import METADATA
from tests.console.conftest import Desk

MARKUP = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


async def test_a_slow_hub_is_said_and_forgotten(desk: Desk) -> None:
    page = await desk.open("/connections")
    api = desk.stage.stack.pid("api")

    os.kill(api, signal.SIGSTOP)
    try:
        await expect(page.get_by_text("The hub is slow to answer.")).to_be_visible()
    finally:
        os.kill(api, signal.SIGCONT)

    await expect(page.get_by_text("The hub is slow to answer.")).to_have_count(0)


async def test_a_page_opens_before_a_slow_hub_has_answered(desk: Desk) -> None:
    page = await desk.browser(token=await desk.key("viewer"))
    api = desk.stage.stack.pid("api")

    os.kill(api, signal.SIGSTOP)
    try:
        await page.goto(desk.address + "/connections")
        await expect(page.get_by_text("Loading …")).to_be_visible()
    finally:
        os.kill(api, signal.SIGCONT)

    await expect(page.get_by_role("heading", name="Data flows")).to_be_visible()


async def test_a_hub_that_fails_is_said_and_tried_again_by_a_button(desk: Desk) -> None:
    table = METADATA.tables["sourcing_rules"]
    row = {
        "version": "damaged",
        "body": {"no": "rules"},
        "active": False,
        "created_at": datetime.now(UTC),
        "created_by": "x",
    }
    await desk.stage.hub.database.write(lambda tx: tx.execute(table.insert().values(row)))
    mine = table.c.version == "damaged"
    page = await desk.open("/rules/sourcing/damaged")
    try:
        await expect(page.get_by_role("alert")).to_contain_text("The hub failed")
        body = (await desk.stage.api.get("/sourcing-rules/2026-11-1")).json() | {"version": "damaged"}
        await desk.stage.hub.database.write(lambda tx: tx.execute(table.update().where(mine).values(body=body)))

        await page.get_by_role("button", name="Try again").click()

        await expect(page.get_by_role("heading", name="Sourcing: damaged")).to_be_visible()
    finally:
        await desk.stage.hub.database.write(lambda tx: tx.execute(table.delete().where(mine)))


async def test_what_does_not_exist_is_said_in_the_hubs_words(desk: Desk) -> None:
    page = await desk.open("/connections/none-such")

    await expect(page.get_by_role("alert")).to_contain_text("there is no connection 'none-such'")


async def test_markup_in_names_is_shown_as_text(desk: Desk) -> None:
    name = f"A {MARKUP}"
    made = desk.named("markup")
    body = {"id": made, "platform": "manual", "name": name, "config": {}}
    (await desk.stage.api.post("/connections", json=body)).raise_for_status()

    for path in ("/connections", f"/connections/{made}"):
        page = await desk.open(path)
        await expect(page.get_by_text(name).first).to_be_visible()
        assert await page.locator(".content img").count() == 0
        assert "Tutti" in await page.title()


async def test_a_hidden_tab_is_not_served_and_catches_up_with_what_was_typed_kept(desk: Desk) -> None:
    page = await desk.open("/connections")
    await page.get_by_role("searchbox").fill("half typed")
    await page.evaluate("emitEvent('tutti_looks', false)")
    name = desk.named("Made while hidden")
    body = {"id": desk.named("while-hidden"), "platform": "manual", "name": name, "config": {}}
    (await desk.stage.api.post("/connections", json=body)).raise_for_status()
    watching = await desk.open("/connections")
    await expect(watching.get_by_text(name, exact=True).first).to_be_visible()
    assert await page.get_by_text(name, exact=True).count() == 0

    await page.evaluate("emitEvent('tutti_looks', true)")

    await expect(page.get_by_text(name, exact=True).first).to_be_visible()
    await expect(page.get_by_role("searchbox")).to_have_value("half typed")


async def test_the_second_of_two_people_is_told_what_the_first_changed(desk: Desk) -> None:
    switch = {"mode": "shadow", "canary_percent": 100}
    (await desk.stage.api.put("/flows/shopify-eu/inventory", json=switch)).raise_for_status()
    email, password = await desk.user("Linus", "operations")
    first, second = await desk.sign_in(email, password), await desk.open("/connections/shopify-eu")
    await desk.go(first, "/connections/shopify-eu")

    await first.get_by_label("Percent of the items (when on)").fill("10")
    await first.get_by_role("button", name="Switch", exact=True).click()
    await expect(first.get_by_text("Switched")).to_be_visible()
    await second.get_by_label("Percent of the items (when on)").fill("90")
    await second.get_by_role("button", name="Switch", exact=True).click()

    told = second.get_by_role("alert").filter(has_text="This was changed meanwhile")
    await expect(told).to_contain_text("Linus changed this meanwhile")
    await expect(second.get_by_label("Percent of the items (when on)")).to_have_value("90")
    left = (await desk.stage.api.get("/flows")).json()
    assert [each["canary_percent"] for each in left if each["connection_id"] == "shopify-eu"] == [10]
