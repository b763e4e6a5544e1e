"""`tutti demo`: a day of the example merchant in a minute."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import typer
from rich.console import Console

from bench import demo
from runtime.apart import apart
from runtime.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def run() -> None:
    """Start a stack of its own, play a day of orders, show where each went and why, and stop.

    TUTTI_SAMPLES=FOLDER sends that folder's Shopify bodies instead of ours. The report is var/demo/report.json.
    """
    var = Settings().var / "demo"
    shutil.rmtree(var, ignore_errors=True)
    samples = os.environ.get("TUTTI_SAMPLES")
    console = Console(width=None if Console().is_terminal else 150)
    code = asyncio.run(demo.run(apart(var), console, Path(samples) if samples else None))
    raise typer.Exit(code)
