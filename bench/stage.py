"""The stage of demo, drills and benchmarks: the example merchant on a real stack, with simulated platforms."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench import outlet
from db import connections
from db.actors import Actor
from db.order_reading import ORDERS
from runtime.access import operator_token
from runtime.apply import Apply
from runtime.installation import Installation, read
from runtime.onboarding import Onboarding
from runtime.parts import default_parts
from runtime.supervisor import Stack
from runtime.wiring import Hub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection, Row

    from runtime.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
SHOPS = {"shopify-eu": ("nordlicht-eu", "EUR"), "shopify-us": ("nordlicht-us", "USD")}
PLACES = (
    {"id": 71001, "name": "Berlin warehouse", "country_code": "DE", "zip": "12529"},
    {"id": 71002, "name": "Atlanta warehouse", "country_code": "US", "zip": "30336"},
)
STORES = {
    "shopify-eu": {"id": 71003, "name": "Berlin Mitte", "country_code": "DE", "zip": "10119"},
    "shopify-us": {"id": 71003, "name": "New York SoHo", "country_code": "US", "zip": "10012"},
}
PLATFORM_STOCK = 1_000_000
"""What the simulated shops offer: they never refuse a buyer, so that scarcity is the hub's to handle."""
START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Scene:
    """A running merchant: the stack, a look into its database, and both sides' HTTP."""

    stack: Stack
    hub: Hub
    api: httpx.AsyncClient
    sandbox: httpx.AsyncClient

    async def order(self, order_id: str) -> Row[Any] | None:
        """The order's row."""
        return await self.hub.database.read(
            lambda tx: tx.execute(ORDERS.select().where(ORDERS.c.id == order_id)).first()
        )

    async def orders(self) -> list[Row[Any]]:
        """All orders, oldest first."""
        return await self.hub.database.read(lambda tx: list(tx.execute(ORDERS.select().order_by(ORDERS.c.placed_at))))

    async def place(self, connection_id: str, body: dict[str, Any], **options: Any) -> dict[str, Any]:
        """A buyer orders at a simulated shop, which tells the hub by a signed webhook; what the shop then shows."""
        shop = SHOPS[connection_id][0]
        answer = await self.sandbox.post(f"/control/shopify/shops/{shop}/orders", json={"body": body, **options})
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    async def buy(self, **units: int) -> dict[str, Any]:
        """A buyer orders at the simulated marketplace, which tells the hub through its queue."""
        lines = [{"sku": sku.replace("_", "-"), "quantity": quantity} for sku, quantity in units.items()]
        answer = await self.sandbox.post("/control/amazon/orders", json={"lines": lines})
        answer.raise_for_status()
        bought: dict[str, Any] = answer.json()
        return bought

    async def shown(self, connection_id: str, external_id: str) -> dict[str, Any]:
        """What the shop's own staff see of an order."""
        shop = SHOPS[connection_id][0]
        answer = await self.sandbox.get(f"/control/shopify/shops/{shop}/orders/{external_id}")
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    async def counters(self) -> dict[str, dict[str, dict[str, int]]]:
        """The simulators' own count of what they committed."""
        counted: dict[str, dict[str, dict[str, int]]] = (await self.sandbox.get("/control/counters")).json()
        return counted

    async def warehouse(self, **settings: Any) -> None:
        """How the simulated 3PL treats orders from now on."""
        (await self.sandbox.post("/control/shipbob/settings", json=settings)).raise_for_status()


@asynccontextmanager
async def scene(
    settings: Settings,
    *,
    say: Callable[[str], None] = lambda _text: None,
    installation: Callable[[Installation], Installation] = lambda file: file,
    subscribe: bool = True,
    publish: bool = False,
    console: bool = False,
) -> AsyncIterator[Scene]:
    """Start the stack on free ports and open the merchant of tutti.yaml on it; leaving stops everything.

    The console is left out unless somebody looks at it: figures stay comparable.
    """
    environ = {"TUTTI_EGRESS_ALLOW": "127.0.0.1"}
    local = settings.model_copy(update={"egress_allow": ("127.0.0.1",)})
    parts = [part for part in default_parts() if console or part != "console"]
    async with Stack(
        local, parts=parts, any_free_port=True, environ=environ, report=lambda part, event: say(f"{part}: {event}")
    ) as stack:
        hub = Hub(stack.settings)
        bearer = {"Authorization": f"Bearer {operator_token(stack.settings)}"}
        async with (
            httpx.AsyncClient(base_url=stack.settings.api_url, headers=bearer, timeout=30, trust_env=False) as api,
            httpx.AsyncClient(base_url=stack.settings.sandbox_url, timeout=60, trust_env=False) as sandbox,
        ):
            try:
                opened = Scene(stack, hub, api, sandbox)
                await furnish(opened, say=say, installation=installation, subscribe=subscribe, publish=publish)
                yield opened
            finally:
                await hub.close()


async def furnish(
    opened: Scene,
    *,
    say: Callable[[str], None] = lambda _text: None,
    installation: Callable[[Installation], Installation] = lambda file: file,
    subscribe: bool = True,
    publish: bool = False,
) -> None:
    """Open the simulated platforms, and install the merchant of tutti.yaml with all connections on.

    `publish` leaves on that stock goes to the channels, and that alerts are raised.
    """
    credentials = {f"{name.upper().replace('-', '_')}_{part}": secrets.token_hex(16) for name in SHOPS for part in ("TOKEN", "SECRET")}  # fmt: skip
    await _open_shops(opened, credentials, tells_sales=publish)
    say("the simulated platforms are open")
    await _install(opened, credentials, installation if publish else lambda file: _quiet(installation(file)))
    await _switch_on(opened, subscribe=subscribe)
    say("the merchant is installed and its connections are on")


