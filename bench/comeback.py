"""Orders that come back: opened, received and inspected over the API, as a store's staff would."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.stage import until
from db.order_reading import LINES
from db.returns.rows import RETURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.stage import Scene

STORE = "store-ny"
AT_ONCE = 8


@dataclass
class Comeback:
    """Brings whole orders of one line back to a store."""

    here: Scene

    async def bring(self, orders: Sequence[str], per_second: float) -> list[str]:
        """One return per order, at a pace; their ids."""
        lines = await self._lines(orders)
        slots, started = asyncio.Semaphore(AT_ONCE), perf_counter()

        async def one(place: int, order: str) -> str:
            await asyncio.sleep(max(0.0, started + place / per_second - perf_counter()))
            async with slots:
                return await self._bring(order, lines[order])

        return list(await asyncio.gather(*(one(place, order) for place, order in enumerate(orders))))

    async def _lines(self, orders: Sequence[str]) -> dict[str, Any]:
        rows = await self.here.hub.database.read(
            lambda tx: tx.execute(LINES.select().where(LINES.c.order_id.in_(orders))).all()
        )
        return {row.order_id: row for row in rows}

    async def _bring(self, order: str, line: Any) -> str:
        api = self.here.api
        wish = {"order_id": order, "method": "in_store", "location_id": STORE,
                "lines": [{"line_id": line.line_id, "quantity": line.ordered, "reason": "changed_mind"}]}  # fmt: skip
        rma: str = (await api.post("/returns", json=wish)).raise_for_status().json()["return_id"]
        units = {"item_id": line.item_id, "quantity": line.ordered}
        came = {"key": "1", "location_id": STORE, **units}
        (await api.post(f"/store/returns/{rma}/receive", json=came)).raise_for_status()
        seen = {"key": "1", "line_id": line.line_id, "grade": "new", **units}
        (await api.post(f"/store/returns/{rma}/inspect", json=seen)).raise_for_status()
        return rma

    async def until_over(self, returns: Sequence[str], patience_s: float) -> float:
        """Wait until every one has ended; seconds from the first that was opened to the last that was closed."""
        wanted = set(returns)

        async def over() -> bool:
            return all(row.outcome for row in await self.rows(wanted))

        await until(over, patience_s, f"{len(wanted)} returns have ended")
        rows = await self.rows(wanted)
        return float((max(row.closed_at for row in rows) - min(row.opened_at for row in rows)).total_seconds())

    async def rows(self, wanted: set[str]) -> list[Any]:
        """Their rows."""
        rows = await self.here.hub.database.read(lambda tx: list(tx.execute(RETURNS.select())))
        return [row for row in rows if row.id in wanted]
