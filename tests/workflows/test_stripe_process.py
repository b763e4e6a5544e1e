"""Orders and returns whose money is at Stripe, through both processes, by the account's own count."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from db import commands, connections
from db.exceptions import AFFECTED, EXCEPTIONS
from db.order_reading import PAYMENT_STEPS
from db.returns import commands as return_commands
from db.tenders import TENDERS
from runtime.settings import Settings
from sandbox.faults import Fault, FaultKind
from tests.workflows.stripe_stack import Shop, shop_on

pytestmark = pytest.mark.server


@pytest_asyncio.fixture(loop_scope="session")
async def shop(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Shop]:
    async with shop_on(env.client, settings) as running:
        yield running


async def ledger(shop: Shop, order: str) -> list[tuple[str, int]]:
    """Every movement of an order's money."""
    rows = select(TENDERS.c.kind, TENDERS.c.amount_minor).where(TENDERS.c.order_id == order)
    return sorted(tuple(row) for row in await shop.stack.hub.database.read(lambda tx: tx.execute(rows).all()))


async def causes(shop: Shop, order: str) -> set[str]:
    held = select(EXCEPTIONS.c.kind).join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id)
    mine = held.where(AFFECTED.c.order_id == order, AFFECTED.c.gone_at.is_(None), EXCEPTIONS.c.closed_at.is_(None))
    return await shop.stack.hub.database.read(lambda tx: set(tx.execute(mine).scalars()))


async def cancel(shop: Shop, order: str, **lines: int) -> None:
    now = datetime.now(UTC)
    await shop.stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=now, lines=lines or None))


def drop(shop: Shop, operation: str, kind: FaultKind = FaultKind.COMMIT_THEN_DROP) -> None:
    """The next such call is made, and its answer lost."""
    shop.stripe.strike(Fault(kind=kind, operation=operation, nth=frozenset({1})))


async def test_what_has_shipped_is_captured_at_stripe_once_whoever_tells_of_it(shop: Shop) -> None:
    order = await shop.shipped(TEE=1)

    await shop.deliver_events()

    assert (list(shop.counted("captures").values()), shop.stack.channel.captured) == ([1], {})
    assert await ledger(shop, order) == [("authorized", 1000), ("captured", 1000)]


async def test_a_canceled_order_s_authorization_is_given_up_once(shop: Shop) -> None:
    drop(shop, "PostPaymentIntentsIntentCancel")
    order = await shop.bought(TEE=1)
    await shop.stack.until(order, lambda o: bool(o.waiting))

    await cancel(shop, order)
    outcome = await shop.stack.outcome(order)
    await shop.deliver_events()

    assert (outcome, list(shop.counted("voids").values())) == ("canceled", [1])
    assert await ledger(shop, order) == [("authorized", 1000), ("voided", 1000)]
    assert shop.stack.channel.canceled == [order.removeprefix("web-")]


async def test_a_canceled_order_that_was_paid_gets_its_money_back_from_stripe(shop: Shop) -> None:
    order = await shop.bought(700, 300, captured=True, TEE=1)
    await shop.stack.until(order, lambda o: bool(o.waiting))

    await cancel(shop, order)
    outcome = await shop.stack.outcome(order)

    assert (outcome, sorted(shop.counted("refunded_minor").values())) == ("canceled", [300, 700])
    assert shop.stack.channel.refunded == {}


async def test_canceled_units_leave_the_order_at_the_channel_and_their_money_comes_from_stripe(shop: Shop) -> None:
    drop(shop, "PostRefunds")
    order = await shop.bought(1200, 1800, captured=True, TEE=3)
    await shop.stack.until(order, lambda o: bool(o.waiting))

    await cancel(shop, order, L1=2)
    await shop.stack.until(order, lambda o: len(o.line_cancels) == 3 and all(c.report for c in o.line_cancels))

    (told,) = shop.stack.channel.refunded.values()
    assert (told.amount.amount_minor, [units for _, units in told.lines]) == (0, [2])
    assert sorted(shop.counted("refunded_minor").values()) == [800, 1200]
    assert set(shop.counted("refunds").values()) == {1}


async def test_one_parcel_is_captured_from_both_cards_that_pay_for_it_and_refunded_to_both(shop: Shop) -> None:
    order = await shop.shipped(600, 1400, TEE=2)
    rma = await shop.stack.open_return(order, 2)
    await shop.stack.receive(rma, 2)
    await shop.stack.grade(rma, 2)

    ended = await shop.stack.returned(rma)

    assert ended.outcome == "refunded"
    assert sorted(shop.counted("captured_minor").values()) == [600, 1400]
    assert sorted(shop.counted("refunded_minor").values()) == [600, 1400]
    assert shop.stack.channel.refunded == {}


async def test_what_is_authorized_beyond_what_shipped_is_given_up(shop: Shop) -> None:
    await shop.stack.stock(TEE=1)
    order = await shop.bought(1000, 1000, TEE=2)
    await shop.stack.until_sent(f"{order}-F1")
    await shop.stack.report(f"{order}-F1", "shipped", parcel="p1")
    await cancel(shop, order, L1=1)

    assert await shop.stack.outcome(order) == "fulfilled"
    assert (list(shop.counted("captures").values()), list(shop.counted("voids").values())) == ([1], [1])


