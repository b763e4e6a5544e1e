"""The simulated Shopify on the wire: access, cost bucket, paging, webhooks and the faults of a plan."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import FIXTURES, Sandbox, body_of
from tests.sandbox.test_shopify_fulfillment import create

ORDERS = """query($after: String, $query: String) { orders(first: 2, after: $after, query: $query, sortKey: UPDATED_AT) {
  nodes { name } pageInfo { hasNextPage endCursor } } }"""
NAMES = sorted(path.stem for path in FIXTURES.glob("*.json") if path.stem != "index")


async def plan(sandbox: Sandbox, kind: str, **more: Any) -> None:
    await sandbox.control("/faults", {"seed": 7, "faults": [{"kind": kind, "nth": [1], **more}]})


def asleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the sandbox would wait; it does not."""
    slept: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


async def test_a_wrong_token_is_refused(sandbox: Sandbox) -> None:
    answer = await sandbox.post("{ shop { name } }", token="other")

    assert answer.status_code == 401


async def test_every_answer_tells_its_cost_and_what_is_left(sandbox: Sandbox) -> None:
    answer = await sandbox.ask("{ shop { name } }")

    assert answer["extensions"]["cost"]["requestedQueryCost"] == 1
    assert answer["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 1000


async def test_an_empty_bucket_throttles_inside_a_200(sandbox: Sandbox) -> None:
    await sandbox.http.patch("/control/shopify/shops/alpha", json={"bucket_size": 1.5, "restore_rate": 0.001})
    await sandbox.ask("{ shop { name } }")

    answer = await sandbox.post("{ shop { name } }")

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_field_that_the_schema_lacks_is_an_error(sandbox: Sandbox) -> None:
    answer = await sandbox.ask("{ shop { nmae } }")

    assert "Cannot query field 'nmae'" in answer["errors"][0]["message"]


async def test_orders_are_paged_by_time_of_change(sandbox: Sandbox) -> None:
    for name in ("one_parcel", "bundle", "vip"):
        await sandbox.place(name, keep_times=True)
    query = "updated_at:>='2026-11-20T09:02:00-05:00'"

    first = (await sandbox.ask(ORDERS, query=query))["data"]["orders"]
    everything = (await sandbox.ask(ORDERS))["data"]["orders"]
    rest = (await sandbox.ask(ORDERS, after=everything["pageInfo"]["endCursor"]))["data"]["orders"]

    assert [node["name"] for node in first["nodes"]] == ["#1006", "#1013"]
    assert [node["name"] for node in rest["nodes"]] == ["#1013"]


@pytest.mark.parametrize("name", NAMES)
async def test_every_fixture_can_be_placed_and_read(sandbox: Sandbox, name: str) -> None:
    document = """query($id: ID!) { order(id: $id) { name totalPriceSet { presentmentMoney { amount currencyCode } }
      lineItems(first: 50) { nodes { sku currentQuantity totalDiscountSet { shopMoney { amount } } } }
      transactions(first: 10) { kind amountSet { shopMoney { amount } } parentTransaction { id } }
      refunds(first: 10) { totalRefundedSet { shopMoney { amount } } }
      shippingAddress { countryCodeV2 } fulfillmentOrders(first: 5) { nodes { deliveryMethod { methodType } } } } }"""
    order = await sandbox.place(name)

    answer = await sandbox.ask(document, id=f"gid://shopify/Order/{order['id']}")

    assert "errors" not in answer
    assert answer["data"]["order"]["name"] == body_of(name)["name"]


async def test_a_placed_order_is_told_with_a_signature_over_its_bytes(sandbox: Sandbox) -> None:
    await sandbox.subscribe("ORDERS_CREATE", "ORDERS_PAID")

    await sandbox.place("one_parcel")
    await sandbox.control("/webhooks/drain")

    assert sorted(sandbox.receiver.topics) == ["orders/create", "orders/paid"]
    headers, raw = sandbox.receiver.requests[0]
    expected = base64.b64encode(hmac.digest(b"secret-1", raw, hashlib.sha256)).decode()
    assert headers["x-shopify-hmac-sha256"] == expected
    assert headers["x-shopify-shop-domain"] == "alpha.myshopify.com"


async def test_a_refused_webhook_is_sent_again_with_the_same_ids(sandbox: Sandbox) -> None:
    await sandbox.subscribe("ORDERS_CREATE")
    sandbox.receiver.answers = [503]

    await sandbox.place("one_parcel")
    await sandbox.control("/webhooks/drain")

    ids = [headers["x-shopify-webhook-id"] for headers, _ in sandbox.receiver.requests]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_raw_bytes_are_delivered_as_they_are(sandbox: Sandbox) -> None:
    await sandbox.subscribe("ORDERS_CREATE")

    await sandbox.control("/shopify/shops/alpha/deliveries", {"topic": "orders/create", "raw": "{not json"})
    await sandbox.control("/webhooks/drain")

    assert sandbox.receiver.requests[0][1] == b"{not json"


@pytest.mark.parametrize(("kind", "copies"), [("webhook_lost", 0), ("webhook_duplicated", 2)])
async def test_webhooks_are_lost_or_doubled_by_plan(sandbox: Sandbox, kind: str, copies: int) -> None:
    await sandbox.subscribe("ORDERS_CREATE")
    await plan(sandbox, kind, operation="orders/*")

    await sandbox.place("one_parcel")
    await sandbox.control("/webhooks/drain")

    assert len(sandbox.receiver.requests) == copies


async def test_a_reordered_webhook_arrives_after_the_next_one(sandbox: Sandbox) -> None:
    await sandbox.subscribe("ORDERS_CREATE", "ORDERS_UPDATED")
    await plan(sandbox, "webhook_reordered", operation="orders/create", seconds=5)

    order = await sandbox.place("one_parcel")
    await sandbox.control(f"/shopify/shops/alpha/orders/{order['id']}/edit", {"fields": {"tags": "vip"}})
    await sandbox.control("/webhooks/drain")

    assert sandbox.receiver.topics == ["orders/updated", "orders/create"]


async def test_a_late_webhook_arrives_after_its_seconds(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    slept = asleep(monkeypatch)
    await sandbox.subscribe("ORDERS_CREATE")
    await plan(sandbox, "webhook_late", operation="orders/create", seconds=30)

    await sandbox.place("one_parcel")
    await sandbox.control("/webhooks/drain")

    assert slept == [30]
    assert sandbox.receiver.topics == ["orders/create"]


async def test_a_slow_call_answers_as_usual_after_its_seconds(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = asleep(monkeypatch)
    await plan(sandbox, "delay", operation="shop", seconds=20)

    answer = await sandbox.ask("{ shop { name } }")

    assert slept == [20]
    assert answer["data"] == {"shop": {"name": "alpha"}}


async def test_a_throttled_call_is_a_429_with_the_time_to_wait_where_the_platform_says_it_so(sandbox: Sandbox) -> None:
    await plan(sandbox, "throttle", platform="shipbob", seconds=7)
    headers = {"authorization": "Bearer shipbob-sandbox-token", "shipbob_channel_id": "100001"}

    answer = await sandbox.http.get("/shipbob/2026-01/order", headers=headers)

    assert (answer.status_code, float(answer.headers["x-retry-after"])) == (429, 7)


async def test_commit_then_drop_commits_and_gives_no_answer(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")
    await plan(sandbox, "commit_then_drop", operation="fulfillmentCreate")

    with pytest.raises(httpx.ReadError):
        await create(sandbox, order["fulfillment_orders"][0]["id"])

    counters = await sandbox.control("/counters", method="GET")
    assert list(counters["shopify"]["fulfillment"].values()) == [1]


async def test_answer_twice_acts_twice(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")
    await plan(sandbox, "answer_twice", operation="fulfillmentCreate")

    made = await create(sandbox, order["fulfillment_orders"][0]["id"])

    assert "unfulfillable status= closed" in made["userErrors"][0]["message"]


async def test_a_stale_write_answers_success_onto_a_canceled_shipment(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")
    await plan(sandbox, "stale_object", operation="fulfillmentCreate")

    made = await create(sandbox, order["fulfillment_orders"][0]["id"])

    assert made["userErrors"] == []
    assert made["fulfillment"]["status"] == "CANCELLED"
    assert (await sandbox.control("/counters", method="GET"))["shopify"] == {}


async def test_a_stale_read_shows_the_order_as_it_was(sandbox: Sandbox) -> None:
    document = "query($id: ID!) { order(id: $id) { displayFulfillmentStatus } }"
    order = await sandbox.place("one_parcel")
    await plan(sandbox, "stale_object", operation="order")
    await create(sandbox, order["fulfillment_orders"][0]["id"])

    stale = await sandbox.ask(document, id=f"gid://shopify/Order/{order['id']}")
    fresh = await sandbox.ask(document, id=f"gid://shopify/Order/{order['id']}")

    assert stale["data"]["order"]["displayFulfillmentStatus"] == "UNFULFILLED"
    assert fresh["data"]["order"]["displayFulfillmentStatus"] == "FULFILLED"


@pytest.mark.parametrize(("kind", "status"), [("server_error", 502), ("token_expired", 401), ("throttle", 200)])
async def test_refusals_come_before_the_commit(sandbox: Sandbox, kind: str, status: int) -> None:
    await plan(sandbox, kind, operation="shop")

    struck = await sandbox.post("{ shop { name } }")
    after = await sandbox.post("{ shop { name } }")

    assert struck.status_code == status
    assert "data" not in struck.json()
    assert after.json()["data"] == {"shop": {"name": "alpha"}}
