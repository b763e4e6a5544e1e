"""Launches with real activities, database and connectors, on a real Temporal server, between simulated platforms."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from db import catalog, channel_forms, connections, launches, media_files
from db.actors import Actor
from db.launch_reading import CHANNELS, LEAKS, LISTINGS, row_of
from db.words import put_category
from domain.catalog.dictionary import Category
from domain.catalog.form import ChannelForm
from domain.catalog.media import MediaFile
from domain.catalog.product import Product
from domain.launch.approval import Approval
from domain.launch.plan import LaunchPlan
from domain.launch.standing import LaunchStanding
from runtime.dispatch import Dispatch
from runtime.processes import LAUNCHES
from runtime.settings import Settings
from runtime.wiring import Hub
from sandbox.app import create_app
from tests.db.migrated import migrated
from tests.db.world import KEYS
from worker import workers
from workflows.names import product_launch
from workflows.product_launch import ProductLaunch

_NUMBER = itertools.count(1)
PATIENCE = 90.0
ANNA, BEN = Actor(name="anna", role="operations"), Actor(name="ben", role="operations")
SHOPS = ("alpha", "beta")
PICTURE = "https://media.example.com/lamp.jpg"
SHOPIFY_FORM = ChannelForm.model_validate(
    {
        "version": "1",
        "currencies": ["USD"],
        "fields": {
            "title": "title", "vendor": "brand",
            "descriptionHtml": {"from": "description", "most": 100_000, "too_long": "refuse"},
        },
        "variants": {"barcode": "gtin"},
        "media": {"least": 1},
    }
)  # fmt: skip


def lamp(product_id: str, **changes: Any) -> Product:
    """A product that passes every gate."""
    variant = {"sku": f"{product_id}-1", "gtin": "4006381333931", "prices": {"USD": {"amount_minor": 4900}}}
    return Product.model_validate(
        {
            "id": product_id, "state": "ready", "title": f"Lamp {product_id}", "description": "<p>Bright.</p>",
            "brand": "Lumen", "category": "lamps", "media": [{"url": PICTURE}], "variants": [variant],
        }
        | changes
    )  # fmt: skip


class LaunchStack:
    """The shops alpha and beta, and whatever else a test connects; the products of a test are its own."""

    def __init__(self, hub: Hub, client: Client, http: httpx.AsyncClient) -> None:
        self.hub, self.client, self.http = hub, client, http
        self.dispatch = Dispatch(hub, client, LAUNCHES)
        self.made: list[str] = []

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return await self.hub.database.write(work)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return await self.hub.database.read(work)

    async def product(self, product_id: str = "", **changes: Any) -> str:
        number = next(_NUMBER)
        made = lamp(product_id or f"lamp-{number}", **changes)
        author = catalog.Author("anna", "api")
        await self.write(lambda tx: catalog.put(tx, made, by=author, now=datetime.now(UTC)))
        return made.id

    async def launch(self, products: list[str], channels: tuple[str, ...] = SHOPS, **asked: Any) -> str:
        """Made by Anna, to go live in a moment."""
        launch_id = f"L{next(_NUMBER)}"
        given = {"name": "Spring", "products": products, "channels": channels, "go_live_at": soon(), "approvals": 0}
        plan = LaunchPlan.model_validate(given | asked)
        await self.write(lambda tx: launches.create(tx, launch_id, plan, by=ANNA, now=datetime.now(UTC)))
        self.made.append(launch_id)
        return launch_id

    async def command(self, command: Callable[..., None], launch_id: str, *args: Any, by: Actor = ANNA) -> None:
        await self.write(lambda tx: command(tx, launch_id, *args, by=by, now=datetime.now(UTC)))

    async def move(self, launch_id: str, seconds: float) -> None:
        """So soon after the write itself, however long that had to wait for its turn."""
        await self.write(lambda tx: launches.move(tx, launch_id, soon(seconds), by=ANNA, now=datetime.now(UTC)))

    async def approve(self, launch_id: str, by: Actor = BEN) -> LaunchStanding:
        return await self.run(launch_id).execute_update(ProductLaunch.approve, Approval(actor=by.name, role=by.role))

    def run(self, launch_id: str) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle_for(ProductLaunch.run, product_launch(launch_id))

    async def row(self, launch_id: str) -> Any:
        return await self.read(lambda tx: row_of(tx, launch_id))

    async def listings(self, launch_id: str) -> list[Any]:
        mine = select(LISTINGS).where(LISTINGS.c.launch_id == launch_id)
        in_order = mine.order_by(LISTINGS.c.connection_id, LISTINGS.c.product_id)
        rows: list[Any] = await self.read(lambda tx: list(tx.execute(in_order)))
        return rows

    async def channels(self, launch_id: str) -> dict[str, Any]:
        mine = select(CHANNELS).where(CHANNELS.c.launch_id == launch_id)
        return {row.connection_id: row for row in await self.read(lambda tx: list(tx.execute(mine)))}

    async def leaks(self, launch_id: str) -> list[Any]:
        mine = select(LEAKS).where(LEAKS.c.launch_id == launch_id)
        rows: list[Any] = await self.read(lambda tx: list(tx.execute(mine)))
        return rows

    async def until_state(self, launch_id: str, state: str) -> None:
        """Every listing is in this state."""
        async with asyncio.timeout(PATIENCE):
            while {row.state for row in await self.listings(launch_id)} != {state}:  # noqa: ASYNC110 the truth is in a database
                await asyncio.sleep(0.03)

    async def until(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await holds():  # noqa: ASYNC110 as above
                await asyncio.sleep(0.03)

    async def outcome(self, launch_id: str) -> str:
        async with asyncio.timeout(PATIENCE):
            while (row := await self.row(launch_id)).outcome is None:  # noqa: ASYNC110 as above
                await asyncio.sleep(0.03)
        return str(row.outcome)

    async def shop(self, name: str) -> dict[str, Any]:
        """The shop's products as its own clock and records have them, by our product id or else by handle."""
        found = (await self.http.get(f"/control/shopify/shops/{name}/products")).json()
        return {one["reference"] or one["handle"]: one for one in found}

    async def edit(self, name: str, reference: str, **change: Any) -> None:
        answer = await self.http.patch(f"/control/shopify/shops/{name}/products/{reference}", json=change)
        assert answer.status_code == 200, answer.text

    async def faults(self, *faults: Mapping[str, Any]) -> None:
        plan = {"seed": 1, "faults": list(faults)}
        answer = await self.http.post("/control/faults", json=plan)
        assert answer.status_code == 200, answer.text


