"""Sends a folder's webhook bodies as they are, signed, and says what became of each."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bench.stage import SHOPS, Scene, until
from db.inbox import INBOX

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONNECTION = "shopify-us"
PATIENCE_S = 60


async def deliver_samples(here: Scene, folder: Path, say: Callable[[str], None]) -> None:
    """Every JSON file is one delivery; its topic is in its name (orders__create.json), or it is an order."""
    files = await asyncio.to_thread(lambda: sorted(folder.rglob("*.json")))
    if not files:
        raise FileNotFoundError(f"TUTTI_SAMPLES={folder} holds no .json file")
    sent = [file for file in files if await _deliver(here, file)]
    say(f"{len(sent)} bodies of {len(files)} files were sent, signed")
    await until(lambda: _read(here, len(sent)), PATIENCE_S, "every delivery has an outcome")
    await until(lambda: _stands(here), PATIENCE_S, "every order has a named outcome")
    for row in await _deliveries(here):
        say(f"{row.topic}: {row.state}, {row.outcome}")


async def _deliver(here: Scene, file: Path) -> bool:
    text = await asyncio.to_thread(file.read_text)
    body = json.loads(text)
    topic = file.stem.replace("__", "/") if "__" in file.stem else "orders/updated"
    if "__" not in file.stem:
        body = body.get("order", body)
        if "line_items" not in body or "financial_status" not in body:
            return False
        text = json.dumps(body)
    delivery: dict[str, Any] = {
        "topic": topic,
        "raw": text,
        "url": f"{here.stack.settings.api_url}/webhooks/{CONNECTION}",
        "event_id": file.name,
    }
    shop = SHOPS[CONNECTION][0]
    (await here.sandbox.post(f"/control/shopify/shops/{shop}/deliveries", json=delivery)).raise_for_status()
    return True


async def _deliveries(here: Scene) -> list[Any]:
    return await here.hub.database.read(lambda tx: list(tx.execute(select(INBOX).order_by(INBOX.c.id))))


async def _read(here: Scene, count: int) -> bool:
    rows = await _deliveries(here)
    return len(rows) >= count and all(row.state != "new" for row in rows)


async def _stands(here: Scene) -> bool:
    return all(row.outcome or row.state in {"waiting", "backordered"} for row in await here.orders())
