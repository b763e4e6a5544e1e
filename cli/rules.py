"""`tutti rules`: versions of the sourcing rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.hub import change, done, now, operator, read, show
from cli.yaml_file import read_yaml
from db import sourcing_rules
from domain.changes import changes
from domain.sourcing.lint import lint
from domain.sourcing.rules import SourcingRules

app = typer.Typer(help="Versions of the sourcing rules.", no_args_is_help=True)


@app.command("list")
def list_versions() -> None:
    """Every version, the newest first."""
    rows = read(sourcing_rules.every)
    show(
        ("version", "active", "made at", "by"),
        ((r.version, "yes" if r.active else "", f"{r.created_at:%Y-%m-%d %H:%M}", r.created_by) for r in rows),
    )


@app.command()
def add(file: Annotated[Path, typer.Argument(help="YAML: what stands under sourcing_rules in tutti.yaml")]) -> None:
    """Store a version, not yet in force; what looks wrong about it is said."""
    rules = read_yaml(file, SourcingRules)
    is_new = change(
        lambda tx: sourcing_rules.add(tx, rules, by=operator().name, now=now()),
        "sourcing_rules.put", rules.version, {"rules": len(rules.rules)},
    )  # fmt: skip
    for warning in lint(rules):
        typer.echo(f"! {warning}")
    done(f"version {rules.version} is stored" if is_new else f"version {rules.version} was stored before")


@app.command()
def activate(version: str) -> None:
    """Decide by this version from now on."""
    change(lambda tx: sourcing_rules.activate(tx, version), "sourcing_rules.activate", version, {})
    done(f"version {version} is in force")


@app.command()
def diff(before: str, after: str) -> None:
    """What changes from one version to another."""
    old, new = read(lambda tx: (sourcing_rules.load(tx, before), sourcing_rules.load(tx, after)))
    for one in changes(old.model_dump(mode="json"), new.model_dump(mode="json")):
        typer.echo(str(one))
