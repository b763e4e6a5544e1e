"""`tutti stock`: levels, movements, receipts, counts, and the check of the ledger."""

from __future__ import annotations

import csv
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from cli import stock_quality
from cli.hub import change, done, now, operator, read, show, with_hub
from db import audit, inventory_queries, items, ledger, locations, stock_audit, store_news, transfers
from db.booking import Booking, book
from domain.certificate import SignedCertificate
from domain.errors import DomainError
from runtime.certificates import problems
from runtime.errors import OperatorError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from runtime.wiring import Hub

app = typer.Typer(help="Stock levels, movements, receipts, counts, and the check of the ledger.", no_args_is_help=True)
app.registered_commands += stock_quality.app.registered_commands

Key = Annotated[str, typer.Option(help="books once: repeat the command with the same key if it was cut off")]


@app.command()
def levels(item: str = "", location: str = "", limit: int = 500) -> None:
    """What is where."""
    rows = read(lambda tx: inventory_queries.levels(tx, item_id=item, location_id=location, limit=limit))
    show(
        ("item", "location", "condition", "on hand", "reserved"),
        ((r.item_id, r.location_id, r.condition, r.on_hand, r.reserved) for r in rows),
    )


@app.command()
def movements(item: str, location: str = "", limit: int = 50) -> None:
    """The ledger of an item, newest first."""
    rows = read(lambda tx: inventory_queries.movements(tx, item, location_id=location, limit=limit))
    show(
        ("at", "kind", "location", "on hand", "reserved", "order", "key"),
        ((f"{r.at:%Y-%m-%d %H:%M:%S}", r.kind, r.location_id, r.on_hand, r.reserved, r.order_id, r.key) for r in rows),
    )


@app.command()
def receive(item: str, location: str, quantity: int, key: Key = "") -> None:
    """Units came in; orders that wait get them by priority, then age."""
    _book("receive", item, location, quantity, key)


@app.command()
def count(item: str, location: str, quantity: int, key: Key = "") -> None:
    """So many units are there now."""
    _book("count", item, location, quantity, key)


@app.command()
def verify() -> None:
    """Recompute every balance from the ledger; the exit code is 1 if any differs."""
    found = read(ledger.verify)
    if not found:
        done("every balance is the sum of its movements")
        return
    show(ledger.Difference._fields, found)
    raise typer.Exit(1)


@app.command()
def certify(
    output: Annotated[
        Path | None, typer.Option(help="where to write the signed certificate; default: print it")
    ] = None,
) -> None:
    """Recompute the ledger, sign the result and keep it; the exit code is 1 if a check does not hold."""

    async def work(hub: Hub) -> SignedCertificate:
        return await hub.database.write(lambda tx: _certify(tx, hub))

    signed = with_hub(work)
    if output is None:
        typer.echo(signed.model_dump_json(indent=2))
    else:
        output.write_text(signed.model_dump_json(indent=2) + "\n")
        done(f"certificate {signed.certificate.number} is in {output}")
    if not signed.certificate.holds:
        raise typer.Exit(1)


def _certify(tx: Connection, hub: Hub) -> SignedCertificate:
    signed = stock_audit.certify(tx, hub.keys.sign, hub.keys.public_key, now())
    number, holds = str(signed.certificate.number), signed.certificate.holds
    audit.record(tx, operator(), "stock.certify", number, now=now(), after={"holds": holds})
    return signed


@app.command("public-key")
def public_key() -> None:
    """What certificates of this installation are checked with; give it to whoever should be able to."""

    async def work(hub: Hub) -> str:
        return hub.keys.public_key

    typer.echo(with_hub(work))


