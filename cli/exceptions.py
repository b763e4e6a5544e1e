"""`tutti exceptions`: what needs a person, by cause."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from cli.orders import AsJson

app = typer.Typer(help="See and settle what needs a person.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(help="The exception's number, as `list` shows it.")]


@app.command("list")
def list_exceptions(
    *,
    closed: Annotated[bool, typer.Option(help="Those that are over.")] = False,
    snoozed: Annotated[bool, typer.Option(help="Those too that are hidden for a while.")] = False,
    as_json: AsJson = False,
) -> None:
    """The gravest first, then the oldest."""
    with HubClient() as hub:
        found = hub.get("/exceptions", state="closed" if closed else "open", snoozed=snoozed)
    if as_json:
        show_json(found)
        return
    table = Table("no.", "severity", "cause", "orders", "age", "whose", "what to do", box=None)
    for one in found:
        age = f"{one['age_seconds'] // 3600} h"
        table.add_row(
            str(one["id"]), one["severity"], one["title"], str(one["orders"]), age, one["assignee"], one["remedy"]
        )
    CONSOLE.print(table if found else "Nothing needs a person.")


@app.command()
def show(exception: Id, *, as_json: AsJson = False) -> None:
    """One exception with its notes and the first of its orders."""
    with HubClient() as hub:
        found = hub.get(f"/exceptions/{exception}")
    if as_json:
        show_json(found)
        return
    CONSOLE.print(f"[bold]{found['title']}[/] ({found['cause']})\n{found['remedy']}", highlight=False)
    for note in found["notes"]:
        CONSOLE.print(f"{note['at'][:16]} {note['author']}: {note['text']}", highlight=False)
    table = Table("order", "number", "state", "why", box=None)
    for order in found["affected"]:
        table.add_row(order["id"], order["number"], order["state"], order["why"])
    CONSOLE.print(table)


@app.command()
def assign(exception: Id, name: Annotated[str, typer.Argument(help="Whose it is; empty: nobody's.")]) -> None:
    """Say whose it is."""
    with HubClient() as hub:
        hub.post(f"/exceptions/{exception}/assign", {"assignee": name})


@app.command()
def note(exception: Id, text: str) -> None:
    """Write down what was found or done; no personal data."""
    with HubClient() as hub:
        hub.post(f"/exceptions/{exception}/note", {"text": text})


@app.command()
def resolve(exception: Id) -> None:
    """Say that it is dealt with."""
    with HubClient() as hub:
        started = hub.post(f"/exceptions/{exception}/resolve")
    _tell(started["job"])


@app.command()
def resume(
    exception: Id, how: Annotated[Literal["continue", "redo_step", "restart"], typer.Option()] = "continue"
) -> None:
    """Have every order that it holds up go on."""
    with HubClient() as hub:
        started = hub.post(f"/exceptions/{exception}/resume", {"how": how})
    _tell(started["job"])


def _tell(job: dict[str, object] | None) -> None:
    CONSOLE.print(f"Started as {job['id']} (GET /bulk/{job['id']})." if job else "Closed.")
