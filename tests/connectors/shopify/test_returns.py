"""Returns at the simulated shop: shown once, by units that were shipped, without restock and without money."""

import json
from typing import Any

import pytest

from connectors.contract import PaymentRequest, ReturnRequest, ShipmentNotice
from connectors.errors import OutcomeUnknownError, RejectedError
from connectors.shopify import webhooks
from domain.money import Money
from domain.news import ReturnChangedNews
from sandbox.faults import FaultKind
from tests.connectors.shopify.contract_files import fixture, sample
from tests.connectors.shopify.shop import BERLIN, SimulatedShop

ORDER = json.loads(fixture("several_lines"))
TEE, MUG = (str(line["id"]) for line in ORDER["line_items"][:2])
UNITS = {str(line["id"]): line["quantity"] for line in ORDER["line_items"]}


def wish(*lines: tuple[str, int, str], reference: str = "RMA-1", **changes: Any) -> ReturnRequest:
    return ReturnRequest(reference=reference, order_external_id=str(ORDER["id"]), lines=lines, **changes)


async def ship(shop: SimulatedShop, *lines: tuple[str, int], number: str = "1Z1") -> None:
    notice = ShipmentNotice(
        reference=number,
        order_external_id=str(ORDER["id"]),
        location_external_id=str(BERLIN),
        tracking_number=number,
        lines=lines,
    )
    await shop.connector.report_shipment(notice, number)


async def shipped(shop: SimulatedShop) -> None:
    await shop.place("several_lines", keep_times=True)
    await ship(shop, *UNITS.items())


def code_of(failure: pytest.ExceptionInfo[RejectedError]) -> str:
    return failure.value.reasons[0].code


async def test_a_return_is_shown_and_found_by_our_reference(shop: SimulatedShop) -> None:
    await shipped(shop)

    shown = await shop.connector.open_return(wish((TEE, 1, "SIZE_TOO_SMALL")), "K")
    again = await shop.connector.open_return(wish((TEE, 1, "SIZE_TOO_SMALL")), "K")

    assert shown == again == await shop.connector.find_return(wish())
    assert (shown.status, shown.lines, shown.order_external_id) == ("open", ((TEE, 1, 0),), str(ORDER["id"]))
    assert shown.reasons == ((TEE, "SIZE_TOO_SMALL"),)
    assert shop.count("return") == 1


async def test_a_return_whose_answer_was_lost_is_found(shop: SimulatedShop) -> None:
    await shipped(shop)
    shop.strike(FaultKind.COMMIT_THEN_DROP, "returnCreate")

    with pytest.raises(OutcomeUnknownError):
        await shop.connector.open_return(wish((TEE, 1, "UNWANTED")), "K")

    assert await shop.connector.find_return(wish()) is not None
    assert shop.count("return") == 1


async def test_units_are_taken_from_the_parcels_that_they_left_in(shop: SimulatedShop) -> None:
    await shop.place("several_lines", keep_times=True)
    whole = UNITS[TEE]
    for number in range(whole):
        await ship(shop, (TEE, 1), number=f"1Z{number}")

    shown = await shop.connector.open_return(wish((TEE, whole, "OTHER")), "K")

    assert shown.lines == ((TEE, whole, 0),)


async def test_what_was_not_shipped_or_is_in_another_return_is_refused_by_line(shop: SimulatedShop) -> None:
    await shop.place("several_lines", keep_times=True)
    await ship(shop, (TEE, UNITS[TEE]))
    await shop.connector.open_return(wish((TEE, UNITS[TEE], "OTHER")), "K")

    for line in (TEE, MUG):
        with pytest.raises(RejectedError) as failure:
            await shop.connector.open_return(wish((line, 1, "OTHER"), reference="RMA-2"), "K2")
        assert (code_of(failure), failure.value.reasons[0].item) == ("not_returnable", line)


