"""What Temporal's UI tells of a run, read from recorded histories: ids, typed attributes, summaries, current details."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from domain.errors import DomainError
from domain.refs import OrderOutcome, OrderRef
from tests.replay.test_replay import FOLDER, HISTORIES, history
from workflows.names import CONNECTION, LAUNCH, ORDER, RETURN, SEARCH_ATTRIBUTES
from workflows.order_routing import OrderRouting

STEPS = {"ACTIVITY_TASK_SCHEDULED", "MARKER_RECORDED", "TIMER_STARTED"}
FOUND_BY = {
    "order_routing": ("Order", {ORDER.name, CONNECTION.name}),
    "return_handling": ("Return", {RETURN.name, CONNECTION.name}),
    "product_launch": ("Launch", {LAUNCH.name}),
}
"""Processes with a run per thing: what the thing is called, and what people find its run by."""
OF_THINGS = [file for file in HISTORIES if file.parent.name in FOUND_BY]


def named(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def events(file: Path) -> list[tuple[str, dict[str, Any]]]:
    told = json.loads(file.read_text())["events"]
    return [(event["eventType"].removeprefix("EVENT_TYPE_"), event) for event in told]


def summary(event: dict[str, Any]) -> str:
    return str(json.loads(base64.b64decode(event.get("userMetadata", {}).get("summary", {}).get("data", "IiI="))))


@pytest.mark.parametrize("file", HISTORIES, ids=named)
def test_every_step_and_timer_says_what_it_is_for(file: Path) -> None:
    steps = [(kind, summary(event)) for kind, event in events(file) if kind in STEPS]

    assert steps
    assert [kind for kind, says in steps if not says] == []


@pytest.mark.parametrize("file", OF_THINGS, ids=named)
def test_a_run_is_named_after_its_thing_and_says_which_it_is(file: Path) -> None:
    _, started = events(file)[0]
    given = started["workflowExecutionStartedEventAttributes"]
    process, _, thing = given["workflowId"].partition("/")

    word, attributes = FOUND_BY[file.parent.name]
    assert (process, thing != "") == (file.parent.name.replace("_", "-"), True)
    assert given["searchAttributes"]["indexedFields"].keys() == attributes
    assert summary(started).startswith(f"{word} ")


@pytest.mark.parametrize("file", OF_THINGS, ids=named)
def test_every_search_attribute_is_known_and_typed(file: Path) -> None:
    known = {key.name for key in SEARCH_ATTRIBUTES}
    carriers = ("workflowExecutionStartedEventAttributes", "upsertWorkflowSearchAttributesEventAttributes")
    set_ = [
        (name, base64.b64decode(value["metadata"]["type"]).decode())
        for _, event in events(file)
        for carrier in carriers
        for name, value in event.get(carrier, {}).get("searchAttributes", {}).get("indexedFields", {}).items()
    ]

    assert {name for name, _ in set_} <= known
    assert {kind for _, kind in set_} == {"Keyword"}


TOLD: list[str] = []


@workflow.defn(name="OrderRouting", failure_exception_types=[DomainError])
class Telling(OrderRouting):
    """The same process, which writes down what it shows."""

    @workflow.init
    def __init__(self, order: OrderRef) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: OrderRef) -> OrderOutcome:
        return await super().run(order)

    def show_progress(self) -> None:
        super().show_progress()
        TOLD.append(workflow.get_current_details())


async def test_a_run_shows_its_stage_what_it_waits_for_and_until_when() -> None:
    TOLD.clear()
    replayer = Replayer(
        workflows=[Telling], workflow_runner=UnsandboxedWorkflowRunner(), data_converter=pydantic_data_converter
    )

    await replayer.replay_workflow(history(FOLDER / "order_routing" / "backordered.json"))

    assert TOLD[0].startswith("**backordered**: backordered: stock of TEE until 20")
    assert TOLD[0].endswith(" UTC")
    assert any("F1 at berlin sent" in told for told in TOLD)
