"""`tutti orders`: find, look at, and change orders; bring in a file of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Column, Table

from cli.client import CONSOLE, HubClient, show_json
from cli.order_file import import_file
from domain.money import Money
from runtime.errors import OperatorError

app = typer.Typer(help="Find, look at and change orders; bring in a file of them.", no_args_is_help=True)

Order = Annotated[str, typer.Argument(help="The order's id or number.")]
AsJson = Annotated[bool, typer.Option("--json", help="What the API said, for other programs.")]
Preview = Annotated[bool, typer.Option("--preview", help="Say what would happen, and change nothing.")]


@app.command("list")
def list_orders(
    search: Annotated[str | None, typer.Argument(help="Number, id, e-mail address or tracking number.")] = None,
    state: Annotated[str | None, typer.Option()] = None,
    connection: Annotated[str | None, typer.Option()] = None,
    sku: Annotated[str | None, typer.Option()] = None,
    tag: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """The newest orders first."""
    with HubClient() as hub:
        found = hub.get("/orders", q=search, state=state, connection=connection, sku=sku, tag=tag, limit=limit)
    if as_json:
        show_json(found)
        return
    table = Table(
        Column("order", overflow="fold"), "number", "placed", "state", Column("total", justify="right"), "why", box=None
    )
    for order in found["orders"]:
        placed = order["placed_at"][:16].replace("T", " ")
        total = str(Money(amount_minor=order["total_minor"], currency=order["currency"]))
        table.add_row(order["id"], order["number"], placed, order["state"], total, order["why"])
    CONSOLE.print(table)
    if found["next"]:
        CONSOLE.print(f"There are more than {limit}; narrow the list, or raise --limit.")


@app.command()
def show(
    order: Order,
    *,
    person: Annotated[bool, typer.Option(help="Buyer and address too; it is recorded.")] = False,
    as_json: AsJson = False,
) -> None:
    """One order whole."""
    with HubClient() as hub:
        found = hub.get(f"/orders/{order_id(hub, order)}", person=person)
    if as_json:
        show_json(found)
        return
    CONSOLE.print(f"[bold]{found['number']}[/] {found['id']}: {found['state']}. {found['why']}", highlight=False)
    _print_parts(found)
    for hold_up in found["exceptions"]:
        CONSOLE.print(f"[yellow]{hold_up['title']}.[/] {hold_up['remedy']}", highlight=False)
    if found["person"]:
        CONSOLE.print(found["person"])


@app.command()
def cancel(
    order: Order,
    reason: Annotated[Literal["customer", "inventory", "fraud", "declined", "other"], typer.Option()] = "other",
    line: Annotated[list[str] | None, typer.Option(help="Only these units, as LINE=UNITS; may be repeated.")] = None,
    *,
    preview: Preview = False,
) -> None:
    """Cancel the whole order, or units of lines."""
    lines = dict(_units(text) for text in line) if line else None
    _act(order, "cancel", {"reason": reason, "lines": lines}, preview=preview)


@app.command()
def hold(
    order: Order, reason: Annotated[str, typer.Option(help="A short code.")] = "person", *, preview: Preview = False
) -> None:
    """Route and send nothing more until it is released."""
    _act(order, "hold", {"reason": reason}, preview=preview)


@app.command()
def release(order: Order, *, preview: Preview = False) -> None:
    """Let it go in spite of payment, risk and holds."""
    _act(order, "release", None, preview=preview)


@app.command()
def retry(
    order: Order,
    how: Annotated[Literal["continue", "redo_step", "restart"], typer.Option()] = "continue",
    *,
    preview: Preview = False,
) -> None:
    """Continue; or repeat the step that was refused; or start again."""
    _act(order, "retry", {"how": how}, preview=preview)


@app.command("import")
def import_orders(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)], *, as_json: AsJson = False
) -> None:
    """Make the orders of a CSV file; rows with the same reference are the lines of one order. May be repeated."""
    with HubClient() as hub:
        results = import_file(hub, file, quiet=as_json)
    if as_json:
        show_json([result._asdict() for result in results])
    if any(result.outcome == "refused" for result in results):
        raise typer.Exit(1)


def order_id(hub: HubClient, text: str) -> str:
    """The id behind what a person typed."""
    found = hub.get("/orders", q=text)["orders"]
    if not found:
        raise OperatorError(f"there is no order {text}; look for it with `tutti orders list`")
    if len(found) > 1:
        ids = ", ".join(order["id"] for order in found)
        raise OperatorError(f"{text} means several orders; use one of their ids: {ids}")
    return str(found[0]["id"])


def _units(text: str) -> tuple[str, int]:
    line, _, units = text.partition("=")
    if not units.isdigit():
        raise OperatorError(f"{text!r} does not name units of a line; write it like L1=2")
    return line, int(units)


def _act(order: str, action: str, body: dict[str, Any] | None, *, preview: bool) -> None:
    with HubClient() as hub:
        answer = hub.post(f"/orders/{order_id(hub, order)}/{action}", body, preview=preview)
    if not preview:
        CONSOLE.print(f"Recorded as fact {answer['seq']} of {answer['order_id']}.")
    elif answer["allowed"]:
        CONSOLE.print(f"{answer['before']['headline']} → {answer['after']['headline']}", highlight=False)
    else:
        CONSOLE.print(f"It would be refused: {answer['detail']}")


def _print_parts(found: dict[str, Any]) -> None:
    lines = Table("line", "sku", "title", "wanted", "ordered", box=None)
    for line in found["lines"]:
        lines.add_row(line["line_id"], line["sku"], line["title"], str(line["quantity"]), str(line["ordered"]))
    work = Table("fulfillment order", "location", "state", "recall", box=None)
    for part in found["fulfillment_orders"]:
        work.add_row(part["id"], part["location_id"], part["state"], part["recall"])
    parcels = Table("shipment", "carrier", "tracking", "channel", box=None)
    for parcel in found["shipments"]:
        parcels.add_row(parcel["id"], parcel["carrier"], parcel["tracking_number"], parcel["report"] or "not yet told")
    for table in (lines, work, parcels):
        if table.row_count:
            CONSOLE.print(table)
