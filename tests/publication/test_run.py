"""The run of a connection: woken once per burst, at rest in between, over when the flow is off."""

import asyncio
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
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

        first = (await run.describe()).run_id

        await stack.stock("berlin", TEE=1)
        await run.terminate("the engine lost it")
        await stack.stock("berlin", TEE=1)

        second = await running(run, other_than=first)  # what the first left behind may show the number too
        await until(lambda: shop.shown["TEE", "B"] == 9)
        await run.terminate("the engine lost it at rest")
        await running(run, other_than=second)


async def running(run: WorkflowHandle[Any, Any], other_than: str) -> str:
    """The id of the run that came after this one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            now = await run.describe()
            if now.run_id != other_than and now.status == WorkflowExecutionStatus.RUNNING:
                return str(now.run_id)
            await asyncio.sleep(0.05)
