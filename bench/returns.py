"""Returns through the whole process: how many a second, and the CPU of one beside a floor run of its own shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.beside import PACE, ROUND, beside_floor
from bench.comeback import Comeback
from workflows.names import return_handling

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load import Load

WARM, BURST, PATIENCE_S = 10, 120, 300
AT_ONCE = 1000.0
"""A pace that nobody keeps: all are wanted at once, and the hub's own rate shows."""


async def run(load: Load, say: Callable[[str], None]) -> dict[str, Any]:
    """Opened, received, inspected, refunded by the shop and closed there; the API's part is counted too."""
    comeback = Comeback(load.here)

    async def measured(orders: list[str]) -> list[str]:
        returns = await comeback.bring(orders, PACE)
        await comeback.until_over(returns, PATIENCE_S)
        return [return_handling(rma) for rma in returns]

    await measured(await _ship(load, WARM))
    figures = await beside_floor(load.here.stack, "return", lambda: _ship(load, ROUND), measured, say)
    orders = await _ship(load, BURST)
    seconds = await comeback.until_over(await comeback.bring(orders, AT_ONCE), PATIENCE_S)
    say(f"{BURST} returns in {seconds:.1f} s")
    return {"returns_per_second": BURST / seconds} | figures


async def _ship(load: Load, count: int) -> list[str]:
    prepared = await load.prepare(count)
    await load.send(prepared, PACE)
    await load.until_fulfilled(prepared, PATIENCE_S)
    return [order.order_id for order in prepared]
