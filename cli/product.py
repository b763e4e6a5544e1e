"""`tutti product`: bring products in and out, look at them, check them against each channel, change them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from cli.client import CONSOLE, show_json
from cli.hub import done, now, operator, pairs, read, show, with_hub
from cli.product_file import digest_of, lines_of, write
from cli.product_view import show_check
from db import catalog, catalog_imports, channel_forms, waivers
from db.actor_names import Names
from db.catalog import Author
from db.words import dictionary
from domain.catalog.document import document
from domain.catalog.findings import Gate, Waiver
from domain.catalog.product import Variant
from runtime.errors import OperatorError
from runtime.media import read_media
from runtime.product_check import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

    from domain.catalog.gates import Checked
    from domain.catalog.product import Product
    from runtime.wiring import Hub

app = typer.Typer(help="Products: bring in, look at, check against each channel, change.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="a product's id, or a SKU of one of its variants")]
Channel = Annotated[str, typer.Option(help="the connection")]
AsJson = Annotated[bool, typer.Option("--json", help="as JSON, for other programs")]
ROWS = 500
PAGE = 200


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help=".csv: a row per variant; .jsonl: a product per line")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring in a file; each row tells what became of it. Interrupted, it goes on where it stopped when called again."""
    digest = digest_of(file)

    async def work(hub: Hub) -> tuple[dict[str, int], list[dict[str, Any]]]:
        words = await hub.database.read(dictionary)
        lines = list(lines_of(file, words))
        job = await hub.database.write(
            lambda tx: catalog_imports.begin(tx, digest, file.name, by=operator(), now=now())
        )
        await _send(hub, job, lines)
        with Progress(console=CONSOLE, disable=as_json) as bar:
            task = bar.add_task(f"Importing {file.name}", total=len(lines))
            more = True
            while more:
                more = await hub.database.write(lambda tx: catalog_imports.step(tx, job, now()))
                counts = await hub.database.read(lambda tx: catalog_imports.counts(tx, job))
                bar.update(task, completed=sum(counts.values()) - counts.get("pending", 0))
        refused = await hub.database.read(
            lambda tx: catalog_imports.results(tx, job, state="refused", limit=len(lines) + 1)
        )
        return counts, [row._asdict() for row in refused]

    counts, refused = with_hub(work)
    if as_json:
        show_json({"counts": counts, "refused": refused})
    else:
        for row in refused:
            CONSOLE.print(
                f"[red]refused[/] row {row['line']} {row['sku'] or row['product_id']}: {row['detail']}", highlight=False
            )
        done(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "the file has no rows")
    if refused:
        raise typer.Exit(1)


async def _send(hub: Hub, job: str, lines: list[catalog_imports.Line]) -> None:
    """Rows that an interrupted import has kept already stay as they are."""
    if not await hub.database.read(lambda tx: catalog_imports.load(tx, job).complete):
        for start in range(0, len(lines), ROWS):
            await hub.database.write(partial(catalog_imports.add, import_id=job, lines=lines[start : start + ROWS]))
        await hub.database.write(lambda tx: catalog_imports.complete(tx, job))


@app.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(help=".csv or .jsonl")], *, category: str = "", search: str = ""
) -> None:
    """Write products into a file that `import` takes back."""

    def work(tx: Connection) -> int:
        return write(file, _all(tx, category=category, search=search), dictionary(tx))

    done(f"{read(work)} rows in {file}")


def _all(tx: Connection, **which: str) -> Iterator[Product]:
    after: str | None = ""
    while after is not None:
        page = catalog.page(tx, after=after, limit=PAGE, **which)
        yield from page
        after = page[-1].id if len(page) == PAGE else None


@app.command("list")
def list_products(*, search: str = "", category: str = "", limit: int = 50, as_json: AsJson = False) -> None:
    """Products with their SKUs; `--search` finds a part of an id, a title, a SKU or a GTIN."""
    found = read(lambda tx: catalog.page(tx, search=search, category=category, limit=limit))
    if as_json:
        show_json([document(product) for product in found])
        return
    rows = ((p.id, p.title, p.state, p.category, ", ".join(variant.sku for variant in p.variants)) for p in found)
    show(("id", "title", "state", "category", "SKUs"), rows)


@app.command("show")
def show_product(name: Name) -> None:
    """Everything that the master says of a product."""
    show_json(document(read(lambda tx: catalog.load(tx, catalog.id_of(tx, name)))))


