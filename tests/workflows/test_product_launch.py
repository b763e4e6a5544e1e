"""Launches on two simulated shops: live everywhere at one moment, or as before."""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db import connections
from db.launch_reading import load
from domain.launch.standing import standing
from runtime.settings import Settings
from tests.workflows.launch_stack import LaunchStack, launch_stack, soon


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[LaunchStack]:
    async with launch_stack(env.client, settings) as running:
        yield running


async def test_a_product_is_live_everywhere_at_its_moment_and_nowhere_before(stack: LaunchStack) -> None:
    product = await stack.product()
    moment = soon(2)
    launch = await stack.launch([product], go_live_at=moment)
    await stack.until_state(launch, "staged")
    staged = [(await stack.shop(name))[product] for name in ("alpha", "beta")]

    outcome = await stack.outcome(launch)
    row = await stack.row(launch)
    shown = [(await stack.shop(name))[product] for name in ("alpha", "beta")]

    assert [one["public"] for one in staged] == [[], []]
    assert outcome == "live"
    assert [one["is_public"] for one in shown] == [True, True]
    assert all(one["public"][0]["at"] >= moment.isoformat() for one in shown)
    assert 0 <= row.skew_ms < 3000
    assert await stack.leaks(launch) == []


async def test_one_channel_that_refuses_restores_all(stack: LaunchStack) -> None:
    product = await stack.product()
    launch = await stack.launch([product], go_live_at=soon(2))
    await stack.until_state(launch, "staged")
    await stack.faults({"kind": "refuse", "operation": "publicationUpdate", "nth": [1]})

    outcome = await stack.outcome(launch)
    row = await stack.row(launch)
    left = [await stack.shop(name) for name in ("alpha", "beta")]

    assert outcome == "restored"
    assert "could not go live" in row.restoring
    assert row.exposed_ms is not None
    assert [product in shop for shop in left] == [False, False]


async def test_a_token_that_has_expired_blocks_the_launch_until_somebody_has_mended_it(stack: LaunchStack) -> None:
    product = await stack.product()
    await stack.faults({"kind": "token_expired", "operation": "productSet", "nth": [1]})
    launch = await stack.launch([product], go_live_at=soon(4))
    await stack.until(lambda: is_blocked(stack, launch))

    await stack.write(lambda tx: [connections.resume(tx, name, now=soon(0)) for name in ("alpha", "beta")])

    assert await stack.outcome(launch) == "live"


async def is_blocked(stack: LaunchStack, launch: str) -> bool:
    at = await stack.read(lambda tx: standing(load(tx, launch), soon(0)))
    return bool(at.stage == "blocked")


async def test_what_somebody_else_has_changed_meanwhile_survives(stack: LaunchStack) -> None:
    """Both shops sell OLD-1 already; one takes its new content, somebody edits it there, and the other shop refuses."""
    variants = [{"sku": "OLD-1", "prices": {"USD": {"amount_minor": 900}}}]
    old = await stack.product(title="New", variants=variants)
    await stack.faults(
        {"kind": "delay", "operation": "productSet", "nth": [2], "seconds": 2},
        {"kind": "refuse", "operation": "productSet", "nth": [2]},
    )
    launch = await stack.launch([old], go_live_at=soon(2))
    await stack.until(lambda: one_shop_has_it(stack))
    changed = "alpha" if (await stack.shop("alpha"))["old-1"]["title"] == "New" else "beta"
    await stack.edit(changed, "OLD-1", fields={"vendor": "Somebody"}, prices={"OLD-1": "12.00"})

    outcome = await stack.outcome(launch)
    after = (await stack.shop(changed))["old-1"]

    assert outcome == "restored"
    assert (after["title"], after["vendor"], after["is_public"]) == ("Old", "Somebody", True)
    assert after["variants"]["OLD-1"]["price"] == "12.00"


async def one_shop_has_it(stack: LaunchStack) -> bool:
    return "New" in {(await stack.shop(name))["old-1"]["title"] for name in ("alpha", "beta")}
