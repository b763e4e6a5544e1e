"""No personal data anywhere but encrypted in the hub's database; after an erasure, none at all."""

import asyncio
import json

import pytest
from sqlalchemy import Connection, select

from bench.drill.buyers import bodies, shop_of
from bench.drill.people import staff
from bench.stage import SHOPS, Scene, scene, until
from db.inbox import INBOX, body_of
from db.persons import person_of
from db.vault import ErasedError
from runtime.temporal import connect
from tests.e2e.canaries import files, found, histories, person, planted

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
KINDS = ("one_parcel", "split_over_locations", "store_pickup", "several_lines", "international_germany", "bundle")


async def play(here: Scene, people: list[dict[str, str]]) -> list[tuple[str, str]]:
    """A day of orders that all end; connection and order id of each."""
    known, placed = bodies(), []
    for kind, who in zip(KINDS, people, strict=True):
        body = planted(known[kind], who)
        placed.append((shop_of(body), str((await here.place(shop_of(body), body, renumber=True))["id"])))

    async def ended() -> bool:
        rows = await here.orders()
        return len(rows) == len(placed) and all(row.outcome for row in rows)

    working = asyncio.create_task(staff(here))
    await until(ended, 120, "every order has ended")
    working.cancel()
    return placed


async def plant_control(here: Scene, who: dict[str, str]) -> None:
    """Where the search must find something: a run that was given a person, and a line in a log."""
    client = await connect(here.stack.settings)
    text = f"{who['first_name']} {who['email']}"
    await client.start_workflow("Nobody", text, id="control", task_queue="nobody")
    (here.stack.settings.log_folder / "control.log").write_text(json.dumps({"event": text}))


def readable(here: Scene, order_ids: list[str]):
    """Everything personal that the hub's own keys can open."""

    def work(tx: Connection) -> list[tuple[str, bytes]]:
        opened = []
        for order_id in order_ids:
            try:
                opened.append((order_id, repr(person_of(tx, here.hub.vault, order_id)).encode()))
            except ErasedError:
                continue
        for row in tx.execute(select(INBOX)):
            if row.sealed_body:
                opened.append((f"delivery {row.id}", body_of(here.hub.keys, row)))
        return opened

    return here.hub.database.read(work)


async def redact(here: Scene, connection_id: str, external_id: str, who: dict[str, str]) -> None:
    """The shop tells that a customer wants to be forgotten."""
    shop = SHOPS[connection_id][0]
    body = {
        "shop_id": 1,
        "shop_domain": f"{shop}.myshopify.com",
        "customer": {"id": 880_000, "email": who["email"], "phone": who["phone"]},
        "orders_to_redact": [int(external_id)],
    }
    url = f"{here.stack.settings.api_url}/webhooks/{connection_id}"
    delivery = {"topic": "customers/redact", "raw": json.dumps(body), "url": url}
    (await here.sandbox.post(f"/control/shopify/shops/{shop}/deliveries", json=delivery)).raise_for_status()


async def test_a_day_of_orders_leaves_no_person_behind(settings):
    people, control = [person(number) for number in range(len(KINDS))], person(99)
    async with scene(settings) as here:
        placed = await play(here, people)
        ids = [f"{connection}-{external}" for connection, external in placed]
        await plant_control(here, control)
        client = await connect(here.stack.settings)

        async def is_listed() -> bool:
            return (await client.count_workflows("WorkflowId = 'control'")).count == 1

        await until(is_listed, 20, "the control run is listed")
        metrics = (await here.api.get("/metrics")).content
        traces = [*files(settings.var), *await histories(client), ("metrics", metrics)]
        known = found(await readable(here, ids), people)
        await redact(here, *placed[0], people[0])

        async def is_erased() -> bool:
            return not found(await readable(here, ids), people[:1])

        await until(is_erased, 20, "nothing that can be read names the erased person")
        others = found(await readable(here, ids), people[1:])

    places = {where for where, _ in found(traces, [control])}
    assert found(traces, people) == set()
    assert places >= {"history of control", "log/control.log"}
    assert any(where.startswith("temporal.db") for where in places)
    assert {who["email"] for who in people} <= {canary for _, canary in known}
    assert {who["email"] for who in people[1:]} <= {canary for _, canary in others}
