"""What places say that cannot be, cannot be read, or is known to nobody: no wrong number goes out, a person is told."""

from datetime import UTC, datetime
from typing import Any

from activities.sweep import SweepActivities
from db import connections, locations, untold
from db.desks.sweep import SweepDesk
from db.exceptions import EXCEPTIONS
from db.ledger import LEVELS
from domain.refs import ConnectionRef
from runtime.counts import ask_for_counts
from runtime.keys import Keys, new_key
from tests.connectors.square.till import World, opened
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant


class OneTill:
    def __init__(self, till: World) -> None:
        self._connector: Any = till.connector

    async def connector(self, _connection_id: str) -> Any:
        return self._connector


def open_kinds(merchant: Merchant) -> list[str]:
    rows = merchant.database.read_now(lambda tx: tx.execute(EXCEPTIONS.select()).all())
    return sorted(row.kind for row in rows if row.closed_at is None)


def on_hand(merchant: Merchant, item: str) -> int:
    rows = merchant.database.read_now(lambda tx: tx.execute(LEVELS.select().where(LEVELS.c.item_id == item)).all())
    return sum(row.on_hand for row in rows)


def connect_till(merchant: Merchant) -> None:
    def work(tx: Any) -> None:
        connections.create(tx, Keys([new_key()]), "till", platform="square", config={}, now=datetime.now(UTC))
        locations.put_mapping(tx, "till", "LBER", "berlin")

    merchant.write(work)


async def sweep(merchant: Merchant, till: World) -> int:
    desk = SweepDesk(merchant.database, vault=None)  # type: ignore[arg-type]  # counts and sales name nobody
    found = await SweepActivities(desk, OneTill(till)).find_missed_counts(ConnectionRef(connection_id="till"))
    return found.counts


async def test_a_sale_that_a_poll_cannot_read_is_an_exception_until_it_can_be(merchant: Merchant) -> None:
    connect_till(merchant)
    merchant.stock("TEE", 9, "berlin")
    async with opened(stock={"TEE": {"LBER": 9}}) as till:
        if till.official:  # the simulator is to say what the contract does not allow
            till.connector._client._http._transport = till.official._inner
        bad, _good = await till.sell({"TEE": 1}), await till.sell({"TEE": 1})
        lines = till.simulator.account.orders[bad["id"]]["line_items"]
        till.simulator.account.orders[bad["id"]]["line_items"] = 7

        await sweep(merchant, till)
        during = on_hand(merchant, "TEE"), open_kinds(merchant)
        till.simulator.account.orders[bad["id"]]["line_items"] = lines
        await sweep(merchant, till)

    assert during == (8, ["unreadable_orders"])
    assert (on_hand(merchant, "TEE"), open_kinds(merchant)) == (7, [])


async def test_what_the_staff_count_is_a_fact_where_the_place_is_ours(merchant: Merchant) -> None:
    connect_till(merchant)
    async with opened(stock={"TEE": {"LBER": 9, "LHAM": 9}}) as till:
        for place in ("LBER", "LHAM"):
            await till.control.post("/counts", json={"sku": "TEE", "location": place, "quantity": 4})

        counted = await sweep(merchant, till)

    assert counted == 2
    assert on_hand(merchant, "TEE") == 4  # Hamburg is mapped to nothing: its count waits
    assert open_kinds(merchant) == ["uncounted_place"]


async def test_a_count_at_the_till_is_booked_when_its_number_is_told(merchant: Merchant) -> None:
    connect_till(merchant)
    async with opened(stock={"TEE": {"LBER": 9}}) as till:
        await till.control.post("/counts", json={"sku": "TEE", "location": "LBER", "quantity": 4})

        await ask_for_counts(merchant.database, "till", till.connector, ["stock as told"])
        at_first = on_hand(merchant, "TEE")
        for _ in range(2):
            await ask_for_counts(merchant.database, "till", till.connector, ["stock changed by the channel"])

    assert (at_first, on_hand(merchant, "TEE")) == (0, 4)


async def test_availability_that_nobody_has_told_is_an_exception_until_it_is(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 100, ("SET", "D"): 100, ("MUG", "D"): 4})
    merchant.stock("MUG", 4)
    await merchant.open(shop)
    note = lambda: merchant.write(lambda tx: untold.note(tx, untold.count(tx), merchant.now))  # noqa: E731 said twice

    note()
    before = merchant.database.read_now(untold.count), open_kinds(merchant)
    merchant.stock("TEE", 3)
    note()

    assert before == ({"web": 2}, ["unknown_availability"])  # of the set one component is unknown
    assert shop.shown["TEE", "D"] == 100
    assert open_kinds(merchant) == []
