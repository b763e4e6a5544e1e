"""The stack with its real Temporal server: order, restart, one at a time."""

import asyncio

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

from runtime.embedded import temporal_file
from runtime.ports import is_free
from runtime.settings import Settings
from runtime.supervisor import AlreadyRunningError, Stack, is_running
from runtime.temporal import connect, missing_search_attributes

pytestmark = pytest.mark.server


async def test_leaves_a_namespace_that_is_ready_for_workflows(settings: Settings) -> None:
    async with Stack(settings, parts=["temporal"]) as stack:
        client = await connect(stack.settings)
        namespace = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
        missing = await missing_search_attributes(client)

    assert missing == set()
    assert namespace.config.workflow_execution_retention_ttl.ToTimedelta().days == settings.retention_histories_days


async def test_a_server_that_lost_its_file_comes_back_prepared(settings: Settings) -> None:
    async with Stack(settings, parts=["temporal"]) as stack:
        async with stack.without("temporal"):
            for file in settings.var.glob("temporal.db*"):
                file.unlink()
        missing = await missing_search_attributes(await connect(stack.settings))

    assert missing == set()
    assert temporal_file(settings).exists()


async def test_leaving_the_stack_frees_everything(settings: Settings) -> None:
    async with Stack(settings, parts=["temporal"]) as stack:
        ports = stack.ports
        assert is_running(settings)

    assert not is_running(settings)
    assert list(ports) == ["temporal", "temporal_ui"]
    assert all(is_free(port) for port in ports.values())
    assert [path.name for path in settings.run_folder.iterdir()] == ["stack.lock"]


async def test_two_stacks_never_share_a_folder(settings: Settings) -> None:
    async with Stack(settings, parts=["temporal"]) as first:
        with pytest.raises(AlreadyRunningError, match="TUTTI_VAR"):
            await Stack(settings, parts=["temporal"]).__aenter__()

        await asyncio.wait_for(first.until_ready("temporal"), 1)
        assert (settings.run_folder / "ports.json").exists()