async def _open_shops(opened: Scene, credentials: dict[str, str], *, tells_sales: bool) -> None:
    for name, (shop, currency) in SHOPS.items():
        prefix = name.upper().replace("-", "_")
        places = [*PLACES, STORES[name]]
        products = [
            {
                "sku": sku,
                "title": sku,
                "price": "10.00",
                "stock": {str(place["id"]): PLATFORM_STOCK for place in places},
            }
            for sku in read(PROJECT / "tutti.yaml").items
        ]
        answer = await opened.sandbox.post(
            "/control/shopify/shops",
            json={
                "name": shop, "token": credentials[f"{prefix}_TOKEN"], "secret": credentials[f"{prefix}_SECRET"],
                "currency": currency, "locations": places, "products": products, "tells_sales": tells_sales,
            },
        )  # fmt: skip
        answer.raise_for_status()
    stock = [
        {"sku": sku, "location_id": place, "on_hand": PLATFORM_STOCK}
        for sku in read(PROJECT / "tutti.yaml").items
        for place in (1, 3)
    ]
    (await opened.sandbox.post("/control/shipbob/stock", json=stock)).raise_for_status()


async def _signing_keys(opened: Scene) -> str:
    """What the simulated carrier publishes."""
    return (await opened.sandbox.get("/shipengine/jwks", headers={"api-key": "TEST_sandbox"})).raise_for_status().text


async def _open_provider(opened: Scene) -> str:
    """Events go to the hub; Stripe makes the secret itself, and shows it in its dashboard."""
    secret = f"whsec_{secrets.token_hex(16)}"
    endpoint = {"url": f"{opened.stack.settings.api_url}/webhooks/stripe", "secrets": [secret]}
    (await opened.sandbox.post("/control/stripe/endpoints", json=endpoint)).raise_for_status()
    return secret


async def _open_marketplace(opened: Scene) -> None:
    """Listings stand there already, with more units than anybody buys."""
    listings = [{"sku": sku, "quantity": PLATFORM_STOCK} for sku in read(PROJECT / "tutti.yaml").items]
    (await opened.sandbox.post("/control/amazon/listings", json=listings)).raise_for_status()
    account = (await opened.sandbox.get("/control/amazon/settings")).json()
    address = f"{opened.stack.settings.sandbox_url}/amazon"
    os.environ |= {
        "AMAZON_URL": address,
        "AMAZON_LOGIN_URL": f"{address}/auth/o2/token",
        "AMAZON_CLIENT_SECRET": account["client_secret"],
        "AMAZON_REFRESH_TOKEN": account["refresh_token"],
        "AMAZON_QUEUE_URL": f"{address}/queue",
        "AMAZON_QUEUE_SECRET": account["aws_secret_key"],
    }


async def _install(
    opened: Scene, credentials: dict[str, str], installation: Callable[[Installation], Installation]
) -> None:
    sandbox = opened.stack.settings.sandbox_url
    os.environ.update(credentials)
    for name, (shop, _) in SHOPS.items():
        os.environ[f"{name.upper().replace('-', '_')}_URL"] = f"{sandbox}/shopify/{shop}"
    os.environ["SHIPBOB_URL"] = f"{sandbox}/shipbob"
    os.environ["SHIPBOB_TOKEN"] = "shipbob-sandbox-token"
    os.environ["SHIPBOB_WEBHOOK_SECRET"] = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    os.environ |= {"SHIPENGINE_URL": f"{sandbox}/shipengine", "SHIPENGINE_TOKEN": "TEST_sandbox"}
    os.environ["SHIPENGINE_SIGNING_KEYS"] = await _signing_keys(opened)
    os.environ |= {"STRIPE_URL": f"{sandbox}/stripe", "STRIPE_TOKEN": "sk_test_sandbox"}
    os.environ["STRIPE_WEBHOOK_SECRET"] = await _open_provider(opened)
    await _open_marketplace(opened)
    example = read(PROJECT / "tutti.yaml")
    await outlet.open_outlet(opened.sandbox, sandbox, example.items)
    await outlet.open_till(opened.sandbox, sandbox, opened.stack.settings.api_url, example.stock["store-berlin"])
    file = installation(read(PROJECT / "tutti.yaml"))
    by = Actor(name="stage", role="admin", origin="command line")

    def work(tx: Connection) -> list[str]:
        entries = Apply(tx, opened.hub.keys, by=by, now=datetime.now(UTC)).run(file)
        return [f"{entry.kind} {entry.id}: {entry.text}" for entry in entries if entry.outcome == "refused"]

    if refused := await opened.hub.database.write(work):
        raise RuntimeError("tutti.yaml was not applied whole: " + "; ".join(refused))


async def _switch_on(opened: Scene, *, subscribe: bool) -> None:
    onboarding = Onboarding(opened.hub)
    for name in await opened.hub.database.read(lambda tx: [row.id for row in connections.every(tx)]):
        if subscribe:
            await onboarding.subscribe(name, opened.stack.settings.api_url)
        await onboarding.go(name, "shadow", starts_at=START)
        await onboarding.go(name, "on")


def _quiet(file: Installation) -> Installation:
    """The merchant who publishes nothing and has no alerts: the shops offer plenty."""
    silent = {name: entry.model_copy(update={"flows": {}}) for name, entry in file.connections.items()}
    return file.model_copy(update={"connections": silent, "alert_rules": None})


async def until(condition: Callable[[], Any], patience_s: float, what: str) -> None:
    """Wait until an async condition holds; TimeoutError that says what did not happen."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while not await condition():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"did not happen within {patience_s:.0f} s: {what}")
        await asyncio.sleep(0.1)
