"""Idempotency keys, compare-and-swap and limits of money in the simulated Shopify."""

import asyncio
from typing import Any

from tests.sandbox.conftest import BERLIN, Sandbox

SET = """mutation($given: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $given) @idempotent(key: $key) {
    inventoryAdjustmentGroup { changes { delta quantityAfterChange } } userErrors { field code } } }"""
SET_WITHOUT_KEY = """mutation($given: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $given) { userErrors { code } } }"""
REFUND = """mutation($given: RefundInput!, $key: String!) { refundCreate(input: $given) @idempotent(key: $key) {
  refund { id } userErrors { message } } }"""
CANCEL = """mutation($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true,
  refundMethod: {originalPaymentMethodsRefund: true}) { job { id done } orderCancelUserErrors { code message } } }"""
CAPTURE = """mutation($given: OrderCaptureInput!) { orderCapture(input: $given) {
  transaction { kind amountSet { presentmentMoney { amount } } } userErrors { message } } }"""
ITEM = "gid://shopify/InventoryItem/55000001"


def setting(quantity: int, **more: Any) -> dict[str, Any]:
    wanted = {"inventoryItemId": ITEM, "locationId": f"gid://shopify/Location/{BERLIN}", "quantity": quantity}
    return {"name": "available", "reason": "correction", "quantities": [wanted | more]}


async def set_stock(sandbox: Sandbox, quantity: int, key: str, **more: Any) -> Any:
    answer = await sandbox.ask(SET, given=setting(quantity, **more), key=key)
    return answer["data"]["inventorySetQuantities"]


async def counted(sandbox: Sandbox, kind: str) -> Any:
    return (await sandbox.control("/counters", method="GET"))["shopify"].get(kind, {})


async def test_a_stock_setting_needs_an_idempotency_key(sandbox: Sandbox) -> None:
    answer = await sandbox.ask(SET_WITHOUT_KEY, given=setting(5, changeFromQuantity=10))

    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert answer["errors"][0]["message"].startswith("The @idempotent directive is required")


async def test_a_stock_setting_must_say_what_it_changes_from(sandbox: Sandbox) -> None:
    answer = await sandbox.ask(SET, given=setting(5), key="k")

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"


async def test_a_repeated_key_is_answered_alike_and_commits_once(sandbox: Sandbox) -> None:
    first = await set_stock(sandbox, 5, "k", changeFromQuantity=10)
    again = await set_stock(sandbox, 5, "k", changeFromQuantity=10)

    assert first == again
    assert list((await counted(sandbox, "inventory")).values()) == [1]


async def test_a_key_with_other_arguments_is_an_error(sandbox: Sandbox) -> None:
    await set_stock(sandbox, 5, "k", changeFromQuantity=10)

    other = await set_stock(sandbox, 6, "k", changeFromQuantity=5)

    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"


async def test_a_stale_expectation_changes_nothing(sandbox: Sandbox) -> None:
    stale = await set_stock(sandbox, 5, "k", changeFromQuantity=9)

    where = ["input", "quantities", "0", "changeFromQuantity"]
    assert stale["userErrors"] == [{"field": where, "code": "CHANGE_FROM_QUANTITY_STALE"}]
    assert await counted(sandbox, "inventory") == {}


async def test_a_refund_beyond_what_was_taken_is_refused(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    answer = await sandbox.ask(REFUND, given=refund(order["id"], "29.01"), key="k")

    assert answer["data"]["refundCreate"]["refund"] is None
    assert await counted(sandbox, "refund") == {}


async def test_a_refund_repeated_with_its_key_is_made_once(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    first = await sandbox.ask(REFUND, given=refund(order["id"], "10.00"), key="k")
    again = await sandbox.ask(REFUND, given=refund(order["id"], "10.00"), key="k")

    assert first["data"] == again["data"]
    assert list((await counted(sandbox, "refund")).values()) == [1]


async def test_two_refunds_of_the_same_amount_are_not_one_that_was_made_twice(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    for reference in ("web-1-C1", "web-1-C2"):
        await sandbox.ask(REFUND, given=refund(order["id"], "10.00") | {"note": reference}, key=reference)

    assert list((await counted(sandbox, "refund")).values()) == [1, 1]


def refund(order_id: int, amount: str) -> dict[str, Any]:
    order = f"gid://shopify/Order/{order_id}"
    entry = {"amount": amount, "gateway": "shopify_payments", "kind": "REFUND", "orderId": order}
    return {"orderId": order, "transactions": [entry]}


async def test_a_cancel_is_a_job_that_restocks_and_refunds(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")

    answer = await sandbox.ask(CANCEL, id=f"gid://shopify/Order/{order['id']}")
    await asyncio.sleep(0.1)

    assert answer["data"]["orderCancel"]["job"]["done"] is False
    shown = await sandbox.control(f"/shopify/shops/alpha/orders/{order['id']}", method="GET")
    stock = await sandbox.control("/shopify/shops/alpha/stock", method="GET")
    assert shown["cancelled_at"]
    assert shown["financial_status"] == "refunded"
    assert stock["TEE-BLK-M"][str(BERLIN)] == {"available": 10, "committed": 0, "on_hand": 10}


async def test_a_second_cancel_is_refused_while_the_first_is_under_way(sandbox: Sandbox) -> None:
    order = await sandbox.place("one_parcel")
    await sandbox.ask(CANCEL, id=f"gid://shopify/Order/{order['id']}")

    again = await sandbox.ask(CANCEL, id=f"gid://shopify/Order/{order['id']}")

    assert again["data"]["orderCancel"]["orderCancelUserErrors"][0]["code"] == "INVALID"


async def test_a_capture_stays_within_its_authorization(sandbox: Sandbox) -> None:
    order = await sandbox.place("payment_authorized")
    parent = f"gid://shopify/OrderTransaction/{order['transactions'][0]['id']}"
    given = {"id": f"gid://shopify/Order/{order['id']}", "parentTransactionId": parent, "amount": "254.00"}

    first = await sandbox.ask(CAPTURE, given=given)
    again = await sandbox.ask(CAPTURE, given=given)

    assert first["data"]["orderCapture"]["transaction"]["kind"] == "CAPTURE"
    assert again["data"]["orderCapture"]["transaction"] is None


async def test_an_edit_takes_units_out_and_gives_their_stock_back(sandbox: Sandbox) -> None:
    order = await sandbox.place("several_lines")
    line = next(line for line in order["lines"] if line["sku"] == "TEE-BLK-M")

    edited = await sandbox.control(
        f"/shopify/shops/alpha/orders/{order['id']}/edit", {"quantities": {str(line["id"]): 1}}
    )

    assert next(one["current_quantity"] for one in edited["lines"] if one["id"] == line["id"]) == 1
    stock = await sandbox.control("/shopify/shops/alpha/stock", method="GET")
    assert stock["TEE-BLK-M"][str(BERLIN)] == {"available": 9, "committed": 1, "on_hand": 10}
