"""The example merchant in this process, without Temporal: for experiments on one protection at a time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
from temporalio.exceptions import ApplicationError

from activities.effects import Effects
from activities.fulfillment import FulfillmentActivities
from activities.routing import RoutingActivities
from activities.sweep import SweepActivities
from bench.stage import Scene, furnish
from db.desks.fulfillment import FulfillmentDesk
from db.desks.ledger import EffectDesk
from db.desks.routing import RoutingDesk
from db.desks.sweep import SweepDesk
from db.migrate import upgrade
from db.order_reading import ORDERS
from db.runs import ORDER_RUNS, claim
from domain.refs import ConnectionRef, OrderRef, Part
from runtime.apart import apart
from runtime.supervisor import Stack
from runtime.wiring import Hub
from sandbox.app import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from activities.ports import Connections
    from domain.progress import Progress
    from runtime.installation import Installation

ATTEMPTS, PAUSE_S = 5, 0.05


@asynccontextmanager
async def small_world(
    folder: Path, installation: Callable[[Installation], Installation] = lambda file: file, *, publish: bool = False
) -> AsyncIterator[Scene]:
    """A scene whose stack was never started: hub and simulators share this process, webhooks go nowhere."""
    settings = apart(folder).model_copy(update={"egress_allow": ("127.0.0.1",)})
    await asyncio.to_thread(folder.mkdir, parents=True)
    await asyncio.to_thread(upgrade, settings.database_url)
    nobody = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200)))
    transport = httpx.ASGITransport(create_app(webhook_client=nobody))
    hub = Hub(settings, transport=transport)
    async with httpx.AsyncClient(transport=transport, base_url=settings.sandbox_url) as sandbox:
        here = Scene(Stack(settings, parts=()), hub, sandbox, sandbox)
        try:
            await furnish(here, installation=installation, publish=publish)
            yield here
        finally:
            await hub.close()


async def swept(here: Scene) -> None:
    """Take what the shops' orders are, as the sweep does."""
    activities = SweepActivities(SweepDesk(here.hub.database, here.hub.vault), here.hub)
    for connection in ("shopify-eu", "shopify-us"):
        await activities.find_missed_orders(ConnectionRef(connection_id=connection))


async def runs(here: Scene) -> list[OrderRef]:
    """Give every order of the hub a run number, as the relay does when it starts runs."""

    def work(tx: Connection) -> list[OrderRef]:
        rows = {row.id: row.connection_id for row in tx.execute(ORDERS.select())}
        return [
            OrderRef(order_id=order, run_no=number, connection_id=rows[order])
            for order, number in claim(tx, ORDER_RUNS, rows).items()
        ]

    return await here.hub.database.write(work)


async def routed(here: Scene, order: OrderRef) -> Progress:
    """Decide and reserve."""
    return await RoutingActivities(RoutingDesk(here.hub.database)).route_and_reserve(order)


async def sent(here: Scene, order: OrderRef, standing: Progress, effects: Effects, connections: Connections) -> None:
    """Send what is to be sent, again and again until it works, as the engine does."""
    activities = FulfillmentActivities(FulfillmentDesk(here.hub.database, here.hub.vault), effects, connections)
    for target in standing.send:
        part = Part(order=order, id=target.id, connection_id=target.connection_id)
        for _ in range(ATTEMPTS):
            try:
                await activities.send_fulfillment_order(part)
                break
            except ApplicationError:
                await asyncio.sleep(PAUSE_S)


def effect_ledger(here: Scene) -> EffectDesk:
    """Where effects are intended and settled."""
    return EffectDesk(here.hub.database)
