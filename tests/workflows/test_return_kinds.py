"""Labels, instant refunds and claw-back, kept items, exchanges, refused deliveries, chargebacks, refusals."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from connectors.contract import Label, LabelRequest
from db import connections
from db.exceptions import AFFECTED, EXCEPTIONS
from db.news import take
from db.returns import commands, exchange, policies
from db.returns.rows import PARCELS, RETURNS, tell
from db.tenders import append, entry
from domain.money import Money
from domain.news import ParcelNews
from domain.parcel import ParcelScan
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from runtime.settings import Settings
from tests.db.world import KEYS
from tests.workflows.stack import Stack, stack_on

NOW = datetime.now(UTC)


class FakeCarrier:
    """Sells labels; `bought` is its own count."""

    def __init__(self) -> None:
        self.bought: list[str] = []
        self.voided: set[str] = set()

    def _label(self, reference: str) -> Label:
        cost = Money(amount_minor=490, currency="EUR")
        return Label(
            external_id=f"l-{reference}", carrier="dhl", tracking_number=f"T-{reference}", document_url="https://labels.example.com/1",
            cost=cost, is_voided=reference in self.voided,
        )  # fmt: skip

    async def buy_label(self, request: LabelRequest, key: str) -> Label:
        assert request.sender.line1
        assert request.receiver.country == "DE"
        self.bought.append(request.reference)
        return self._label(request.reference)

    async def find_label(self, request: LabelRequest) -> Label | None:
        return self._label(request.reference) if request.reference in self.bought else None

    async def void_label(self, label: Label, key: str) -> Label:
        self.voided.add(label.external_id.removeprefix("l-"))
        return self._label(label.external_id.removeprefix("l-"))

    async def close(self) -> None:
        """Nothing is open."""


@pytest_asyncio.fixture(loop_scope="session")
async def stack(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Stack]:
    async with stack_on(env.client, settings) as running:
        yield running


async def with_policy(stack: Stack, **values: Any) -> FakeCarrier:
    """A policy of one rule, and a carrier that sells the labels."""
    carrier = FakeCarrier()
    stack.hub.fakes["carrier"] = carrier

    def work(tx) -> None:
        connections.create(tx, KEYS, "carrier", platform="shopify", config={}, now=NOW)
        connections.change(tx, "carrier", mode="on")
        rule = PolicyRule(name="all", values=PolicyValues(**values))
        made = ReturnPolicy(version="t", rules=(rule,), carrier_connection="carrier", returns_location="berlin")
        policies.add(tx, made, by="test", now=NOW)
        policies.activate(tx, "t")

    await stack.write(work)
    return carrier


async def scanned(stack: Stack, rma: str, status: Any = "in_transit") -> None:
    number = await stack.hub.database.read(
        lambda tx: tx.execute(select(PARCELS.c.tracking_number).where(PARCELS.c.return_id == rma)).scalar()
    )
    await told(stack, ParcelNews(carrier="dhl", tracking_number=number, scans=(ParcelScan(status=status, at=NOW),)))


async def told(stack: Stack, news: Any) -> None:
    await stack.write(
        lambda tx: take(tx, stack.hub.vault, connections.load(tx, "web"), news, datetime.now(UTC), "webhook")
    )


async def expire(stack: Stack, rma: str) -> None:
    def work(tx) -> None:
        tx.execute(RETURNS.update().where(RETURNS.c.id == rma).values(expires_at=NOW - timedelta(days=1)))
        tell(
            tx,
            tx.execute(RETURNS.select().where(RETURNS.c.id == rma)).one(),
            "noted",
            "late",
            now=datetime.now(UTC),
            by="t",
        )

    await stack.write(work)


async def causes(stack: Stack, rma: str) -> set[str]:
    held = select(EXCEPTIONS.c.kind).join(AFFECTED, AFFECTED.c.exception_id == EXCEPTIONS.c.id)
    mine = held.where(AFFECTED.c.return_id == rma, AFFECTED.c.gone_at.is_(None), EXCEPTIONS.c.closed_at.is_(None))
    return await stack.hub.database.read(lambda tx: set(tx.execute(mine).scalars()))


def refunded(stack: Stack) -> list[int]:
    return [request.amount.amount_minor for request in stack.channel.refunded.values()]


async def test_an_instant_refund_at_the_first_scan_is_claimed_back_when_nothing_comes(stack: Stack) -> None:
    carrier = await with_policy(stack, instant_refund="first_scan")
    rma = await stack.open_return(await stack.shipped(TEE=1), method="label")
    await stack.return_until(rma, lambda r: any(d.kind == "label" and d.state == "done" for d in r.duties))
    before = refunded(stack)
    await scanned(stack, rma)
    await stack.return_until(rma, lambda r: any(d.kind == "refund" and d.state == "done" for d in r.duties))

    await expire(stack, rma)
    await stack.return_until(rma, lambda r: r.claw_back == "due")
    open_causes = await causes(stack, rma)
    await stack.write(
        lambda tx: commands.claw_back(
            tx, rma, recovered=None, reference="w1", by="test", reason="gone", now=datetime.now(UTC)
        )
    )

    assert (await stack.returned(rma)).outcome == "refunded"
    assert (carrier.bought, before, refunded(stack), open_causes) == ([f"{rma}-P1"], [], [1000], {"claw_back"})


async def test_a_label_is_given_back_when_the_return_is_withdrawn(stack: Stack) -> None:
    carrier = await with_policy(stack)
    rma = await stack.open_return(await stack.shipped(TEE=1), method="label")
    await stack.return_until(rma, lambda r: any(d.kind == "label" and d.state == "done" for d in r.duties))

    await stack.write(lambda tx: commands.withdraw(tx, rma, by="buyer", now=datetime.now(UTC)))

    assert (await stack.returned(rma)).outcome == "withdrawn"
    assert carrier.voided == {f"{rma}-P1"}


async def test_what_is_worth_little_is_kept_and_paid(stack: Stack) -> None:
    await with_policy(stack, keep_below_minor={"EUR": 1500})
    rma = await stack.open_return(await stack.shipped(TEE=1), method="drop_off")

    assert (await stack.returned(rma)).method == "keep"
    assert refunded(stack) == [1000]


async def test_money_waits_for_the_inspection_and_a_bad_grade_for_a_person(stack: Stack) -> None:
    await with_policy(stack, inspection=True, restocking_fee_percent=10)
    rma = await stack.open_return(await stack.shipped(TEE=2), 2)
    await stack.receive(rma, 2)
    await stack.grade(rma, 1, "new", key="g1")
    await stack.grade(rma, 1, "damaged", key="g2")
    await stack.return_until(rma, lambda r: any(d.kind == "refund" and d.state == "done" for d in r.duties))
    waiting = await causes(stack, rma)

    await stack.write(lambda tx: commands.settle_grades(tx, rma, by="test", reason="worn out", now=datetime.now(UTC)))

    assert (await stack.returned(rma)).outcome == "refunded"
    assert (refunded(stack), waiting) == ([900], {"return_condition"})


async def test_an_exchange_makes_an_order_and_gives_the_rest_back(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    await stack.stock(MUG=2)
    rma = await stack.open_return(order, resolution="exchange", exchange=(("MUG", 1, 700),))
    await stack.receive(rma)
    await stack.grade(rma)

    ended = await stack.returned(rma)
    stack.taken.append(ended.exchange_order_id)
    await stack.until_sent(f"{ended.exchange_order_id}-F1")

    assert (ended.outcome, refunded(stack)) == ("exchanged", [300])


async def test_a_dearer_exchange_waits_for_the_difference(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    await stack.stock(MUG=2)
    rma = await stack.open_return(order, resolution="exchange", exchange=(("MUG", 1, 1700),))
    await stack.receive(rma)
    await stack.grade(rma)
    ended = await stack.returned(rma)
    stack.taken.append(ended.exchange_order_id)
    waiting = (await stack.row(ended.exchange_order_id)).financial
    paid = Money(amount_minor=700, currency="EUR")
    await stack.write(lambda tx: exchange.pay_difference(tx, rma, paid, "cash-1", by="test", now=datetime.now(UTC)))
    await stack.until_sent(f"{ended.exchange_order_id}-F1")

    assert (waiting, refunded(stack)) == ("partially_paid", [])


async def test_a_parcel_that_the_buyer_refuses_comes_back_as_a_return(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    news = ParcelNews(carrier="dhl", tracking_number="TR-p1", scans=(ParcelScan(status="refused", at=NOW),))
    await told(stack, news)
    await told(stack, news)
    rma = f"{order}-R1"
    await stack.receive(rma)
    await stack.grade(rma)

    assert (await stack.returned(rma)).outcome == "refunded"
    assert refunded(stack) == [1000]


async def test_nothing_is_refunded_while_the_bank_has_the_money(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order)
    whole = Money(amount_minor=1000, currency="EUR")
    await stack.write(
        lambda tx: append(
            tx, [entry(order, "chargeback:d1", "card", "chargeback", whole, NOW, "web", external_id="d1")]
        )
    )
    await stack.receive(rma)
    await stack.grade(rma)
    await stack.return_until(rma, lambda r: r.disputed and not r.ungraded_units)

    def won(tx) -> None:
        append(tx, [entry(order, "chargeback_won:d1", "card", "chargeback_won", whole, NOW, "web", external_id="d1")])
        tell(
            tx,
            tx.execute(RETURNS.select().where(RETURNS.c.id == rma)).one(),
            "noted",
            "won",
            now=datetime.now(UTC),
            by="t",
        )

    before = refunded(stack)
    await stack.write(won)

    assert (await stack.returned(rma)).outcome == "refunded"
    assert (before, refunded(stack)) == ([], [1000])


async def test_a_refund_that_the_provider_refuses_is_paid_by_hand(stack: Stack) -> None:
    order = await stack.shipped(TEE=1)
    rma = await stack.open_return(order)
    await stack.return_until(rma, lambda r: any(d.kind == "register" and d.state == "done" for d in r.duties))
    stack.channel.refuses = True
    await stack.receive(rma)
    await stack.grade(rma)
    await stack.return_until(rma, lambda r: any(d.kind == "refund" and d.state == "refused" for d in r.duties))
    waiting = await causes(stack, rma)
    stack.channel.refuses = False

    await stack.write(lambda tx: commands.retry(tx, rma, how="skip", by="test", now=datetime.now(UTC)))

    assert (await stack.returned(rma)).outcome == "refunded"
    assert (waiting, refunded(stack)) == ({"return_refund_refused"}, [])
