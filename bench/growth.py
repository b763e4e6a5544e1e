"""How intake and routing fare as the database grows: 1,000 and 100,000 orders, measured in turn."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, func, literal, select, text
from sqlalchemy import cast as as_type
from sqlmodel import AutoString

from activities.routing import RoutingActivities
from bench.stage import PROJECT
from db import connections
from db.actors import Actor
from db.desks.routing import RoutingDesk
from db.fulfillment import CAPACITY
from db.inbox import INBOX, Arrived, store
from db.migrate import upgrade
from db.news import take
from db.order_reading import ORDERS
from db.tables import METADATA
from db.types import Utc
from domain.channel_order import ChannelOrder
from domain.news import OrderNews
from domain.refs import OrderRef
from runtime.apart import apart
from runtime.apply import Apply
from runtime.installation import read
from runtime.wiring import Hub

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Table

    from runtime.installation import Installation

SMALL, LARGE, ROUNDS = 1_000, 100_000, 80
OVER = timedelta(days=28)
"""The seeded orders came evenly over this time, up to now."""
CONNECTION = "shopify-us"
PER_ORDER = (
    "orders", "order_lines", "order_events", "fulfillment_orders", "fulfillment_lines", "shipments", "effects",
    "tender_entries", "routing_decisions", "stock_movements", "inbox", "reservations",
)  # fmt: skip
TEMPLATE = f"{CONNECTION}-1"


def run(folder: Path, say: Callable[[str], None]) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Ratios of medians, and the query plans of the large database."""
    return asyncio.run(_run(folder, say))


async def _run(folder: Path, say: Callable[[str], None]) -> tuple[dict[str, float], dict[str, list[str]]]:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    small, large = await seeded(folder / "small", SMALL), await seeded(folder / "large", LARGE)
    say(f"two databases were seeded, with {SMALL:,} and {LARGE:,} orders")
    times: dict[str, list[float]] = {name: [] for name in ("intake_1k", "intake_100k", "routing_1k", "routing_100k")}
    for number in range(2, ROUNDS + 2):
        for size, hub in (("1k", small), ("100k", large)) if number % 2 else (("100k", large), ("1k", small)):
            intake, routing = await _one_order(hub, LARGE + number)
            times[f"intake_{size}"].append(intake)
            times[f"routing_{size}"].append(routing)
    plans = large.database.read_now(_plans)
    middle = {f"{name}_p50_ms": median(values[10:]) for name, values in times.items()}
    bytes_per_order = os.path.getsize(large.settings.var / "tutti.db") / LARGE  # noqa: ASYNC240, PTH202 once, at the end
    for hub in (small, large):
        await hub.close()
    await asyncio.to_thread(shutil.rmtree, folder)
    return {
        **middle,
        "intake_100k_to_1k_ratio": _paired(times["intake_100k"], times["intake_1k"]),
        "routing_100k_to_1k_ratio": _paired(times["routing_100k"], times["routing_1k"]),
        "database_bytes_per_order": bytes_per_order,
    }, plans


def _paired(large: list[float], small: list[float]) -> float:
    """Median over the rounds, each large beside its small."""
    return median(one / other for one, other in zip(large[10:], small[10:], strict=True))


async def seeded(folder: Path, count: int, installation: Callable[[Installation], Installation] | None = None) -> Hub:
    """A hub of its own whose database holds so many orders that have ended, and the stock that the installation says."""
    settings = apart(folder)
    await asyncio.to_thread(folder.mkdir, parents=True)
    await asyncio.to_thread(upgrade, settings.database_url)
    hub = Hub(settings)
    _name_secrets()
    file = read(PROJECT / "tutti.yaml")
    file = installation(file) if installation else file
    by = Actor(name="bench", role="admin", origin="command line")
    await hub.database.write(lambda tx: Apply(tx, hub.keys, by=by, now=datetime.now(UTC)).run(file))
    for name in file.connections:
        await hub.database.write(partial(connections.change, connection_id=name, mode="on"))
    await _one_order(hub, 1)
    await hub.database.write(_finish_template)
    for name in PER_ORDER:
        await hub.database.write(partial(_multiply, table=METADATA.tables[name], count=count))
    await asyncio.to_thread(_analyze, hub)
    return hub


