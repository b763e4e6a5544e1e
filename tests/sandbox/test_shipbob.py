"""The simulated ShipBob: its API holds to the official contract, its warehouse does what it was told."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from standardwebhooks import Webhook
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import Fault, FaultKind, FaultPlan, Faults
from sandbox.shipbob.app import ShipBob, platform
from sandbox.webhooks import Outbox
from tests.connectors.shipbob.openapi import OfficialTransport, needs_contract

API = "/shipbob/2026-01"
AUTH = {"authorization": "Bearer shipbob-sandbox-token", "shipbob_channel_id": "100001"}
RECIPIENT = {"name": "Ada Example", "address": {"address1": "1 Test St", "city": "Chicago", "country": "US"}}
TOPICS = ["order.shipped", "order.shipment.cancelled", "order.shipment.exception", "order.shipment.on_hold"]


@dataclass
class Hub:
    """Receives webhooks and keeps them."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        return Response()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(FastAPI(routes=[Route("/", self.take, methods=["POST"])]))
        )


@dataclass
class World:
    shipbob: ShipBob
    faults: Faults
    outbox: Outbox
    hub: Hub
    http: httpx.AsyncClient

    async def create(self, reference: str = "F1", quantity: int = 1, sku: str = "TEA") -> httpx.Response:
        products = [{"reference_id": sku, "name": "Tea", "quantity": quantity}]
        order: dict[str, Any] = {
            "reference_id": reference,
            "shipping_method": "Standard",
            "type": "DTC",
            "recipient": RECIPIENT,
        }
        return await self.http.post(f"{API}/order", json=order | {"products": products})

    async def command(self, path: str, body: object = None) -> httpx.Response:
        answer = await self.http.post(f"/control/shipbob/{path}", json=body)
        assert answer.is_success, answer.text
        return answer

    async def behave(self, **behavior: object) -> None:
        await self.command("settings", {"otherwise": behavior})

    async def order(self, reference: str = "F1") -> Any:
        found = (await self.http.get(f"{API}/order", params={"ReferenceIds": reference})).json()
        return found[0]

    async def cancel(self, reference: str = "F1") -> httpx.Response:
        return await self.http.post(f"{API}/order/{(await self.order(reference))['id']}:cancel")

    async def settled(self) -> None:
        await self.command("settle")
        await self.outbox.drain()


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    hub, faults = Hub(), Faults()
    outbox = Outbox(faults, hub.client())
    shipbob = platform(faults, outbox)
    app = FastAPI(routes=shipbob.routes)
    app.include_router(shipbob.control, prefix="/control/shipbob")
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox", headers=AUTH)
    yield World(shipbob, faults, outbox, hub, http)
    await http.aclose()
    await outbox.close()


async def subscribe(world: World, **more: str) -> Any:
    body: dict[str, Any] = {"url": "https://hub.example/", "topics": TOPICS} | more
    answer = await world.http.post(f"{API}/webhook", json=body)
    return answer.json()


async def test_an_order_is_picked_shipped_and_tracked(world):
    created = await world.create()
    await world.settled()

    order = await world.order()
    shipment = order["shipments"][0]
    assert created.status_code == 201
    assert (order["status"], shipment["status"]) == ("Fulfilled", "Completed")
    assert shipment["tracking"]["tracking_number"]
    assert world.shipbob.counters() == {"orders": {"F1": 1}, "shipments": {"F1": 1}, "shipped_units": {"F1": 1}}


async def test_a_reference_is_taken_once(world):
    first, second = await world.create(), await world.create()

    assert (first.status_code, second.status_code) == (201, 422)
    assert "reference_id" in second.json()
    assert world.shipbob.counters()["orders"] == {"F1": 1}


