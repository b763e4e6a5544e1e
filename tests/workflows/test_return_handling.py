"""The return process from opening to its end, with real activities, a real database and a simulated channel."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db.returns.rows import RETURNS, tell
from runtime.settings import Settings
from tests.workflows.stack import Stack, stack_on

NOW = datetime.now(UTC)


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        yield running


async def test_goods_come_back_to_a_store_and_money_to_the_buyer(stack: Stack) -> None:
    order = await stack.shipped(TEE=2)
    rma = await stack.open_return(order, 2)
    await stack.receive(rma, 2)
    await stack.grade(rma, 2)

    ended = await stack.returned(rma)

    assert (ended.outcome, ended.run_no) == ("refunded", 1)
    assert [request.amount.amount_minor for request in stack.channel.refunded.values()] == [2000]
    assert stack.channel.returns == {rma: "closed"}
    assert await stack.balances() == [("TEE", "berlin", 2, 0)]
    assert (await stack.run_of(rma).result())["outcome"] == "refunded"


async def test_a_return_that_never_comes_ends_at_its_date(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order, method="drop_off")
    await stack.return_until(rma, lambda r: any(d.kind == "register" and d.state == "done" for d in r.duties))

    def late(tx) -> None:
        tx.execute(RETURNS.update().values(expires_at=NOW - timedelta(days=1)))
        row = tx.execute(RETURNS.select().where(RETURNS.c.id == rma)).one()
        tell(tx, row, "noted", "late", now=datetime.now(UTC), by="test")

    await stack.write(late)

    assert (await stack.returned(rma)).outcome == "expired"
    assert stack.channel.refunded == {}
    assert stack.channel.returns == {rma: "closed"}
