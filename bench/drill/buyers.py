"""Buyers of both shops: they order at a steady pace, some change their mind."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from bench.stage import PROJECT, SHOPS

if TYPE_CHECKING:
    from bench.drill.plan import Plan
    from bench.stage import Scene

FIXTURES = PROJECT / "sandbox" / "fixtures" / "shopify"
CANCELS, HELD = 0.12, 0.04
LONGEST_THOUGHT_S = 4.0


def bodies() -> dict[str, dict[str, Any]]:
    """The order fixtures by name."""
    names = json.loads((FIXTURES / "index.json").read_text())
    return {name: json.loads((FIXTURES / f"{name}.json").read_text()) for name in names}


def shop_of(body: dict[str, Any]) -> str:
    """The connection at whose shop such an order is placed."""
    return "shopify-eu" if body["currency"] == "EUR" else "shopify-us"


class Buyers:
    """`placed` is the shops' own record of what was ordered: connection and order id."""

    def __init__(self, here: Scene, plan: Plan) -> None:
        self.placed: list[tuple[str, str]] = []
        self.canceled = 0
        self._here = here
        self._plan = plan
        self._dice = plan.dice("buyers")
        self._thinking: set[asyncio.Task[None]] = set()

    async def order(self) -> None:
        """All orders of the day; every kind of order comes before one comes again."""
        known = bodies()
        names = [name for _ in range(self._plan.orders) for name in self._dice.sample(sorted(known), len(known))]
        for name in names[: self._plan.orders]:
            await self._order_one(name, known[name])
            await asyncio.sleep(self._plan.seconds / self._plan.orders)
        await asyncio.gather(*self._thinking)

    async def _order_one(self, name: str, body: dict[str, Any]) -> None:
        shop = shop_of(body)
        shown = await self._here.place(
            shop,
            body,
            renumber=True,
            risk="HIGH" if name == "fraud_risk" else "NONE",
            hold="OTHER" if self._dice.random() < HELD else None,
        )
        self.placed.append((shop, str(shown["id"])))
        if self._dice.random() < CANCELS:
            task = asyncio.create_task(self._cancel(shop, str(shown["id"]), self._dice.uniform(0, LONGEST_THOUGHT_S)))
            self._thinking.add(task)

    async def _cancel(self, shop: str, external_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        answer = await self._here.sandbox.post(
            f"/control/shopify/shops/{SHOPS[shop][0]}/orders/{external_id}/cancel", json={}
        )
        self.canceled += answer.is_success  # the shop refuses it once the order has shipped
