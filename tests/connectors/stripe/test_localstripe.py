"""The connector against localstripe, an independent double of Stripe, run as a server of its own.

Where the double differs from Stripe stands in docs/connectors/stripe.md; the last tests here hold that list true.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import pytest_asyncio

from connectors.contract import Surroundings
from connectors.errors import RejectedError
from connectors.stripe.connector import StripeConfig, StripeConnector
from domain.money import Money
from tests.connectors.stripe.local import KEY, pay, serving
from tests.connectors.stripe.world import CURRENT, request

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest_asyncio.fixture
async def connector(address: str) -> AsyncIterator[StripeConnector]:
    config = StripeConfig.model_validate({"base_url": address, "secret_key": KEY, "webhook_secrets": [CURRENT]})
    made = StripeConnector.open(config, Surroundings(connection_id="c1", egress_allow=("127.0.0.1",)))
    yield made
    await made.close()


def listen(address: str, url: str) -> None:
    httpx.post(f"{address}/_config/webhooks/w1", json={"url": url, "secret": CURRENT}, trust_env=False)


async def test_captures_and_finds_the_capture(address: str, connector: StripeConnector):
    wanted = request(pay(address))

    shown = await connector.capture(wanted, "C1")

    assert shown.amount == Money(amount_minor=2000, currency="USD")
    assert await connector.find_capture(wanted) == shown


async def test_voids_what_was_authorized_and_not_what_was_captured(address: str, connector: StripeConnector):
    authorized, captured = request(pay(address)), request(pay(address, capture=True))

    voided = await connector.void(authorized, "V1")

    assert await connector.find_void(authorized) == voided
    with pytest.raises(RejectedError):
        await connector.void(captured, "V2")


async def test_refunds_in_parts_and_finds_each_by_reference(address: str, connector: StripeConnector):
    payment = pay(address, capture=True)
    first, second = request(payment, 1500, reference="R1"), request(payment, 500, reference="R2")

    shown = [await connector.refund(first, "R1"), await connector.refund(second, "R2")]

    assert [await connector.find_refund(first), await connector.find_refund(second)] == shown
    assert await connector.find_refund(request(payment, 500, reference="R3")) is None


async def test_a_repeated_refund_is_found_instead_of_made(address: str, connector: StripeConnector):
    wanted = request(pay(address, capture=True), 500)

    first, second = await connector.refund(wanted, "R1"), await connector.refund(wanted, "R1")

    assert first == second


async def test_its_signed_events_are_verified_and_read(address: str, connector: StripeConnector):
    received: list[tuple[dict[str, str], bytes]] = []

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    hub = HTTPServer(("127.0.0.1", 0), Hub)
    listening = threading.Thread(target=hub.serve_forever)
    listening.start()
    try:
        url = f"http://127.0.0.1:{hub.server_port}/"
        listen(address, url)
        payment = pay(address, capture=True)
        for _ in range(100):
            if any(payment.encode() in body for _, body in received):
                break
            await asyncio.sleep(0.1)
    finally:
        hub.shutdown()
        listening.join()
        hub.server_close()
    headers, body = next(sent for sent in received if payment.encode() in sent[1])
    delivery = connector.identify(headers, body)

    connector.verify(delivery)
    news = connector.read(delivery.topic, body)

    assert delivery.topic == "payment_intent.succeeded"
    assert [(one.kind, one.payment_external_id) for one in news or ()] == [("captured", payment)]  # type: ignore[union-attr]  # money news


async def test_unlike_stripe_it_keeps_no_idempotency_keys(address: str, connector: StripeConnector):
    form = {"payment_intent": pay(address, capture=True), "amount": "500"}

    first, second = await connector._client.refund(form, "K"), await connector._client.refund(form, "K")

    assert first.id != second.id


async def test_unlike_stripe_it_refunds_more_than_was_captured(address: str, connector: StripeConnector):
    shown = await connector.refund(request(pay(address, 1000, capture=True), 5000), "R1")

    assert shown.amount.amount_minor == 5000


async def test_unlike_stripe_it_does_not_tell_what_was_received(address: str, connector: StripeConnector):
    intent = await connector._client.intent(pay(address, capture=True))

    assert intent.amount_received is None
