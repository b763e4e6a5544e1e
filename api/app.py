"""The API's application: which routes there are, and what holds for all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import errors, openapi, pages
from api.bulk_runner import BulkRunner
from api.engine import Engine
from api.routes import (
    alerts,
    allocation_matrix,
    allocation_rules,
    audit,
    bulk,
    certificates,
    channel_forms,
    connections,
    content,
    decisions,
    deliveries,
    documents,
    exceptions,
    figures,
    flows,
    health,
    inventory,
    items,
    keys,
    launch_board,
    launches,
    locations,
    me,
    order_actions,
    order_entry,
    orders,
    product_export,
    product_imports,
    product_words,
    products,
    return_actions,
    return_page,
    return_policies,
    return_store,
    returns,
    safety_stock,
    sign_in,
    sign_in_oidc,
    sourcing_rules,
    stock_quality,
    store_tasks,
    switches,
    tracking,
    transfers,
    users,
    waivers,
    webhooks,
)
from api.shield import Shield
from db import bulk as bulk_jobs
from db import catalog_imports
from runtime.logs import configure_logs
from runtime.oidc import Provider
from runtime.passwords import Passwords
from runtime.settings import Settings
from runtime.wiring import Hub

ROUTES = (
    webhooks,
    deliveries,
    orders,
    order_entry,
    order_actions,
    returns,
    return_actions,
    return_store,
    return_policies,
    return_page,
    decisions,
    documents,
    exceptions,
    alerts,
    bulk,
    products,
    waivers,
    product_words,
    product_imports,
    product_export,
    channel_forms,
    allocation_matrix,
    allocation_rules,
    safety_stock,
    flows,
    figures,
    items,
    launch_board,
    launches,
    certificates,
    inventory,
    transfers,
    locations,
    sourcing_rules,
    stock_quality,
    content,
    store_tasks,
    connections,
    switches,
    audit,
    keys,
    sign_in,
    sign_in_oidc,
    me,
    users,
    health,
    tracking,
)

BODY_LIMIT = 1024 * 1024
"""Bytes of any request but a webhook."""


def create_app(hub: Hub | None = None) -> FastAPI:
    """The application over a hub; without one it opens its own from the settings when it starts."""
    settings = hub.settings if hub else Settings()
    app = FastAPI(
        title="Tutti",
        version=version("tutti"),
        description="The integration hub for commerce. Every refusal is a problem+json whose `code` is stable.",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    if hub is not None:
        _serve(app, hub)
    for module in ROUTES:
        app.include_router(module.router)
    pages.serve_docs(app)
    errors.install(app)
    openapi.install(app)
    app.add_middleware(Shield, body_limit=BODY_LIMIT, webhook_limit=settings.webhook_max_bytes)
    return app


def _serve(app: FastAPI, hub: Hub) -> None:
    app.state.hub = hub
    app.state.engine = Engine(hub.settings)
    app.state.runner = BulkRunner(hub.database, bulk_jobs)
    app.state.importer = BulkRunner(hub.database, catalog_imports)
    app.state.passwords = Passwords()
    app.state.provider = Provider(hub.settings) if hub.settings.oidc_issuer else None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    configure_logs(settings, "api")
    hub = Hub(settings)
    _serve(app, hub)
    await app.state.runner.resume()
    await app.state.importer.resume()
    try:
        yield
    finally:
        await app.state.runner.close()
        await app.state.importer.close()
        if app.state.provider is not None:
            await app.state.provider.close()
        await hub.close()


def _operation_id(route: APIRoute) -> str:
    """The name of the function: what generated clients call it."""
    return route.name
