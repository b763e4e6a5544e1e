"""`tutti flows`: what the hub really writes to which connection."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from cli.hub import change, done, now, operator, read, show
from db import flows

app = typer.Typer(help="Switch flows: off, shadow, on for a share of the items.", no_args_is_help=True)


@app.command("list")
def list_flows() -> None:
    """Every switch that was ever used; the others are off."""
    rows = read(flows.every)
    show(
        ("connection", "flow", "mode", "canary %", "changed at", "by"),
        ((r.connection_id, r.flow, r.mode, r.canary_percent, f"{r.changed_at:%Y-%m-%d %H:%M}", r.changed_by) for r in rows),
    )  # fmt: skip


@app.command("set")
def set_flow(
    connection: str,
    flow: Annotated[str, typer.Argument(help="inventory or content")],
    mode: Literal["off", "shadow", "on"],
    canary: Annotated[int, typer.Option(min=0, max=100, help="percent of the items")] = 100,
) -> None:
    """Turn a switch; shadow comes before on."""
    change(
        lambda tx: flows.put(tx, connection, flow, mode, canary, by=operator().name, now=now()),
        "flow.switch", f"{connection}:{flow}", {"mode": mode, "canary_percent": canary},
    )  # fmt: skip
    done(f"{flow} of {connection} is {mode}" + (f" for {canary} % of the items" if mode == "on" else ""))
