"""`tutti launch`: make launches, watch them, decide them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from runtime.errors import OperatorError

app = typer.Typer(help="Make launches, watch them, decide them.", no_args_is_help=True)

Launch = Annotated[str, typer.Argument(help="The launch's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="What the API said, for other programs.")]
At = Annotated[str, typer.Option("--at", help="ISO time with its zone, or +5m, +2h, +1d from now.")]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@app.command()
def create(
    launch: Launch,
    at: At,
    product: Annotated[list[str], typer.Option(help="A product's id; once for each.")],
    channel: Annotated[list[str], typer.Option(help="A connection; once for each.")],
    *,
    name: Annotated[str | None, typer.Option()] = None,
    at_least: Annotated[int | None, typer.Option(min=1, help="Channels that suffice; all of them without it.")] = None,
    must: Annotated[list[str] | None, typer.Option(help="A channel that must be among them.")] = None,
    approvals: Annotated[int, typer.Option(min=0, max=5, help="People who must approve.")] = 1,
    reserve: Annotated[
        list[str] | None, typer.Option(help="SKU=UNITS to hold until the moment; once for each.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a launch; it is staged at once, and nothing is public before its moment."""
    wish = {
        "id": launch, "name": name or launch, "products": product, "channels": channel, "go_live_at": _moment(at),
        "policy": {"at_least": at_least, "must": must or []}, "approvals": approvals,
        "mode": "dry_run" if dry_run else "real", "reserve": _units(reserve or []),
    }  # fmt: skip
    with HubClient() as hub:
        _show(hub.post("/launches", wish), as_json=as_json)


@app.command("list")
def list_launches(
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    after: Annotated[str | None, typer.Option(help="The last launch of the page before.")] = None,
    as_json: AsJson = False,
) -> None:
    """The latest moment first."""
    with HubClient() as hub:
        found = hub.get("/launches", open=open_only, limit=limit, cursor=after)
    if as_json:
        show_json(found)
        return
    table = Table("launch", "name", "goes live", "stage", "outcome", "skew", box=None)
    for one in found["launches"]:
        skew = f"{one['skew_ms']} ms" if one["skew_ms"] is not None else ""
        table.add_row(one["id"], one["name"], _short(one["go_live_at"]), one["stage"], one["outcome"] or "", skew)
    CONSOLE.print(table)
    if found["next"]:
        CONSOLE.print(f"There are more: --after {found['next']}")


@app.command()
def show(launch: Launch, *, as_json: AsJson = False) -> None:
    """Where a launch stands, channel by channel."""
    with HubClient() as hub:
        _show(hub.get(f"/launches/{launch}"), as_json=as_json)


@app.command()
def board(
    launch: Launch,
    *,
    channel: Annotated[str | None, typer.Option()] = None,
    state: Annotated[str | None, typer.Option()] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 100,
    as_json: AsJson = False,
) -> None:
    """Progress by product and channel."""
    with HubClient() as hub:
        found = hub.get(f"/launches/{launch}/listings", channel=channel, state=state, limit=limit)
    if as_json:
        show_json(found)
        return
    table = Table("product", "channel", "state", "was", "live at", "kept of others", box=None)
    for one in found["listings"]:
        state_shown = f"{one['state']}, blocked" if one["blocked"] else one["state"]
        kept = ", ".join(one["kept"] or {})
        table.add_row(one["product_id"], one["connection_id"], state_shown, one["was"], _short(one["live_at"]), kept)
    CONSOLE.print(table)
    if found["next"]:
        CONSOLE.print(f"There are more than {limit}; narrow the list, or raise --limit.")


@app.command()
def findings(launch: Launch, *, as_json: AsJson = False) -> None:
    """What stands against it, and what to do; what stops a product comes first."""
    with HubClient() as hub:
        found = hub.get(f"/launches/{launch}/findings")
    if as_json:
        show_json(found)
        return
    table = Table("severity", "product", "channel", "field", "what", "remedy", box=None)
    for one in found:
        field = f"{one['sku']} {one['field']}".strip()
        table.add_row(one["severity"], one["product"], one["channel"], field, one["text"], one["remedy"])
    CONSOLE.print(table)


