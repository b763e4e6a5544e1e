"""`tutti availability`: what each channel may show, and the rules and safety stock behind it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import show_json
from cli.hub import change, done, now, operator, read, show
from cli.yaml_file import read_yaml
from db import allocation_matrix, allocation_rules, safety_stock
from db.allocation_matrix import Filter, Only
from db.availability_effect import Change, ChannelEffect, of_safety_stock
from domain.availability.rules import AllocationRules
from domain.availability.safety import Safety

app = typer.Typer(help="What each channel may show of the stock, and why.", no_args_is_help=True)
rules_app = typer.Typer(help="Versions of the allocation rules.", no_args_is_help=True)
safety_app = typer.Typer(help="Units that are not published.", no_args_is_help=True)
profiles_app = typer.Typer(help="Times in which other safety stock counts.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")
app.add_typer(safety_app, name="safety")
app.add_typer(profiles_app, name="profiles")

Json = Annotated[bool, typer.Option("--json", help="for other programs")]
Scope = Annotated[str, typer.Option(help="empty: all")]


@app.command()
def matrix(
    search: Annotated[str, typer.Argument(help="part of an item's id, title or SKU")] = "",
    connection: Annotated[str, typer.Option(help="only this channel")] = "",
    location: Annotated[str, typer.Option(help="only this location")] = "",
    only: Annotated[Only | None, typer.Option(help="items with a number in this state")] = None,
    after: Annotated[str, typer.Option(help="go on after this item")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: Json = False,
) -> None:
    """Items by location and channel: on hand, reserved, buffer, allocated, published, confirmed and since when."""
    wanted = Filter(only, connection, location)
    page = read(lambda tx: allocation_matrix.page(tx, now(), search=search, after=after, limit=limit, filter_=wanted))
    if as_json:
        show_json({"lines": [line.model_dump(mode="json") for line in page.lines], "next": page.after})
        return
    headings = ("item", "where", "on hand", "reserved", "allocated", "buffer", "expected", "published", "confirmed", "since", "state")  # fmt: skip
    show(headings, (row for line in page.lines for row in _rows(line)))
    if page.after:
        done(f"more: --after {page.after}")


def _rows(line: allocation_matrix.Line) -> list[tuple[Any, ...]]:
    blank = (None,) * 7
    places: list[tuple[Any, ...]] = [
        (line.item_id, at.location_id, at.on_hand, at.reserved, *blank) for at in line.stock
    ]
    channels: list[tuple[Any, ...]] = [
        (
            line.item_id, f"{cell.connection_id} {'+'.join(cell.locations) or cell.place}", None, None, cell.allocated,
            cell.buffer, cell.expected, cell.published, cell.confirmed,
            f"{cell.since:%m-%d %H:%M:%S}" if cell.since else None, cell.error_code or cell.state,
        )
        for cell in line.channels
    ]  # fmt: skip
    return places + channels


@app.command()
def why(item: str, as_json: Json = False) -> None:
    """How every number of an item comes about, and which level of the rules each value is from."""
    line = read(lambda tx: allocation_matrix.one(tx, now(), item))
    if as_json:
        show_json(line.model_dump(mode="json"))
        return
    for cell in line.channels:
        done(f"{cell.connection_id} at {cell.place}: {'unknown' if cell.expected is None else cell.expected}")
        for step in cell.why:
            done(f"  {step}")


@rules_app.command("list")
def list_versions() -> None:
    """Every version, the newest first."""
    rows = read(allocation_rules.every)
    show(
        ("version", "active", "made at", "by", "previewed", "approved by"),
        (
            (r.version, "yes" if r.active else "", f"{r.created_at:%Y-%m-%d %H:%M}", r.created_by,
             "yes" if r.previewed_at else "", r.approved_by)
            for r in rows
        ),
    )  # fmt: skip


@rules_app.command()
def propose(file: Annotated[Path, typer.Argument(help="YAML: version, everything, markets, channels, items")]) -> None:
    """Store a version; it counts once it is approved."""
    rules = read_yaml(file, AllocationRules)
    is_new = change(
        lambda tx: allocation_rules.propose(tx, rules, by=operator().name, now=now()),
        "allocation_rules.propose", rules.version, rules.model_dump(mode="json"),
    )  # fmt: skip
    done(f"version {rules.version} is stored" if is_new else f"version {rules.version} was stored before")


@rules_app.command()
def preview(version: str, as_json: Json = False) -> None:
    """What the version would change, on the stock of this moment."""
    shown = read(lambda tx: allocation_rules.preview(tx, version, now()))
    change(
        lambda tx: allocation_rules.keep_preview(tx, shown),
        "allocation_rules.preview", version, {"against": shown.against},
    )  # fmt: skip
    if as_json:
        show_json(shown.model_dump(mode="json"))
        return
    _show_effect(shown.channels, shown.examples)


def _show_effect(channels: dict[str, ChannelEffect], examples: tuple[Change, ...]) -> None:
    show(
        ("channel", "numbers", "changed", "units now", "units then", "sold out"),
        (
            (name, effect.numbers, effect.changed, effect.units_before, effect.units_after, effect.sold_out)
            for name, effect in channels.items()
        ),
    )
    show(
        ("item", "channel", "place", "now", "then"),
        ((one.item_id, one.connection_id, one.place, one.before, one.after) for one in examples),
    )


@rules_app.command()
def approve(version: str) -> None:
    """Publish by this version from now on; it must have been previewed."""
    change(
        lambda tx: allocation_rules.approve(tx, version, by=operator().name, now=now()),
        "allocation_rules.approve", version, {},
    )  # fmt: skip
    done(f"version {version} is in force")


@safety_app.command("list")
def list_safety(item: Scope = "") -> None:
    """What is said, the most general first."""
    rows = read(lambda tx: safety_stock.page(tx, item_id=item, limit=500))
    show(("item", "connection", "location", "profile", "units"), rows)


@safety_app.command("set")
def set_safety(
    units: Annotated[int, typer.Argument(min=0)],
    item: Scope = "",
    connection: Scope = "",
    location: Scope = "",
    profile: Annotated[str, typer.Option(help="empty: always")] = "",
    *,
    dry_run: Annotated[bool, typer.Option(help="only show what would change")] = False,
) -> None:
    """Keep so many units back; the most precise entry decides."""
    entry = Safety(item, connection, location, profile, units)
    if dry_run:
        _show_effect(*read(lambda tx: of_safety_stock(tx, entry, now())))
        return
    change(lambda tx: safety_stock.put(tx, entry, now()), "safety_stock.put", item or "all", entry._asdict())
    done(f"{units} units of {entry}")


@safety_app.command("remove")
def remove_safety(item: Scope = "", connection: Scope = "", location: Scope = "", profile: Scope = "") -> None:
    """What is less precise counts again."""
    entry = Safety(item, connection, location, profile, 0)
    was = change(
        lambda tx: safety_stock.remove(tx, entry, now()), "safety_stock.remove", item or "all", entry._asdict()
    )
    done(f"nothing is kept back of {entry}" if was else "there was no such entry")


@profiles_app.command("list")
def list_profiles() -> None:
    """By their beginning."""
    show(("profile", "from", "until"), read(safety_stock.profiles))


@profiles_app.command("set")
def set_profile(name: str, starts_at: datetime, ends_at: datetime) -> None:
    """Give a profile a time (UTC); it begins and ends by itself."""
    start, end = (moment.replace(tzinfo=now().tzinfo) for moment in (starts_at, ends_at))
    told = {"starts_at": start.isoformat(), "ends_at": end.isoformat()}
    change(lambda tx: safety_stock.put_profile(tx, name, start, end, now()), "calendar_profile.put", name, told)
    done(f"{name} counts from {start:%Y-%m-%d %H:%M} until {end:%Y-%m-%d %H:%M} UTC")
