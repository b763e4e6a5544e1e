"""Stripe's events: who signed them and when, and what they say."""

import json
import time
from typing import Any

import pytest

from connectors.contract import Delivery
from connectors.errors import ForgedDeliveryError, UnreadableError
from connectors.stripe import webhooks
from domain.money import Money
from domain.news import PaymentNews
from sandbox.stripe.events import signature
from tests.connectors.official import contract, needs
from tests.connectors.stripe.world import CONTRACT, CURRENT, OTHER, PREVIOUS, World, request

HUB = "http://hub/webhooks/stripe"


async def told(world: World) -> list[PaymentNews]:
    """What the connector reads from everything that was delivered, each verified first."""
    await world.outbox.drain()
    news: list[Any] = []
    for sent in world.delivered:
        delivery = world.connector.identify(sent.headers, sent.content)
        world.connector.verify(delivery)
        news += world.connector.read(delivery.topic, delivery.body) or ()
    return news


def delivery(body: bytes, header: str) -> Delivery:
    return webhooks.identify({"stripe-signature": header}, body)


async def test_the_life_of_a_payment_is_told(world: World):
    await world.do("/endpoints", url=HUB, secrets=[CURRENT])
    payment = await world.pay(2000)
    captured = await world.connector.capture(request(payment), "C1")
    refunded = await world.connector.refund(request(payment, 500), "R1")
    voided = await world.pay(700)
    await world.connector.void(request(voided, 700), "V1")

    news = {(one.kind, one.external_id): one for one in await told(world)}

    assert news["captured", captured.external_id].amount == Money(amount_minor=2000, currency="USD")
    assert news["refunded", refunded.external_id].reference == "R1"
    assert news["refunded", refunded.external_id].payment_external_id == payment
    assert news["voided", voided].amount == Money(amount_minor=700, currency="USD")
    assert {kind for kind, _ in news} == {"authorized", "captured", "refunded", "voided"}


@pytest.mark.parametrize("end", ["won", "lost"])
async def test_a_dispute_is_told_with_its_end(world: World, end):
    await world.do("/endpoints", url=HUB, secrets=[CURRENT])
    payment = await world.pay(2000, capture=True)
    dispute = await world.do(f"/payments/{payment}/dispute")
    await world.do(f"/disputes/{dispute['id']}/close", status=end)

    news = [(one.kind, one.payment_external_id, one.reason) for one in await told(world)][1:]

    assert news == [(f"dispute_{kind}", payment, "product_not_received") for kind in ("opened", end)]


async def test_a_refund_that_fails_later_is_told(world: World):
    await world.do("/endpoints", url=HUB, secrets=[CURRENT])
    made = await world.connector.refund(request(await world.pay(capture=True)), "R1")
    await world.do(f"/refunds/{made.external_id}/settle", status="failed")

    last = (await told(world))[-1]

    assert (last.kind, last.external_id, last.reference) == ("refund_failed", made.external_id, "R1")


async def test_both_secrets_count_while_one_is_rolled(world: World):
    await world.do("/endpoints", url=HUB, secrets=[OTHER, PREVIOUS])
    await world.pay()

    assert len(await told(world)) == 1


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signed_time_too_far_off_is_refused(world: World, seconds):
    body = b'{"id": "evt_1"}'
    old = delivery(body, signature(body, [CURRENT], int(time.time()) + seconds))

    with pytest.raises(ForgedDeliveryError, match="5 minutes"):
        world.connector.verify(old)


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "t=99999999999999999999,v1=aa", "v1=aa", "t=now", "t=1,v1=é", "nonsense"]
)
def test_a_malformed_signature_is_refused(world: World, header):
    with pytest.raises(ForgedDeliveryError):
        world.connector.verify(delivery(b"{}", header.replace("now", str(int(time.time())))))


def test_refunds_inside_a_charge_are_read_where_the_api_version_lists_them():
    refund = {"id": "re_1", "amount": 5, "currency": "eur", "payment_intent": {"id": "pi_1"}, "status": "succeeded"}
    charge = {"id": "ch_1", "refunds": {"data": [refund], "has_more": False}}
    body = json.dumps({"created": 1_790_000_000, "data": {"object": charge}}).encode()

    news = webhooks.read("charge.refunded", body)

    assert news is not None
    assert [(one.kind, one.payment_external_id) for one in news if isinstance(one, PaymentNews)] == [
        ("refunded", "pi_1")
    ]


def test_an_unknown_currency_is_named():
    intent = {"id": "pi_1", "amount": 1, "currency": "zzz", "status": "succeeded"}
    body = json.dumps({"created": 1_790_000_000, "data": {"object": intent}}).encode()

    with pytest.raises(UnreadableError) as failure:
        webhooks.read("payment_intent.succeeded", body)

    assert failure.value.field == "data.object.currency"


@needs(CONTRACT)
async def test_the_simulators_events_hold_to_the_contract(world: World):
    await world.do("/endpoints", url=HUB, secrets=[CURRENT])
    payment = await world.pay(capture=True)
    await world.connector.refund(request(payment, 500), "R1")
    await world.do(f"/payments/{payment}/dispute")
    await world.outbox.drain()

    for sent in world.delivered:
        event = json.loads(sent.content)
        kind = event["data"]["object"]["object"]
        for name, value in (("event", event), (kind, event["data"]["object"])):
            assert contract(CONTRACT).complaints({"$ref": f"#/components/schemas/{name}"}, value) == []
