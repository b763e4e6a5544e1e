"""Several batches of a connection are under way at once, and none is left behind or cut off."""

import asyncio
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.lanes import Lanes
from activities.publication import LANES, PublicationActivities
from connectors.contract import StockResult, StockSetting
from connectors.errors import TryAgainError
from db.desks.publication import SIZE, PublicationDesk
from domain.refs import ConnectionRef, Published
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant


class SlowShop(FakeShop):
    """Answers when it is let, and remembers how many calls waited at most."""

    def __init__(self, items: int) -> None:
        super().__init__({(f"I{number}", "D"): 0 for number in range(items)})
        self.waiting = self.most_waiting = 0
        self.answers = asyncio.Event()
        self.busy_with: set[str] = set()

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        try:
            if self.busy_with & {setting.item_external_id for setting in settings}:
                while self.waiting < 2:  # noqa: ASYNC110 counted above
                    await asyncio.sleep(0.01)
                raise TryAgainError("busy")
            await self.answers.wait()
            return await super().set_stock(settings, key)
        finally:
            self.waiting -= 1


class Opened:
    def __init__(self, shop: Any) -> None:
        self._shop = shop

    async def connector(self, _connection_id: str) -> Any:
        return self._shop


async def turn_of(merchant: Merchant, shop: FakeShop) -> Published:
    desk = PublicationDesk(merchant.database)
    desk.now = lambda: merchant.now  # type: ignore[method-assign]  # the clock is the test's
    turns = PublicationActivities(desk, Opened(shop))
    ended: Published = await ActivityEnvironment().run(turns.publish_stock, ConnectionRef(connection_id="web"))
    return ended


async def opened(merchant: Merchant, shop: FakeShop, items: int) -> None:
    merchant.make_items(items)
    await merchant.open(shop)


async def test_a_slow_platform_is_given_as_many_batches_as_there_are_lanes(merchant: Merchant) -> None:
    items = SIZE * (LANES + 2)
    shop = SlowShop(items)
    await opened(merchant, shop, items)

    turn = asyncio.create_task(turn_of(merchant, shop))
    async with asyncio.timeout(20):
        while shop.waiting < LANES:  # noqa: ASYNC110 counted by the shop
            await asyncio.sleep(0.01)
    shop.answers.set()
    await turn

    assert shop.most_waiting == LANES
    assert set(shop.shown.values()) == {5}
    assert len(shop.calls) == LANES + 2
    assert set(shop.writes.values()) == {1}


async def test_a_batch_that_fails_does_not_cut_off_the_others(merchant: Merchant) -> None:
    items = SIZE * 2
    shop = SlowShop(items)
    shop.busy_with = {"I0"}
    await opened(merchant, shop, items)
    asyncio.get_running_loop().call_later(0.2, shop.answers.set)

    ended = await turn_of(merchant, shop)

    assert sum(number == 5 for number in shop.shown.values()) == SIZE
    assert ended.due_at is not None
    assert merchant.row("I0").state == "due"


async def test_who_is_canceled_leaves_nothing_running() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def work() -> None:
        async with Lanes(2) as lanes:
            lanes.begin(forever())
            lanes.begin(forever())
            await lanes.room()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended == ["ended", "ended"]
