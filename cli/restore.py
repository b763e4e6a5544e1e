"""`tutti restore`: put a backup in place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.backup import read_passphrase
from runtime.backup import restore_backup
from runtime.settings import Settings

app = typer.Typer(help="Put a backup in place.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    passphrase_file: Annotated[Path | None, typer.Option(help="The passphrase that it was made with.")] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Set aside what is there now.")] = False,
) -> None:
    """Check the backup, then put its database, key and configuration in place; the hub must not be running."""
    settings = Settings()
    restore_backup(settings, file, read_passphrase(passphrase_file), force=force)
    typer.echo(f"Restored to {settings.var}. Start the hub with `tutti up`: every open order is given a run again.")
