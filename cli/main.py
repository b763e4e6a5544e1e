"""The `tutti` command: which commands there are, and how each of them ends."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console

from cli.finish import finish
from runtime.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

# `tutti NAME` is the Typer application `app` of `cli/NAME.py`.
# It is imported when it is called: `--help` is quick, and a command loads only what it needs.
COMMANDS = {
    "up": "Start the hub and keep it running until Ctrl-C.",
    "demo": "Play a day of orders on a stack of its own and show where each went and why.",
    "drill": "Play a bad day with faults and kills, and count what was lost, doubled or oversold.",
    "doctor": "Say what is wrong with this installation and how to mend it.",
    "migrate": "Bring the database and the Temporal namespace up to this version.",
    "keys": "Make or change the master key; make an API key.",
    "users": "The people who may sign in to the console, with their roles.",
    "apply": "Bring the database to what tutti.yaml says.",
    "connections": "Make connections, open them step by step, pause and resume them.",
    "items": "Items, and the SKUs that they are known by.",
    "product": "Products: bring in, look at, check against each channel, change.",
    "forms": "Versions of the forms by which each channel's listings are made.",
    "content": "What listings show after their launch: changes, drift by author, accuracy.",
    "stock": "Stock levels, movements, receipts, counts, and the check of the ledger.",
    "availability": "What each channel may show of the stock, and why; allocation rules, safety stock, profiles.",
    "flows": "Switch what is written to which connection: off, shadow, on for a share.",
    "rules": "Versions of the sourcing rules.",
    "launch": "Make launches of products on all channels at one moment, watch them, decide them.",
    "orders": "Find, look at and change orders; bring in a file of them.",
    "returns": "Open, follow and decide returns; receive and inspect what comes back.",
    "why": "Say why an order ships from where it ships, and what it waits for.",
    "exceptions": "See and settle what needs a person.",
    "alerts": "Alerts: what is open, the rules, and what was told to whom.",
    "audit": "See who changed what, and check that the record is whole.",
    "backup": "Write the database, the keys and the configuration into one file.",
    "restore": "Put a backup in place.",
}


def run() -> NoReturn:
    """The entry point of the console script."""
    finish(exit_code_of(sys.argv[1:]))


def exit_code_of(arguments: Sequence[str]) -> int:
    """Carry a command line out in this process."""
    name = arguments[0] if arguments else ""
    try:
        if name in COMMANDS:
            app: typer.Typer = import_module(f"cli.{name}").app
            app(args=list(arguments[1:]), prog_name=f"tutti {name}")
        else:
            _overview()(args=list(arguments), prog_name="tutti")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except OperatorError as error:
        Console(stderr=True).print(f"[bold red]tutti {name}:[/] {error}", highlight=False, soft_wrap=True)
        return 1
    except BaseException as error:  # noqa: BLE001 - the last place that can show it: finish() runs no hooks
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def _overview() -> typer.Typer:
    """What `tutti --help` and a mistyped name show."""
    app = typer.Typer(help="Tutti, the integration hub for commerce.", no_args_is_help=True, add_completion=False)
    for name, text in COMMANDS.items():
        app.command(name, help=text)(lambda: None)
    return app
