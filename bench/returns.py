"""Returns through the whole process: how many a second, and the CPU of one beside a floor run's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.comeback import Comeback
from bench.processes import used

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load import Load

COUNT, BURST, PACE, TAIL_S, PATIENCE_S = 60, 120, 12, 1.5, 300
AT_ONCE = 1000.0
"""A pace that nobody keeps: all are wanted at once, and the hub's own rate shows."""


async def run(load: Load, floor_cpu_ms: float, say: Callable[[str], None]) -> dict[str, float]:
    """Opened, received, inspected, refunded by the shop and closed there; the API's part is counted too."""
    here, comeback = load.here, Comeback(load.here)
    await _bring(load, comeback, 10, PACE)  # warm
    orders = await _ship(load, COUNT)
    async with used({name: here.stack.pid(name) for name in ("temporal", "worker", "api")}) as usage:
        await comeback.until_over(await comeback.bring(orders, PACE), PATIENCE_S)
        await asyncio.sleep(TAIL_S)
    seconds = await _bring(load, comeback, BURST, AT_ONCE)
    cpu = usage.total_cpu_ms / COUNT
    say(f"{BURST} returns in {seconds:.1f} s, {cpu:.0f} ms of CPU each")
    return {
        "returns_per_second": BURST / seconds,
        "cpu_ms_per_return": cpu,
        **{f"cpu_ms_per_return_{name}": used_ms / COUNT for name, used_ms in usage.cpu_ms.items()},
        "return_to_floor_cpu_ratio": cpu / floor_cpu_ms,
    }


async def _bring(load: Load, comeback: Comeback, count: int, pace: float) -> float:
    orders = await _ship(load, count)
    return await comeback.until_over(await comeback.bring(orders, pace), PATIENCE_S)


async def _ship(load: Load, count: int) -> list[str]:
    prepared = await load.prepare(count)
    await load.send(prepared, PACE)
    await load.until_fulfilled(prepared, PATIENCE_S)
    return [order.order_id for order in prepared]
