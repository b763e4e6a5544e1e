"""Fulfillment in the simulated Shopify follows the platform's rules."""

from typing import Any

from tests.sandbox.conftest import BERLIN, TORONTO, Sandbox

CREATE = """mutation($given: FulfillmentInput!) { fulfillmentCreate(fulfillment: $given) {
  fulfillment { id status trackingInfo { number } } userErrors { field message } } }"""
MOVE = """mutation($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id assignedLocation { name } } userErrors { message } } }"""
SPLIT = """mutation($splits: [FulfillmentOrderSplitInput!]!) {
  fulfillmentOrderSplit(fulfillmentOrderSplits: $splits) {
    fulfillmentOrderSplits { remainingFulfillmentOrder { id lineItems(first: 5) { nodes { remainingQuantity } } } }
    userErrors { code } } }"""
ORDER = """query($id: ID!) { order(id: $id) { displayFulfillmentStatus
  fulfillments(first: 10) { status trackingInfo { number } }
  fulfillmentOrders(first: 10) { nodes { id status lineItems(first: 10) { nodes { id remainingQuantity sku } } } } } }"""


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


async def create(sandbox: Sandbox, *works: int, number: str = "T1", **more: Any) -> Any:
    parts = [{"fulfillmentOrderId": gid("FulfillmentOrder", work), **more} for work in works]
    given = {"lineItemsByFulfillmentOrder": parts, "trackingInfo": {"number": number, "company": "UPS"}}
    return (await sandbox.ask(CREATE, given=given))["data"]["fulfillmentCreate"]


async def test_a_whole_fulfillment_order_is_shipped_and_shown_on_the_order(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    made = await create(sandbox, order["fulfillment_orders"][0]["id"])

    assert made["userErrors"] == []
    shown = (await sandbox.ask(ORDER, id=gid("Order", order["id"])))["data"]["order"]
    assert shown["displayFulfillmentStatus"] == "FULFILLED"
    assert shown["fulfillments"] == [{"status": "SUCCESS", "trackingInfo": [{"number": "T1"}]}]
    assert [work["status"] for work in shown["fulfillmentOrders"]["nodes"]] == ["CLOSED"]


async def test_a_closed_fulfillment_order_cannot_be_shipped_again(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")
    work = order["fulfillment_orders"][0]["id"]
    await create(sandbox, work)

    again = await create(sandbox, work)

    assert again["fulfillment"] is None
    assert "unfulfillable status= closed" in again["userErrors"][0]["message"]
    counters = await sandbox.control("/counters", method="GET")
    assert list(counters["shopify"]["fulfillment"].values()) == [1]


async def test_fulfillment_orders_of_two_locations_are_refused_in_one_call(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    work = order["fulfillment_orders"][0]
    line = {"id": gid("FulfillmentOrderLineItem", await first_line(sandbox, order)), "quantity": 1}
    moved = await sandbox.ask(MOVE, id=gid("FulfillmentOrder", work["id"]), to=gid("Location", TORONTO), lines=[line])
    other = moved["data"]["fulfillmentOrderMove"]["movedFulfillmentOrder"]["id"]

    made = await create(sandbox, work["id"], int(other.rpartition("/")[2]))

    assert made["userErrors"][0]["message"] == "All fulfillment orders must be assigned to the same location."


async def first_line(sandbox: Sandbox, order: Any) -> int:
    shown = (await sandbox.ask(ORDER, id=gid("Order", order["id"])))["data"]["order"]
    lines = shown["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"]
    return int(lines[0]["id"].rpartition("/")[2])


async def test_more_than_the_remaining_quantity_is_refused(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    lines = [{"id": gid("FulfillmentOrderLineItem", await first_line(sandbox, order)), "quantity": 3}]

    made = await create(sandbox, order["fulfillment_orders"][0]["id"], fulfillmentOrderLineItems=lines)

    assert made["userErrors"][0]["message"] == "Invalid fulfillment order line item quantity requested."


async def test_moving_takes_the_promised_stock_along(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    await sandbox.ask(
        MOVE, id=gid("FulfillmentOrder", order["fulfillment_orders"][0]["id"]), to=gid("Location", TORONTO)
    )

    stock = (await sandbox.control("/shopify/shops/alpha/stock", method="GET"))["TEE-BLK-M"]
    assert stock[str(BERLIN)] == {"available": 10, "committed": 0, "on_hand": 10}
    assert stock[str(TORONTO)] == {"available": 9, "committed": 1, "on_hand": 10}


async def test_a_location_that_does_not_keep_the_item_cannot_be_moved_to(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    work = gid("FulfillmentOrder", order["fulfillment_orders"][0]["id"])

    moved = await sandbox.ask(MOVE, id=work, to=gid("Location", TORONTO))

    errors = moved["data"]["fulfillmentOrderMove"]["userErrors"]
    assert errors == [{"message": "The location doesn't stock the requested inventory item."}]


async def test_a_part_moved_to_open_work_is_joined_with_it(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    work = gid("FulfillmentOrder", order["fulfillment_orders"][0]["id"])
    shown = (await sandbox.ask(ORDER, id=gid("Order", order["id"])))["data"]["order"]
    lines = shown["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"]
    for line in lines[:2]:
        part = [{"id": line["id"], "quantity": 1}]
        moved = await sandbox.ask(MOVE, id=work, to=gid("Location", TORONTO), lines=part)
        assert moved["data"]["fulfillmentOrderMove"]["userErrors"] == []

    after = (await sandbox.ask(ORDER, id=gid("Order", order["id"])))["data"]["order"]["fulfillmentOrders"]["nodes"]

    assert [at["status"] for at in after] == ["OPEN", "CLOSED", "CLOSED", "OPEN"]
    assert [line["sku"] for line in after[-1]["lineItems"]["nodes"]] == ["TEE-BLK-M", "MUG-RED"]


async def test_a_split_takes_units_into_a_new_fulfillment_order(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    line = {"id": gid("FulfillmentOrderLineItem", await first_line(sandbox, order)), "quantity": 1}
    work = gid("FulfillmentOrder", order["fulfillment_orders"][0]["id"])

    answer = await sandbox.ask(SPLIT, splits=[{"fulfillmentOrderId": work, "fulfillmentOrderLineItems": [line]}])

    made = answer["data"]["fulfillmentOrderSplit"]["fulfillmentOrderSplits"][0]["remainingFulfillmentOrder"]
    assert made["lineItems"]["nodes"] == [{"remainingQuantity": 1}]


async def test_a_held_fulfillment_order_cannot_be_shipped_until_it_is_released(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel", hold="INCORRECT_ADDRESS")
    work = order["fulfillment_orders"][0]["id"]

    held = await create(sandbox, work)
    await sandbox.control(f"/shopify/shops/alpha/orders/{order['id']}/release")
    released = await create(sandbox, work)

    assert "unfulfillable status= on_hold" in held["userErrors"][0]["message"]
    assert released["userErrors"] == []
