"""The limiter keeps its pace without help and the platform's figures with it."""

import asyncio

import pytest

from connectors.kit.limits import Limiter, Reading, cost_reading, header_reading, window


class Clock:
    """Time that moves only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        self.now += seconds


def limiter(capacity: float, per_second: float) -> tuple[Limiter, Clock]:
    clock = Clock()
    return Limiter(capacity, per_second, clock=clock, sleep=clock.sleep), clock


async def calls(bucket: Limiter, number: int, cost: float = 1.0, reading: Reading | None = None) -> None:
    for _ in range(number):
        await bucket.enter(cost)
        bucket.leave(cost, reading)


async def test_does_not_wait_far_from_the_limit():
    bucket, clock = limiter(100, 1)

    await calls(bucket, 100)

    assert clock.slept == 0


async def test_waits_until_tokens_are_earned():
    bucket, clock = limiter(10, 2)

    await calls(bucket, 14)

    assert clock.now == pytest.approx(2.0)


async def test_a_window_is_never_overdrawn():
    bucket = window(150, 60)
    clock = Clock()
    bucket._clock, bucket._sleep, bucket._earned_at = clock, clock.sleep, 0.0
    made: list[float] = []

    for _ in range(600):
        await calls(bucket, 1)
        made.append(clock.now)

    busiest = max(sum(start <= at < start + 60 for at in made) for start in made)
    assert 145 <= busiest <= 151


async def test_believes_the_platform_when_others_use_the_account_too():
    bucket, clock = limiter(100, 1)
    await calls(bucket, 1, reading=Reading(left=2))

    await calls(bucket, 3)

    assert clock.now == pytest.approx(1.0)


async def test_believes_the_platform_when_it_allows_more():
    bucket, clock = limiter(10, 1)
    await calls(bucket, 1, reading=Reading(left=1000))

    await calls(bucket, 999)

    assert clock.slept == 0


async def test_takes_calls_under_way_off_the_platforms_figure():
    bucket, clock = limiter(100, 1)
    await bucket.enter()
    await bucket.enter()
    bucket.leave(reading=Reading(left=1))

    await bucket.enter()

    assert clock.now == pytest.approx(1.0)


async def test_stays_closed_for_as_long_as_it_is_told():
    bucket, clock = limiter(100, 4)
    await calls(bucket, 1, reading=Reading(left=0, closed_for=30))

    await calls(bucket, 1)

    assert clock.now == pytest.approx(30.0)


async def test_gives_back_what_a_canceled_caller_had_taken():
    bucket = Limiter(1, 0.001)
    await calls(bucket, 1)
    waiting = asyncio.create_task(bucket.enter())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert bucket._tokens == pytest.approx(0, abs=0.01)
    assert bucket._in_flight == 0


def test_reads_the_remaining_calls_from_headers():
    headers = {"x-remaining-calls": "0", "x-reset-ms": "2500"}

    reading = header_reading(headers, left="x-remaining-calls", reset_milliseconds="x-reset-ms")

    assert reading == Reading(left=0, closed_for=2.5)


@pytest.mark.parametrize("headers", [{}, {"x-remaining-calls": "many"}])
def test_no_figure_is_no_reading(headers):
    assert header_reading(headers, left="x-remaining-calls") is None


def test_reads_shopifys_cost_bucket():
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 1976, "restoreRate": 100.0}

    reading = cost_reading({"data": {}, "extensions": {"cost": {"throttleStatus": status}}})

    assert reading == Reading(left=1976, capacity=2000, per_second=100)


@pytest.mark.parametrize("payload", [{}, {"extensions": None}, {"extensions": {"cost": []}}])
def test_an_answer_without_a_cost_is_no_reading(payload):
    assert cost_reading(payload) is None
