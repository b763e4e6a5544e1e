"""`tutti forms`: versions of the forms by which each channel's listings are made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from cli.client import show_json
from cli.hub import change, done, now, operator, read, show
from cli.orders import AsJson
from cli.yaml_file import read_yaml
from db import channel_forms
from domain.catalog.form import ChannelForm

if TYPE_CHECKING:
    from sqlalchemy import Connection as Tx

app = typer.Typer(
    help="Versions of the forms by which each channel's listings are made; what a form says stands in docs/catalog.md.",
    no_args_is_help=True,
)


@app.command("list")
def list_versions(connection: str, *, as_json: AsJson = False) -> None:
    """Every version of a connection's form, the newest first."""
    rows = read(lambda tx: channel_forms.every(tx, connection))
    if as_json:
        show_json(
            [{name: getattr(row, name) for name in ("version", "active", "created_at", "created_by")} for row in rows]
        )
        return
    show(
        ("version", "active", "made at", "by"),
        ((r.version, "yes" if r.active else "", f"{r.created_at:%Y-%m-%d %H:%M}", r.created_by) for r in rows),
    )


@app.command("show")
def show_form(
    connection: str,
    version: Annotated[str, typer.Argument(help="empty: the one in force")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """One version, as `put` takes it back under another number."""

    def work(tx: Tx) -> ChannelForm:
        return channel_forms.load(tx, connection, version) if version else channel_forms.active(tx, connection)

    body = channel_forms.plain(read(work))
    if as_json:
        show_json(body)
    else:
        typer.echo(yaml.safe_dump(body, sort_keys=False, allow_unicode=True).rstrip())


@app.command()
def put(
    connection: str,
    file: Annotated[Path, typer.Argument(help="YAML: what stands under forms in tutti.yaml for one connection")],
    *,
    in_force: Annotated[bool, typer.Option("--activate", help="put it in force at once")] = False,
) -> None:
    """Store a version; it never changes, and is not in force before it is activated."""
    form = read_yaml(file, ChannelForm)
    is_new = change(
        lambda tx: channel_forms.add(tx, connection, form, by=operator().name, now=now()),
        "form.put", connection, {"version": form.version},
    )  # fmt: skip
    done(f"version {form.version} is stored" if is_new else f"version {form.version} was stored before")
    if in_force:
        activate(connection, form.version)


@app.command()
def activate(connection: str, version: str) -> None:
    """Fill this version from now on; what is on sale already follows where its content flow is on."""
    change(
        lambda tx: channel_forms.activate(tx, connection, version, now=now()),
        "form.activate", connection, {"version": version},
    )  # fmt: skip
    done(f"version {version} is in force on {connection}")


@app.command()
def diff(connection: str, before: str, after: str, *, as_json: AsJson = False) -> None:
    """What changes from one version to another, by the channel's names of the fields."""
    found = read(lambda tx: channel_forms.diff(tx, connection, before, after))
    if as_json:
        show_json([one.model_dump(mode="json") for one in found])
        return
    for one in found:
        typer.echo(str(one))
