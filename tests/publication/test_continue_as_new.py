"""Runs live for months: they continue as new whenever the engine suggests it, and lose nothing by it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import WorkflowExecution
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.refs import ConnectionRef, Published, SyncCursor, VerificationCursor
from runtime.embedded import temporal_program
from worker import RUNNER
from workflows.inventory_sync import InventorySync
from workflows.names import CHANNELS, SEARCH_ATTRIBUTES, WORKFLOWS
from workflows.stock_verification import StockVerification

pytestmark = pytest.mark.server

BUDGET = 40
"""Events of a run, after which the engine suggests to continue as new."""
TURNS = 10 * BUDGET // 6
"""A turn with its wake-up, or with its workflow task, makes about six events: so many are ten times the budget."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    started = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={BUDGET}"],
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    yield started
    await started.shutdown()


async def runs_of(server: WorkflowEnvironment, workflow_id: str) -> list[WorkflowExecution]:
    return [run async for run in server.client.list_workflows(f"WorkflowId = '{workflow_id}'")]


async def test_ten_times_the_event_budget(server: WorkflowEnvironment) -> None:
    turns = 0
    is_off = False

    @activity.defn(name="publish_stock")
    async def publish_stock(connection: ConnectionRef) -> Published:
        nonlocal turns
        turns += 1
        return Published(connection_id=connection.connection_id, is_off=is_off)

    own = Worker(server.client, task_queue=WORKFLOWS, workflows=[InventorySync], workflow_runner=RUNNER)
    outside = Worker(server.client, task_queue=CHANNELS, activities=[publish_stock])
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
    runs = await runs_of(server, "inventory-sync/web")

    assert first.first_execution_run_id != runs[0].run_id
    assert cursor.turns == turns
    assert len(runs) >= 9
    assert max(run.history_length for run in runs) < 2 * BUDGET


async def test_a_round_of_verification_goes_on_where_it_was(server: WorkflowEnvironment) -> None:
    """Nothing is looked at twice, and nothing is left out."""
    looked: list[str] = []

    @activity.defn(name="begin_verification")
    async def begin_verification(at: VerificationCursor) -> VerificationCursor:
        return at.model_copy(update={"round": 7})

    @activity.defn(name="verify_numbers")
    async def verify_numbers(at: VerificationCursor) -> VerificationCursor:
        looked.append(at.after)
        seen = at.looked + 1
        return at.model_copy(update={"after": f"{seen:04}", "looked": seen, "is_over": seen == TURNS})

    own = Worker(server.client, task_queue=WORKFLOWS, workflows=[StockVerification], workflow_runner=RUNNER)
    outside = Worker(server.client, task_queue=CHANNELS, activities=[begin_verification, verify_numbers])
    async with own, outside:
        ended = await server.client.execute_workflow(
            StockVerification.run, VerificationCursor(connection_id="web"), id="stock-verification/web",
            task_queue=WORKFLOWS,
        )  # fmt: skip
    runs = await runs_of(server, "stock-verification/web")

    assert (ended.round, ended.looked) == (7, TURNS)
    assert looked == ["", *(f"{number:04}" for number in range(1, TURNS))]
    assert len(runs) >= 9
    assert max(run.history_length for run in runs) < 2 * BUDGET
