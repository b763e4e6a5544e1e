"""The demo's look at the channels: a change of stock that arrives on all of them, by the platforms' own word."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from bench.shown import shown
from bench.stage import Scene, until

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60
LAMP = "LAMP-01"
AT_ATLANTA = {"shopify-eu": "71002", "shopify-us": "71002", "amazon-us": "DEFAULT", "woo-outlet": "shop"}
"""The place of each channel that Atlanta stands behind, alone or with others."""


async def restock(here: Scene, say: Callable[[str], None]) -> None:
    """Three lamps arrive in Atlanta; the story goes on when every channel shows what its rules make of them."""
    before, started = await _shown(here), monotonic()
    lamps = {"kind": "receive", "item_id": LAMP, "location_id": "ATL", "quantity": 3}
    answer = await here.api.post("/inventory/movements", json=lamps, headers={"Idempotency-Key": "demo-lamps"})
    answer.raise_for_status()
    arrived: dict[str, float] = {}

    async def is_shown() -> bool:
        wanted, now = await _wanted(here), await _shown(here)
        right = {name for name in AT_ATLANTA if before[name] != now[name] == wanted[name]}
        arrived.update({name: monotonic() - started for name in right - arrived.keys()})
        return right == AT_ATLANTA.keys()

    await until(is_shown, PATIENCE_S, "every channel shows the lamps")
    after = await _shown(here)
    told = ", ".join(f"{name} {before[name]} → {after[name]} ({took:.1f} s)" for name, took in arrived.items())
    say(f"3 lamps arrive in Atlanta, and at {len(arrived)} channels: {told}")


async def _wanted(here: Scene) -> dict[str, int]:
    """What the rules say, by channel."""
    line = (await here.api.get(f"/inventory/matrix/{LAMP}")).raise_for_status().json()
    cells = {(cell["connection_id"], cell["place"]): cell["expected"] for cell in line["channels"]}
    return {name: cells[name, place] for name, place in AT_ATLANTA.items()}


async def _shown(here: Scene) -> dict[str, int]:
    numbers = await shown(here)
    return {name: numbers[name, LAMP, place] for name, place in AT_ATLANTA.items()}
