"""Returns of orders of real channels, through the process against the simulated platforms: told, read back, counted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from db import connections, items, locations
from db.items_by_sku import ALIASES
from db.news import take
from db.returns import commands, policies
from db.returns.rows import of_order
from domain.item import Item
from domain.news import ReturnChangedNews
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from runtime.settings import Settings
from runtime.thin_news import completed
from sandbox.faults import FaultKind
from tests.connectors.shopify.shop import BERLIN, SimulatedShop
from tests.connectors.woocommerce.shop import opened as opened_outlet
from tests.workflows.stack import Stack, stack_on

pytestmark = pytest.mark.server


def put_item(tx: Any, sku: str) -> None:
    items.put(tx, Item(id=sku, title=sku, weight_g=200))
    tx.execute(ALIASES.insert().values(sku=sku, connection_id="", item_id=sku, external_id=""))


@dataclass
class Sold:
    """The stack whose channel `web` is a simulated shop."""

    stack: Stack
    shop: SimulatedShop

    async def shipped(self, sku: str = "TEE-BLK-M") -> str:
        """An order of one line that has reached its buyer, with its parcel shown in the shop."""
        await self.stack.stock("berlin", **{sku: 1})
        placed = await self.shop.place("one_parcel", keep_times=True)
        order = await self.stack.take(await self.shop.connector.fetch_order(str(placed["id"])))
        await self.stack.until_sent(f"{order}-F1")
        await self.stack.report(f"{order}-F1", "shipped", parcel="p1")
        await self.stack.outcome(order)
        return order

    async def told(self, news: Any) -> None:
        whole: Any = await completed(self.shop.connector, news)

        def work(tx: Any) -> None:
            take(tx, self.stack.hub.vault, connections.load(tx, "web"), whole, datetime.now(UTC), "webhook")

        await self.stack.write(work)

    async def returns(self) -> list[dict[str, Any]]:
        """What the shop's staff see."""
        found: list[dict[str, Any]] = (await self.shop.http.get("/shops/alpha/returns")).json()
        return found

    async def asked_at_the_shop(self, order: str) -> str:
        """The buyer asks for a return at the shop; its thin webhook is read and completed. The return's id here."""
        number = int(order.removeprefix("web-"))
        line = (await self.stack.order(order)).lines[0].external_id
        made = await self.shop.control(f"/shops/alpha/orders/{number}/returns", {"lines": {line: 1}})
        news = ReturnChangedNews(external_id=str(made["id"]))
        await self.told(news)
        await self.told(news)
        rows = await self.stack.hub.database.read(lambda tx: of_order(tx, order))
        assert len(rows) == 1
        return str(rows[0].id)

    async def refunds(self, order: str) -> dict[str, int]:
        """Refunds by the shop's own count."""
        counted = self.shop.simulator.counters().get("refund", {})
        return {key: times for key, times in counted.items() if order.removeprefix("web-") in key}


@pytest_asyncio.fixture(loop_scope="session")
async def sold(env: WorkflowEnvironment, settings: Settings) -> AsyncIterator[Sold]:
    async with stack_on(env.client, settings) as stack, SimulatedShop.opened() as shop:
        stack.hub.fakes["web"] = shop.connector

        def stocked(tx: Any) -> None:
            put_item(tx, "TEE-BLK-M")
            locations.put_mapping(tx, "web", str(BERLIN), "berlin")

        await stack.write(stocked)
        yield Sold(stack, shop)


async def comes_back(sold: Sold, rma: str) -> Any:
    await sold.stack.receive(rma, item="TEE-BLK-M")
    row = await sold.stack.hub.database.read(lambda tx: of_order(tx, rma.rsplit("-", 1)[0])[-1])
    assert row.id == rma
    await sold.stack.grade(rma, item="TEE-BLK-M")
    return await sold.stack.returned(rma)


