"""The API before a running launch stack, with a key for each of three people."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx

from api.app import create_app
from api.engine import Engine
from db import api_keys
from db.actors import Actor
from tests.workflows.launch_stack import LaunchStack

INSTALLER = Actor(name="installer", role="admin", origin="test")
ROLES = {"anna": "operations", "ben": "operations", "vera": "viewer"}


@asynccontextmanager
async def people(stack: LaunchStack) -> AsyncIterator[SimpleNamespace]:
    """A client per person: `anna` and `ben` work in operations, `vera` may only look."""
    app = create_app(stack.hub)
    app.state.engine = Engine(stack.hub.settings, stack.client)
    async with AsyncExitStack() as opened:
        clients = {}
        for name, role in ROLES.items():
            bearer = {"Authorization": f"Bearer {await _token(stack, name, role)}"}
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub", headers=bearer)
            clients[name] = await opened.enter_async_context(client)
        yield SimpleNamespace(**clients)
    await app.state.runner.close()
    await app.state.importer.close()


async def _token(stack: LaunchStack, name: str, role: Any) -> str:
    new = await stack.write(lambda tx: api_keys.create(tx, name=name, role=role, by=INSTALLER, now=datetime.now(UTC)))
    return str(new.token)
