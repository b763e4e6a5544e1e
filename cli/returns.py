"""`tutti returns`: open, follow and decide returns; receive and inspect what comes back; versions of the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from cli.orders import order_id
from domain.money import Money
from runtime.errors import OperatorError

app = typer.Typer(help="Open, follow and decide returns; receive and inspect what comes back.", no_args_is_help=True)

Return = Annotated[str, typer.Argument(help="The return's id (RMA).")]
Reason = Annotated[str, typer.Option(help="Why; it is recorded. No personal data.")]
AsJson = Annotated[bool, typer.Option("--json", help="What the API said, for other programs.")]
Grade = Literal["new", "opened", "worn", "damaged"]


@app.command("list")
def list_returns(
    state: Annotated[str | None, typer.Option()] = None,
    location: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    with HubClient() as hub:
        found = hub.get("/returns", state=state, location=location, limit=limit)
    if as_json:
        show_json(found)
        return
    table = Table("return", "opened", "by", "method", "state", "why", box=None)
    for each in found:
        opened = each["opened_at"][:16].replace("T", " ")
        table.add_row(each["id"], opened, each["opened_by"], each["method"], each["state"], each["why"])
    CONSOLE.print(table)


@app.command()
def show(rma: Return, *, as_json: AsJson = False) -> None:
    """One return with both ledgers."""
    with HubClient() as hub:
        found = hub.get(f"/returns/{rma}")
    if as_json:
        show_json(found)
        return
    CONSOLE.print(f"[bold]{found['id']}[/]: {found['state']}. {found['why']}", highlight=False)
    lines = Table("line", "sku", "reason", "announced", "authorized", "received", "accepted", "paid", box=None)
    for line in found["lines"]:
        counted = [str(line[name]) for name in ("announced", "authorized", "received", "accepted", "paid")]
        lines.add_row(line["line_id"], line["sku"], line["reason"], *counted)
    money = Table("refund", "tender", "amount", "state", box=None)
    for refund in found["refunds"]:
        amount = str(Money(amount_minor=refund["amount_minor"], currency=refund["currency"]))
        money.add_row(refund["id"], refund["tender"], amount, refund["state"])
    for table in (lines, money):
        if table.row_count:
            CONSOLE.print(table)


@app.command()
def lookup(text: Annotated[str, typer.Argument(help="Order number, receipt code or e-mail address.")]) -> None:
    """Find any channel's order, and what of it may come back."""
    with HubClient() as hub:
        found = hub.get("/returns/lookup", q=text)
    for order in found:
        CONSOLE.print(f"[bold]{order['number']}[/] {order['order_id']}", highlight=False)
        for line in order["lines"]:
            why = "; ".join(line["refusals"])
            CONSOLE.print(f"  {line['line_id']} {line['sku']}: {line['eligible']} may come back {why}", highlight=False)
    if not found:
        CONSOLE.print("No order is known by that.")


@app.command("open")
def open_return(
    order: Annotated[str, typer.Argument(help="The order's id or number.")],
    line: Annotated[list[str], typer.Option(help="Units of a line, as LINE=UNITS; may be repeated.")],
    reason: Annotated[str, typer.Option(help="Why the buyer sends it back, e.g. too_big.")] = "other",
    method: Annotated[
        Literal["label", "drop_off", "in_store", "refused_delivery", "keep"], typer.Option()
    ] = "drop_off",
    location: Annotated[str | None, typer.Option(help="Where it is expected.")] = None,
    override: Annotated[str, typer.Option(help="Why it may come back although the policy refuses.")] = "",
) -> None:
    """Let units of an order come back."""
    with HubClient() as hub:
        lines = [_units(text) | {"reason": reason} for text in line]
        wish = {"order_id": order_id(hub, order), "lines": lines, "method": method, "location_id": location}
        answer = hub.post("/returns", wish | {"override": override})
    CONSOLE.print(f"Opened {answer['return_id']}.")


@app.command()
def receive(rma: Return, item: str, quantity: int, location: Annotated[str, typer.Option()], key: str = "1") -> None:
    """Units came in; the same key is the same receipt."""
    body = {"key": key, "item_id": item, "quantity": quantity, "location_id": location}
    _act(f"/store/returns/{rma}/receive", body)


@app.command()
def inspect(
    rma: Return, line: str, item: str, quantity: int, grade: Annotated[Grade, typer.Option()], key: str = "1"
) -> None:
    """Say what state units are in."""
    body = {"key": key, "line_id": line, "item_id": item, "quantity": quantity, "grade": grade}
    with HubClient() as hub:
        CONSOLE.print(f"They go to: {hub.post(f'/store/returns/{rma}/inspect', body)['disposition']}.")


@app.command()
def approve(rma: Return, reason: Reason) -> None:
    """Let it come back."""
    _act(f"/returns/{rma}/approve", {"reason": reason})


@app.command()
def refuse(rma: Return, reason: Reason) -> None:
    """Nothing may come back."""
    _act(f"/returns/{rma}/refuse", {"reason": reason})


@app.command()
def withdraw(rma: Return) -> None:
    """The buyer keeps the goods."""
    _act(f"/returns/{rma}/withdraw", None)


@app.command()
def retry(rma: Return, how: Annotated[Literal["continue", "redo", "skip"], typer.Option()] = "continue") -> None:
    """Look again; make refused writes once more; or count them as dealt with by hand."""
    _act(f"/returns/{rma}/retry", {"how": how})


@app.command()
def policy(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], *, activate: bool = False) -> None:
    """Store a version of the return policy from YAML, say what looks wrong, and put it in force if asked."""
    body = yaml.safe_load(file.read_text())
    if not isinstance(body, dict) or "version" not in body:
        raise OperatorError(f"{file}: it needs a version and rules")
    with HubClient() as hub:
        stored = hub.send("PUT", f"/return-policies/{body['version']}", json=body)
        for finding in stored["findings"]:
            CONSOLE.print(f"! {finding['kind']}: {finding['text']} (e.g. {finding['example']})", highlight=False)
        if activate:
            hub.post(f"/return-policies/{body['version']}/activate")
    CONSOLE.print(f"Version {body['version']} is {'in force' if activate else 'stored'}.")


@app.command()
def report(*, as_json: AsJson = False) -> None:
    """Why goods come back by SKU and channel, and how much of what was shipped."""
    with HubClient() as hub:
        found = {"reasons": hub.get("/returns/reasons"), "rates": hub.get("/returns/rates")}
    if as_json:
        show_json(found)
        return
    why = Table("sku", "channel", "reason", "units", box=None)
    for each in found["reasons"]:
        why.add_row(each["sku"], each["connection_id"], each["reason"], str(each["units"]))
    rates = Table("channel", "shipped", "sent back", "rate", box=None)
    for each in found["rates"]:
        rates.add_row(each["connection_id"], str(each["shipped"]), str(each["announced"]), f"{each['rate']:.1%}")
    CONSOLE.print(why, rates)


def _act(path: str, body: dict[str, Any] | None) -> None:
    with HubClient() as hub:
        shown = hub.post(path, body)
    CONSOLE.print(f"{shown['id']}: {shown['state']}. {shown['why']}", highlight=False)


def _units(text: str) -> dict[str, Any]:
    line, _, units = text.partition("=")
    if not units.isdigit():
        raise OperatorError(f"{text!r} does not name units of a line; write it like L1=2")
    return {"line_id": line, "quantity": int(units)}
