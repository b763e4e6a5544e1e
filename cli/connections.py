"""`tutti connections`: make them, open them step by step, pause and resume them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.hub import change, done, now, operator, pairs, read, show, with_hub
from db import audit, connections
from runtime.connection_config import checked, resolved
from runtime.onboarding import Onboarding, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from db.connections import Mode
    from runtime.wiring import Hub

app = typer.Typer(help="Make connections, open them step by step, pause and resume them.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="the connection")]
Values = Annotated[list[str], typer.Option("--set", help="key=value of the configuration; env:NAME and file:PATH work")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="the configuration as JSON")]


@app.command("list")
def list_all() -> None:
    """All connections."""
    rows = read(connections.every)
    show(
        ("id", "platform", "mode", "paused", "starts at"),
        ((row.id, row.platform, row.mode, row.pause_reason, row.starts_at) for row in rows),
    )


@app.command()
def add(
    connection: Id,
    platform: Annotated[str, typer.Option()],
    config: ConfigFile = None,
    values: Values = [],  # noqa: B006 - Typer copies it
    name: str = "",
    market: str = "",
) -> None:
    """Make a connection in mode onboarding."""
    given = _given(config, values)

    async def work(hub: Hub) -> None:
        sealed = checked(platform, resolved(given))

        def make(tx: Connection) -> None:
            connections.create(
                tx, hub.keys, connection, platform=platform, config=sealed, name=name, market=market, now=now()
            )
            _note(tx, "connection.create", connection, {"platform": platform})

        await hub.database.write(make)

    with_hub(work)
    done(f"{connection} is made; next: tutti connections check {connection}")


@app.command("set")
def set_config(connection: Id, config: ConfigFile = None, values: Values = []) -> None:  # noqa: B006 - Typer copies it
    """Change fields of the configuration; the others stay."""
    given = _given(config, values)

    async def work(hub: Hub) -> None:
        def put(tx: Connection) -> None:
            row = connections.load(tx, connection)
            sealed = checked(row.platform, connections.config_of(hub.keys, row, now()) | resolved(given))
            connections.put_config(tx, hub.keys, connection, sealed)
            _note(tx, "connection.change", connection, {"config": sorted(given)})

        await hub.database.write(put)

    with_hub(work)


@app.command()
def check(connection: Id) -> None:
    """Try the credentials and say what is missing; the exit code is 1 if anything is."""
    _tell(with_hub(lambda hub: Onboarding(hub).report(connection)))


@app.command()
def onboard(
    connection: Id,
    hub_url: Annotated[str, typer.Option(help="where the platform reaches this hub")] = "",
    import_stock: Annotated[bool, typer.Option("--import-stock", help="take its numbers over as opening stock")] = False,
    make_items: Annotated[bool, typer.Option("--make-items", help="unknown SKUs become items")] = False,
) -> None:  # fmt: skip
    """Do what can be done by itself: register webhooks, accept sure suggestions for places, import stock. Repeatable."""

    async def work(hub: Hub) -> Report:
        desk = Onboarding(hub)
        if hub_url:
            await desk.subscribe(connection, hub_url)
        sure = {place.external_id: place.suggestion for place in await desk.places(connection) if place.suggestion}
        await desk.map_places(connection, sure)
        if import_stock:
            results = await desk.import_stock(connection, make_items=make_items)
            show(("sku", "place", "units", "outcome"), ((r.sku, r.place, r.units, r.outcome) for r in results))
        after = {"webhooks": hub_url, "mapped": sure, "stock": import_stock}
        await hub.database.write(lambda tx: _note(tx, "connection.onboard", connection, after))
        return await desk.report(connection)

    _tell(with_hub(work))


@app.command("map")
def map_names(
    connection: Id,
    places: Annotated[list[str], typer.Argument(help="EXTERNAL_ID=LOCATION …")] = [],  # noqa: B006 - Typer copies it
    tenders: Annotated[list[str], typer.Option("--tender", help="MEANS_OF_PAYMENT=TENDER; names all of them")] = [],  # noqa: B006 - Typer copies it
) -> None:
    """Say which location each place is (EXTERNAL_ID= leaves a place out), and which tender each means of payment."""
    chosen, money = pairs(places), pairs(tenders)

    async def work(hub: Hub) -> None:
        desk = Onboarding(hub)
        await desk.map_places(connection, chosen)
        if money:
            await desk.map_tenders(connection, money)
        after = {"places": chosen, "tenders": money}
        await hub.database.write(lambda tx: _note(tx, "connection.map", connection, after))

    with_hub(work)


@app.command()
def shadow(connection: Id, starts_at: datetime | None = None) -> None:
    """Compute everything and write nothing."""
    _go(connection, "shadow", starts_at)


@app.command()
def on(connection: Id, starts_at: datetime | None = None) -> None:
    """Take orders and write; refused while anything is missing."""
    _go(connection, "on", starts_at)


@app.command()
def pause(connection: Id, reason: Annotated[str, typer.Option()]) -> None:
    """Write nothing more to it; what comes in is still taken."""
    change(
        lambda tx: connections.pause(tx, connection, reason=reason, now=now()),
        "connection.pause", connection, {"reason": reason},
    )  # fmt: skip


@app.command()
def resume(connection: Id) -> None:
    """Write again; orders that waited go on."""
    woken = change(lambda tx: connections.resume(tx, connection, now=now()), "connection.resume", connection, {})
    done(f"{len(woken)} orders go on")


@app.command("rotate-secret")
def rotate_secret(
    connection: Id,
    secret: Annotated[str, typer.Option(prompt=True, hide_input=True, help="env:NAME and file:PATH work")],
    keep_old_minutes: int = 60,
) -> None:
    """Sign with a new webhook secret; the old one still counts for a while."""
    keep_for = timedelta(minutes=keep_old_minutes)

    async def work(hub: Hub) -> datetime:
        new = resolved(secret, "secret")
        until = await hub.database.write(
            lambda tx: connections.rotate_webhook_secret(tx, hub.keys, connection, new, keep_for=keep_for, now=now())
        )
        after = {"old_until": until}
        await hub.database.write(lambda tx: _note(tx, "connection.rotate_secret", connection, after))
        return until

    done(f"the old secret counts until {with_hub(work):%Y-%m-%d %H:%M} UTC")


def _go(connection: str, mode: Mode, starts_at: datetime | None) -> None:
    start = starts_at.astimezone() if starts_at else None

    async def work(hub: Hub) -> None:
        await Onboarding(hub).go(connection, mode, start)
        await hub.database.write(lambda tx: _note(tx, "connection.mode", connection, {"mode": mode}))

    with_hub(work)
    done(f"{connection} is {mode}")


def _note(tx: Connection, action: str, connection: str, after: Mapping[str, object]) -> None:
    audit.record(tx, operator(), action, connection, now=now(), after=after)


def _given(config: Path | None, values: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(config.read_text()) if config else {}
    return given | {name: _value(text) for name, text in pairs(values).items()}


def _value(text: str) -> Any:
    """Numbers, lists and objects as JSON; anything else is a text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _tell(report: Report) -> None:
    show(
        ("step", "", "", "what to do"),
        (
            (s.name, "done" if s.done else "missing", ", ".join((s.text, *s.missing)), s.remedy)
            for s in report.steps
        ),
    )  # fmt: skip
    if not report.is_ready:
        raise typer.Exit(1)
