"""The run of a connection: woken once per burst, at rest in between, over when the flow is off."""

import asyncio

from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from tests.publication.channel import FakeShop
from tests.publication.run import PATIENCE, publishing, until
from workflows.names import inventory_sync


async def test_receipts_and_orders_arrive_at_the_channel(env: WorkflowEnvironment, settings: Settings) -> None:
    shop = FakeShop({("TEE", "B"): 1000})
    async with publishing(env.client, settings, shop) as stack:
        await stack.stock("berlin", TEE=7)
        await until(lambda: shop.shown["TEE", "B"] == 7)

        await stack.place(TEE=2)

        await until(lambda: shop.shown["TEE", "B"] == 5)


async def test_a_run_that_was_terminated_at_work_is_started_anew(env: WorkflowEnvironment, settings: Settings) -> None:
    shop = FakeShop({("TEE", "B"): 1000})
    async with publishing(env.client, settings, shop) as stack:
        await stack.stock("berlin", TEE=7)
        await until(lambda: shop.shown["TEE", "B"] == 7)
        run = env.client.get_workflow_handle(inventory_sync("web"))

        await stack.stock("berlin", TEE=1)
        await run.terminate("the engine lost it")
        await stack.stock("berlin", TEE=1)

        await until(lambda: shop.shown["TEE", "B"] == 9)
        first = (await run.describe()).run_id
        await run.terminate("the engine lost it at rest")
        await until_run(env, other_than=first)


async def until_run(env: WorkflowEnvironment, other_than: str) -> None:
    """A run is there that is not this one."""
    run = env.client.get_workflow_handle(inventory_sync("web"))
    async with asyncio.timeout(PATIENCE):
        while True:
            now = await run.describe()
            if now.run_id != other_than and now.status == WorkflowExecutionStatus.RUNNING:
                return
            await asyncio.sleep(0.05)