async def test_a_return_that_the_buyer_asked_for_at_the_shop_ends_closed_there(sold: Sold) -> None:
    order = await sold.shipped()
    rma = await sold.asked_at_the_shop(order)

    ended = await comes_back(sold, rma)

    (shown,) = await sold.returns()
    assert (ended.outcome, ended.external_id, shown["status"]) == ("refunded", str(shown["id"]), "CLOSED")
    assert [line["processed"] for line in shown["lines"]] == [1]
    assert list((await sold.refunds(order)).values()) == [1]


async def test_a_return_that_a_store_opened_is_shown_at_the_shop_once_though_answers_are_lost(sold: Sold) -> None:
    order = await sold.shipped()
    for operation in ("returnCreate", "returnProcess", "refundCreate"):
        sold.shop.strike(FaultKind.COMMIT_THEN_DROP, operation)
    rma = await sold.stack.open_return(order)

    ended = await comes_back(sold, rma)

    (shown,) = await sold.returns()
    assert (ended.outcome, shown["status"], sold.shop.count("return")) == ("refunded", "CLOSED", 1)
    assert list((await sold.refunds(order)).values()) == [1]


async def test_a_stopped_return_that_is_started_again_is_open_at_the_shop_again(sold: Sold) -> None:
    order = await sold.shipped()
    rma = await sold.stack.open_return(order, method="drop_off")
    await sold.stack.return_until(rma, lambda r: any(d.kind == "register" and d.state == "done" for d in r.duties))
    await sold.stack.cancel_return(rma)
    stopped = [shown["status"] for shown in await sold.returns()]

    await sold.stack.write(lambda tx: commands.retry(tx, rma, how="continue", by="test", now=datetime.now(UTC)))
    await sold.stack.return_until(rma, lambda r: any(d.round == 2 and d.state == "done" for d in r.duties))
    started = [shown["status"] for shown in await sold.returns()]
    ended = await comes_back(sold, rma)

    assert (stopped, started, ended.outcome) == (["CLOSED"], ["OPEN"], "refunded")
    assert [shown["status"] for shown in await sold.returns()] == ["CLOSED"]


async def test_a_return_that_staff_decline_here_is_declined_at_the_shop(sold: Sold) -> None:
    def by_hand(tx: Any) -> None:
        rule = PolicyRule(name="all", values=PolicyValues(automatic=False))
        policies.add(tx, ReturnPolicy(version="t", rules=(rule,)), by="test", now=datetime.now(UTC))
        policies.activate(tx, "t")

    await sold.stack.write(by_hand)
    rma = await sold.asked_at_the_shop(await sold.shipped())
    await sold.stack.write(lambda tx: commands.refuse(tx, rma, by="test", reason="worn", now=datetime.now(UTC)))

    assert (await sold.stack.returned(rma)).outcome == "refused"
    assert [shown["status"] for shown in await sold.returns()] == ["DECLINED"]


async def test_a_return_of_a_woocommerce_order_is_refunded_through_its_gateway_once(
    env: WorkflowEnvironment, settings: Settings
) -> None:
    async with stack_on(env.client, settings) as stack, opened_outlet() as outlet:
        stack.hub.fakes["web"] = outlet.connector
        await stack.write(lambda tx: put_item(tx, "TEA"))
        await stack.stock("berlin", TEA=2)
        answer = await outlet.control.post("/shops/alpha/orders", json={"lines": {"TEA": 2}, "changes": {}})
        number = str(answer.json()["id"])
        order = await stack.take(await outlet.connector.fetch_order(number))
        await stack.until_sent(f"{order}-F1")
        await stack.report(f"{order}-F1", "shipped", parcel="p1")
        await stack.outcome(order)
        line = (await stack.order(order)).lines[0].line_id
        outlet.strike(FaultKind.COMMIT_THEN_DROP, "refunds.create")

        rma = await stack.open_return(order, 1, line=line)
        await stack.receive(rma, item="TEA")
        await stack.grade(rma, item="TEA", line=line)

        assert (await stack.returned(rma)).outcome == "refunded"
        share = (await stack.order(order)).lines[0].share_minor
        assert outlet.shop.committed["refunded_minor"][number] == share // 2
        assert outlet.count("refund") == 1
