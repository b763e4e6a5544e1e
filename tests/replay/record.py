"""Records the histories that replay is tested with, on a real server: `python -m tests.replay.record [PROCESS …]`."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.finish import finish
from connectors.errors import TryAgainError
from db import commands
from db.returns import commands as return_commands
from domain.channel_order import Address
from domain.refs import ConnectionRef, VerificationCursor
from runtime.embedded import temporal_program
from runtime.settings import Settings
from tests.publication.channel import FakeShop
from tests.publication.run import publishing, until
from tests.workflows.stack import Stack, stack_on
from workflows import names
from workflows.names import SEARCH_ATTRIBUTES, STOCK_AUDIT, WORKFLOWS
from workflows.stock_audit import StockAudit
from workflows.stock_verification import StockVerification
from workflows.sweep import Sweep

HISTORIES = Path(__file__).parent / "histories"
Scenario = Callable[[Stack], Awaitable[str]]


async def shipped(stack: Stack) -> str:
    await stack.stock(TEE=2)
    order = await stack.place(TEE=2)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "accepted")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.outcome(order)
    return order


async def shipped_in_two_parcels(stack: Stack) -> str:
    await stack.stock(TEE=1)
    await stack.stock("munich", MUG=1)
    order = await stack.place(TEE=1, MUG=1)
    await stack.until(order, lambda o: sum(f.state == "sent" for f in o.fulfillment_orders) == 2)
    for f in (await stack.order(order)).fulfillment_orders:
        await stack.report(f.id, "shipped", f.connection_id, parcel="p1")
    await stack.outcome(order)
    return order


async def rerouted(stack: Stack) -> str:
    await stack.stock(TEE=1)
    await stack.stock("munich", TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    first = (await stack.order(order)).fulfillment_orders[0]
    await stack.report(first.id, "rejected", first.connection_id)
    await stack.until_sent(f"{order}-F2")
    second = (await stack.order(order)).fulfillment_orders[1]
    await stack.report(second.id, "shipped", second.connection_id, parcel="p1")
    await stack.outcome(order)
    return order


async def canceled(stack: Stack) -> str:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.write(lambda tx: commands.request_cancel(tx, order, by="record", now=datetime.now(UTC)))
    await stack.outcome(order)
    return order


async def backordered(stack: Stack) -> str:
    order = await stack.place(TEE=1)
    await stack.until(order, lambda o: bool(o.waiting))
    await stack.stock(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.outcome(order)
    return order


async def picked_up(stack: Stack) -> str:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1, delivery="pickup", pickup="berlin")
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "ready")
    await stack.report(f"{order}-F1", "collected")
    await stack.outcome(order)
    return order


async def address_changed(stack: Stack) -> str:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    there = Address(name="Ada Example", line1="2 Test Street", city="Bonn", postal_code="53111", country="DE")
    now = datetime.now(UTC)
    await stack.write(lambda tx: commands.change_address(tx, stack.hub.vault, order, there, by="record", now=now))
    await stack.until_sent(f"{order}-F2")
    await stack.report(f"{order}-F2", "shipped", parcel="p1")
    await stack.outcome(order)
    return order


async def units_canceled(stack: Stack) -> str:
    await stack.stock(TEE=2)
    order = await stack.place(TEE=2)
    await stack.until_sent(f"{order}-F1")
    now = datetime.now(UTC)
    await stack.write(lambda tx: commands.request_cancel(tx, order, by="record", now=now, lines={"L1": 1}))
    await stack.until_sent(f"{order}-F2")
    await stack.until(order, lambda o: any(told.report for told in o.line_cancels))
    await stack.report(f"{order}-F2", "shipped", parcel="p1")
    await stack.outcome(order)
    return order


async def stopped_and_undone(stack: Stack) -> str:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.run(order).cancel()
    await stack.outcome(order)
    return order


ORDERS: dict[str, Scenario] = {
    "shipped": shipped,
    "shipped-in-two-parcels": shipped_in_two_parcels,
    "rerouted": rerouted,
    "canceled": canceled,
    "backordered": backordered,
    "picked-up": picked_up,
    "address-changed": address_changed,
    "units-canceled": units_canceled,
    "stopped-and-undone": stopped_and_undone,
}


async def returned(stack: Stack) -> str:
    rma = await stack.open_return(await stack.shipped(TEE=1))
    await stack.receive(rma)
    await stack.grade(rma)
    await stack.returned(rma)
    return rma


async def withdrawn(stack: Stack) -> str:
    rma = await stack.open_return(await stack.shipped(TEE=1), method="drop_off")
    await stack.return_until(rma, lambda r: any(duty.state == "done" for duty in r.duties))
    await stack.write(lambda tx: return_commands.withdraw(tx, rma, by="record", now=datetime.now(UTC)))
    await stack.returned(rma)
    return rma


async def return_stopped_and_undone(stack: Stack) -> str:
    rma = await stack.open_return(await stack.shipped(TEE=1), method="drop_off")
    await stack.return_until(rma, lambda r: any(duty.state == "done" for duty in r.duties))
    await stack.run_of(rma).cancel()
    await stack.returned(rma)
    return rma


RETURNS: dict[str, Scenario] = {
    "returned": returned,
    "withdrawn": withdrawn,
    "stopped-and-undone": return_stopped_and_undone,
}


async def _scenarios(environment: WorkflowEnvironment, process: str, scenarios: dict[str, Scenario]) -> None:
    for name, play in scenarios.items():
        with tempfile.TemporaryDirectory() as folder:
            async with stack_on(environment.client, Settings(var=Path(folder))) as stack:
                known = await play(stack)
                run = stack.run(known) if process == "order_routing" else stack.run_of(known)
                while (await run.describe()).close_time is None:  # noqa: ASYNC110 its result may be a failure
                    await asyncio.sleep(0.05)
                keep(process, name, (await run.fetch_history()).to_json())


async def order_routing(environment: WorkflowEnvironment) -> None:
    await _scenarios(environment, "order_routing", ORDERS)


async def return_handling(environment: WorkflowEnvironment) -> None:
    await _scenarios(environment, "return_handling", RETURNS)


async def sweep(environment: WorkflowEnvironment) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with stack_on(environment.client, Settings(var=Path(folder))):
            nothing_missed = await environment.client.start_workflow(
                Sweep.run, ConnectionRef(connection_id="web"), id="sweep/web", task_queue=WORKFLOWS,
                execution_timeout=timedelta(minutes=1),
            )  # fmt: skip
            await nothing_missed.result()
            keep("sweep", "nothing-missed", (await nothing_missed.fetch_history()).to_json())
            audit = await environment.client.start_workflow(StockAudit.run, id=STOCK_AUDIT, task_queue=WORKFLOWS)
            await audit.result()
            keep("stock_audit", "adds-up", (await audit.fetch_history()).to_json())


async def inventory_sync(environment: WorkflowEnvironment) -> None:
    """Numbers are pushed, the run goes to rest, is woken, has to try again, and ends when the flow is switched off."""
    shop = FakeShop({("TEE", "B"): 1000})
    run = environment.client.get_workflow_handle(names.inventory_sync("web"))
    with tempfile.TemporaryDirectory() as folder:
        async with publishing(environment.client, Settings(var=Path(folder)), shop) as stack:
            await stack.stock("berlin", TEE=7)
            await until(lambda: shop.shown["TEE", "B"] == 7)
            await asyncio.sleep(3)
            shop.fails.append(TryAgainError("busy"))
            await stack.stock("berlin", TEE=1)
            await until(lambda: shop.shown["TEE", "B"] == 8)
        keep("inventory_sync", "woken-and-switched-off", (await run.fetch_history()).to_json())


async def stock_verification(environment: WorkflowEnvironment) -> None:
    """One round that finds a number which somebody edited."""
    shop = FakeShop({("TEE", "B"): 1000, ("MUG", "B"): 0})
    with tempfile.TemporaryDirectory() as folder:
        async with publishing(environment.client, Settings(var=Path(folder)), shop) as stack:
            await stack.stock("berlin", TEE=7)
            await until(lambda: shop.shown["TEE", "B"] == 7)
            shop.shown["TEE", "B"] = 9
            await asyncio.sleep(1)
            run = await environment.client.start_workflow(
                StockVerification.run, VerificationCursor(connection_id="web"), id=names.stock_verification("web"),
                task_queue=WORKFLOWS, execution_timeout=timedelta(minutes=1),
            )  # fmt: skip
            await run.result()
            await until(lambda: shop.shown["TEE", "B"] == 7)
            keep("stock_verification", "one-number-edited", (await run.fetch_history()).to_json())


RECORDERS = {
    recorder.__name__: recorder
    for recorder in (order_routing, return_handling, sweep, inventory_sync, stock_verification)
}


def keep(process: str, what: str, history: str) -> None:
    file = HISTORIES / process / f"{what}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    tidy = {"events": [_without_machine(event) for event in json.loads(history)["events"]]}
    file.write_text(json.dumps(tidy, indent=1, sort_keys=True) + "\n")


def _without_machine(event: dict[str, object]) -> dict[str, object]:
    """A worker names itself by process and host, and a trace its folders: that is nobody's business."""
    told = {"identity": "worker", "stackTrace": ""}

    def clean(value: object) -> object:
        if isinstance(value, dict):
            return {key: told[key] if key in told else clean(each) for key, each in value.items()}
        return [clean(each) for each in value] if isinstance(value, list) else value

    cleaned = clean(event)
    assert isinstance(cleaned, dict)
    return cleaned


async def main() -> None:
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    try:
        for name in sys.argv[1:] or RECORDERS:
            await RECORDERS[name](environment)
    finally:
        await environment.shutdown()
    sys.stdout.write(f"recorded {len(list(HISTORIES.rglob('*.json')))} histories in {HISTORIES}\n")


if __name__ == "__main__":
    asyncio.run(main())
    finish(0)
