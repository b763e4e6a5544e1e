"""`tutti backup`: what cannot be made again, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runtime.backup import write_backup
from runtime.settings import Settings

app = typer.Typer(help="Write the database, the keys and the configuration into one file.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    passphrase_file: Annotated[
        Path | None, typer.Option(help="Encrypt the master key under the passphrase in this file.")
    ] = None,
) -> None:
    """Write a backup while the hub runs; Temporal is not in it, since the hub makes its runs anew from the database."""
    contents = write_backup(Settings(), file, read_passphrase(passphrase_file))
    typer.echo(f"{file}: {', '.join(contents)}")
    if "master.key" in contents:
        typer.echo("It holds the master key in clear: whoever reads this file reads everything.", err=True)
    elif "master.key.sealed" not in contents:
        typer.echo("The master key is not in it: keep what TUTTI_MASTER_KEY holds, or nothing can be read.", err=True)


def read_passphrase(file: Path | None) -> str | None:
    return file.read_text().rstrip("\r\n") if file else None
