"""An order's capture and a return's refund through both processes, at a double of Stripe that nobody here wrote."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from connectors.contract import Surroundings
from connectors.stripe.connector import StripeConfig, StripeConnector
from db import commands, connections
from domain.channel_order import ChannelTender
from domain.money import Money
from runtime.settings import Settings
from tests.connectors.stripe.local import KEY, pay, serving
from tests.connectors.stripe.world import CURRENT
from tests.db.world import KEYS, channel_order
from tests.workflows.stack import _NUMBER, Stack, stack_on

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings, address: str) -> AsyncIterator[Stack]:
    config = StripeConfig.model_validate({"base_url": address, "secret_key": KEY, "webhook_secrets": [CURRENT]})
    connector = StripeConnector.open(config, Surroundings(connection_id="stripe", egress_allow=("127.0.0.1",)))
    async with stack_on(env.client, settings) as running:
        running.hub.fakes["stripe"] = connector

        def open_account(tx: Any) -> None:
            connections.create(tx, KEYS, "stripe", platform="stripe", config={}, now=datetime.now(UTC))
            connections.change(tx, "stripe", mode="on")
            connections.change(tx, "web", captures="hub", settings={"payments": "stripe"})

        await running.write(open_account)
        yield running
    await connector.close()


async def bought(stack: Stack, payment: str) -> str:
    placed = channel_order(next(_NUMBER), TEE=1)
    whole = Money(amount_minor=1000, currency="EUR")
    held = ChannelTender(external_id=payment, tender="card", kind="authorized", amount=whole, at=datetime.now(UTC))
    return await stack.take(placed.model_copy(update={"financial": "authorized", "tenders": (held,)}))


def shown(address: str, path: str) -> Any:
    return httpx.get(f"{address}/v1/{path}", headers={"authorization": f"Bearer {KEY}"}, trust_env=False).json()


async def test_an_order_is_captured_and_its_return_refunded_there_once(stack: Stack, address: str) -> None:
    payment = pay(address, 1000, "eur")
    await stack.stock(TEE=1)
    order = await bought(stack, payment)
    await stack.until_sent(f"{order}-F1")
    await stack.report(f"{order}-F1", "shipped", parcel="p1")
    await stack.outcome(order)
    captured = shown(address, f"payment_intents/{payment}")["status"]
    rma = await stack.open_return(order)
    await stack.receive(rma)
    await stack.grade(rma)

    assert (await stack.returned(rma)).outcome == "refunded"
    refunds = shown(address, f"refunds?payment_intent={payment}")["data"]
    assert (captured, [(one["amount"], one["metadata"]["tutti_reference"]) for one in refunds]) == (
        "succeeded", [(1000, f"{rma}-M1")],
    )  # fmt: skip


async def test_a_canceled_order_s_payment_is_canceled_there(stack: Stack, address: str) -> None:
    payment = pay(address, 1000, "eur")
    order = await bought(stack, payment)
    await stack.until(order, lambda o: bool(o.waiting))

    await stack.write(lambda tx: commands.request_cancel(tx, order, by="test", now=datetime.now(UTC)))

    assert await stack.outcome(order) == "canceled"
    assert shown(address, f"payment_intents/{payment}")["status"] == "canceled"
