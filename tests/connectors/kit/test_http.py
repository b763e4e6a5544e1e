"""The one HTTP client: what it refuses to do, and how its answers are read."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from pydantic import BaseModel

from connectors.contract import Surroundings
from connectors.errors import ConnectorError, OutcomeUnknownError, RejectedError, TryAgainError, UnreadableError
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import Limiter, header_reading

TOKEN = "s3cret-token"


class Order(BaseModel):
    id: int


def client(answer: Callable[[httpx.Request], httpx.Response], **settings) -> HttpClient:
    around = Surroundings(connection_id="c1", transport=httpx.MockTransport(answer))
    headers = {"authorization": f"Bearer {TOKEN}"}
    return HttpClient.open(HttpSettings("Acme", "https://acme.example/base", headers, **settings), around)


async def failure_of(call) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        await call
    return caught.value


async def test_reads_a_body_by_the_expected_shape():
    acme = client(lambda request: httpx.Response(200, json={"id": 7, "path": str(request.url.path)}))

    answer = await acme.read("GET", "/orders/7")

    assert answer.read(Order) == Order(id=7)
    assert b"/base/orders/7" in answer.body


async def test_follows_no_redirect():
    acme = client(lambda _: httpx.Response(302, headers={"location": "http://169.254.169.254/"}))

    failure = await failure_of(acme.read("GET", "/orders"))

    assert isinstance(failure, RejectedError)


async def test_ends_an_answer_that_comes_drop_by_drop():
    async def drip():
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    acme = client(lambda _: httpx.Response(200, content=drip()), answer_within=0.05)

    assert isinstance(await failure_of(acme.read("GET", "/orders")), TryAgainError)
    assert isinstance(await failure_of(acme.write("POST", "/orders")), OutcomeUnknownError)


async def test_ends_an_answer_that_is_too_large():
    acme = client(lambda _: httpx.Response(200, content=b"x" * 2000), most_bytes=1000)

    assert isinstance(await failure_of(acme.read("GET", "/orders")), TryAgainError)
    assert isinstance(await failure_of(acme.write("POST", "/orders")), OutcomeUnknownError)


@pytest.mark.parametrize(
    ("body", "of_read"),
    [(b"<html>", TryAgainError), (b"", TryAgainError), (b'{"id": "x"}', UnreadableError), (b"[]", UnreadableError)],
)
async def test_an_unreadable_answer_to_a_write_has_happened_all_the_same(body, of_read):
    acme = client(lambda _: httpx.Response(200, content=body))
    read, write = await acme.read("GET", "/orders"), await acme.write("POST", "/orders")

    with pytest.raises(of_read):
        read.read(Order)
    with pytest.raises(OutcomeUnknownError):
        write.read(Order)


async def test_unreadable_names_the_field_but_not_its_value():
    acme = client(lambda _: httpx.Response(200, json={"id": "ada@example.com"}))

    with pytest.raises(UnreadableError) as caught:
        (await acme.read("GET", "/orders")).read(Order)

    assert caught.value.field == "id"
    assert "example.com" not in caught.value.engineer


async def test_secrets_stay_out_of_texts():
    acme = client(lambda _: httpx.Response(400, json={"you_sent": TOKEN}))

    failure = await failure_of(acme.write("POST", "/orders", params={"token": TOKEN}))

    assert TOKEN not in repr(failure) + failure.engineer + failure.merchant
    assert TOKEN not in repr(acme._settings)


async def test_learns_the_limit_from_every_answer():
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    acme = client(
        lambda _: httpx.Response(200, headers={"x-remaining-calls": "0"}, json={}),
        limiter=Limiter(10, 2.0, clock=lambda: 0.0, sleep=sleep),
        limit_in=lambda headers: header_reading(headers, left="x-remaining-calls"),
    )

    await acme.read("GET", "/orders")
    await acme.read("GET", "/orders")

    assert slept == [0.5]


async def test_a_long_pause_is_handed_back_instead_of_slept():
    asked = 0

    def throttle(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(429, headers={"x-retry-after": "25"})

    acme = client(throttle, limiter=Limiter(10, 2.0, clock=lambda: 0.0))

    failures = [await failure_of(acme.write("POST", "/orders")) for _ in range(2)]

    waits = [failure.after for failure in failures if isinstance(failure, TryAgainError)]
    assert waits == [timedelta(seconds=25)] * 2
    assert asked == 1
