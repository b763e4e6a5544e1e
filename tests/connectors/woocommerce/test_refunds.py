"""Refunds through WooCommerce: once, never more than is left, and no yes where no money moved."""

from typing import Any

import pytest

from connectors.contract import PaymentRequest
from connectors.errors import OutcomeUnknownError, RejectedError
from domain.money import Money
from sandbox.faults import FaultKind
from tests.connectors.woocommerce.shop import euro
from tests.connectors.woocommerce.test_orders import buy


def request(order: dict[str, Any], amount: Money, reference: str = "R1", **more) -> PaymentRequest:
    return PaymentRequest(reference=reference, order_external_id=str(order["id"]), amount=amount, **more)


async def test_money_is_given_back_once_and_found(world):
    placed = await buy(world, {"TEA": 2})
    wanted = request(placed, euro(499), lines=((str(placed["line_items"][0]["id"]), 1),))
    made = await world.connector.refund(wanted, "R1")
    again = await world.connector.refund(wanted, "R1")

    assert made == again == await world.connector.find_refund(wanted)
    assert (made.amount, made.state) == (euro(499), "done")
    assert world.shop.committed["refunded_minor"][str(placed["id"])] == 499


async def test_a_lost_answer_is_unknown_and_found(world):
    placed = await buy(world, {"TEA": 2})
    world.strike(FaultKind.COMMIT_THEN_DROP, "refunds.create")
    with pytest.raises(OutcomeUnknownError):
        await world.connector.refund(request(placed, euro(499)), "R1")

    assert (await world.connector.find_refund(request(placed, euro(499)))) is not None
    assert world.count("refund") == 1


async def test_units_that_came_back_are_not_put_on_the_shops_shelf(world):
    placed = await buy(world, {"TEA": 2})
    before = world.thing("TEA")["stock_quantity"]
    line = (str(placed["line_items"][0]["id"]), 1)
    await world.connector.refund(request(placed, euro(499), lines=(line,)), "R1")

    assert world.thing("TEA")["stock_quantity"] == before


@pytest.mark.parametrize("amount", [100_000_00, 0])
async def test_more_than_is_left_is_refused_for_good(world, amount):
    placed = await buy(world, {"TEA": 1})
    with pytest.raises(RejectedError):
        await world.connector.refund(request(placed, euro(amount)), "R1")

    assert world.count("refund") == 0


async def test_another_currency_is_refused_before_it_is_asked(world):
    placed = await buy(world, {"TEA": 1})
    with pytest.raises(RejectedError):
        await world.connector.refund(request(placed, Money(amount_minor=100, currency="USD")), "R1")

    assert world.count("refund") == 0


async def test_a_gateway_that_cannot_refund_is_a_no_and_not_an_unknown_outcome(world):
    placed = await buy(world, {"TEA": 1}, payment_method="cod")
    with pytest.raises(RejectedError) as caught:
        await world.connector.refund(request(placed, euro(100)), "R1")

    assert caught.value.reasons[0].code == "woocommerce_rest_cannot_create_order_refund"
    assert await world.connector.find_refund(request(placed, euro(100))) is None


async def test_a_record_without_its_payment_has_moved_no_money(world):
    """WooCommerce writes the record first; a crash between the two leaves it so."""
    placed = await buy(world, {"TEA": 1})
    await world.connector.refund(request(placed, euro(100)), "R1")
    world.shop.refunds[placed["id"]][0]["refunded_payment"] = False
    found = await world.connector.find_refund(request(placed, euro(100)))

    assert found.state == "pending"
