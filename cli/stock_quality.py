"""`tutti stock accuracy`, `drift`, `decide`, `policy`: how right the channels' numbers are, and what is done about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, get_args

import typer

from cli.client import show_json
from cli.hub import change, done, now, operator, read, show
from cli.orders import AsJson
from db import drift, stock_quality, verification_policy
from domain.drift import Action

app = typer.Typer()

Connection = Annotated[str, typer.Option("--connection", help="only this one")]


@app.command()
def accuracy(
    *,
    connection: Connection = "",
    days: Annotated[int, typer.Option(min=1, help="so far back")] = 7,
    as_json: AsJson = False,
) -> None:
    """Accuracy, latency, window loss and cancels per channel, before its flow was on and since."""
    until = now()
    found = read(lambda tx: stock_quality.between(tx, until - timedelta(days=days), until, connection))
    if as_json:
        show_json([one._asdict() for one in found])
        return
    show(
        ("connection", "flow", "right", "p50", "p95", "orders", "canceled per 10,000", "units oversold"),
        (
            (
                one.connection_id, "baseline" if one.is_baseline else "on",
                _or_dash(one.accuracy, "{:.2%}"), _or_dash(one.latency_p50, "{:.2f} s"),
                _or_dash(one.latency_p95, "{:.2f} s"), one.orders, _or_dash(one.canceled_for_stock_per_10000, "{:.1f}"),
                ", ".join(f"{units} {cause}" for cause, units in sorted(one.window_loss_units.items())) or "none",
            )
            for one in found
        ),
    )  # fmt: skip


@app.command()
def hours(
    *,
    connection: Connection = "",
    back: Annotated[int, typer.Option(min=1, max=24 * 31, help="so many hours back")] = 24,
    as_json: AsJson = False,
) -> None:
    """The same measures hour by hour."""
    until = now()
    found = read(lambda tx: stock_quality.hours(tx, until - timedelta(hours=back), until, connection))
    if as_json:
        show_json([one._asdict() for one in found])
        return
    show(
        ("connection", "hour", "flow", "right", "p50", "p95", "orders", "canceled", "units oversold"),
        (
            (
                one.connection_id, f"{one.hour:%m-%d %H:00}", one.mode, _or_dash(one.accuracy, "{:.2%}"),
                _or_dash(one.latency_p50, "{:.2f} s"), _or_dash(one.latency_p95, "{:.2f} s"), one.orders,
                one.canceled_for_stock,
                ", ".join(f"{units} {cause}" for cause, units in sorted(one.window_loss_units.items())) or "none",
            )
            for one in found
        ),
    )  # fmt: skip


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


@app.command("drift")
def list_drift(*, connection: Connection = "", limit: int = 100, as_json: AsJson = False) -> None:
    """Numbers that are not as they should be: what is shown, who changed it, what is done."""
    rows = read(lambda tx: drift.open_drifts(tx, connection, limit=limit))
    if as_json:
        show_json([row._asdict() for row in rows])
        return
    show(
        ("connection", "sku", "place", "shown", "confirmed", "expected", "author", "done", "since"),
        (
            (
                r.connection_id, r.sku, r.place, r.shown, r.confirmed, r.expected, r.author, r.action,
                f"{r.seen_at:%Y-%m-%d %H:%M}",
            )
            for r in rows
        ),
    )  # fmt: skip


@app.command()
def decide(
    connection: str,
    author: Annotated[Literal["channel", "person"], typer.Argument(help="who changed them")],
    action: Annotated[Literal["repair", "accept"], typer.Argument(help="send ours again, or leave theirs")],
) -> None:
    """Answer for all numbers of a connection that wait for a decision."""
    count = change(
        lambda tx: drift.decide(tx, connection, author, action, now()),
        "drift.decide", connection, {"author": author, "action": action},
    )  # fmt: skip
    done(f"{count} numbers: {action}")


@app.command()
def policy(
    connection: str,
    channel: Annotated[str, typer.Option(help="what to do when the channel changed a number")] = "",
    person: Annotated[str, typer.Option(help="what to do when somebody edited it there")] = "",
    share: Annotated[int, typer.Option(help="percent of the connection's time that reading back may take")] = 0,
    every: Annotated[int, typer.Option(help="minutes from one round to the next")] = 0,
) -> None:
    """Show or change what is done about drift: repair, accept or ask."""
    for name in filter(None, (channel, person)):
        if name not in get_args(Action):
            raise typer.BadParameter(f"{name!r}: choose repair, accept or ask")
    given = {"channel": channel, "person": person, "share_percent": share, "every_minutes": every}
    known = read(lambda tx: verification_policy.of(tx, connection))
    wanted = type(known).model_validate(known.model_dump() | {name: value for name, value in given.items() if value})
    if wanted != known:
        change(
            lambda tx: verification_policy.put(tx, connection, wanted, by=operator().name, now=now()),
            "verification_policy.put", connection, wanted.model_dump(),
        )  # fmt: skip
    show(("what", "value"), wanted.model_dump().items())
