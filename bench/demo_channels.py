"""The demo's look at the channels: a change of stock that arrives on all of them, and their numbers at the end."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.stage import SHOPS, Scene, until
from db.availability import LISTINGS

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


async def check_numbers(here: Scene) -> tuple[bool, str]:
    """Every number by the simulators' own state, against what the ledger and the rules say."""
    wrong: list[str] = []

    async def is_right() -> bool:
        wrong[:] = await _wrong(here)
        return not wrong

    try:
        await until(is_right, PATIENCE_S, "every channel shows what it should")
    except TimeoutError:
        return False, f"wrong: {wrong}"
    return True, ""


async def _wrong(here: Scene) -> list[str]:
    columns = (LISTINGS.c.connection_id, LISTINGS.c.sku, LISTINGS.c.place, LISTINGS.c.expected)
    rows = await here.hub.database.read(
        lambda tx: tx.execute(select(*columns).where(LISTINGS.c.expected.is_not(None))).all()
    )
    stock = await _stock(here)
    return [
        f"{row.connection_id} {row.sku} at {row.place}"
        for row in rows
        if stock[row.connection_id][row.sku][row.place]["available"] != row.expected
    ]


async def _stock(here: Scene) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """By connection, SKU and place, as the shops' own staff see it."""
    return {
        name: (await here.sandbox.get(f"/control/shopify/shops/{shop}/stock")).json()
        for name, (shop, _) in SHOPS.items()
    }