async def test_a_payment_that_can_be_captured_once_waits_for_the_last_parcel(shop: Shop) -> None:
    await shop.stack.write(lambda tx: connections.change(tx, "web", captures="hub_once"))
    await shop.stack.stock(TEE=1)
    await shop.stack.stock("munich", TEE=1)
    order = await shop.bought(TEE=2)
    await shop.stack.until_sent(f"{order}-F1")
    await shop.stack.report(f"{order}-F1", "shipped", parcel="p1")
    await shop.stack.until(order, lambda o: any(s.report == "reported" for s in o.shipments))
    before = shop.counted("captures")
    await shop.stack.until_sent(f"{order}-F2")
    await shop.stack.report(f"{order}-F2", "shipped", "store2", parcel="p2")

    assert await shop.stack.outcome(order) == "fulfilled"
    assert (before, list(shop.counted("captured_minor").values())) == ({}, [2000])


async def test_a_capture_that_the_bank_declines_is_an_exception(shop: Shop) -> None:
    await shop.stack.stock(TEE=1)
    order = await shop.bought(TEE=1)
    await shop.stripe.do("/settings", capture_outcome="declined")
    await shop.stack.until_sent(f"{order}-F1")
    await shop.stack.report(f"{order}-F1", "shipped", parcel="p1")
    await shop.stack.until(order, lambda o: any(s.capture == "refused" for s in o.shipments))

    refused = await causes(shop, order)
    await shop.stripe.do("/settings", capture_outcome="succeeded")
    now = datetime.now(UTC)
    await shop.stack.write(lambda tx: commands.retry(tx, order, how="redo_step", by="test", now=now))

    assert await shop.stack.outcome(order) == "fulfilled"
    assert (refused, list(shop.counted("captures").values())) == ({"capture_refused"}, [1])


REPLIES = [FaultKind.COMMIT_THEN_DROP, FaultKind.ANSWER_TWICE]


@pytest.mark.parametrize("kind", REPLIES)
async def test_a_provider_that_drops_its_answer_or_answers_twice_refunds_once(shop: Shop, kind: FaultKind) -> None:
    order = await shop.shipped(captured=True, TEE=1)
    drop(shop, "PostRefunds", kind)
    rma = await shop.stack.open_return(order)
    await shop.stack.receive(rma)
    await shop.stack.grade(rma)

    ended = await shop.stack.returned(rma)
    await shop.deliver_events()

    assert (ended.outcome, shop.counted("refunds")) == ("refunded", {f"{rma}-M1": 1})
    assert await ledger(shop, order) == [("captured", 1000), ("refunded", 1000)]


async def test_a_refund_that_the_provider_refuses_leaves_money_and_goods_as_they_are(shop: Shop) -> None:
    order = await shop.shipped(captured=True, TEE=1)
    await shop.stripe.do("/settings", refund_outcome="refused")
    rma = await shop.stack.open_return(order)
    await shop.stack.receive(rma)
    await shop.stack.grade(rma)
    await shop.stack.return_until(rma, lambda r: any(d.kind == "refund" and d.state == "refused" for d in r.duties))
    refused, moved = await causes(shop, order), await ledger(shop, order)

    await shop.stripe.do("/settings", refund_outcome="succeeded")
    now = datetime.now(UTC)
    await shop.stack.write(lambda tx: return_commands.retry(tx, rma, how="redo", by="test", now=now))

    assert (await shop.stack.returned(rma)).outcome == "refunded"
    assert (refused, moved) == ({"return_refund_refused"}, [("captured", 1000)])
    assert list(shop.counted("refunded_minor").values()) == [1000]


async def test_a_refund_that_fails_days_later_is_open_again(shop: Shop) -> None:
    order = await shop.shipped(captured=True, TEE=1)
    rma = await shop.stack.open_return(order)
    await shop.stack.receive(rma)
    await shop.stack.grade(rma)
    await shop.stack.returned(rma)
    (refund,) = shop.stripe.simulator.account.refunds

    await shop.stripe.do(f"/refunds/{refund}/settle", status="failed")
    await shop.deliver_events()
    await shop.stack.return_until(rma, lambda r: any(d.kind == "refund" and d.state == "refused" for d in r.duties))

    async with asyncio.timeout(90):
        while await causes(shop, order) != {"return_refund_refused"}:  # noqa: ASYNC110 the truth is in a database
            await asyncio.sleep(0.03)


async def test_a_disputed_payment_is_not_refunded_until_the_bank_decides(shop: Shop) -> None:
    order = await shop.shipped(captured=True, TEE=1)
    (payment,) = shop.stripe.simulator.account.intents
    dispute = await shop.stripe.do(f"/payments/{payment}/dispute")
    await shop.deliver_events()
    rma = await shop.stack.open_return(order)
    await shop.stack.receive(rma)
    await shop.stack.grade(rma)
    await shop.stack.return_until(rma, lambda r: r.disputed and not r.ungraded_units)
    before = shop.counted("refunds")

    await shop.stripe.do(f"/disputes/{dispute['id']}/close", status="won")
    await shop.deliver_events()

    assert (await shop.stack.returned(rma)).outcome == "refunded"
    assert (before, list(shop.counted("refunded_minor").values())) == ({}, [1000])


async def test_every_step_is_decided_before_it_is_asked_for(shop: Shop) -> None:
    order = await shop.shipped(600, 1400, TEE=2)

    rows = select(PAYMENT_STEPS).where(PAYMENT_STEPS.c.order_id == order)
    steps = await shop.stack.hub.database.read(lambda tx: list(tx.execute(rows)))

    assert sorted((s.amount_minor, s.state, s.connection_id) for s in steps) == [
        (600, "done", "stripe"), (1400, "done", "stripe"),
    ]  # fmt: skip