def _name_secrets() -> None:
    for name in ("SHOPIFY_EU", "SHOPIFY_US", "SHIPBOB", "SHIPENGINE", "STRIPE"):
        os.environ.setdefault(f"{name}_TOKEN", secrets.token_hex(8))
        os.environ.setdefault(f"{name}_SECRET", secrets.token_hex(8))
        os.environ.setdefault(f"{name}_URL", "http://127.0.0.1:1")
        os.environ.setdefault(f"{name}_SIGNING_KEYS", '{"keys": []}')
        os.environ.setdefault(f"{name}_WEBHOOK_SECRET", "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())


def _finish_template(tx: Connection) -> None:
    """The order that is copied has ended, as nearly all orders of a grown database have."""
    tx.execute(ORDERS.update().values(state="fulfilled", outcome="fulfilled", run_open=False))
    tx.execute(METADATA.tables["fulfillment_orders"].update().values(state="shipped", due_at=None))
    tx.execute(METADATA.tables["reservations"].update().values(quantity=0))
    tx.execute(CAPACITY.delete())
    tx.execute(METADATA.tables["outbox"].delete())


def _multiply(tx: Connection, table: Table, count: int) -> None:
    """Copy the template's rows `count` times under other ids, as if they had come evenly over the last weeks; numbered
    rows number themselves.
    """  # fmt: skip
    numbers = (
        text(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {int(count)}) SELECT i FROM n")
        .columns(i=Integer)
        .subquery("n")
    )
    own = [c for c in table.columns if not (c.name == "id" and isinstance(c.type, Integer))]
    new = literal(f"{CONNECTION}-s") + as_type(numbers.c.i, String)
    ago = literal("-") + as_type(numbers.c.i * (OVER.total_seconds() / count), String) + literal(" seconds")
    values = []
    for column in own:
        if column.name in {"external_id", "event_id"} and table.name in {"orders", "inbox"}:
            values.append(literal("s") + as_type(numbers.c.i, String))
        elif isinstance(column.type, Utc):
            values.append(func.strftime("%Y-%m-%d %H:%M:%f000", column, ago))
        else:
            values.append(_renamed(column, new) if isinstance(column.type, AutoString) else column)
    source = select(*values).select_from(table.join(numbers, literal(1) == 1))
    if "order_id" in table.columns and table is not INBOX:
        source = source.where(table.c.order_id == TEMPLATE)
    tx.execute(table.insert().from_select([column.name for column in own], source))


def _renamed(column: Any, new: Any) -> Any:
    return func.replace(column, TEMPLATE, new)


def _analyze(hub: Hub) -> None:
    with hub.database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


async def _one_order(hub: Hub, number: int) -> tuple[float, float]:
    """Milliseconds to store and take a delivery, and to route and reserve its order."""
    now = datetime.now(UTC)
    order = _order(number, now)
    body = order.model_dump_json().encode()
    arrived = Arrived(CONNECTION, "orders/create", f"bench-{number}", body, now)
    started = perf_counter()
    await hub.database.write(lambda tx: store(tx, hub.keys, arrived, now))
    await hub.database.write(
        lambda tx: take(tx, hub.vault, connections.load(tx, CONNECTION), OrderNews(order=order), now, "bench")
    )
    taken = perf_counter()
    await hub.database.write(
        lambda tx: tx.execute(INBOX.update().where(INBOX.c.event_id == f"bench-{number}").values(state="done"))
    )
    order_id = f"{CONNECTION}-{number}"
    await hub.database.write(
        lambda tx: tx.execute(ORDERS.update().where(ORDERS.c.id == order_id).values(run_no=1, run_open=True))
    )
    routing = RoutingActivities(RoutingDesk(hub.database))
    before = perf_counter()
    await routing.route_and_reserve(OrderRef(order_id=order_id, run_no=1, connection_id=CONNECTION))
    return 1000 * (taken - started), 1000 * (perf_counter() - before)


def _order(number: int, now: datetime) -> ChannelOrder:
    amount = {
        "shop": {"amount_minor": 2400, "currency": "USD"},
        "presentment": {"amount_minor": 2400, "currency": "USD"},
    }
    nothing = {side: {"amount_minor": 0, "currency": "USD"} for side in ("shop", "presentment")}
    return ChannelOrder.model_validate(
        {
            "external_id": str(number), "number": f"#G{number}", "placed_at": now - timedelta(minutes=1),
            "updated_at": now, "financial": "paid",
            "lines": [{
                "external_id": f"line-{number}", "sku": ("TEE-BLK-M", "POSTER-A2", "NOTEBOOK-A5", "MUG-RED")[number % 4],
                "quantity": 1, "current_quantity": 1, "unit_price": amount, "discount": nothing, "tax": nothing,
            }],
            "subtotal": amount, "discounts": nothing, "shipping": nothing, "tax": nothing, "total": amount,
            "ship_to": {"name": "Maya Holloway", "line1": "1 Example Street", "city": "Portland", "country": "US", "postal_code": "97205"},
            "buyer": {"email": f"buyer{number}@example.com"},
        }
    )  # fmt: skip


def _plans(tx: Connection) -> dict[str, list[str]]:
    """How SQLite answers the questions of the hot path."""
    asked = {
        "the order": "SELECT * FROM orders WHERE id = 'x'",
        "the order by the channel's id": "SELECT * FROM orders WHERE connection_id = 'x' AND external_id = 'y'",
        "its lines": "SELECT * FROM order_lines WHERE order_id = 'x' ORDER BY line_id",
        "its facts": "SELECT seq FROM order_events WHERE order_id = 'x' AND key IN ('a', 'b')",
        "its fulfillment orders": "SELECT * FROM fulfillment_orders WHERE order_id = 'x' ORDER BY number",
        "its effects": "SELECT 1 FROM effects WHERE order_id = 'x' AND attempts >= 3",
        "its decisions": "SELECT count(*) FROM routing_decisions WHERE order_id = 'x'",
        "unread deliveries": "SELECT * FROM inbox WHERE state = 'new' AND attempts < 5 ORDER BY id LIMIT 50",
        "a delivery's twin": "SELECT 1 FROM inbox WHERE connection_id = 'x' AND topic = 'y' AND event_id = 'z'",
        "stock of an item": "SELECT * FROM inventory_levels WHERE item_id IN ('x') AND condition = 'sellable'",
        "allocated to the order": "SELECT * FROM reservations WHERE order_id = 'x' AND holder = 'waiting'",
        "due runs": "SELECT * FROM outbox WHERE due_at <= '2026-01-01' ORDER BY due_at LIMIT 100",
    }
    return {
        name: [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}")]
        for name, question in asked.items()
    }
