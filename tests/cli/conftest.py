"""A hub that commands reach."""

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from api.app import create_app
from runtime.access import make_operator_token
from runtime.settings import Settings
from runtime.wiring import Hub
from tests.db.migrated import migrated


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A hub that answers, and commands that reach it with the operator's key."""
    settings.var.mkdir()
    migrated(settings.database_url)
    make_operator_token(settings)
    opened = Hub(settings)
    server = uvicorn.Server(uvicorn.Config(create_app(opened), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    monkeypatch.setenv("TUTTI_VAR", str(settings.var))
    monkeypatch.setenv("TUTTI_API", f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    yield
    server.should_exit = True
    thread.join()
    opened.database.close()
