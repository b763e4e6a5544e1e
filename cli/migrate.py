"""`tutti migrate`: what must be done once per version before the processes start (`tutti up` does it by itself)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import typer

from db.migrate import upgrade
from runtime.settings import Settings
from runtime.temporal import connect, prepare_namespace

app = typer.Typer(help="Bring the database and the Temporal namespace up to this version.")


@app.command()
def migrate() -> None:
    """Create or alter tables, register search attributes, set the retention; may be repeated."""
    settings = Settings()
    upgrade(settings.database_url)
    asyncio.run(_prepare_namespace(settings))
    typer.echo("The database and the Temporal namespace are up to date.")


async def _prepare_namespace(settings: Settings) -> None:
    client = await connect(settings)
    await prepare_namespace(client, timedelta(days=settings.retention_histories_days))
