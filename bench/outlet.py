"""The merchant's WooCommerce outlet and the till of its Berlin shop, as the stage opens them."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from connectors.square.webhooks import TYPES
from connectors.woocommerce.shipping import SHIPMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

OUTLET, TILL = "woo-outlet", "till"
SHOP = "/control/woocommerce/shops/outlet"
PLENTY = 1_000_000
"""What the outlet offers: it never refuses a buyer, so that scarcity is the hub's to handle."""


async def open_outlet(sandbox: httpx.AsyncClient, address: str, skus: Iterable[str]) -> None:
    """A shop with every item, and the key that its owner has made for the hub."""
    key, secret = f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}"
    products = [{"sku": sku, "title": sku, "price": "9.90", "stock": PLENTY} for sku in skus]
    shop = {"name": "outlet", "consumer_key": key, "consumer_secret": secret, "products": products}
    (await sandbox.post("/control/woocommerce/shops", json=shop)).raise_for_status()
    os.environ |= {"WOO_URL": f"{address}/woocommerce/outlet", "WOO_KEY": key, "WOO_SECRET": secret}
    os.environ["WOO_WEBHOOK_SECRET"] = secrets.token_hex(20)


async def open_till(sandbox: httpx.AsyncClient, address: str, hub: str, stock: dict[str, int]) -> None:
    """One shop with a till that knows what lies there; its owner has registered the webhooks in the dashboard."""
    notified, key = f"{hub.rstrip('/')}/webhooks/{TILL}", secrets.token_hex(16)
    account = {
        "locations": [{"id": "LBERLIN", "name": "Berlin Mitte", "postal_code": "10119"}],
        "stock": {sku: {"LBERLIN": units} for sku, units in stock.items()},
        "subscription": {"event_types": TYPES, "notification_url": notified, "signature_key": key},
    }
    (await sandbox.post("/control/square/account", json=account)).raise_for_status()
    os.environ |= {"SQUARE_URL": f"{address}/square", "SQUARE_TOKEN": "square-sandbox-token"}
    os.environ |= {"SQUARE_SIGNATURE_KEY": key, "SQUARE_NOTIFICATION_URL": notified}


async def buy(sandbox: httpx.AsyncClient, lines: dict[str, int], **changes: Any) -> dict[str, Any]:
    """A buyer orders at the outlet, which tells the hub by signed webhooks."""
    answer = await sandbox.post(f"{SHOP}/orders", json={"lines": lines, "changes": changes})
    answer.raise_for_status()
    bought: dict[str, Any] = answer.json()
    return bought


async def sell_at_till(sandbox: httpx.AsyncClient, lines: dict[str, int]) -> None:
    """Somebody buys in the Berlin shop and takes it along; the till tells the hub by a signed webhook."""
    (await sandbox.post("/control/square/sales", json={"location": "LBERLIN", "lines": lines})).raise_for_status()


async def tracking(sandbox: httpx.AsyncClient, external_id: str) -> set[str]:
    """The parcels that the outlet's order keeps a record of and has mailed to its buyer."""
    answer = await sandbox.get(f"{SHOP}/orders/{external_id}")
    if not answer.is_success:
        return set()
    order = answer.json()
    records = [json.loads(entry["value"]) for entry in order["meta_data"] if entry["key"].startswith(SHIPMENT)]
    mailed = " ".join(note["note"] for note in order["notes"] if note["customer_note"])
    return {record["tracking_number"] for record in records if record["tracking_number"] in mailed}
