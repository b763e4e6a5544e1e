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
    """Every JSON file is one delivery; its topic is in its name (orders__create.json), or it is an order.

    Files that are neither (schemas, lists, what is not JSON) are named and left out.
    """
    files = await asyncio.to_thread(lambda: sorted(folder.rglob("*.json")))
    if not files:
        raise FileNotFoundError(f"TUTTI_SAMPLES={folder} holds no .json file")
    bodies = {file: body for file in files if (body := await asyncio.to_thread(_body, file))}
    if not bodies:
        raise FileNotFoundError(f"TUTTI_SAMPLES={folder} holds no webhook body and no order")
    for file, (topic, raw) in bodies.items():
        await _deliver(here, topic, raw, file.name)
    say(f"{len(bodies)} bodies were sent, signed")
    if others := [str(file.relative_to(folder)) for file in files if file not in bodies]:
        say(f"{len(others)} files are neither a webhook body nor an order: {', '.join(others[:5])} …")
    await until(lambda: _read(here, len(bodies)), PATIENCE_S, "every delivery has an outcome")
    await until(lambda: _stands(here), PATIENCE_S, "every order has a named outcome")
    for row in await _deliveries(here):
        say(f"{row.topic}: {row.state}, {row.outcome}")


def _body(file: Path) -> tuple[str, str] | None:
    """Topic and raw body of one delivery, or none."""
    raw = file.read_text(encoding="utf-8", errors="replace")
    if "__" in file.stem:
        return file.stem.replace("__", "/"), raw
    try:
        read = json.loads(raw)
    except ValueError:
        return None
    order = read.get("order", read) if isinstance(read, dict) else None
    if isinstance(order, dict) and {"line_items", "financial_status"} <= order.keys():
        return "orders/updated", json.dumps(order)
    return None


async def _deliver(here: Scene, topic: str, raw: str, event_id: str) -> None:
    shop = SHOPS[CONNECTION][0]
    url = f"{here.stack.settings.api_url}/webhooks/{CONNECTION}"
    delivery: dict[str, Any] = {"topic": topic, "raw": raw, "url": url, "event_id": event_id}
    (await here.sandbox.post(f"/control/shopify/shops/{shop}/deliveries", json=delivery)).raise_for_status()


async def _deliveries(here: Scene) -> list[Any]:
    return await here.hub.database.read(lambda tx: list(tx.execute(select(INBOX).order_by(INBOX.c.id))))


async def _read(here: Scene, count: int) -> bool:
    rows = await _deliveries(here)
    return len(rows) >= count and all(row.state != "new" for row in rows)


async def _stands(here: Scene) -> bool:
    return all(row.outcome or row.state in {"waiting", "backordered"} for row in await here.orders())
