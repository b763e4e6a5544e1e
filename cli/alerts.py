"""`tutti alerts`: what is open, the rules, and what was told to whom."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.client import show_json
from cli.hub import change, done, now, operator, read, show, with_hub
from cli.orders import AsJson
from cli.yaml_file import read_yaml
from db import alert_rules, alerts, exception_desk
from domain.alerts import AlertRules

app = typer.Typer(help="Alerts: what is open, the rules, and what was told to whom.", no_args_is_help=True)


@app.command("list")
def list_alerts(*, as_json: AsJson = False) -> None:
    """What holds now, the oldest first."""
    rows = read(alerts.open_alerts)
    if as_json:
        show_json([row._asdict() for row in rows])
        return
    show(
        ("no.", "severity", "alert", "whose", "since", "snoozed until", "what to do"),
        (
            (r.id, r.severity, r.title, r.assignee, f"{r.opened_at:%Y-%m-%d %H:%M}", r.snoozed_until, r.remedy)
            for r in rows
        ),
    )


@app.command()
def snooze(alert: int, hours: Annotated[float, typer.Option(min=0)] = 4.0) -> None:
    """Hide it for a while (0: wake it); it is told again if it still holds afterwards."""
    until = now() + timedelta(hours=hours) if hours else None
    with_hub(
        lambda hub: hub.database.write(lambda tx: exception_desk.snooze(tx, alert, until, by=operator(), now=now()))
    )
    done(f"alert {alert} is hidden until {until:%Y-%m-%d %H:%M} UTC" if until else f"alert {alert} is awake")


@app.command()
def rules(*, as_json: AsJson = False) -> None:
    """The rules in force."""
    active = read(alert_rules.active) or AlertRules(version="none")
    if as_json:
        show_json(active.model_dump())
        return
    show(
        ("rule", "kind", "limit", "severity", "owner", "tells"),
        ((r.name, r.kind, r.limit, r.severity, r.owner, ", ".join(r.notify)) for r in active.rules),
    )


@app.command()
def use(file: Annotated[Path, typer.Argument(help="YAML: what stands under alert_rules in tutti.yaml")]) -> None:
    """Put the rules of a file in force."""
    wanted = read_yaml(file, AlertRules)
    change(
        lambda tx: alert_rules.put(tx, wanted, by=operator().name, now=now()),
        "alert_rules.put", wanted.version, {"rules": len(wanted.rules)},
    )  # fmt: skip
    done(f"version {wanted.version} with {len(wanted.rules)} rules is in force")


@app.command()
def messages(*, state: str = "", limit: int = 50, as_json: AsJson = False) -> None:
    """What was told to whom, and what waits to be."""
    rows = read(lambda tx: alerts.messages(tx, state=state, limit=limit))
    if as_json:
        show_json([row._asdict() for row in rows])
        return
    show(
        ("alert", "event", "to", "state", "tries", "error", "title"),
        ((r.exception_id, r.event, r.target, r.state, r.attempts, r.error, r.title) for r in rows),
    )
