"""`tutti content`: how listings stand, what drifts and whose it is, how accurate it is, and what is done about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
import yaml

from cli.client import show_json
from cli.hub import change, done, now, operator, read, show
from cli.orders import AsJson
from cli.yaml_file import read_yaml
from db import content_listings, content_policy, content_quality, content_verification, listing_drift
from db.catalog import Author
from domain.content.causes import told
from domain.content.policy import ContentPolicy

if TYPE_CHECKING:
    from sqlalchemy import Connection as Tx

app = typer.Typer(help="Content of listings after their launch.", no_args_is_help=True)

Connection = Annotated[str, typer.Option("--connection", help="only this one")]


@app.command()
def listings(
    *,
    connection: Connection = "",
    product: Annotated[str, typer.Option(help="only this one")] = "",
    state: Annotated[
        str, typer.Option(help="settled, due, sent, accepted, refused, or held by a gate or a launch")
    ] = "",
    limit: int = 100,
    as_json: AsJson = False,
) -> None:
    """What each listing is still to be told, and what holds it up."""
    found = read(lambda tx: content_listings.standings(tx, connection, product, state, limit=limit))
    if as_json:
        show_json([one._asdict() for one in found])
        return
    show(
        ("connection", "product", "state", "right", "waits", "held", "asked about", "problem"),
        (
            (
                one.connection_id, one.product_id, one.state, f"{one.right} of {one.fields}",
                ", ".join(one.waits + one.sending), f"{one.held_by}: {', '.join(one.held)}" if one.held_by else "",
                ", ".join(one.left), f"{one.error_field} {one.error_code}".strip(),
            )
            for one in found
        ),
    )  # fmt: skip


@app.command()
def drift(
    *,
    connection: Connection = "",
    author: Annotated[str, typer.Option(help="us, channel or person")] = "",
    limit: int = 100,
    as_json: AsJson = False,
) -> None:
    """Fields that are not as they should be: both values, who changed it, what is done."""
    rows = read(lambda tx: listing_drift.open_drifts(tx, connection, author, limit=limit))
    if as_json:
        show_json([row._asdict() for row in rows])
        return
    show(
        ("id", "connection", "product", "field", "shown", "ours", "author", "done", "since"),
        (
            (
                row.id, row.connection_id, row.product_id, row.field, told(row.shown, 40), told(row.ours, 40),
                row.author, row.action, f"{row.found_at:%Y-%m-%d %H:%M}",
            )
            for row in rows
        ),
    )  # fmt: skip


@app.command()
def repair(drift_id: Annotated[int, typer.Argument(help="the number that `tutti content drift` shows")]) -> None:
    """Tell the channel ours again."""
    _decide(drift_id, "repair")


@app.command()
def accept(drift_id: Annotated[int, typer.Argument(help="the number that `tutti content drift` shows")]) -> None:
    """Make the channel's value that channel's own in the master."""
    _decide(drift_id, "accept")


def _decide(drift_id: int, action: Literal["repair", "accept"]) -> None:
    row = change(
        lambda tx: listing_drift.decide_one(tx, drift_id, action, by=_author, now=now()),
        f"content_drift.{action}", str(drift_id), {"action": action},
    )  # fmt: skip
    done(f"{row.field} of {row.product_id} on {row.connection_id}: {action}")


def _author(connection_id: str) -> Author:
    return Author(operator().name, f"channel:{connection_id}")


@app.command()
def decide(
    connection: str,
    author: Annotated[Literal["channel", "person"], typer.Argument(help="who changed them")],
    action: Annotated[Literal["repair", "accept"], typer.Argument(help="tell ours again, or take theirs over")],
    field: Annotated[str, typer.Option(help="only this field; empty: whatever the field")] = "",
) -> None:
    """Answer for all fields of a connection that wait for a decision."""

    def work(tx: Tx) -> listing_drift.Decided:
        return listing_drift.decide(tx, connection, author, action, field, by=_author(connection), now=now())

    told_to = {"author": author, "action": action, "field": field}
    decided = change(work, "content_drift.decide", connection, told_to)
    done(f"{decided.done} fields: {action}")
    for number, why in decided.refused:
        done(f"{number} goes on waiting: {why}")


@app.command()
def release(connection: str, product: str) -> None:
    """Let what a launch has taken back follow the master again."""
    change(
        lambda tx: content_listings.release(tx, connection, product, now()),
        "content.release", f"{connection}:{product}", {},
    )  # fmt: skip
    done(f"{product} on {connection} follows the master again")


@app.command()
def accuracy(
    *,
    connection: Connection = "",
    days: Annotated[int, typer.Option(min=1, help="so far back")] = 7,
    hours: Annotated[bool, typer.Option(help="hour by hour")] = False,
    as_json: AsJson = False,
) -> None:
    """Product information accuracy per channel, before its flow was on and since."""
    until = now()
    since = until - timedelta(days=days)
    if hours:
        by_hour = read(lambda tx: content_quality.by_hour(tx, since, until, connection))
        if as_json:
            show_json([one._asdict() for one in by_hour])
            return
        show(
            ("connection", "hour", "flow", "right"),
            ((one.connection_id, f"{one.hour:%Y-%m-%d %H:00}", one.mode, _share(one.accuracy)) for one in by_hour),
        )
        return
    found = read(lambda tx: content_quality.between(tx, since, until, connection))
    if as_json:
        show_json([one._asdict() for one in found])
        return
    show(
        ("connection", "flow", "right", "p50", "p95", "changes"),
        (
            (
                one.connection_id, "baseline" if one.is_baseline else "on", _share(one.accuracy),
                _seconds(one.latency_p50), _seconds(one.latency_p95), one.changes,
            )
            for one in found
        ),
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


@app.command()
def rounds(*, connection: Connection = "", limit: int = 20, as_json: AsJson = False) -> None:
    """Rounds of verification: how many fields were looked at, and how many were wrong."""
    rows = read(lambda tx: content_verification.rounds(tx, connection, limit=limit))
    if as_json:
        show_json([row._asdict() for row in rows])
        return
    show(
        ("connection", "flow", "begun", "ended", "listings", "fields", "wrong", "in flight"),
        (
            (
                row.connection_id, row.mode, f"{row.started_at:%Y-%m-%d %H:%M}",
                f"{row.ended_at:%H:%M}" if row.ended_at else "", row.listings, row.looked, row.wrong, row.in_flight,
            )
            for row in rows
        ),
    )  # fmt: skip


@app.command()
def policy(
    connection: str,
    file: Annotated[
        Path | None, typer.Argument(help="YAML of a new version: version, channel, person, fields …")
    ] = None,
) -> None:
    """Show what is done about drift, or put another version in force."""
    if file is not None:
        wanted = read_yaml(file, ContentPolicy)
        change(
            lambda tx: content_policy.put(tx, connection, wanted, by=operator().name, now=now()),
            "content_policy.put", connection, wanted.model_dump(mode="json"),
        )  # fmt: skip
    known = read(lambda tx: content_policy.of(tx, connection))
    typer.echo(yaml.safe_dump(known.model_dump(mode="json"), sort_keys=False).rstrip())
