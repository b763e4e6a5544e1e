"""Whatever order events come in, and however often: one final state. Cancel and fail at every step: nothing is left."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from db import connections
from db.desks.return_duties import ReturnDutyDesk
from db.desks.returns import ReturnDesk
from db.news import take
from db.returns import commands, goods
from db.returns.rows import PARCELS, REFUNDS, RETURNS, wake
from domain.channel_order import ChannelTender
from domain.money import Money
from domain.news import ParcelNews, RefundNews, ReturnNews
from domain.parcel import ParcelScan
from runtime.settings import Settings
from tests.workflows.stack import Stack, stack_on

NOW = datetime.now(UTC)
WHOLE = Money(amount_minor=1000, currency="EUR")


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        yield running


async def told(stack: Stack, news) -> None:
    def work(tx) -> None:
        take(tx, stack.hub.vault, connections.load(tx, "web"), news, datetime.now(UTC), "webhook")

    await stack.write(work)


async def scanned(stack: Stack, rma: str, order: str) -> None:
    await told(
        stack, ParcelNews(carrier="dhl", tracking_number=f"BACK-{rma}", scans=(ParcelScan(status="accepted", at=NOW),))
    )


async def received(stack: Stack, rma: str, order: str) -> None:
    await stack.receive(rma)


async def shown(stack: Stack, rma: str, order: str) -> None:
    news = ReturnNews(external_id=f"x-{rma}", order_external_id=order.removeprefix("web-"), status="open", at=NOW)
    await told(stack, news)


async def refund_shown(stack: Stack, rma: str, order: str) -> None:
    """The channel's own webhook of the refund that the hub asked for; it names our reference."""
    read = select(REFUNDS).where(REFUNDS.c.return_id == rma)
    for refund in await stack.hub.database.read(lambda tx: list(tx.execute(read))):
        name = f"r-{refund.id}"
        moved = ChannelTender(external_id=name, tender="channel", kind="refunded", amount=WHOLE, at=NOW)
        number = order.removeprefix("web-")
        await told(
            stack,
            RefundNews(order_external_id=number, external_id=name, reference=refund.id, movements=(moved,), at=NOW),
        )


EVENTS = [scanned, received, shown, refund_shown]


@pytest.mark.parametrize(
    "sequence", list(itertools.permutations(EVENTS)), ids=lambda s: "-".join(e.__name__ for e in s)
)
async def test_every_order_of_events_ends_in_one_state(stack: Stack, sequence) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order, method="drop_off")
    parcel = {"return_id": rma, "reference": f"{rma}-P1", "tracking_number": f"BACK-{rma}", "connection_id": "", "external_id": "", "carrier": "dhl", "is_voided": False, "status": ""}  # fmt: skip
    await stack.write(lambda tx: tx.execute(PARCELS.insert().values(parcel)))

    for event in sequence:
        await event(stack, rma, order)
        await event(stack, rma, order)
    await stack.grade(rma)

    ended = await stack.returned(rma)
    refunds = select(REFUNDS.c.state, REFUNDS.c.amount_minor).where(REFUNDS.c.order_id == order)
    rows = await stack.hub.database.read(lambda tx: [tuple(row) for row in tx.execute(refunds)])
    returns = await stack.hub.database.read(
        lambda tx: tx.execute(select(RETURNS.c.id).where(RETURNS.c.order_id == order)).all()
    )
    assert (ended.outcome, rows, len(returns)) == ("refunded", [("made", 1000)], 1)
    assert len(stack.channel.refunded) <= 1
    assert await stack.balances() == [("TEE", "berlin", 1, 0)]


async def test_what_the_channel_refunded_is_not_refunded_twice(stack: Stack) -> None:
    order = await stack.shipped(TEE=2)
    rma = await stack.open_return(order, 2)
    moved = ChannelTender(external_id="by-staff", tender="channel", kind="refunded", amount=WHOLE, at=NOW)
    number = order.removeprefix("web-")
    await told(stack, RefundNews(order_external_id=number, external_id="by-staff", movements=(moved,), at=NOW))

    await stack.receive(rma, 2)
    await stack.grade(rma, 2)

    assert (await stack.returned(rma)).outcome == "refunded"
    assert [request.amount.amount_minor for request in stack.channel.refunded.values()] == [1000]


async def stopped(stack: Stack, rma: str) -> None:
    """Its run has undone what was to be undone, and ended."""
    assert (await stack.returned(rma)).outcome == "stopped"
    with suppress(WorkflowFailureError):
        await asyncio.wait_for(stack.run_of(rma).result(), 90)


async def authorized(stack: Stack, order: str) -> int:
    scope = goods.line_scope(order, "L1")
    return await stack.hub.database.read(
        lambda tx: goods.count(tx, "authorized", scope=scope) - goods.count(tx, "released", scope=scope)
    )


async def test_canceled_in_temporal_before_the_pivot_it_leaves_nothing(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order, method="drop_off")
    await stack.return_until(rma, lambda r: any(duty.state == "done" for duty in r.duties))

    await stack.run_of(rma).cancel()
    await stopped(stack, rma)

    assert (await authorized(stack, order), stack.channel.returns, stack.channel.refunded) == (0, {rma: "closed"}, {})


async def test_canceled_in_temporal_after_the_pivot_it_undoes_nothing(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    stack.channel.gate.clear()
    rma = await stack.open_return(order)
    await stack.receive(rma)
    await stack.return_until(rma, lambda r: r.has_given)
    await stack.return_until(rma, lambda r: any(duty.kind == "refund" for duty in r.duties))

    await stack.run_of(rma).cancel()
    stack.channel.gate.set()
    await stopped(stack, rma)

    assert await authorized(stack, order) == 1


STEPS = [(ReturnDesk, "standing"), (ReturnDutyDesk, "request"), (ReturnDutyDesk, "done")]


@pytest.mark.parametrize(("desk", "step"), STEPS, ids=[step for _, step in STEPS])
async def test_a_step_that_fails_for_good_before_the_pivot_leaves_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, desk: type, step: str
) -> None:
    order = await stack.shipped(TEE=1)
    do, calls = getattr(desk, step), itertools.count()

    async def broken(self: object, *args: object) -> object:
        result = await do(self, *args)
        if next(calls) == 0:
            raise ApplicationError("planted", type="planted", non_retryable=True)
        return result

    monkeypatch.setattr(desk, step, broken)
    rma = await stack.open_return(order, method="drop_off")
    await stopped(stack, rma)

    assert await authorized(stack, order) == 0
    assert set(stack.channel.returns.values()) <= {"closed"}


async def test_a_stopped_return_can_be_started_again(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order, method="drop_off")
    await stack.return_until(rma, lambda r: any(duty.state == "done" for duty in r.duties))
    await stack.run_of(rma).cancel()
    await stopped(stack, rma)

    await stack.write(lambda tx: commands.retry(tx, rma, how="continue", by="test", now=datetime.now(UTC)))
    await stack.receive(rma)
    await stack.grade(rma)

    assert (await stack.returned(rma)).outcome == "refunded"


async def test_a_run_that_was_lost_is_started_anew_from_the_facts(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order, method="drop_off")
    await stack.return_until(rma, lambda r: any(duty.state == "done" for duty in r.duties))
    await stack.run_of(rma).terminate("the engine forgot it")

    def restart(tx) -> None:
        tx.execute(RETURNS.update().values(run_open=False))
        wake(tx, [rma], datetime.now(UTC))

    await stack.write(restart)
    await stack.receive(rma)
    await stack.grade(rma)

    ended = await stack.returned(rma)
    assert (ended.outcome, ended.run_no) == ("refunded", 2)
