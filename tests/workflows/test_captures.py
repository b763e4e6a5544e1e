"""Captures of one order side by side: one in doubt holds up no other, and each movement proves one of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from connectors.contract import ShownPayment
from db import connections
from db.desks.payments import PaymentDesk
from domain.channel_order import ChannelTender
from domain.money import Money
from domain.refs import OrderRef, Part
from runtime.settings import Settings
from tests.db.world import channel_order
from tests.workflows.stack import _NUMBER, Stack, stack_on


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        await running.write(lambda tx: connections.change(tx, "web", captures="hub"))
        yield running


async def in_two_parcels(stack: Stack) -> str:
    """An order of two equal parcels, authorized as a whole; both places have it."""
    await stack.stock(TEE=1)
    await stack.stock("munich", TEE=1)
    placed = channel_order(next(_NUMBER), TEE=2)
    held = ChannelTender(
        external_id="auth", tender="card", kind="authorized", amount=placed.total.presentment, at=datetime.now(UTC)
    )
    order = await stack.take(placed.model_copy(update={"financial": "authorized", "tenders": (held,)}))
    for part in (1, 2):
        await stack.until_sent(f"{order}-F{part}")
    return order


async def test_a_capture_in_doubt_holds_up_no_other_of_the_same_order(stack: Stack) -> None:
    order = await in_two_parcels(stack)
    first = f"{order}-F1-p1"
    stack.channel.in_doubt.add(first)
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.until(order, lambda _: first in stack.channel.capturing)

    await stack.report(f"{order}-F2", "shipped", "store2", parcel="p2")
    state = await stack.until(order, lambda o: any(s.capture == "captured" for s in o.shipments))

    assert stack.channel.captured == {f"{order}-F2-p2": 1000}
    assert {shipment.id: shipment.capture for shipment in state.shipments}[first] == ""


async def test_one_movement_proves_one_of_two_equal_captures(stack: Stack) -> None:
    order = await in_two_parcels(stack)
    stack.channel.in_doubt |= {f"{order}-F1-p1", f"{order}-F2-p2"}
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.until(order, lambda _: bool(stack.channel.capturing))
    await stack.report(f"{order}-F2", "shipped", "store2", parcel="p2")
    await stack.until(order, lambda _: len(set(stack.channel.capturing)) == 2)
    run_no = (await stack.order(order)).run_no
    desk, ref = PaymentDesk(stack.hub.database), OrderRef(order_id=order, run_no=run_no, connection_id="web")
    parts = [Part(order=ref, id=f"{order}-F{n}-p{n}", connection_id="web") for n in (1, 2)]
    shown = ShownPayment(external_id="t1", amount=Money(amount_minor=1000, currency="EUR"))

    for part in parts:
        await desk.captured(part, f"capture:{part.id}", None, shown)

    asked = [await desk.step_due(part) for part in parts]
    assert asked[0] is None
    assert asked[1] is not None
    assert asked[1].others == ("t1",)
