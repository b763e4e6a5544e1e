"""Labels through the process at the simulated carrier: bought once, scanned by webhook or by poll, given back unused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.sweep import SweepActivities
from db import connections, locations
from db.desks.sweep import SweepDesk
from db.news import take
from db.returns import commands, policies
from db.returns.rows import RETURNS, row_of, tell
from domain.location import Location, LocationProfile
from domain.refs import ConnectionRef
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from domain.returns.state import ReturnState
from runtime.settings import Settings
from sandbox.faults import FaultKind
from tests.connectors.shipengine.world import World, opened
from tests.db.world import KEYS
from tests.workflows.stack import Stack, stack_on

pytestmark = pytest.mark.server
ADDRESS = "http://hub/webhooks/post"


@dataclass
class Post:
    """The stack whose policy buys labels at the connection `post`."""

    stack: Stack
    carrier: World

    async def labeled(self) -> str:
        """A return whose label was bought."""
        order = await self.stack.shipped(TEE=1)
        rma = await self.stack.open_return(order, method="label")
        await self.until(rma, "label")
        return rma

    async def until(self, rma: str, kind: str, round_no: int = 1) -> ReturnState:
        """Such a write was made and seen."""
        return await self.stack.return_until(
            rma, lambda r: any(d.kind == kind and d.state == "done" and d.round == round_no for d in r.duties)
        )

    async def parcels(self) -> list[dict[str, Any]]:
        """What the carrier's people see."""
        return list((await self.carrier.control.get("/parcels")).json())

    async def scan(self, event: str = "accept") -> None:
        """Something happens to the newest parcel."""
        await self.carrier.do(f"/parcels/{(await self.parcels())[-1]['tracking_number']}/{event}")

    async def webhooks_arrive(self) -> None:
        """What the carrier has told by signed notices, each twice."""
        await self.carrier.outbox.drain()
        for request in [*self.carrier.delivered, *self.carrier.delivered]:
            delivery = self.carrier.connector.identify(dict(request.headers), request.content)
            self.carrier.connector.verify(delivery)
            for news in self.carrier.connector.read(delivery.topic, delivery.body) or ():
                await self._take(news)

    async def _take(self, news: Any) -> None:
        def work(tx: Any) -> None:
            take(tx, self.stack.hub.vault, connections.load(tx, "post"), news, datetime.now(UTC), "webhook")

        await self.stack.write(work)

    async def sweep(self) -> int:
        """Ask the carrier for what its webhooks missed; how many scans were news."""
        activities = SweepActivities(SweepDesk(self.stack.hub.database, self.stack.hub.vault), self.stack.hub)
        return (await activities.find_missed_reports(ConnectionRef(connection_id="post"))).scans

    async def expire(self, rma: str) -> None:
        """Its time is up."""

        def work(tx: Any) -> None:
            past = datetime.now(UTC) - timedelta(days=1)
            tx.execute(RETURNS.update().where(RETURNS.c.id == rma).values(expires_at=past))
            tell(tx, row_of(tx, rma), "noted", "late", now=datetime.now(UTC), by="test")

        await self.stack.write(work)


@pytest_asyncio.fixture(loop_scope="session")
async def post(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Post]:
    async with stack_on(env.client, settings) as stack, opened(official=False) as carrier:
        stack.hub.fakes["post"] = carrier.connector
        await carrier.connector.subscribe(ADDRESS)

        def policy(tx: Any) -> None:
            connections.create(tx, KEYS, "post", platform="shipengine", config={}, now=datetime.now(UTC))
            connections.change(tx, "post", mode="on")
            address = LocationProfile(
                country="DE", postal_code="12529", timezone="Europe/Berlin", line1="Lagerweg 2", city="Berlin",
                phone="+1 555 0101",
            )  # fmt: skip
            locations.put(tx, Location(id="back", name="Returns", kind="store", connection_id="store", profile=address))
            rule = PolicyRule(name="all", values=PolicyValues(instant_refund="first_scan"))
            made = ReturnPolicy(version="t", rules=(rule,), carrier_connection="post", returns_location="back")
            policies.add(tx, made, by="test", now=datetime.now(UTC))
            policies.activate(tx, "t")

        await stack.write(policy)
        yield Post(stack, carrier)


async def test_a_label_whose_answer_was_lost_is_bought_once(post: Post) -> None:
    post.carrier.strike(FaultKind.COMMIT_THEN_DROP, "create_label")
    rma = await post.labeled()

    assert [(parcel["is_return"], parcel["voided"]) for parcel in await post.parcels()] == [(True, False)]
    assert rma.startswith("web-")


async def test_the_first_scan_that_the_webhook_tells_pays_the_buyer(post: Post) -> None:
    rma = await post.labeled()
    await post.scan()

    await post.webhooks_arrive()

    state = await post.until(rma, "refund")
    assert state.first_scan_at is not None
    assert len(post.stack.channel.refunded) == 1


async def test_a_scan_that_no_webhook_told_is_found_by_asking_and_only_once(post: Post) -> None:
    rma = await post.labeled()
    await post.scan()

    found = [await post.sweep(), await post.sweep()]
    await post.webhooks_arrive()

    await post.until(rma, "refund")
    assert found == [1, 0]
    assert len(post.stack.channel.refunded) == 1


async def test_a_label_that_nobody_used_is_given_back_when_the_return_expires(post: Post) -> None:
    rma = await post.labeled()

    await post.expire(rma)

    assert (await post.stack.returned(rma)).outcome == "expired"
    assert [parcel["voided"] for parcel in await post.parcels()] == [True]


async def test_a_label_that_travels_is_not_given_back_when_the_return_expires(post: Post) -> None:
    rma = await post.labeled()
    await post.scan()
    await post.webhooks_arrive()
    await post.until(rma, "refund")

    await post.expire(rma)
    await post.stack.return_until(rma, lambda r: r.claw_back == "due")

    assert [parcel["voided"] for parcel in await post.parcels()] == [False]


async def test_a_stopped_return_that_is_started_again_gets_another_label(post: Post) -> None:
    rma = await post.labeled()
    await post.stack.cancel_return(rma)
    await post.stack.write(lambda tx: commands.retry(tx, rma, how="continue", by="test", now=datetime.now(UTC)))

    await post.until(rma, "label", round_no=2)

    assert [(p["reference"], p["voided"]) for p in await post.parcels()] == [(f"{rma}-P1", True), (f"{rma}-P2", False)]
