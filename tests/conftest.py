"""Fixtures that every folder of tests may ask for: Temporal servers, settings, PostgreSQL."""

import itertools
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from tests.db.postgres import fresh_database, server

BIN = Path(sys.executable).parent
STARTS_A_SERVER = {"engine", "ts_env", "postgres_server"}
CONSOLE = "tests/console"
LONGEST = (CONSOLE, "tests/workflows/test_launch_matrix.py", "tests/e2e", "tests/runtime/test_up.py")
_NUMBER = itertools.count(1)


def pytest_configure() -> None:
    """What the developer's shell says must not change what a test sees."""
    for name in [name for name in os.environ if name.startswith(("TUTTI_", "TEMPORAL_")) or name == "DATABASE_URL"]:
        if not name.startswith(("TUTTI_TEST_", "TUTTI_CONTRACTS")):
            del os.environ[name]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Where the failure matrix of launches stands as a table, if this run has played it."""
    played = {report.nodeid for report in terminalreporter.stats.get("passed", ())}
    if any("launch_matrix" in name or "launch_kills" in name for name in played):
        terminalreporter.write_line("The failure matrix of launches: var/launch-matrix.md")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for a server is marked as such, so that nobody can forget it.

    Two processes share the tests by file, and all of the console are one's, which has its stack; the longest go first,
    so that neither process is left alone with one at the end.
    """
    for item in items:
        if STARTS_A_SERVER & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)
        file = item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(CONSOLE if file.startswith(CONSOLE) else file))
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine() -> AsyncIterator[WorkflowEnvironment]:
    """One real Temporal server for the whole run."""
    from runtime.embedded import DYNAMIC_CONFIG, temporal_program
    from workflows.names import SEARCH_ATTRIBUTES

    arguments = [part for item in DYNAMIC_CONFIG.items() for part in ("--dynamic-config-value", "=".join(item))]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_program()),
        dev_server_log_level="error",
        dev_server_extra_args=arguments,
        data_converter=pydantic_data_converter,
        search_attributes=SEARCH_ATTRIBUTES,
    )
    yield environment
    await environment.shutdown()


@pytest_asyncio.fixture(loop_scope="session")
async def env(engine: WorkflowEnvironment) -> WorkflowEnvironment:
    """A namespace of this test alone: no run that an earlier one left behind is on its task queues."""
    from runtime.temporal import register_search_attributes

    service = engine.client.service_client
    namespace = f"test-{next(_NUMBER)}"
    kept = Duration(seconds=86_400)
    await service.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=namespace, workflow_execution_retention_period=kept), retry=True
    )
    client = Client(service, namespace=namespace, data_converter=pydantic_data_converter)
    await register_search_attributes(client)
    return WorkflowEnvironment.from_client(client)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ts_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server that skips time; it knows neither visibility nor schedules, and no update whose handler sleeps."""
    from runtime.temporal import register_search_attributes

    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(BIN / "temporal-test-server"),
        data_converter=pydantic_data_converter,
    )
    await register_search_attributes(environment.client)
    yield environment
    await environment.shutdown()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of an installation of this test alone; port 0 is any free port."""
    return Settings(
        var=tmp_path / "var",
        api_port=0,
        temporal_port=0,
        temporal_ui_port=0,
        sandbox_port=0,
        console_port=0,
        log_format="console",
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str | None]:
    """A server's address that ends where a database's name belongs; None where PostgreSQL is not installed."""
    with server() as address:
        yield address


@pytest.fixture
def postgres_url(postgres_server: str | None) -> Iterator[str]:
    """An empty PostgreSQL database of this test alone."""
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with fresh_database(postgres_server, f"tutti_{next(_NUMBER)}") as url:
        yield url
