"""Runs outlive a bug and a restart: nothing is undone, nothing is done twice, and they go on where they were."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker
from db import commands
from runtime.settings import Settings
from runtime.wiring import Hub
from tests.workflows.stack import Stack, stack_on
from workflows.order_routing import OrderRouting

FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED


async def wake(stack: Stack, order: str) -> None:
    await stack.write(lambda tx: commands.retry(tx, order, how="continue", by="test", now=datetime.now(UTC)))


async def has_failed_a_task(stack: Stack, order: str) -> None:
    async with asyncio.timeout(90):
        while not [e async for e in stack.run(order).fetch_history_events() if e.event_type == FAILED]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def ship(stack: Stack, order: str) -> None:
    await stack.report(f"{order}-F1", "accepted")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")


async def test_a_bug_parks_the_run_undoes_nothing_and_it_goes_on_when_mended(
    env: WorkflowEnvironment, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stack_on(env.client, settings) as stack:
        await stack.stock(TEE=1)
        order = await stack.place(TEE=1)
        await stack.until_sent(f"{order}-F1")
        with monkeypatch.context() as bug:
            bug.setattr(OrderRouting, "show_progress", lambda run: run.steps["planted"])
            await wake(stack, order)
            await has_failed_a_task(stack, order)
            status = (await stack.run(order).describe()).status
            parked = await stack.balances(), await stack.states(order), dict(stack.berlin.orders)

        await ship(stack, order)

        assert status == WorkflowExecutionStatus.RUNNING
        assert parked == ([("TEE", "berlin", 1, 1)], [("berlin", "sent")], {f"{order}-F1": "open"})
        assert await stack.outcome(order) == "fulfilled"
        assert await stack.balances() == [("TEE", "berlin", 0, 0)]


async def test_a_restart_in_the_middle_does_nothing_twice(
    env: WorkflowEnvironment, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no run in memory, every task replays the whole history."""
    started: list[Worker] = []

    def forgetful(*args: Any, **options: Any) -> Worker:
        return Worker(*args, **options | ({"max_cached_workflows": 0} if "workflows" in options else {}))

    def make(client: Client, hub: Hub) -> list[Worker]:
        started.extend(made := worker.workers(client, hub))
        return made

    monkeypatch.setattr(worker, "Worker", forgetful)
    async with stack_on(env.client, settings, make) as stack:
        await stack.stock(TEE=1)
        order = await stack.place(TEE=1)
        await stack.until_sent(f"{order}-F1")
        await asyncio.gather(*(one.shutdown() for one in started))
        await ship(stack, order)
        second = make(env.client, stack.hub)

        async with second[0], second[1]:
            outcome = await stack.outcome(order)

        assert outcome == "fulfilled"
        assert stack.berlin.committed == {f"{order}-F1": 1}
        assert list(stack.channel.parcels) == [f"{order}-F1-p1"]
        assert await stack.balances() == [("TEE", "berlin", 0, 0)]