async def asked(shop: SimulatedShop) -> ReturnRequest:
    await shipped(shop)
    made = await shop.control(f"/shops/alpha/orders/{ORDER['id']}/returns", {"lines": {TEE: 1}})
    return wish((TEE, 1, "UNWANTED"), external_id=str(made["id"]))


async def test_what_the_buyer_asked_for_is_approved_or_declined(shop: SimulatedShop) -> None:
    request = await asked(shop)

    before = await shop.connector.find_return(request)
    approved = await shop.connector.open_return(request, "K")

    assert before is not None
    assert (before.status, approved.status) == ("requested", "open")
    with pytest.raises(RejectedError):
        await shop.connector.decline_return(request, "K")


async def test_a_declined_return_frees_its_units(shop: SimulatedShop) -> None:
    request = await asked(shop)

    declined = await shop.connector.decline_return(request, "K")
    again = await shop.connector.decline_return(request, "K")

    assert declined.status == again.status == "declined"
    whole = wish((TEE, UNITS[TEE], "OTHER"), reference="RMA-2")
    assert (await shop.connector.open_return(whole, "K2")).status == "open"


async def test_processed_units_are_totals_and_move_neither_stock_nor_money(shop: SimulatedShop) -> None:
    await shipped(shop)
    request = wish((TEE, 1, "OTHER"), (MUG, 1, "OTHER"))
    await shop.connector.open_return(request, "K")
    before = (await shop.http.get("/shops/alpha/stock")).json()

    await shop.connector.process_return(wish((TEE, 1, "")), "P1")
    await shop.connector.process_return(wish((TEE, 1, "")), "P1")
    both = await shop.connector.process_return(request, "P2")

    assert (both.status, both.lines) == ("closed", ((TEE, 1, 1), (MUG, 1, 1)))
    assert shop.count("return_process") == 2
    assert (await shop.http.get("/shops/alpha/stock")).json() == before
    assert shop.count("refund") == 0


async def test_more_than_is_in_the_return_is_refused(shop: SimulatedShop) -> None:
    await shipped(shop)
    await shop.connector.open_return(wish((TEE, 1, "OTHER")), "K")

    with pytest.raises(RejectedError) as failure:
        await shop.connector.process_return(wish((TEE, 2, "")), "P1")

    assert code_of(failure) == "more_than_returned"


async def test_a_return_is_closed_once(shop: SimulatedShop) -> None:
    await shipped(shop)
    await shop.connector.open_return(wish((TEE, 1, "OTHER")), "K")

    first, second = await shop.connector.close_return(wish(), "X"), await shop.connector.close_return(wish(), "X")

    assert first == second
    assert (first.status, shop.count("return_closed")) == ("closed", 1)


async def refund(shop: SimulatedShop, return_external_id: str, key: str) -> None:
    request = PaymentRequest(
        reference=key,
        order_external_id=str(ORDER["id"]),
        amount=Money(amount_minor=500, currency="USD"),
        return_external_id=return_external_id,
    )
    await shop.connector.refund(request, key)


async def test_a_refund_for_a_return_needs_a_return_that_lives(shop: SimulatedShop) -> None:
    request = await asked(shop)
    await refund(shop, request.external_id, "R1")
    await shop.connector.decline_return(request, "K")

    for return_external_id, code in ((request.external_id, "return_declined"), ("7", "return_unknown")):
        with pytest.raises(RejectedError) as failure:
            await refund(shop, return_external_id, "R2")
        assert code_of(failure) == code
    assert shop.count("refund") == 1


@pytest.mark.parametrize("topic", ["request", "approve", "cancel", "close", "reopen", "update"])
def test_every_documented_body_names_the_return_to_be_fetched(topic: str) -> None:
    body = json.dumps(sample(f"webhooks-2026-07/returns__{topic}.json")).encode()

    assert webhooks.read(f"returns/{topic}", body) == (ReturnChangedNews(external_id="123134564567890"),)
