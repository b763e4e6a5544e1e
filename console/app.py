"""The console's process: its pages, its one client to the API, its files, its address."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI, Request, Response
from nicegui import app, ui

from console import pages
from console.api import open_http
from console.reach import Reach

if TYPE_CHECKING:
    from starlette.middleware.base import RequestResponseEndpoint

    from runtime.settings import Settings

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'",
}


def serve(settings: Settings) -> None:
    """Until the process is told to stop."""
    _open(settings.console_api_url or settings.api_url)
    app.state.address = settings.console_address
    app.state.provider_start = f"{settings.public_url.rstrip('/') or settings.api_url}/sign-in/oidc"
    process = FastAPI(openapi_url=None)
    ui.run_with(
        process,
        title="Tutti",
        favicon=STATIC / "favicon.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=30,
        show_welcome_message=False,
    )
    uvicorn.run(
        process,
        host=settings.console_host,
        port=settings.console_port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
    )


def _open(api_address: str) -> None:
    for module in pkgutil.iter_modules(pages.__path__):
        importlib.import_module(f"{pages.__name__}.{module.name}")
    # a page with a name of its own goes before one that any name fits
    app.router.routes.sort(key=lambda route: "{" in getattr(route, "path", ""))
    app.config.quasar_config["loadingBar"] = {"skipHijack": True}  # it has no name for a screen reader
    ui.add_head_html(
        '<link rel="stylesheet" href="/static/console.css"><script defer src="/static/console.js"></script>',
        shared=True,
    )
    app.add_static_files("/static", STATIC, max_cache_age=300)
    app.on_startup(lambda: _connect(api_address))
    app.on_shutdown(_disconnect)


async def _connect(api_address: str) -> None:
    app.state.http = open_http(api_address)
    app.state.reach = Reach(app.state.http)


async def _disconnect() -> None:
    await app.state.reach.close()
    await app.state.http.aclose()


@app.get("/healthz", include_in_schema=False)
async def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@app.middleware("http")
async def protect(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """No other site frames the console or guesses types of its files."""
    answer = await call_next(request)
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
