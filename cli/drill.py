"""`tutti drill`: a scripted bad day, and a scorecard."""

from __future__ import annotations

import asyncio
import shutil
from random import randrange
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from bench.drill.plan import Plan
from bench.drill.run import drill
from runtime.apart import apart
from runtime.settings import Settings

app = typer.Typer(add_completion=False)


@app.command()
def run(
    *,
    orders: Annotated[int, typer.Option(min=1, help="How many orders come in.")] = 120,
    minutes: Annotated[float, typer.Option(min=0.1, help="How long they come in; the rest follows from it.")] = 1.0,
    returns: Annotated[int, typer.Option(min=1, help="How many orders come back, on a stack of their own.")] = 300,
    seed: Annotated[int | None, typer.Option(help="Play the same day again; by default a new one.")] = None,
    database_url: Annotated[
        str, typer.Option(help="Play it on this empty database, instead of a file of its own.")
    ] = "",
    publication: Annotated[
        bool, typer.Option("--publication", help="Only stock numbers: what channels show while it moves.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Only the report, as JSON.")] = False,
) -> None:
    """Start a stack of its own, let platforms fail and processes die while orders flow, and count what went wrong.

    Exit code 1 if an order was lost, anything was done twice or oversold, or a control arm did not fail as it must.
    The report is var/drill/report.json.
    """
    var = Settings().var / "drill"
    settings = apart(var, database_url)
    shutil.rmtree(var, ignore_errors=True)
    console = Console(quiet=as_json, width=None if Console().is_terminal else 120)
    started = monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{monotonic() - started:5.1f} s[/]  {text}", highlight=False, soft_wrap=True)

    plan = Plan(
        orders=orders, seconds=60 * minutes, seed=randrange(1_000_000) if seed is None else seed, returns=returns
    )
    ok, path = asyncio.run(drill(settings, plan, say, console, only_stock=publication))
    if as_json:
        typer.echo(path.read_text())
    console.print(f"The same facts: {path}; the same day again: tutti drill --seed {plan.seed}", soft_wrap=True)
    raise typer.Exit(0 if ok else 1)