@app.command()
def check(
    name: Name,
    *,
    channel: Channel = "",
    media: Annotated[bool, typer.Option(help="read pictures that were not read yet")] = True,
    as_json: AsJson = False,
) -> None:
    """Each field as a channel would get it: value, where it came from, what is missing, what would be cut.

    Without a channel: every one that has a form. The exit code is 1 while anything stops publication.
    """

    async def work(hub: Hub) -> list[Checked]:
        product_id = await hub.database.read(lambda tx: catalog.id_of(tx, name))
        if media:
            await read_media(hub, [product_id])
        channels = [channel] if channel else await hub.database.read(channel_forms.with_forms)
        return [await checked(hub, product_id, one) for one in channels]

    answers = with_hub(work)
    if not answers:
        raise OperatorError("no connection has a form; write one under forms in tutti.yaml and apply it")
    if as_json:
        show_json([answer.model_dump(mode="json") | {"passes": answer.passes} for answer in answers])
    else:
        for answer in answers:
            show_check(answer, name)
    if not all(answer.passes for answer in answers):
        raise typer.Exit(1)


@app.command()
def history(name: Name, *, field: str = "", limit: int = 50, as_json: AsJson = False) -> None:
    """Who changed what, when, from which side; `--field variants.SKU.prices` with all that lies within."""

    async def work(hub: Hub) -> list[tuple[Row[Any], str]]:
        def told(tx: Connection) -> list[tuple[Row[Any], str]]:
            names = Names(tx, hub.vault)
            return [(r, names[r.actor]) for r in catalog.history(tx, catalog.id_of(tx, name), field=field, limit=limit)]

        return await hub.database.read(told)

    rows = with_hub(work)
    if as_json:
        show_json([{**row._asdict(), "actor": who} for row, who in rows])
        return
    show(
        ("when", "who", "from", "field", "before", "after"),
        (
            (f"{r.at:%Y-%m-%d %H:%M:%S}", who, r.side, r.field or "made", _short(r.before), _short(r.after))
            for r, who in rows
        ),
    )


@app.command("set")
def set_fields(
    name: Name,
    fields: Annotated[list[str], typer.Argument(help="field=value, such as title='Harbor tee'; empty removes it")],
    *,
    channel: Annotated[str, typer.Option(help="only for this connection")] = "",
    owner: Annotated[
        str, typer.Option(help="who owns the fields there: us, channel, person; the value may be empty")
    ] = "",
) -> None:
    """Change fields; with a SKU those of its variant, such as prices.EUR.amount_minor=1999."""
    if owner and not channel:
        raise OperatorError("an owner is of a field on a channel; name it with --channel")

    def work(tx: Connection) -> catalog.Saved:
        product_id = catalog.id_of(tx, name)
        patch: dict[str, Any] = {}
        for field, text in pairs(fields).items():
            path = ["overrides", channel, field] if channel else field.split(".")
            value = _override(text, owner) if channel else _value(text)
            if name != product_id and path[0] in Variant.model_fields:
                path = ["variants", name, *path]
            _put(patch, path, value)
        return catalog.merge(tx, product_id, patch, by=Author(operator().name, "command line"), now=now())

    saved = with_hub(lambda hub: hub.database.write(work))
    for change in saved.changes:
        typer.echo(str(change))
    done(f"{saved.product.id} is {saved.outcome}")


@app.command()
def waive(
    name: Name, gate: str, *, channel: Channel, reason: Annotated[str, typer.Option()], sku: str = "", field: str = ""
) -> None:
    """Answer by name for what a gate finds; it is on the audit log."""
    waiver = Waiver.model_validate({"gate": _gate(gate), "sku": sku, "field": field, "approver": operator().name})

    def work(tx: Connection) -> int:
        product_id = catalog.id_of(tx, name)
        return waivers.grant(tx, product_id, channel, waiver, reason=reason, by=operator(), now=now())

    done(f"waiver {with_hub(lambda hub: hub.database.write(work))}: {operator().name} answers for {gate} on {channel}")


def _gate(name: str) -> str:
    known: tuple[str, ...] = Gate.__args__  # type: ignore[attr-defined]
    if name not in known:
        raise OperatorError(f"there is no gate {name!r}; it is one of {', '.join(known)}")
    return name


def _override(text: str, owner: str) -> dict[str, Any] | None:
    said = {"value": _value(text)} if text else {}
    return {**said, **({"owner": owner} if owner else {})} or None


def _value(text: str) -> Any:
    """JSON where it is some, else the text itself; nothing removes the field."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def _put(patch: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        patch = patch.setdefault(part, {})
    patch[path[-1]] = value


def _short(value: Any) -> str:
    text = "" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
