"""The topology of docker-compose.yml, by hand: a Temporal server that is not ours, PostgreSQL, API and workers."""

import httpx
import pytest

from runtime.doctor import examine
from runtime.parts import default_parts
from runtime.settings import Settings
from runtime.supervisor import Stack

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


async def test_runs_on_a_cluster_and_postgres_without_an_embedded_engine_or_sqlite(
    settings: Settings, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = settings.model_copy(update={"var": settings.var / "cluster"})
    hub = settings.model_copy(update={"database_url": postgres_url})
    async with Stack(elsewhere, parts=["temporal"]) as cluster:
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{cluster.ports['temporal']}")
        parts = [part for part in default_parts() if part != "sandbox"]
        async with Stack(hub, parts=parts) as stack, httpx.AsyncClient(trust_env=False) as client:
            ready = await client.get(f"{stack.settings.api_url}/readyz")
            findings = {found.check: found.ok for found in await examine(stack.settings)}

    assert parts == ["api", "worker", "console"]
    assert ready.status_code == 200, ready.text
    assert findings.items() >= {"temporal": True, "worker": True, "database": True, "api": True}.items()
    assert list(settings.var.glob("*.db")) == []
