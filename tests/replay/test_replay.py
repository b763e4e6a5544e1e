"""Every recorded history replays: the code of today understands the runs of yesterday."""

import base64
import re
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from workflows.order_routing import OrderRouting

FOLDER = Path(__file__).parent / "histories"
HISTORIES = sorted(FOLDER.rglob("*.json"))


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.stem, file.read_text())


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
async def test_replays(file: Path) -> None:
    from worker import WORKFLOW_TYPES  # not above: the sandbox imports this module for the change planted below

    replayer = Replayer(workflows=WORKFLOW_TYPES, data_converter=pydantic_data_converter)

    result = await replayer.replay_workflow(history(file), raise_on_replay_failure=False)

    assert result.replay_failure is None


@workflow.defn(name="OrderRouting")
class HastyOrderRouting(OrderRouting):
    """The planted change: it looks at the facts before it routes."""

    @workflow.init
    def __init__(self, order: object) -> None:
        super().__init__(order)  # type: ignore[arg-type]

    @workflow.run
    async def run(self, order: object) -> None:  # type: ignore[override]
        await workflow.sleep(1)
        await super().run(order)  # type: ignore[arg-type]


async def test_a_change_that_breaks_running_orders_is_caught() -> None:
    replayer = Replayer(workflows=[HastyOrderRouting], data_converter=pydantic_data_converter)

    result = await replayer.replay_workflow(
        history(FOLDER / "order_routing" / "shipped.json"), raise_on_replay_failure=False
    )

    assert isinstance(result.replay_failure, NondeterminismError)


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_names_no_person(file: Path) -> None:
    payloads = [base64.b64decode(data).decode() for data in re.findall(r'"data": "([^"]+)"', file.read_text())]

    assert payloads
    assert [text for text in payloads if "Ada" in text or "Test Street" in text or "@" in text] == []
