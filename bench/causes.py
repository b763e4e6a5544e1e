"""One cause that stops many orders: how soon each stands under it, and how soon they go on when it is mended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.beside import PACE
from bench.cause_times import cause_times
from bench.load import CONNECTION
from bench.stage import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load import Load
    from bench.stage import Scene

WAITING, PATIENCE_S = 60, 300
SKU = "BENCH-CAP"
PLACE = "ATL"


async def run(load: Load, say: Callable[[str], None]) -> dict[str, float]:
    """Orders of a SKU that nobody knows arrive at the pace of the others; then a person maps it."""
    orders = await load.prepare(WAITING, sku=SKU)
    await load.send(orders, PACE)
    ids = {order.order_id for order in orders}

    async def all_wait() -> bool:
        return ids <= {row.id for row in await load.here.orders() if row.state == "waiting"}

    await until(all_wait, PATIENCE_S, f"{WAITING} orders wait for a SKU")
    mended_at = await map_sku(load.here, SKU, title="Cap", place=PLACE, units=10 * WAITING)
    await load.until_fulfilled(orders, PATIENCE_S)
    cause = f"unmapped_sku:{CONNECTION}:{SKU}"
    times = await load.here.hub.database.read(lambda tx: cause_times(tx, cause, ids, mended_at))
    say(f"{WAITING} orders waited for one SKU and went on when it was mapped")
    return times


async def map_sku(here: Scene, sku: str, *, title: str, place: str, units: int) -> datetime:
    """A person makes an item with stock, then says that the American shop means it by its SKU; when that was."""
    (await here.api.put(f"/items/{sku}", json={"title": title, "weight_g": 120})).raise_for_status()
    came = {"kind": "receive", "item_id": sku, "location_id": place, "quantity": units}
    answer = await here.api.post("/inventory/movements", json=came, headers={"Idempotency-Key": f"came-{sku}"})
    answer.raise_for_status()
    mapped_at = datetime.now(UTC)
    (await here.api.put(f"/items/{sku}/aliases", json={"sku": sku, "connection_id": CONNECTION})).raise_for_status()
    return mapped_at
