"""Sends the webhooks of all simulated platforms, with retries and with the faults of the plan."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from sandbox.faults import FaultKind, Faults

RETRY_AFTER_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
AT_ONCE = 32


class Told(Protocol):
    def __call__(self, *, has_arrived: bool) -> None: ...


@dataclass(frozen=True)
class Delivery:
    """One signed webhook; a retry or a duplicate sends the very same bytes and headers."""

    platform: str
    topic: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    is_retried: bool = True  # WooCommerce sends once
    told: Told | None = None  # hears how each copy ended


class Outbox:
    """Deliveries under way; they are sent from tasks, so that a slow receiver holds up no API answer."""

    def __init__(self, faults: Faults, client: httpx.AsyncClient | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.retry_after_seconds: Sequence[float] = RETRY_AFTER_SECONDS
        self._faults = faults
        self._client = client
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    def send(self, delivery: Delivery) -> None:
        """Start a delivery; needs the running loop."""
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until every delivery has arrived or was given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def reset(self) -> None:
        """Give up what is under way."""
        for task in self._tasks:
            task.cancel()
        self.counts.clear()

    async def close(self) -> None:
        self.reset()
        if self._client is not None:
            await self._client.aclose()

    async def _deliver(self, delivery: Delivery) -> None:
        hits = self._faults.strike(delivery.platform, delivery.topic, *_ON_WEBHOOKS)
        if FaultKind.WEBHOOK_LOST in hits:
            self.counts["lost"] += 1
            return
        if late := hits.get(FaultKind.WEBHOOK_LATE):
            await asyncio.sleep(late.seconds)
        if reordered := hits.get(FaultKind.WEBHOOK_REORDERED):
            await self._until_overtaken(delivery.url, reordered.seconds)
        copies = 2 if FaultKind.WEBHOOK_DUPLICATED in hits else 1
        await asyncio.gather(*(self._send_with_retries(delivery) for _ in range(copies)))
        if not reordered:
            for overtaken in self._held.pop(delivery.url, ()):
                overtaken.set()

    async def _until_overtaken(self, url: str, seconds: float) -> None:
        overtaken = asyncio.Event()
        self._held[url].append(overtaken)
        try:
            await asyncio.wait_for(overtaken.wait(), seconds)
        except TimeoutError:
            return

    async def _send_with_retries(self, delivery: Delivery) -> None:
        for pause in (*(self.retry_after_seconds if delivery.is_retried else ()), None):
            if await self._arrives(delivery):
                self._ended(delivery, has_arrived=True)
                return
            if pause is not None:
                self.counts["retried"] += 1
                await asyncio.sleep(pause)
        self._ended(delivery, has_arrived=False)

    def _ended(self, delivery: Delivery, *, has_arrived: bool) -> None:
        self.counts["delivered" if has_arrived else "given_up"] += 1
        if delivery.told is not None:
            delivery.told(has_arrived=has_arrived)

    async def _arrives(self, delivery: Delivery) -> bool:
        if self._client is None:  # made late: it belongs to the loop that runs the server
            self._client = httpx.AsyncClient(timeout=5, trust_env=False)
        async with self._at_once:
            try:
                answer = await self._client.post(delivery.url, content=delivery.body, headers=dict(delivery.headers))
            except httpx.HTTPError:
                return False
        return answer.is_success


_ON_WEBHOOKS = (
    FaultKind.WEBHOOK_LOST,
    FaultKind.WEBHOOK_LATE,
    FaultKind.WEBHOOK_REORDERED,
    FaultKind.WEBHOOK_DUPLICATED,
)
