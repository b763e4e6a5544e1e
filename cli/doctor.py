"""`tutti doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from runtime.doctor import Finding, examine
from runtime.settings import Settings

app = typer.Typer(help="Say what is wrong with this installation and how to mend it.")


@app.command()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array of findings.")] = False,
) -> None:
    """Check this installation; the exit code is 1 if anything is wrong."""
    findings = asyncio.run(examine(Settings.of_running_stack()))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
    else:
        Console().print(_table(findings))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[bold red]wrong[/]"
        remedy = f"\n[bold]→ {finding.remedy}[/]" if finding.remedy else ""
        table.add_row(mark, finding.check, finding.detail + remedy)
    return table
