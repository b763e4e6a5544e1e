"""What every route may ask for: the hub, the runner of bulk jobs, the hasher of passwords, the time."""

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from api.bulk_runner import BulkRunner
from api.engine import Engine
from runtime.oidc import Provider
from runtime.passwords import Passwords
from runtime.wiring import Hub


def hub_of(request: Request) -> Hub:
    """The one hub of this process."""
    return cast("Hub", request.app.state.hub)


def _runner_of(request: Request) -> BulkRunner:
    return cast("BulkRunner", request.app.state.runner)


def _importer_of(request: Request) -> BulkRunner:
    return cast("BulkRunner", request.app.state.importer)


def _now() -> datetime:
    return datetime.now(UTC)


def _engine_of(request: Request) -> Engine:
    return cast("Engine", request.app.state.engine)


def _passwords_of(request: Request) -> Passwords:
    return cast("Passwords", request.app.state.passwords)


def _provider_of(request: Request) -> Provider | None:
    return cast("Provider | None", request.app.state.provider)


HubDep = Annotated[Hub, Depends(hub_of)]
EngineDep = Annotated[Engine, Depends(_engine_of)]
RunnerDep = Annotated[BulkRunner, Depends(_runner_of)]
ImporterDep = Annotated[BulkRunner, Depends(_importer_of)]
PasswordsDep = Annotated[Passwords, Depends(_passwords_of)]
ProviderDep = Annotated[Provider | None, Depends(_provider_of)]
"""None when no OpenID provider is set."""
Now = Annotated[datetime, Depends(_now)]
"""The moment of the request: one for everything that it changes."""
