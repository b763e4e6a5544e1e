"""The demo's look at the channels: a change of stock that arrives on all of them."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from bench.stage import SHOPS, Scene, until

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60


async def restock(here: Scene, say: Callable[[str], None]) -> None:
    """Three lamps arrive in Atlanta; the story goes on when every channel shows them."""
    started = monotonic()
    lamps = {"kind": "receive", "item_id": "LAMP-01", "location_id": "ATL", "quantity": 3}
    answer = await here.api.post("/inventory/movements", json=lamps, headers={"Idempotency-Key": "demo-lamps"})
    answer.raise_for_status()
    units = answer.json()["level"]["available"]

    async def is_shown() -> bool:
        shown = [stock["LAMP-01"]["71002"]["available"] for stock in (await _stock(here)).values()]
        return shown == [units] * len(SHOPS)

    await until(is_shown, PATIENCE_S, "every channel shows the lamps")
    say(f"3 lamps arrive in Atlanta: {len(SHOPS)} channels show {units} after {monotonic() - started:.1f} s")


async def _stock(here: Scene) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """By connection, SKU and place, as the shops' own staff see it."""
    return {
        name: (await here.sandbox.get(f"/control/shopify/shops/{shop}/stock")).json()
        for name, (shop, _) in SHOPS.items()
    }
