"""An API over a fresh database, its keys, and orders to ask for."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import Connection

from api.app import create_app
from connectors.contract import Delivery
from connectors.errors import ForgedDeliveryError
from db import api_keys
from db.actors import ROLES, Actor, Role
from db.order_reading import CONNECTIONS, ITEMS
from db.tables import METADATA
from db.tables.stock import ItemAliasRow
from domain.errors import DomainError
from runtime.keys import Keys, new_key
from runtime.settings import Settings
from runtime.wiring import Hub

ALIASES = ItemAliasRow.__table__  # type: ignore[attr-defined]
INSTALLER = Actor(name="installer", role="admin", origin="test")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)


class ShopWebhooks:
    """A platform whose signature is the word `good`."""

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return Delivery(topic=headers["x-topic"], event_id=headers["x-event"], headers=headers, body=body)

    def verify(self, delivery: Delivery) -> None:
        if delivery.headers.get("x-signature") != "good":
            raise ForgedDeliveryError("the signature does not fit")

    def read(self, topic: str, body: bytes) -> None:
        raise AssertionError("a delivery is not read before it is answered")


class ApiHub(Hub):
    """A hub with one connection, `shop`."""

    async def connector(self, connection_id: str) -> Any:
        if connection_id != "shop":
            raise DomainError("unknown_connection", f"there is no connection {connection_id}")
        return ShopWebhooks()


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    settings.var.mkdir(parents=True, exist_ok=True)
    opened = ApiHub(settings.model_copy(update={"sqlite_synchronous": "NORMAL"}), keys=Keys([new_key()]))
    METADATA.create_all(opened.database.engine)
    opened.database.write_now(_stock_keep)
    yield opened
    opened.database.close()


def _stock_keep(tx: Connection) -> None:
    """Two items, known everywhere by their SKU."""
    for sku in ("TEA-1", "COFFEE"):
        item: dict[str, Any] = {
            "id": sku.lower(),
            "title": sku,
            "weight_g": 100,
            "is_hazmat": False,
            "sku_class": "",
            "components": [],
        }
        tx.execute(ITEMS.insert().values(item))
        tx.execute(ALIASES.insert().values(sku=sku, connection_id="", item_id=sku.lower(), external_id=""))


@pytest.fixture
def shop(hub: Hub) -> str:
    """The row of the connection `shop`."""
    row = {
        "id": "shop", "platform": "shop", "name": "Shop", "sealed_config": b"", "mode": "on", "market": "",
        "captures": "channel", "pause_reason": "", "settings": {}, "created_at": NOW,
    }  # fmt: skip
    hub.database.write_now(lambda tx: tx.execute(CONNECTIONS.insert().values(row)))
    return "shop"


@pytest_asyncio.fixture
async def app(hub: Hub) -> AsyncIterator[FastAPI]:
    application = create_app(hub)
    yield application
    await application.state.runner.close()
    await application.state.importer.close()


@pytest.fixture
def tokens(hub: Hub) -> dict[Role, str]:
    """One key per role."""

    def make(tx: Connection) -> dict[Role, str]:
        return {role: api_keys.create(tx, name=f"a {role}", role=role, by=INSTALLER, now=NOW).token for role in ROLES}

    return hub.database.write_now(make)


@pytest_asyncio.fixture
async def clients(app: FastAPI, tokens: dict[Role, str]) -> AsyncIterator[SimpleNamespace]:
    """One client per role, and one without a key: `clients.admin`, `clients.nobody`."""
    transport = httpx.ASGITransport(app)
    opened = {
        role: httpx.AsyncClient(
            transport=transport, base_url="http://hub", headers={"Authorization": f"Bearer {token}"}
        )
        for role, token in tokens.items()
    }
    nobody = httpx.AsyncClient(transport=transport, base_url="http://hub")
    yield SimpleNamespace(**opened, nobody=nobody)
    for client in (*opened.values(), nobody):
        await client.aclose()


def order_body(**changes: Any) -> dict[str, Any]:
    """A call-centre order of an invented person."""
    return {
        "currency": "EUR",
        "lines": [{"sku": "TEA-1", "quantity": 2, "unit_price_minor": 1250}],
        "ship_to": {"name": "Ada Example", "line1": "1 Sample Street", "city": "Berlin", "postal_code": "10115", "country": "DE"},
        "buyer": {"name": "Ada Example", "email": "ada@example.com", "phone": "+1 555 0100"},
        **changes,
    }  # fmt: skip


async def make_order(clients: SimpleNamespace, key: str = "first", **changes: Any) -> str:
    """Through the front door; returns the order's id."""
    made = await clients.support.post("/orders", json=order_body(**changes), headers={"Idempotency-Key": key})
    made.raise_for_status()
    return str(made.json()["order_id"])
