"""One server with every simulated platform that this checkout has."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pkgutil import iter_modules

import httpx
from fastapi import FastAPI

import sandbox
from sandbox.control import control
from sandbox.faults import Faults
from sandbox.media import router as pictures
from sandbox.platform import Platform
from sandbox.webhooks import Outbox


def create_app(webhook_client: httpx.AsyncClient | None = None) -> FastAPI:
    """A fresh sandbox; tests give a client that reaches the hub in-process."""
    faults = Faults()
    outbox = Outbox(faults, webhook_client)
    platforms = _platforms(faults, outbox)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await outbox.close()

    routes = [route for platform in platforms for route in platform.routes]
    app = FastAPI(title="Tutti sandbox", lifespan=lifespan, routes=routes)
    app.include_router(control(platforms, faults, outbox))
    app.include_router(pictures)
    app.add_api_route("/healthz", _healthz)
    return app


async def _healthz() -> Mapping[str, str]:
    """For the supervisor, which wants an answer and nothing else."""
    return {"status": "ok"}


def _platforms(faults: Faults, outbox: Outbox) -> list[Platform]:
    """Every package `sandbox/<name>/` with a module `app` is a platform."""
    packages = [module.name for module in iter_modules(sandbox.__path__) if module.ispkg]
    return [import_module(f"sandbox.{name}.app").platform(faults, outbox) for name in packages]
