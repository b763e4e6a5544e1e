"""`tutti keys`: the master key file, and API keys."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient
from db.actors import Role
from runtime.access import make_api_key
from runtime.errors import OperatorError
from runtime.keys import make_key_file, rotate_key_file
from runtime.settings import Settings

app = typer.Typer(help="Make or change the master key; make an API key.", no_args_is_help=True)


@app.command()
def new() -> None:
    """Make the key file; keep a copy of it apart from the database's backups."""
    path = Settings().key_file
    try:
        make_key_file(path)
    except FileExistsError:
        raise OperatorError(f"{path} exists: what is encrypted under it would be lost") from None
    typer.echo(path)


@app.command()
def rotate() -> None:
    """Encrypt under a new key from the next start on; what was written before stays readable."""
    path = Settings().key_file
    if not path.exists():
        raise OperatorError(f"there is no {path} to change: make it with `tutti keys new`")
    rotate_key_file(path)
    typer.echo(path)


@app.command()
def api(
    name: Annotated[str, typer.Argument(help="Whose key it is; people see it in the audit log.")],
    role: Annotated[Role, typer.Option()] = "viewer",
) -> None:
    """Make an API key without one: the first of an installation. It is shown once."""
    typer.echo(make_api_key(Settings(), name, role))


@app.command("list")
def list_keys() -> None:
    """All API keys, the revoked ones too."""
    with HubClient() as hub:
        found = hub.get("/keys")
    table = Table("id", "name", "role", "made", "revoked", box=None)
    for key in found:
        table.add_row(key["id"], key["name"], key["role"], key["created_at"][:10], (key["revoked_at"] or "")[:10])
    CONSOLE.print(table)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")]) -> None:
    """Refuse an API key from now on."""
    with HubClient() as hub:
        hub.send("DELETE", f"/keys/{key}")
    CONSOLE.print(f"{key} is refused from now on.")