@pytest.mark.parametrize(
    "wrong",
    [{"products": []}, {"products": [{"reference_id": "TEA", "quantity": -1}]}, {"recipient": None}, {"type": "X"}, []],
)
async def test_an_order_that_cannot_be_read_is_refused_by_field(world, wrong):
    good: dict[str, Any] = {"reference_id": "F1", "shipping_method": "S", "type": "DTC", "recipient": RECIPIENT}
    good["products"] = [{"reference_id": "TEA", "quantity": 1}]

    answer = await world.http.post(f"{API}/order", json=good | wrong if isinstance(wrong, dict) else wrong)

    assert answer.status_code == 400
    assert all(isinstance(messages, list) for messages in answer.json().values())
    assert world.shipbob.counters() == {}


async def test_a_wrong_token_or_channel_is_refused(world):
    token = await world.http.get(f"{API}/order", headers={"authorization": "Bearer other"})
    channel = await world.http.post(f"{API}/order", headers={"shipbob_channel_id": "7"}, json={})

    assert (token.status_code, channel.status_code) == (401, 403)


async def test_parcels_share_the_units_between_them(world):
    await world.behave(parcels=2)
    await world.create(quantity=5)
    await world.settled()

    shipments = (await world.order())["shipments"]
    units = [sum(item["quantity"] for p in one["products"] for item in p["inventory_items"]) for one in shipments]
    assert units == [2, 3]
    assert world.shipbob.counters()["shipped_units"] == {"F1": 5}
    assert len({one["tracking"]["tracking_number"] for one in shipments}) == 2


@pytest.mark.parametrize(
    ("outcome", "status", "detail"),
    [("reject", "Exception", "OutOfStock"), ("hold", "OnHold", "InvalidAddress"), ("cancel", "Cancelled", None)],
)
async def test_the_warehouse_may_not_ship(world, outcome, status, detail):
    await world.behave(outcome=outcome)
    await world.create()
    await world.settled()

    shipment = (await world.order())["shipments"][0]
    assert shipment["status"] == status
    assert [one["name"] for one in shipment["status_details"]] == ([detail] if detail else [])
    assert "shipments" not in world.shipbob.counters()


async def test_a_held_order_goes_on_when_released(world):
    await world.behave(outcome="hold")
    await world.create()
    await world.settled()

    await world.command("orders/F1/release")
    await world.settled()

    assert (await world.order())["status"] == "Fulfilled"


async def test_rules_choose_by_reference_and_sku(world):
    rules = [{"sku": "GLASS*", "behavior": {"outcome": "reject"}}, {"reference": "F3", "behavior": {"outcome": "hold"}}]
    await world.command("settings", {"rules": rules})
    await world.create("F1")
    await world.create("F2", sku="GLASS-1")
    await world.create("F3")
    await world.settled()

    statuses = [(await world.order(reference))["shipments"][0]["status"] for reference in ("F1", "F2", "F3")]

    assert statuses == ["Completed", "Exception", "OnHold"]


async def test_a_cancel_in_time_is_obeyed_once(world):
    await world.behave(pick_after=None)
    await world.create()

    first, second = await world.cancel(), await world.cancel()
    await world.settled()

    assert (first.json()["status"], second.status_code) == ("Success", 422)
    assert world.shipbob.counters() == {"orders": {"F1": 1}, "cancels": {"F1": 1}}


@pytest.mark.parametrize("behavior", [{"on_cancel": "refuse"}, {"refuse_cancel_probability": 1.0}])
async def test_a_cancel_may_be_refused(world, behavior):
    await world.behave(pick_after=0.01, **behavior)
    await world.create()

    answer = await world.cancel()
    await world.settled()

    assert answer.json()["status"] == "Failure"
    assert world.shipbob.counters()["shipments"] == {"F1": 1}


async def test_a_cancel_comes_too_late_once_packed(world):
    await world.behave(pick_after=None)
    await world.create()
    await world.command("orders/F1/pack")

    answer = await world.cancel()

    assert answer.json()["canceled_shipment_results"][0]["reason"] == "The shipment is already being packed."