@app.command("check-certificate")
def check_certificate(
    files: Annotated[list[Path], typer.Argument(help="certificates in the order they were made")],
    public_key: Annotated[str, typer.Option("--key", help="the installation's public key, known beforehand")],
) -> None:
    """Check certificates offline: no hub, no database; the exit code is 1 if anything is wrong."""
    try:
        chain = tuple(SignedCertificate.model_validate_json(file.read_bytes()) for file in files)
    except (OSError, ValidationError) as wrong:
        raise OperatorError(f"a file is no signed certificate: {type(wrong).__name__}") from None
    found = problems(chain, public_key)
    for problem in found:
        typer.echo(problem)
    if found:
        raise typer.Exit(1)
    done(f"{len(chain)} certificates are genuine, and every check in them held")


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns item, location, quantity and, if known, counted_at")
    ],
    key: Annotated[str, typer.Option(help="tells two countings apart that found the same numbers")] = "",
) -> None:
    """Book counts from a file; every row has its own outcome, and the same content books once.

    A count with a time (ISO 8601 with its zone) leaves standing what moved since; one without is of now.
    """
    content = file.read_bytes()
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    counting = f"import:{key or sha256(content).hexdigest()[:16]}"

    async def work(hub: Hub) -> list[str]:
        outcomes = []
        for number, row in enumerate(rows, start=2):
            place = f"{counting}:{number}"
            outcomes.append(await hub.database.write(partial(_import_row, place=place, row=row)))
        return outcomes

    outcomes = with_hub(work)
    show(("line", "outcome"), enumerate(outcomes, start=2))
    if any(outcome.startswith("refused") for outcome in outcomes):
        raise typer.Exit(1)


def _import_row(tx: Connection, place: str, row: dict[str, str]) -> str:
    try:
        item, location, quantity = row["item"], row["location"], int(row["quantity"])
        at = datetime.fromisoformat(row["counted_at"]) if row.get("counted_at") else None
    except (KeyError, TypeError, ValueError):
        return (
            "refused: it needs item, location, a whole quantity, and counted_at (if given) as 2026-11-23T09:00:00+01:00"
        )
    if at is not None and (at.tzinfo is None or at > now()):
        return "refused: counted_at needs its zone and lies in the past"
    key = f"{place}:{item}:{location}:{quantity}"
    if inventory_queries.is_booked(tx, key):
        return "booked already"
    try:
        if at is not None:
            items.load(tx, item)
            locations.load(tx, location)
            return store_news.count_at(tx, key, item, location, quantity, at=at, now=now())
        book(tx, key, "count", item, location, quantity, at=now())
    except DomainError as refusal:
        return f"refused: {refusal}"
    return "booked"


@app.command()
def transfer(
    item: str,
    source: str,
    target: str,
    quantity: int,
    name: Annotated[
        str, typer.Option("--id", help="sends once: repeat the command with the same id if it was cut off")
    ] = "",
) -> None:
    """Send units from one place to another; they are in transit until they arrive."""
    transfer_id = name or f"T{now():%Y%m%d%H%M%S}-{item}"
    change(
        lambda tx: transfers.send(tx, transfer_id, item, source, target, quantity, at=now()),
        "stock.transfer", transfer_id, {"item": item, "from": source, "to": target, "quantity": quantity},
    )  # fmt: skip
    done(f"transfer {transfer_id} is on its way")


@app.command()
def arrive(transfer_id: str, quantity: int) -> None:
    """So many units of a transfer arrived; a difference is for a person."""
    woken = change(
        lambda tx: transfers.arrive(tx, transfer_id, quantity, at=now()),
        "stock.arrive", transfer_id, {"quantity": quantity},
    )  # fmt: skip
    done(f"booked; {len(woken)} waiting orders got stock")


@app.command("transfers")
def list_transfers() -> None:
    """What is on its way between our places."""
    show(
        ("id", "item", "from", "to", "units", "sent at"),
        (
            (t.id, t.item_id, t.from_location_id, t.to_location_id, t.sent, f"{t.sent_at:%Y-%m-%d %H:%M}")
            for t in read(transfers.under_way)
        ),
    )


def _book(kind: Booking, item: str, location: str, quantity: int, key: str) -> None:
    unique = f"{kind}:command line:{key or now().isoformat()}"
    woken = change(
        lambda tx: book(tx, unique, kind, item, location, quantity, at=now()),
        f"stock.{kind}", item, {"location": location, "quantity": quantity},
    )  # fmt: skip
    done(f"booked; {len(woken)} waiting orders got stock")
