"""`tutti why ORDER`: why it ships from where it ships, and what it waits for."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from cli.orders import AsJson, Order, order_id

app = typer.Typer(help="Say why an order ships from where it ships, and what it waits for.")


@app.command()
def why(
    order: Order,
    *,
    rerun: Annotated[bool, typer.Option(help="Decide the stored input again and compare.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every routing decision with its reasons, location by location."""
    with HubClient() as hub:
        found = order_id(hub, order)
        decisions = hub.get(f"/orders/{found}/decisions", rerun=rerun)
        standing = hub.get(f"/orders/{found}")
    if as_json:
        show_json(decisions)
        return
    CONSOLE.print(f"[bold]{standing['number']}[/] {standing['state']}: {standing['why']}", highlight=False)
    for hold_up in standing["exceptions"]:
        CONSOLE.print(f"[yellow]{hold_up['title']}.[/] {hold_up['remedy']}", highlight=False)
    if not decisions:
        CONSOLE.print("No location has been chosen yet.")
    for decision in decisions:
        CONSOLE.print(
            f"\nRound {decision['round']}, rules {decision['rules_version']}: {decision['why']}", highlight=False
        )
        table = Table(box=None, show_header=False)
        for location, reason in decision["reasons"].items():
            table.add_row(location, reason)
        CONSOLE.print(table)
        if decision["rerun"]:
            again = decision["rerun"]
            CONSOLE.print(
                again["why_not"] or f"Decided again: the same winner: {'yes' if again['same_winner'] else 'NO'}"
            )