@app.command()
def approve(
    launch: Launch,
    *,
    content: Annotated[
        str, typer.Option(help="The content that you looked at, as `show` names it; refused if it has changed since.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Say yes to what is staged; whoever made it cannot."""
    _do(launch, "approve", {"content": content}, as_json=as_json)


@app.command()
def pause(launch: Launch, *, as_json: AsJson = False) -> None:
    """Let nothing go live until it is resumed."""
    _do(launch, "pause", as_json=as_json)


@app.command()
def resume(launch: Launch, *, as_json: AsJson = False) -> None:
    """Let it go on."""
    _do(launch, "resume", as_json=as_json)


@app.command()
def move(launch: Launch, at: At, *, as_json: AsJson = False) -> None:
    """Give it another moment."""
    _do(launch, "move", {"go_live_at": _moment(at)}, as_json=as_json)


@app.command("add-channel")
def add_channel(launch: Launch, channel: str, *, as_json: AsJson = False) -> None:
    """One channel more; approvals are asked for again."""
    _do(launch, "add-channel", {"channel": channel}, as_json=as_json)


@app.command("drop-channel")
def drop_channel(launch: Launch, channel: str, *, as_json: AsJson = False) -> None:
    """Leave a channel out; what is staged there is taken back."""
    _do(launch, "drop-channel", {"channel": channel}, as_json=as_json)


@app.command()
def recheck(launch: Launch, *, as_json: AsJson = False) -> None:
    """Have it look again after findings were mended."""
    _do(launch, "recheck", as_json=as_json)


@app.command()
def cancel(launch: Launch, *, as_json: AsJson = False) -> None:
    """Take everything back; at any time until it is over."""
    _do(launch, "cancel", as_json=as_json)


@app.command()
def rehearse(
    launch: Launch,
    rehearsal: Annotated[str, typer.Argument(help="The rehearsal's own id.")],
    at: At = "+30s",
    *,
    as_json: AsJson = False,
) -> None:
    """The same launch on the connections at the sandbox that stand in for its channels."""
    _do(launch, "rehearse", {"id": rehearsal, "go_live_at": _moment(at)}, as_json=as_json)


def _do(launch: str, action: str, body: dict[str, Any] | None = None, *, as_json: bool) -> None:
    with HubClient() as hub:
        _show(hub.post(f"/launches/{launch}/{action}", body), as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    CONSOLE.print(f"[bold]{found['id']}[/] {found['name']}: [bold]{found['stage']}[/], {found['headline']}")
    approved = ", ".join(found["approved_by"]) or "nobody yet"
    CONSOLE.print(f"goes live {_short(found['go_live_at'])}; {found['approvals_needed']} must approve: {approved}")
    if found["void_approvals"]:
        CONSOLE.print(f"{', '.join(found['void_approvals'])} approved what was staged before; that counts no more")
    if found["content"]:
        CONSOLE.print(f"content {found['content']} is staged; an approval holds for it alone")
    for sku, units in found["reserved"].items():
        CONSOLE.print(f"{units['held']} of {units['wanted']} units of {sku} are held for it")
    if found["outcome"]:
        told = [f"outcome {found['outcome']}"]
        told += [f"skew {found['skew_ms']} ms"] if found["skew_ms"] is not None else []
        told += [f"exposed {found['exposed_ms']} ms"] if found["exposed_ms"] is not None else []
        CONSOLE.print("; ".join([*told, f"{len(found['leaks'])} leaks"]))
    table = Table("channel", "listings", "blocked", "first live", "last live", "why it failed", box=None)
    for one in found["channels"]:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(one["counts"].items()))
        name = one["channel"] if one["is_in"] else f"{one['channel']} (dropped)"
        live = (_clock(one["first_live_at"]), _clock(one["last_live_at"]))
        table.add_row(name, counts, str(one["blocked"] or ""), *live, one["failed"])
    CONSOLE.print(table)


def _units(given: list[str]) -> dict[str, int]:
    pairs = [one.rpartition("=") for one in given]
    for sku, _, units in pairs:
        if not sku or not units.isdecimal():
            raise OperatorError(f"--reserve: write SKU=UNITS, such as HARBOR-INK-S=20, not {sku}{units}")
    return {sku: int(units) for sku, _, units in pairs}


def _moment(text: str) -> str:
    if text.startswith("+") and text[-1:] in _UNITS and text[1:-1].isdecimal():
        return (datetime.now(UTC) + timedelta(**{_UNITS[text[-1]]: int(text[1:-1])})).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError(f"--at: {text!r} is no time; write 2026-12-01T09:00:00+01:00 or +5m") from None
    if moment.tzinfo is None:
        raise OperatorError(f"--at: say the zone of {text}, such as {text}+01:00")
    return moment.isoformat()


def _short(at: str | None) -> str:
    return at[:19].replace("T", " ") if at else ""


def _clock(at: str | None) -> str:
    return at[11:23] if at else ""
