"""The merchant's people on a bad day: the shops' staff at their tasks, and operations, who mend what they are shown."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import select

from bench.staff import Staff
from bench.stage import SHOPS
from db import connections
from db.exceptions import EXCEPTIONS
from db.order_reading import ORDERS, WAITING_LINES
from domain.order_state import NO_STOCK, STOCK_REFUSED

if TYPE_CHECKING:
    from sqlalchemy import Row

    from bench.stage import Scene

LOOK_EVERY_S = 1.0
LOST_ALREADY = frozenset({"tracking_refused", "recall_refused", "canceled_after_shipping", "shipped_after_cancel"})
"""A parcel left although the buyer had canceled: people call the carrier, and say that it is dealt with."""


async def staff(here: Scene) -> None:
    """Until canceled; a hub that is down for a moment is tried again, as people do."""
    working = Staff(here.api)
    while True:
        with suppress(httpx.TransportError):
            await working.work()
        await asyncio.sleep(0.2)


class Operations:
    """Looks at what stands still and does what the exception's remedy says, over the API and at the shops."""

    def __init__(self, here: Scene) -> None:
        self._here = here
        self._is_mapped = False
        self._helped: set[tuple[str, str]] = set()

    async def work(self) -> None:
        """Until canceled."""
        while True:
            with suppress(httpx.TransportError):
                await self._resume_connections()
                await self._receive_stock()
                await self._resolve()
                for row in await self._here.hub.database.read(
                    lambda tx: list(tx.execute(select(ORDERS).where(ORDERS.c.state.in_(["waiting", "stopped"]))))
                ):
                    if (row.id, row.why) not in self._helped:
                        await self._help(row)
                        self._helped.add((row.id, row.why))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _help(self, row: Row[Any]) -> None:
        shop = f"/control/shopify/shops/{SHOPS[row.connection_id][0]}/orders/{row.external_id}"
        if row.state == "stopped":
            await self._here.api.post(f"/orders/{row.id}/retry", json={"how": "restart"})
        if "payment" in row.why:
            await self._here.sandbox.post(f"{shop}/pay")
        if "hold" in row.why:
            await self._here.sandbox.post(f"{shop}/release")
        if "fraud_risk" in row.why:
            await self._here.api.post(f"/orders/{row.id}/release")
        if "unmapped_sku" in row.why and not self._is_mapped:
            await self._here.api.put("/items/VINTAGE-CAP", json={"title": "Vintage cap", "weight_g": 120})
            alias = {"sku": "VINTAGE-CAP", "connection_id": row.connection_id}
            self._is_mapped = (await self._here.api.put("/items/VINTAGE-CAP/aliases", json=alias)).is_success

    async def _resume_connections(self) -> None:
        for row in await self._here.hub.database.read(connections.every):
            if row.paused_at is not None:
                await self._here.api.post(f"/connections/{row.id}/resume")

    async def _resolve(self) -> None:
        open_now = select(EXCEPTIONS.c.id).where(EXCEPTIONS.c.closed_at.is_(None), EXCEPTIONS.c.kind.in_(LOST_ALREADY))
        for exception in await self._here.hub.database.read(lambda tx: list(tx.execute(open_now).scalars())):
            await self._here.api.post(f"/exceptions/{exception}/resolve")

    async def _receive_stock(self) -> None:
        """A delivery to both warehouses for every line that waits: it books once, however often it is told."""
        waiting = select(WAITING_LINES).where(WAITING_LINES.c.reason.in_((NO_STOCK, STOCK_REFUSED)))
        for line in await self._here.hub.database.read(lambda tx: list(tx.execute(waiting))):
            for place in ("ATL", "BER"):  # the order may have been rejected by one of them
                arrived = {"item_id": line.item_id, "location_id": place, "kind": "receive", "quantity": line.quantity}
                key = f"drill-{line.order_id}-{line.line_id}-{line.item_id}-{line.quantity}-{place}"
                await self._here.api.post("/inventory/movements", json=arrived, headers={"Idempotency-Key": key})