async def test_it_may_ship_after_confirming_a_cancel(world):
    await world.behave(pick_after=None, on_cancel="ship_anyway")
    await world.create()

    answer = await world.cancel()
    await world.settled()

    assert answer.json()["status"] == "Success"
    assert (await world.order())["status"] == "Fulfilled"
    assert world.shipbob.counters()["cancels"] == world.shipbob.counters()["shipments"] == {"F1": 1}


async def test_webhooks_are_signed_by_the_given_secret(world):
    secret = (await subscribe(world))["secret"]
    await world.create()
    await world.settled()

    headers, body = world.hub.received[0]
    assert Webhook(secret).verify(body, headers)["reference_id"] == "F1"
    assert headers["x-webhook-topic"] == "order.shipped"


async def test_webhooks_end_with_the_subscription(world):
    subscription = await subscribe(world)
    gone = await world.http.delete(f"{API}/webhook/{subscription['id']}")
    await world.create()
    await world.settled()

    assert gone.status_code == 204
    assert world.hub.received == []


async def test_stock_follows_what_is_promised_and_shipped(world):
    await world.command("stock", [{"sku": "TEA", "location_id": 1, "on_hand": 10}])
    await world.behave(pick_after=None)
    await world.create("F1", quantity=2)
    await world.create("F2", quantity=3)
    await world.command("orders/F1/ship")

    page = (await world.http.get(f"{API}/inventory-level/locations")).json()
    place = page["items"][0]["locations"][0]
    figures = [place[f"{figure}_quantity"] for figure in ("on_hand", "committed", "fulfillable")]
    assert figures == [8, 3, 5]


async def test_calls_over_the_limit_are_told_when_to_return(world):
    await world.command("settings", {"calls_per_minute": 2})
    answers = [await world.http.get(f"{API}/channel") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-remaining-calls"] for answer in answers] == ["1", "0", "0"]
    assert 0 < float(answers[2].headers["x-retry-after"]) <= 60


async def test_a_committed_order_may_stay_unanswered(world):
    world.faults.apply(
        FaultPlan(faults=(Fault(kind=FaultKind.COMMIT_THEN_DROP, operation="create-order", nth=frozenset({1})),))
    )

    with pytest.raises(httpx.ReadError):
        await world.create()
    again = await world.create()

    assert again.status_code == 422
    assert world.shipbob.counters()["orders"] == {"F1": 1}


async def test_a_write_may_land_on_a_dead_object(world):
    world.faults.apply(FaultPlan(faults=(Fault(kind=FaultKind.STALE_OBJECT, operation="create-order", probability=1),)))

    answer = await world.create()

    assert (answer.status_code, answer.json()["status"]) == (201, "Cancelled")
    assert world.shipbob.counters() == {}


async def test_a_reset_forgets_everything(world):
    await subscribe(world)
    await world.create()
    world.shipbob.reset()
    await world.settled()

    assert world.shipbob.counters() == {}
    assert (await world.http.get(f"{API}/order")).json() == []
    assert world.hub.received == []


@needs_contract
async def test_every_answer_holds_to_the_official_contract(world):
    official = OfficialTransport(world.http._transport, "/shipbob")
    plain, world.http = world.http, httpx.AsyncClient(transport=official, base_url="http://sandbox", headers=AUTH)
    await plain.post("/control/shipbob/stock", json=[{"sku": "TEA", "location_id": 1, "on_hand": 10}])
    subscription = await subscribe(world)
    await world.create()
    await world.create()
    order = await world.order()
    shipment = order["shipments"][0]["id"]
    for path in (f"order/{order['id']}", f"order/{order['id']}/shipment", f"shipment/{shipment}", "order/7", "channel",
                 "location", "inventory-level/locations", "product", "webhook"):  # fmt: skip
        await world.http.get(f"{API}/{path}")
    await world.http.post(f"{API}/shipment/{shipment}:cancel")
    await world.cancel()
    await world.http.delete(f"{API}/webhook/{subscription['id']}")
    await plain.post("/control/shipbob/settle")

    assert len(official.seen) == 14
    assert json.loads((await plain.get("/control/shipbob/orders/F1")).text)["status"] == "Cancelled"