def soon(seconds: float = 1.0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def _relay(stack: LaunchStack) -> None:
    while True:
        await stack.dispatch.drain()
        await asyncio.sleep(0.02)


async def open_shop(http: httpx.AsyncClient, name: str, **more: Any) -> None:
    shop = {
        "name": name, "token": f"token-{name}", "secret": "s", "locations": [{"id": 71001, "name": "Berlin"}],
        "products": [{"sku": "OLD-1", "title": "Old", "price": "10.00", "stock": {71001: 3}}],
    }  # fmt: skip
    answer = await http.post("/control/shopify/shops", json=shop | more)
    assert answer.status_code == 200, answer.text


@asynccontextmanager
async def launch_stack(
    client: Client,
    settings: Settings,
    make: Callable[[Client, Hub], list[Worker]] = workers,
    kind: type[Hub] = Hub,
) -> AsyncIterator[LaunchStack]:
    """Workers and relay run until the end; what still runs then is terminated."""
    settings.var.mkdir(parents=True, exist_ok=True)
    migrated(settings.database_url)
    transport = httpx.ASGITransport(create_app())
    hub = kind(settings, keys=KEYS, transport=transport)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        stack = LaunchStack(hub, client, http)
        for name in SHOPS:
            await open_shop(http, name)
        await stack.write(_world)
        relay = asyncio.create_task(_relay(stack))
        running = make(client, hub)
        try:
            async with running[0], running[1]:
                yield stack
                for launch_id in stack.made:
                    with suppress(Exception):
                        await stack.run(launch_id).terminate("the test is over")
        finally:
            relay.cancel()
            with suppress(asyncio.CancelledError):
                await relay
            await hub.close()


def _world(tx: Any) -> None:
    now = datetime.now(UTC)
    for name in SHOPS:
        config = {
            "shop_domain": f"{name}.myshopify.com", "access_token": f"token-{name}", "client_secrets": ["s"],
            "base_url": f"http://sandbox/shopify/{name}", "points_per_second": 1000,
        }  # fmt: skip
        connect(tx, name, "shopify", config, SHOPIFY_FORM)
    put_category(tx, Category(id="lamps", name="Lamps"), now=now)
    size = {"format": "jpeg", "width": 1200, "height": 1200, "size": 100_000, "sha256": "0" * 64, "read_at": now}
    media_files.put(tx, [MediaFile.model_validate({"url": PICTURE} | size)])


def connect(tx: Any, name: str, platform: str, config: dict[str, Any], form: ChannelForm) -> None:
    now = datetime.now(UTC)
    connections.create(tx, KEYS, name, platform=platform, config=config, now=now)
    connections.change(tx, name, mode="on")
    channel_forms.add(tx, name, form, by="anna", now=now)
    channel_forms.activate(tx, name, form.version, now=now)
