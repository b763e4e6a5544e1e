"""What a sweep asks the channel for, and what it does with orders that nobody can read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities.sweep import SweepActivities
from connectors.contract import ListedOrder, OrderPage
from connectors.errors import NotFoundAtChannelError, TryAgainError, UnreadableError
from db import connections
from db.desks.sweep import SweepDesk
from db.exceptions import EXCEPTIONS
from db.order_reading import ORDERS
from db.session import Database
from domain.channel_order import ChannelOrder
from domain.refs import ConnectionRef, Swept
from tests.db.world import VAULT, channel_order

WEB = ConnectionRef(connection_id="web")


@dataclass
class Shop:
    """A channel that lists two orders on a page, and counts what it is asked for."""

    orders: dict[str, ChannelOrder] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    down_after_pages: int = 99
    fetched: Counter[str] = field(default_factory=Counter)
    asked_since: list[datetime] = field(default_factory=list)

    def place(self, number: int, age: timedelta) -> None:
        at = datetime.now(UTC) - age
        self.orders[str(number)] = channel_order(number, TEE=1).model_copy(update={"updated_at": at, "placed_at": at})

    async def connector(self, _name: str) -> "Shop":
        return self

    async def orders_since(self, since: datetime, cursor: str = "") -> OrderPage:
        page = int(cursor or 0)
        if page == 0:
            self.asked_since.append(since)
        if page >= self.down_after_pages:
            raise TryAgainError("the shop is down", "503")
        changed = sorted((each.updated_at, name) for name, each in self.orders.items() if each.updated_at >= since)
        listed = tuple(ListedOrder(external_id=name, updated_at=at) for at, name in changed[2 * page : 2 * page + 2])
        return OrderPage(listed=listed, cursor=str(page + 1), is_last=2 * page + 2 >= len(changed))

    async def fetch_order(self, external_id: str) -> ChannelOrder:
        self.fetched[external_id] += 1
        if external_id in self.deleted:
            raise NotFoundAtChannelError("gone", external_id)
        if external_id in self.broken:
            raise UnreadableError("no such currency", "currency")
        return self.orders[external_id]


@pytest.fixture(autouse=True)
def _begun(database: Database) -> None:
    """The connection takes orders since January."""
    database.write_now(lambda tx: connections.change(tx, "web", starts_at=datetime(2026, 1, 1, tzinfo=UTC)))


async def sweep(shop: Shop, database: Database) -> Swept:
    return await SweepActivities(SweepDesk(database, VAULT), shop).find_missed_orders(WEB)  # type: ignore[arg-type] # gives this one connector only


async def taken(database: Database) -> set[str]:
    return await database.read(lambda tx: set(tx.execute(select(ORDERS.c.external_id)).scalars()))


async def open_causes(database: Database) -> list[str]:
    query = select(EXCEPTIONS.c.cause).where(EXCEPTIONS.c.closed_at.is_(None))
    return await database.read(lambda tx: list(tx.execute(query).scalars()))


async def test_an_order_that_was_looked_at_since_its_last_change_is_not_fetched_again(database: Database) -> None:
    shop = Shop()
    for number in range(1, 6):
        shop.place(number, timedelta(minutes=number))

    first, second = await sweep(shop, database), await sweep(shop, database)
    shop.orders["3"] = shop.orders["3"].model_copy(update={"updated_at": datetime.now(UTC), "financial": "pending"})
    third = await sweep(shop, database)

    assert (first.missed, second.missed, third.missed) == (5, 0, 1)
    assert shop.fetched == {"1": 1, "2": 1, "3": 2, "4": 1, "5": 1}


async def test_a_change_within_the_second_of_a_known_one_is_found_by_the_next_sweep(database: Database) -> None:
    shop = Shop()
    shop.place(1, timedelta(seconds=2))
    await sweep(shop, database)

    shop.orders["1"] = shop.orders["1"].model_copy(update={"financial": "pending"})

    assert (await sweep(shop, database)).missed == 1


async def test_an_order_that_cannot_be_read_hides_no_other_is_an_exception_and_is_tried_again(
    database: Database,
) -> None:
    shop = Shop(broken={"2"})
    shop.place(1, timedelta(minutes=1))
    shop.place(2, timedelta(hours=3))

    await sweep(shop, database)
    seen, causes = await taken(database), await open_causes(database)
    shop.broken.clear()
    again = await sweep(shop, database)

    assert (seen, causes) == ({"1"}, ["unreadable_orders:web"])
    assert shop.asked_since[1] > shop.orders["2"].updated_at, "it would not be listed again"
    assert again.missed == 1
    assert (await taken(database), await open_causes(database)) == ({"1", "2"}, [])


async def test_an_unreadable_order_that_is_deleted_at_the_channel_is_forgotten(database: Database) -> None:
    shop = Shop(broken={"1"})
    shop.place(1, timedelta(hours=1))
    await sweep(shop, database)

    shop.deleted.add("1")
    await sweep(shop, database)

    assert await open_causes(database) == []


async def test_a_sweep_that_breaks_off_is_gone_on_with_from_the_last_page(database: Database) -> None:
    shop = Shop(down_after_pages=2)
    for number in range(1, 8):
        shop.place(number, timedelta(hours=8 - number))

    with pytest.raises(ApplicationError):
        await sweep(shop, database)
    kept = await taken(database)
    shop.down_after_pages = 99
    await sweep(shop, database)

    assert kept == {"1", "2", "3", "4"}
    assert await taken(database) == {str(number) for number in range(1, 8)}
    assert shop.asked_since[1] > shop.orders["3"].updated_at
