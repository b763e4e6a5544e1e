"""The connector against the simulated ShipEngine; where the official OpenAPI is at hand every exchange is held to it."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import PROTOCOLS
from connectors.errors import ForgedDeliveryError, OutcomeUnknownError, RejectedError
from connectors.shipengine.connector import ShipEngineConfig
from domain.channel_order import Address
from domain.money import Money
from sandbox.faults import FaultKind
from sandbox.shipengine import signing
from sandbox.shipengine.post import KEY
from tests.connectors.official import OfficialTransport, needs
from tests.connectors.shipengine.world import CONTRACT, SENDER, World, config, request

HUB = "http://hub/webhooks/post"


def codes(failure: pytest.ExceptionInfo[RejectedError]) -> set[str]:
    return {reason.code for reason in failure.value.reasons}


def test_what_it_can_follows_from_its_methods(world: World):
    satisfied = {protocol.__name__ for protocol in PROTOCOLS if isinstance(world.connector, protocol)}

    assert satisfied == {"BuysLabels", "TracksParcels", "ReceivesWebhooks", "SubscribesToWebhooks", "CanBeOnboarded"}


async def test_a_label_is_bought_once_and_found_by_our_reference(world: World):
    first, second = await world.connector.buy_label(request(), "K"), await world.connector.buy_label(request(), "K")

    assert first == second == await world.connector.find_label(request())
    assert first.cost == Money(amount_minor=490, currency="USD")
    assert world.simulator.counters()["labels"] == {"RMA-1": 1}


async def test_a_reference_that_is_too_long_or_unfit_for_a_path_is_found_all_the_same(world: World):
    wanted = request("returns/2026/" + "x" * 60)

    bought = await world.connector.buy_label(wanted, "K")

    assert await world.connector.find_label(wanted) == bought


async def test_an_unanswered_purchase_is_found_by_look_up(world: World):
    world.strike(FaultKind.COMMIT_THEN_DROP, "create_label")

    with pytest.raises(OutcomeUnknownError):
        await world.connector.buy_label(request(), "K")

    assert await world.connector.find_label(request()) is not None
    assert world.count("labels") == 1


async def test_two_who_buy_at_once_get_the_same_label(world: World):
    bought = await asyncio.gather(*(world.connector.buy_label(request(), "K") for _ in range(2)))

    assert bought[0] == bought[1]
    assert world.count("labels") == 1


async def test_a_label_is_given_back_and_its_reference_stays_used(world: World):
    label = await world.connector.buy_label(request(), "K")

    voided = await world.connector.void_label(label, "V")
    again = await world.connector.void_label(label, "V")

    assert voided.is_voided
    assert again.is_voided
    assert world.count("voids") == 1
    with pytest.raises(RejectedError) as failure:
        await world.connector.buy_label(request(), "K")
    assert codes(failure) == {"label_voided"}


async def test_a_label_is_not_given_back_once_it_was_scanned(world: World):
    label = await world.connector.buy_label(request(), "K")
    await world.do(f"/parcels/{label.tracking_number}/accept")

    with pytest.raises(RejectedError) as failure:
        await world.connector.void_label(label, "V")

    assert codes(failure) == {"void_refused"}


async def test_what_no_carrier_could_take_is_named_before_it_is_sent(world: World):
    nobody = request(sender=Address(city="Berlin", country="DE"), weight_g=0)

    with pytest.raises(RejectedError) as failure:
        await world.connector.buy_label(nobody, "K")

    assert codes(failure) == {"weight_missing", "name_missing", "line1_missing", "postal_code_missing"}
    assert {reason.item for reason in failure.value.reasons} >= {"weight_g", "sender.line1"}


async def test_a_refusal_of_the_carrier_keeps_its_code_and_no_address(world: World):
    await world.do("/settings", label_outcome="refused")

    with pytest.raises(RejectedError) as failure:
        await world.connector.buy_label(request(), "K")

    assert codes(failure) == {"invalid_address"}
    assert SENDER.line1 not in str(failure.value)


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ([], []),
        (["accept", "transit", "out_for_delivery", "deliver"], ["accepted", "in_transit", "out_for_delivery", "delivered"]),
        (["accept", "refuse"], ["accepted", "refused"]),
        (["announce", "accept", "lose"], ["announced", "accepted", "lost"]),
    ],
)  # fmt: skip
async def test_a_journey_is_told_oldest_first(world: World, events, statuses):
    label = await world.connector.buy_label(request(), "K")
    for event in events:
        await world.do(f"/parcels/{label.tracking_number}/{event}")

    scans = await world.connector.scans_of(label.carrier, label.tracking_number)

    assert [scan.status for scan in scans] == statuses


async def test_every_scan_is_told_by_a_signed_notice(world: World):
    await world.connector.subscribe(HUB)
    label = await world.connector.buy_label(request(), "K")
    await world.do(f"/parcels/{label.tracking_number}/accept")
    await world.do(f"/parcels/{label.tracking_number}/deliver")
    await world.outbox.drain()

    told: list[Any] = []
    for sent in world.delivered:
        delivery = world.connector.identify(sent.headers, sent.content)
        world.connector.verify(delivery)
        told += world.connector.read(delivery.topic, delivery.body) or ()
    longest = max(told, key=lambda news: len(news.scans))

    assert (longest.carrier, longest.tracking_number) == (label.carrier, label.tracking_number)
    assert [scan.status for scan in longest.scans] == ["accepted", "delivered"]


async def test_a_journey_may_run_by_itself(world: World):
    await world.do("/settings", scan_seconds=0.02)
    label = await world.connector.buy_label(request(), "K")
    for _ in range(100):
        if world.count("scans") == 3:
            break
        await asyncio.sleep(0.02)

    scans = await world.connector.scans_of(label.carrier, label.tracking_number)

    assert [scan.status for scan in scans] == ["accepted", "in_transit", "delivered"]


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", "yesterday", ""])
def test_a_notice_that_was_signed_long_ago_is_refused(world: World, at):
    body = b'{"resource_type": "API_TRACK"}'

    with pytest.raises(ForgedDeliveryError):
        world.connector.verify(world.connector.identify(signing.headers(KEY, body, at), body))


def test_an_old_notice_names_the_carrier_in_its_address(world: World):
    body = (
        b'{"resource_url": "https://x/v1/tracking?carrier_code=ups&tracking_number=1Z1", "resource_type": "API_TRACK", '
        b'"data": {"tracking_number": "1Z1", "status_code": "DE", "events": [{"occurred_at": "2026-11-22T10:00:00"}]}}'
    )

    news: Any = world.connector.read("API_TRACK", body)

    assert (news[0].carrier, news[0].scans[0].status) == ("ups", "delivered")
    assert news[0].scans[0].at.tzinfo is not None


async def test_the_check_names_keys_that_sign_and_are_not_known(world: World):
    known = await world.connector.check()
    world.connector._keys.pop(KEY)
    unknown = await world.connector.check()

    assert (known.account, known.missing) == ("Sandbox Post", ())
    assert unknown.missing == (f"signing key {KEY}",)


@pytest.mark.parametrize("text", ["hush", "{}", '{"keys": [{"kid": "a", "n": "!", "e": "AQAB"}]}'])
def test_keys_that_are_none_are_refused_without_repeating_them(text):
    with pytest.raises(ValidationError, match="not a set of RSA keys") as failure:
        ShipEngineConfig.model_validate(config(KEY) | {"signing_keys": text})

    assert all("hush" not in error["msg"] for error in failure.value.errors())


@needs(CONTRACT)
async def test_every_operation_was_held_to_the_contract(world: World):
    assert isinstance(world.transport, OfficialTransport)
    await world.connector.subscribe(HUB)
    label = await world.connector.buy_label(request(), "K")
    await world.do(f"/parcels/{label.tracking_number}/accept")
    await world.connector.scans_of(label.carrier, label.tracking_number)
    with pytest.raises(RejectedError):
        await world.connector.void_label(label, "V")
    await world.connector.check()

    assert world.transport.seen == {
        "create_label",
        "create_webhook",
        "get_label_by_external_shipment_id",
        "get_label_by_id",
        "get_tracking_log",
        "list_carriers",
        "list_webhooks",
        "void_label",
    }
