"""The run lives for months: it continues as new whenever the engine suggests it, and loses no wake-up by it."""

import asyncio
from datetime import UTC, datetime

from temporalio import activity
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.refs import ConnectionRef, Published, SyncCursor
from runtime.embedded import temporal_program
from worker import RUNNER
from workflows.inventory_sync import InventorySync
from workflows.names import CHANNELS, SEARCH_ATTRIBUTES, WORKFLOWS

BUDGET = 40
"""Events of a run, after which the engine suggests to continue as new."""
TURNS = 10 * BUDGET // 6
"""A turn with a wake-up makes about six events: so many are ten times the budget."""


async def test_ten_times_the_event_budget() -> None:
    server = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={BUDGET}"],
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    turns = 0
    is_off = False

    @activity.defn(name="publish_stock")
    async def publish_stock(connection: ConnectionRef) -> Published:
        nonlocal turns
        turns += 1
        return Published(connection_id=connection.connection_id, is_off=is_off)

    own = Worker(server.client, task_queue=WORKFLOWS, workflows=[InventorySync], workflow_runner=RUNNER)
    outside = Worker(server.client, task_queue=CHANNELS, activities=[publish_stock])
    try:
        async with own, outside:
            first = await server.client.start_workflow(
                InventorySync.run, SyncCursor(connection_id="web"), id="inventory-sync/web", task_queue=WORKFLOWS
            )
            latest = server.client.get_workflow_handle("inventory-sync/web")
            for wanted in range(1, TURNS + 1):
                async with asyncio.timeout(90):
                    while turns < wanted:  # noqa: ASYNC110 counted by the activity
                        await asyncio.sleep(0.005)
                await latest.signal(InventorySync.woken)
            is_off = True
            await latest.signal(InventorySync.woken)
            cursor = SyncCursor.model_validate(await latest.result())
            runs = [run async for run in server.client.list_workflows("WorkflowId = 'inventory-sync/web'")]
            longest = max(run.history_length for run in runs)
    finally:
        await server.shutdown()

    assert first.first_execution_run_id != runs[0].run_id
    assert cursor.turns == turns
    assert len(runs) >= 9
    assert longest < 2 * BUDGET
    assert all(run.start_time <= datetime.now(UTC) for run in runs)
