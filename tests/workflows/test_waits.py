"""Waits that end by time or by silence, and signals that come before the run has begun."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from db import commands
from db.exceptions import EXCEPTIONS
from db.order_reading import ORDERS
from db.runs import ORDER_RUNS, claim
from domain.causes import RECALL_ASKS
from domain.fulfillment import RecallAnswer
from domain.order_state import OrderState
from domain.refs import OrderRef, Recorded
from runtime.settings import Settings
from tests.workflows.stack import Stack, stack_on
from workflows.names import WORKFLOWS, order_routing
from workflows.order_routing import OrderRouting

AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        yield running


async def time_passes(stack: Stack, f_id: str) -> None:
    """The deadline of a fulfillment order is over, and its run looks at the clock."""
    order = f_id.rsplit("-", 1)[0]
    await stack.set_due(f_id, AGO)
    await stack.write(lambda tx: commands.retry(tx, order, how="continue", by="test", now=datetime.now(UTC)))


async def until_asked(stack: Stack, order: str, times: int) -> None:
    def was_asked(state: OrderState) -> bool:
        first = state.fulfillment_orders[0]
        return (first.recall, first.recall_asks) == ("asked", times)

    await stack.until(order, was_asked)


async def open_causes(stack: Stack) -> list[str]:
    raised = select(EXCEPTIONS.c.cause).where(EXCEPTIONS.c.closed_at.is_(None))
    return await stack.hub.database.read(lambda tx: list(tx.execute(raised).scalars()))


async def test_what_is_not_collected_goes_back_on_the_shelf_and_to_a_person(stack: Stack) -> None:
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1, delivery="pickup", pickup="berlin")
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "ready")
    await stack.until(order, lambda o: o.fulfillment_orders[0].state == "ready")

    await time_passes(stack, f"{order}-F1")

    state = await stack.until(order, lambda o: bool(o.waiting))
    assert state.fulfillment_orders[0].state == "expired"
    assert await stack.balances() == [("TEE", "berlin", 1, 0)]
    assert await open_causes(stack) == ["unroutable:pickup_expired:web"]


async def test_a_location_that_answers_no_recall_calls_a_person_after_the_last_question(stack: Stack) -> None:
    await stack.stock(TEE=1)
    stack.berlin.answer = RecallAnswer(answer="asked")
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))

    for asks in range(1, RECALL_ASKS + 1):
        await until_asked(stack, order, asks)
        before = await open_causes(stack)
        if asks < RECALL_ASKS:
            assert before == []
            await time_passes(stack, f"{order}-F1")
    assert before == ["recall_unanswered:berlin"]

    await stack.report(f"{order}-F1", "canceled")

    assert await stack.outcome(order) == "canceled"
    assert await open_causes(stack) == []


async def test_a_signal_that_comes_before_the_first_task_is_news(stack: Stack) -> None:
    """As when the relay starts a run and tells it of a fact while no worker has taken it yet."""
    await stack.stock(TEE=1)
    order = await stack.place(TEE=1)
    await stack.until_sent(f"{order}-F1")
    await stack.run(order).terminate("the engine forgot it")
    await stack.write(lambda tx: claim(tx, ORDER_RUNS, [order]))
    row = await stack.hub.database.read(lambda tx: tx.execute(select(ORDERS).where(ORDERS.c.id == order)).one())

    run = await stack.client.start_workflow(
        OrderRouting.run,
        OrderRef(order_id=order, run_no=row.run_no, connection_id="web"),
        id=order_routing(order),
        task_queue=WORKFLOWS,
        start_signal="recorded",
        start_signal_args=[Recorded(seq=row.seq)],
    )
    await stack.report(f"{order}-F1", "shipped", parcel="p1")

    assert (await run.result()).outcome == "fulfilled"
