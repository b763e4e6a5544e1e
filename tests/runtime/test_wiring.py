"""What an open connector is told when its configuration changes by itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from db import connections
from db.tables import METADATA
from runtime import wiring
from runtime.keys import Keys, new_key
from runtime.settings import Settings
from runtime.wiring import Hub

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Stands for `datetime` in the wiring."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self, _zone: tzinfo) -> datetime:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wiring, "datetime", clock)
    monkeypatch.setattr(wiring, "_FRESH_S", 0.0)
    return clock


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(Settings(var=tmp_path, database_url=f"sqlite:///{tmp_path / 'tutti.db'}"), keys=Keys([new_key()]))
    METADATA.create_all(hub.database.engine)
    yield hub
    await hub.close()


async def test_a_connector_forgets_a_replaced_webhook_secret_when_its_time_is_over(hub: Hub, clock: Clock) -> None:
    config: dict[str, Any] = {"shop_domain": "mugs.myshopify.com", "access_token": "t", "client_secrets": ["first"]}

    def rotate(tx: Connection) -> None:
        connections.create(tx, hub.keys, "web", platform="shopify", config=config, now=NOW)
        connections.rotate_webhook_secret(tx, hub.keys, "web", "second", keep_for=timedelta(hours=1), now=NOW)

    hub.database.write_now(rotate)
    during = await hub.connector("web")
    still = await hub.connector("web")
    clock.time = NOW + timedelta(hours=1)
    after = await hub.connector("web")

    assert still is during
    assert after is not during
