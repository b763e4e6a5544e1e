"""Ordinary orders: made in the simulated shop without a word, then told to the hub by signed webhooks at a set rate."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.stage import PROJECT, SHOPS, Scene
from bench.wire import Wire
from db.facts import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTION = "shopify-us"
_FIRST = 7_000_000_000
_BODY = PROJECT / "sandbox" / "fixtures" / "shopify" / "one_parcel.json"


@dataclass
class Prepared:
    """An order that the shop knows and the hub does not: its id, and the webhook that would tell it."""

    order_id: str
    webhook: bytes
    sent_at: datetime | None = None
    answered_ms: float = 0.0
    status: int = 0


@dataclass
class Load:
    """Makes and sends orders; ids go on from call to call."""

    here: Scene
    secret: str
    _made: int = 0
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))
    _wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self._wire = Wire(str(self.here.api.base_url))

    async def prepare(self, count: int, *, sku: str | None = None) -> list[Prepared]:
        """Orders of one line and one parcel, known to the shop only; of another SKU than the usual one."""
        template = json.loads(_BODY.read_text())
        template["line_items"][0]["sku"] = sku or template["line_items"][0]["sku"]
        return list(await asyncio.gather(*(self._make(template, self._next()) for _ in range(count))))

    def _next(self) -> int:
        self._made += 1
        return self._made

    async def _make(self, template: dict[str, Any], number: int) -> Prepared:
        body = deepcopy(template)
        body |= {"id": _FIRST + number, "name": f"#B{number}", "order_number": number, "number": number}
        body["admin_graphql_api_id"] = f"gid://shopify/Order/{body['id']}"
        body["line_items"][0]["id"] = _FIRST * 10 + number
        async with self._slots:
            await self.here.place(CONNECTION, body, announce=False)
            path = f"/control/shopify/shops/{SHOPS[CONNECTION][0]}/orders/{body['id']}/body"
            told = (await self.here.sandbox.get(path)).content
        return Prepared(f"{CONNECTION}-{body['id']}", self._webhook(f"{CONNECTION}-{body['id']}", told))

    async def send(self, orders: Sequence[Prepared], per_second: float) -> None:
        """Open loop: each is sent at its time, whether the one before was answered or not."""
        started = perf_counter()
        sends = []
        for place, order in enumerate(orders):
            await asyncio.sleep(max(0.0, started + place / per_second - perf_counter()))
            sends.append(asyncio.create_task(self._send(order)))
        await asyncio.gather(*sends)
        self._wire.close()

    async def _send(self, order: Prepared) -> None:
        order.sent_at = datetime.now(UTC)
        started = perf_counter()
        order.status = await self._wire.send(order.webhook)
        order.answered_ms = 1000 * (perf_counter() - started)

    def _webhook(self, order_id: str, body: bytes) -> bytes:
        """The signed request, put together before the clock runs."""
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Hmac-SHA256": base64.b64encode(digest).decode(),
            "X-Shopify-Shop-Domain": f"{SHOPS[CONNECTION][0]}.myshopify.com",
            "X-Shopify-Event-Id": order_id,
            "X-Shopify-Webhook-Id": order_id,
            "X-Shopify-API-Version": "2026-10",
            "Content-Type": "application/json",
        }
        return self._wire.request(f"/webhooks/{CONNECTION}", headers, body)

    async def until_fulfilled(self, orders: Sequence[Prepared], patience_s: float) -> float:
        """Wait until every one has ended; seconds since the first was sent until the last had ended."""
        wanted = {order.order_id for order in orders}
        deadline = perf_counter() + patience_s
        while True:
            ended = {row.id for row in await self.here.orders() if row.outcome is not None}
            if wanted <= ended:
                break
            if perf_counter() > deadline:
                raise TimeoutError(f"{len(wanted - ended)} of {len(wanted)} orders did not end in {patience_s:.0f} s")
            await asyncio.sleep(0.25)
        first = min(order.sent_at for order in orders if order.sent_at)
        return (await self._last_fact(wanted) - first).total_seconds()

    async def _last_fact(self, wanted: set[str]) -> datetime:
        times = await self._times(wanted, "tracking_reported")
        return max(times.values())

    async def routed_after_ms(self, orders: Sequence[Prepared]) -> list[float]:
        """From sending the webhook until the routing decision was durable."""
        times = await self._times({order.order_id for order in orders}, "routed")
        return [1000 * (times[order.order_id] - order.sent_at).total_seconds() for order in orders if order.sent_at]

    async def _times(self, wanted: set[str], kind: str) -> dict[str, datetime]:
        rows = await self.here.hub.database.read(
            lambda tx: tx.execute(select(EVENTS.c.order_id, EVENTS.c.recorded_at).where(EVENTS.c.kind == kind)).all()
        )
        return {row.order_id: row.recorded_at for row in rows if row.order_id in wanted}
