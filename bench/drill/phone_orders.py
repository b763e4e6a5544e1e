"""Orders by phone whose cards are at the simulated Stripe account: paid there, made over the API, shipped by the 3PL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.stage import until
from db import connections
from db.manual_orders import CONNECTION

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bench.stage import Scene

PRICE_MINOR = 2900
AT_ONCE = 8
_TO = {"name": "Ada Example", "line1": "1 Test Street", "city": "Austin", "province": "TX",
       "postal_code": "73301", "country": "US", "phone": "+1 555 0100"}  # fmt: skip


async def open_phone(here: Scene) -> None:
    """Orders by phone have their money at Stripe."""

    def work(tx: Connection) -> None:
        if connections.find(tx, CONNECTION) is None:
            connections.create(tx, here.hub.keys, CONNECTION, platform=CONNECTION, config={}, now=datetime.now(UTC))
        connections.change(tx, CONNECTION, mode="on", settings={"payments": "stripe"})

    await here.hub.database.write(work)


async def bought(here: Scene, count: int, sku: str) -> dict[str, str]:
    """So many paid orders of one unit: their payment at Stripe by order id."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> tuple[str, str]:
        async with slots:
            pays = {"amount": PRICE_MINOR, "currency": "usd", "capture": True}
            payment: str = (
                (await here.sandbox.post("/control/stripe/payments", json=pays)).raise_for_status().json()["id"]
            )
            order = {
                "reference": f"PHONE-{number}", "currency": "USD", "payment": "paid", "payment_reference": payment,
                "ship_to": _TO, "lines": [{"sku": sku, "quantity": 1, "unit_price_minor": PRICE_MINOR, "weight_g": 200}],
            }  # fmt: skip
            made = await here.api.post("/orders", json=order, headers={"Idempotency-Key": f"phone-{number}"})
            return str(made.raise_for_status().json()["order_id"]), payment

    return dict(await asyncio.gather(*(one(number) for number in range(1, count + 1))))


async def until_shipped(here: Scene, orders: set[str], patience_s: float) -> None:
    """Every one has left its location."""

    async def ended() -> bool:
        return orders <= {row.id for row in await here.orders() if row.outcome is not None}

    await until(ended, patience_s, f"{len(orders)} orders by phone are shipped")
