"""Records the histories of content, on a real server: `python -m tests.replay.record_content`."""

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.finish import finish
from domain.refs import VerificationCursor
from runtime.embedded import temporal_program
from runtime.settings import Settings
from tests.content.run import keeping_shop
from tests.replay.record import keep
from workflows.content_verification import ContentVerification
from workflows.names import SEARCH_ATTRIBUTES, WORKFLOWS, content_sync, content_verification


async def woken_and_switched_off(environment: WorkflowEnvironment, folder: Path) -> None:
    """A change is told, the run goes to rest, is woken, has to try again, and ends when the flow is switched off."""
    run = environment.client.get_workflow_handle(content_sync("alpha"))
    async with keeping_shop(environment.client, Settings(var=folder)) as keeper:
        product = await keeper.stack.product()
        await keeper.stack.outcome(await keeper.stack.launch([product], channels=("alpha",)))
        await keeper.switch_on("alpha")
        await keeper.edit(product, title="Lamp, brighter")
        await keeper.until_calm(("alpha", product))
        await asyncio.sleep(3)
        await keeper.stack.faults({"kind": "throttle", "operation": "productUpdate", "nth": [1]})
        await keeper.edit(product, title="Lamp, brightest")
        await keeper.until_calm(("alpha", product))
    keep("content_sync", "woken-and-switched-off", (await run.fetch_history()).to_json())


async def one_title_edited(environment: WorkflowEnvironment, folder: Path) -> None:
    """One round that finds a title which somebody edited."""
    async with keeping_shop(environment.client, Settings(var=folder)) as keeper:
        product = await keeper.stack.product()
        await keeper.stack.outcome(await keeper.stack.launch([product], channels=("alpha",)))
        await keeper.switch_on("alpha")
        await keeper.until_calm(("alpha", product))
        await keeper.stack.edit("alpha", f"{product}-1", fields={"title": "Typed by hand"})
        run = await environment.client.start_workflow(
            ContentVerification.run, VerificationCursor(connection_id="alpha"), id=content_verification("alpha"),
            task_queue=WORKFLOWS, execution_timeout=timedelta(minutes=1),
        )  # fmt: skip
        assert (await run.result()).wrong == 1
        keep("content_verification", "one-title-edited", (await run.fetch_history()).to_json())


async def main() -> None:
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    try:
        for scenario in (woken_and_switched_off, one_title_edited):
            with tempfile.TemporaryDirectory() as folder:
                await scenario(environment, Path(folder))
    finally:
        await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    finish(0)
