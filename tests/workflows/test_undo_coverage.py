"""Cancel in Temporal at every step, and fail every step in turn: before the pivot nothing is left, after it all stands."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from db import commands
from db.desks.fulfillment import FulfillmentDesk
from db.desks.routing import RoutingDesk
from runtime.settings import Settings
from tests.workflows.stack import Stack, stack_on
from workflows.order_routing import OrderRouting

BEFORE = [("TEE", "berlin", 1, 0), ("TEE", "munich", 1, 0)]


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        await running.stock(TEE=1)
        await running.stock("munich", TEE=1)
        yield running


async def ended(stack: Stack, order_id: str) -> None:
    await stack.outcome(order_id)
    with suppress(WorkflowFailureError):
        await asyncio.wait_for(stack.run(order_id).result(), 90)


async def routed(stack: Stack, order: str) -> None:
    """Both units are promised; the sends are held up on their way."""
    await stack.until(order, lambda o: bool(o.fulfillment_orders))


async def sent(stack: Stack, order: str) -> None:
    await stack.until_sent(f"{order}-F1")
    await stack.until_sent(f"{order}-F2")


async def accepted(stack: Stack, order: str) -> None:
    await sent(stack, order)
    for f in (await stack.order(order)).fulfillment_orders:
        await stack.report(f.id, "accepted", f.connection_id)


async def held(stack: Stack, order: str) -> None:
    await sent(stack, order)
    await stack.write(lambda tx: commands.hold(tx, order, by="test", reason="look", now=datetime.now(UTC)))


@pytest.mark.parametrize("reach", [routed, sent, accepted, held])
async def test_canceled_before_the_pivot_it_leaves_the_balances_as_they_were(stack: Stack, reach) -> None:
    if reach is routed:
        stack.berlin.gate.clear()
        stack.munich.gate.clear()
    order = await stack.place(TEE=2)
    await reach(stack, order)

    await stack.run(order).cancel()
    stack.berlin.gate.set()
    stack.munich.gate.set()
    await ended(stack, order)

    assert await stack.outcome(order) == "stopped"
    assert await stack.balances() == BEFORE
    assert {*stack.berlin.orders.values(), *stack.munich.orders.values()} <= {"canceled"}


async def test_canceled_after_the_pivot_it_undoes_nothing(stack: Stack) -> None:
    order = await stack.place(TEE=2)
    await sent(stack, order)
    first, second = (await stack.order(order)).fulfillment_orders
    await stack.report(first.id, "shipped", first.connection_id, parcel="p1")
    await stack.until(order, lambda o: bool(o.shipments) and o.shipments[0].report == "reported")

    await stack.run(order).cancel()
    await ended(stack, order)

    assert await stack.outcome(order) == "stopped"
    assert (second.location_id, "sent") in await stack.states(order)
    assert {"open"} == {*stack.berlin.orders.values(), *stack.munich.orders.values()}


STEPS = [
    (RoutingDesk, "answer"),  # route and reserve
    (RoutingDesk, "standing"),  # look at the facts
    (FulfillmentDesk, "request"),  # begin to send
    (FulfillmentDesk, "sent"),
    (FulfillmentDesk, "recalled"),
]


@pytest.mark.parametrize(("desk", "step"), STEPS, ids=[step for _, step in STEPS])
async def test_a_step_that_fails_for_good_before_the_pivot_leaves_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, desk: type, step: str
) -> None:
    fails_once(monkeypatch, desk, step)
    order = await stack.place(TEE=2)
    if step in {"standing", "recalled"}:
        await sent(stack, order)
        await stack.write(lambda tx: commands.reroute(tx, order, by="test", now=datetime.now(UTC)))

    await ended(stack, order)

    assert await stack.outcome(order) == "stopped"
    assert await stack.balances() == BEFORE
    assert {*stack.berlin.orders.values(), *stack.munich.orders.values()} <= {"canceled"}


def fails_once(monkeypatch: pytest.MonkeyPatch, desk: type, step: str) -> None:
    """The step does its work and then fails: the do may work and not answer."""
    do = getattr(desk, step)
    calls = itertools.count()

    async def broken(self: object, *args: object) -> object:
        result = await do(self, *args)
        if next(calls) == 0:
            raise ApplicationError("planted", type="planted", non_retryable=True)
        return result

    monkeypatch.setattr(desk, step, broken)


async def test_without_its_undo_the_check_fails(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the recall skipped, the balances are not as they were."""

    async def nothing(self: OrderRouting) -> None: ...

    monkeypatch.setattr(OrderRouting, "recall_everything", nothing)
    order = await stack.place(TEE=2)
    await sent(stack, order)

    await stack.run(order).cancel()
    await ended(stack, order)

    assert await stack.outcome(order) == "stopped"
    assert await stack.balances() != BEFORE


async def test_a_stopped_order_can_be_started_again(stack: Stack) -> None:
    order = await stack.place(TEE=2)
    await sent(stack, order)
    await stack.run(order).cancel()
    await ended(stack, order)

    await stack.write(lambda tx: commands.retry(tx, order, how="restart", by="test", now=datetime.now(UTC)))

    await stack.until_sent(f"{order}-F3")
    await stack.until_sent(f"{order}-F4")


async def test_a_stopped_order_can_be_canceled(stack: Stack) -> None:
    order = await stack.place(TEE=2)
    await sent(stack, order)
    await stack.run(order).cancel()
    await ended(stack, order)

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))

    await stack.until(order, lambda o: o.cancel_told_at is not None)
    assert await stack.outcome(order) == "canceled"
