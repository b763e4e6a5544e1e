"""The figures that the console shows: where orders stand, what moved, what flows."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import insert

from db.order_reading import CONNECTIONS, EFFECTS
from db.throughput import SHIPMENTS, stretches
from runtime.wiring import Hub
from tests.api.conftest import make_order

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def test_today_counts_what_came_in_by_channel_and_hour(clients: SimpleNamespace) -> None:
    await make_order(clients, "one")
    await make_order(clients, "two")

    today = (await clients.viewer.get("/figures/today")).json()

    assert [sum(each["recent"].values()) for each in today["channels"]] == [2]
    assert [hour["received"] for hour in today["hours"]] == [0] * 23 + [2]
    assert (await clients.viewer.get("/figures/days", params={"days": 2})).json()[-1]["received"] == 2


async def test_a_stretch_holds_what_fell_into_it(hub: Hub) -> None:
    def ship(number: int, at: datetime) -> dict[str, object]:
        return {
            "id": f"s{number}", "order_id": "o", "fulfillment_order_id": "f", "external_id": str(number),
            "shipped_at": at, "lines": [],
        }  # fmt: skip

    moments = (AT, AT - timedelta(minutes=31), AT - timedelta(minutes=30), AT - timedelta(hours=3))
    rows = [ship(number, at) for number, at in enumerate(moments)]
    await hub.database.write(lambda tx: tx.execute(insert(SHIPMENTS).values(rows)) and None)

    found = await hub.database.read(lambda tx: stretches(tx, AT, timedelta(hours=1), 3))

    assert [(each.at.hour, each.shipped) for each in found] == [(7, 0), (8, 1), (9, 2)]


async def test_the_map_of_flows_tells_what_waits_and_what_was_refused(clients: SimpleNamespace, hub: Hub) -> None:
    await make_order(clients)
    now = datetime.now(UTC)
    name = (await clients.viewer.get("/connections")).json()[0]["id"]

    def effect(key: str, state: str, settled: bool) -> dict[str, object]:
        return {
            "key": key, "kind": "tracking", "connection_id": name, "state": state, "attempts": 1,
            "intended_at": now - timedelta(minutes=5), "settled_at": now if settled else None, "error_code": "",
        }  # fmt: skip

    rows = [effect("a", "confirmed", True), effect("b", "rejected", True), effect("c", "in_doubt", False)]
    await hub.database.write(lambda tx: tx.execute(insert(EFFECTS).values(rows)) and None)
    await hub.database.write(
        lambda tx: tx.execute(CONNECTIONS.update().where(CONNECTIONS.c.id == name).values(mode="shadow")) and None
    )

    shown = next(each for each in (await clients.viewer.get("/figures/flows")).json() if each["connection_id"] == name)

    flow = next(each for each in shown["flows"] if each["name"] == "tracking")
    assert (flow["volume"], flow["failed"], flow["waiting"], flow["mode"]) == (2, 1, 1, "shadow")
    assert flow["oldest_waiting"] is not None
    assert flow["last_success"] is not None
