"""A shop that drops answers, answers twice and fails: every parcel and refund is there exactly once."""

from typing import Any

import pytest

from connectors.contract import PaymentRequest, ShipmentNotice
from connectors.errors import ConnectorError
from connectors.shopify import documents
from connectors.shopify.answers import Id, SplitPart, SplitWork
from domain.money import Money
from sandbox.faults import Fault, FaultKind, FaultPlan
from tests.connectors.shopify.shop import BERLIN, SimulatedShop

ORDERS = 40
STORM = tuple(
    Fault(kind=kind, operation=operation, probability=0.2)
    for operation in ("fulfillmentCreate", "fulfillmentOrderSplit", "refundCreate")
    for kind in (FaultKind.COMMIT_THEN_DROP, FaultKind.ANSWER_TWICE, FaultKind.SERVER_ERROR, FaultKind.STALE_OBJECT)
)


async def orders_of(shop: SimulatedShop) -> list[ShipmentNotice]:
    await shop.http.post("/shops/alpha/stock", params={"sku": "NOTEBOOK-A5", "location_id": BERLIN, "available": 1000})
    placed = [await shop.place("several_lines", renumber=True) for _ in range(ORDERS)]
    return [
        ShipmentNotice(
            reference=f"S{order['id']}",
            order_external_id=str(order["id"]),
            location_external_id=str(BERLIN),
            tracking_number=f"1Z{order['id']}",
            lines=((str(order["lines"][2]["id"]), 1),),
        )
        for order in placed
    ]


async def report(shop: SimulatedShop, notice: ShipmentNotice) -> None:
    """As the hub does it: what is unknown is looked up before it is repeated."""
    for _ in range(50):
        try:
            if await shop.connector.find_shipment(notice):
                return
            await shop.connector.report_shipment(notice, notice.reference)
        except ConnectorError:
            continue
        return
    raise AssertionError("fifty attempts were not enough")


async def test_every_part_is_shipped_exactly_once(shop: SimulatedShop) -> None:
    notices = await orders_of(shop)
    shop.faults.apply(FaultPlan(seed=7, faults=STORM))

    for notice in notices:
        await report(shop, notice)

    assert shop.count("fulfillment") == ORDERS
    assert set(shop.simulator.counters()["fulfillment"].values()) == {1}
    assert {kind.partition(":")[0] for kind in shop.faults.injected} == {rule.kind for rule in STORM}


async def test_every_refund_is_made_exactly_once(shop: SimulatedShop) -> None:
    notices = await orders_of(shop)
    shop.faults.apply(FaultPlan(seed=7, faults=STORM))

    for notice in notices:
        request = PaymentRequest(
            reference=f"R{notice.order_external_id}",
            order_external_id=notice.order_external_id,
            amount=Money(amount_minor=100, currency="USD"),
        )
        for _ in range(50):
            try:
                await shop.connector.refund(request, request.reference)
                break
            except ConnectorError:
                continue

    assert set(shop.simulator.counters()["refund"].values()) == {1}
    assert shop.count("refund") == ORDERS


async def test_shipping_parts_without_splitting_them_off_would_double_them(
    shop: SimulatedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control arm: with the protection off, the simulator's own count shows the duplicates."""
    notices = await orders_of(shop)
    shop.faults.apply(FaultPlan(seed=7, faults=STORM))
    tell = shop.connector._client.tell

    async def unsplit(document: str, shape: Any, **variables: Any) -> Any:
        """Ship lines of the open fulfillment order instead of a part that was split off."""
        if document == documents.SPLIT_WORK:
            (wanted,) = variables["splits"]
            parts[wanted["fulfillmentOrderId"]] = wanted
            return SplitWork(splits=(SplitPart(work=Id(id=wanted["fulfillmentOrderId"])),))
        if document == documents.SHIP:
            given = variables["fulfillment"]
            works = [parts[part["fulfillmentOrderId"]] for part in given["lineItemsByFulfillmentOrder"]]
            variables = {"fulfillment": given | {"lineItemsByFulfillmentOrder": works}}
        return await tell(document, shape, **variables)

    parts: dict[str, Any] = {}
    monkeypatch.setattr(shop.connector._client, "tell", unsplit)
    for notice in notices:
        await report(shop, notice)

    assert max(shop.simulator.counters()["fulfillment"].values()) > 1
