"""`tutti audit`: who changed what, and whether the record of it is whole."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from cli.orders import AsJson
from runtime.errors import OperatorError

app = typer.Typer(help="See who changed what, and check that the record is whole.", no_args_is_help=True)


@app.command("list")
def list_changes(
    target: Annotated[str | None, typer.Option(help="Only changes of this order, key or connection.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """Newest first."""
    with HubClient() as hub:
        found = hub.get("/audit", target=target, limit=limit)
    if as_json:
        show_json(found)
        return
    table = Table("at", "who", "role", "from", "what", "of", box=None)
    for row in found:
        table.add_row(row["at"][:19], row["actor"], row["role"], row["origin"], row["action"], row["target"])
    CONSOLE.print(table)


@app.command()
def verify() -> None:
    """Follow the chain of hashes from the first row to the last."""
    with HubClient() as hub:
        verdict = hub.get("/audit/verify")
    if verdict["first_broken"] is not None:
        raise OperatorError(
            f"row {verdict['first_broken']} does not follow from the one before: rows were changed or removed"
        )
    CONSOLE.print(f"All {verdict['rows']} rows follow from one another.")
