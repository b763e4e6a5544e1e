"""`tutti apply`: bring the database to what `tutti.yaml` says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.hub import now, operator, with_hub
from db.migrate import upgrade
from runtime.apply import Apply, Entry, Preview, preview
from runtime.installation import read
from runtime.settings import Settings

if TYPE_CHECKING:
    from runtime.wiring import Hub

app = typer.Typer(help="Bring the database to what tutti.yaml says; may be repeated.")

_SIGNS = {"created": "+", "changed": "~", "same": " ", "refused": "!"}


@app.command()
def apply(
    file: Annotated[Path | None, typer.Argument(help="tutti.yaml by default")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
) -> None:
    """Apply every entry; one that is refused leaves the others alone, and makes the exit code 1."""
    settings = Settings.of_running_stack()
    upgrade(settings.database_url)

    async def work(hub: Hub) -> tuple[Entry, ...]:
        wanted = read(file or settings.config_file)
        if not dry_run:
            return await hub.database.write(lambda tx: Apply(tx, hub.keys, by=operator(), now=now()).run(wanted))
        try:
            await hub.database.write(lambda tx: preview(tx, hub.keys, wanted, by=operator(), now=now()))
        except Preview as shown:
            return shown.entries
        return ()

    entries = with_hub(work)
    for entry in entries:
        if entry.outcome != "same":
            typer.echo(f"{_SIGNS[entry.outcome]} {entry.kind} {entry.id}{': ' + entry.text if entry.text else ''}")
        for change in entry.changes:
            typer.echo(f"    {change}")
    counts = Counter[str](entry.outcome for entry in entries)
    typer.echo(", ".join(f"{counts[outcome]} {outcome}" for outcome in _SIGNS if counts[outcome]) or "nothing to do")
    if counts["refused"]:
        raise typer.Exit(1)
