"""`tutti up`: the whole hub on this machine."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from runtime.access import first_admin_link, token_file
from runtime.parts import default_parts
from runtime.settings import Settings
from runtime.supervisor import Stack

if TYPE_CHECKING:
    from runtime.supervised import Report

app = typer.Typer(help="Start the hub and keep it running until Ctrl-C.")


@app.command()
def up(
    *,
    sandbox: Annotated[bool, typer.Option(help="Start the simulated platforms too.")] = True,
    free_ports: Annotated[bool, typer.Option("--free-ports", help="Take any free ports (var/run/ports.json).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per event.")] = False,
) -> None:
    """Start Temporal, the API, the worker, the console and the sandbox, start again what dies, and stop in order on Ctrl-C."""
    parts = [part for part in default_parts() if sandbox or part != "sandbox"]
    report = _report_json if as_json else _reporter(Console())
    asyncio.run(_run(Stack(Settings(), parts=parts, any_free_port=free_ports, report=report), as_json=as_json))


async def _run(stack: Stack, *, as_json: bool) -> None:
    stopping = asyncio.Event()
    starting = asyncio.ensure_future(stack.__aenter__())

    def interrupt() -> None:
        stopping.set()
        starting.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupt)
    try:
        await starting
    except asyncio.CancelledError:
        return
    try:
        _show_addresses(stack, await asyncio.to_thread(first_admin_link, stack.settings), as_json=as_json)
        await stopping.wait()
    finally:
        await stack.stop()


def _show_addresses(stack: Stack, first_link: str | None, *, as_json: bool) -> None:
    urls = addresses(stack)
    if as_json:
        event = {"event": "up", "addresses": urls, "first_admin": first_link}
        print(json.dumps(event), flush=True)  # noqa: T201 - the output of the command
        return
    table = Table(box=None, show_header=False, padding=(0, 2))
    for name, url in urls.items():
        table.add_row(name, f"[link={url}]{url}[/link]")
    console = Console()
    console.print(table)
    if first_link:
        console.print("Nobody can sign in yet. The first admin makes an account here (good once, for a day):")
        console.print(f"[link={first_link}]{first_link}[/link]", soft_wrap=True)
    console.print(f"The commands use the API key in {token_file(stack.settings)}; `tutti keys api NAME` makes others.")
    console.print("Ctrl-C stops the hub.")


def addresses(stack: Stack) -> dict[str, str]:
    """What a person opens in a browser."""
    pages = {
        "Console": ("console", "/"),
        "API": ("api", "/docs"),
        "Temporal UI": ("temporal_ui", "/namespaces/default/workflows"),
        "Sandbox": ("sandbox", "/docs"),
    }
    return {
        title: f"http://127.0.0.1:{stack.ports[port]}{path}"
        for title, (port, path) in pages.items()
        if port in stack.ports
    }


def _reporter(console: Console) -> Report:
    def report(part: str, event: str) -> None:
        color = "red" if event.startswith("died") else "green" if event.startswith("ready") else "yellow"
        console.print(f"[{color}]{part:<9}[/] {event}", highlight=False, soft_wrap=True)

    return report


def _report_json(part: str, event: str) -> None:
    print(json.dumps({"part": part, "event": event}), flush=True)  # noqa: T201 - the output of the command
