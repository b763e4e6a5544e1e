"""For commands that work on the hub itself, whether it runs or not: they need its database and keys, not its API."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from cli.client import CONSOLE
from connectors.errors import ConnectorError
from db import audit
from db.actors import Actor
from domain.errors import DomainError
from runtime.errors import OperatorError
from runtime.settings import Settings
from runtime.wiring import Hub

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from sqlalchemy import Connection

T = TypeVar("T")


def now() -> datetime:
    return datetime.now(UTC)


def operator() -> Actor:
    """Who the audit log names: whoever may run commands here owns the hub."""
    return Actor(name=getpass.getuser(), role="admin", origin="command line")


def with_hub(work: Callable[[Hub], Awaitable[T]]) -> T:
    """Open the hub, work, close it; a refusal is told without a traceback."""

    async def run() -> T:
        hub = Hub(Settings.of_running_stack())
        try:
            return await work(hub)
        except DomainError as refusal:
            raise OperatorError(str(refusal)) from refusal
        except ConnectorError as failure:
            raise OperatorError(failure.merchant) from failure
        except (OperationalError, ProgrammingError) as failure:
            raise OperatorError(
                f"the hub's database does not answer ({failure.orig}); start the hub once with `tutti up`, "
                "or see what `tutti doctor` says"
            ) from failure
        finally:
            await hub.close()

    return asyncio.run(run())


def read(query: Callable[[Connection], T]) -> T:
    """Ask the database one thing."""
    return with_hub(lambda hub: hub.database.read(query))


def change(work: Callable[[Connection], T], action: str, target: str, after: Mapping[str, object]) -> T:
    """One transaction with its line in the audit log."""

    def audited(tx: Connection) -> T:
        result = work(tx)
        audit.record(tx, operator(), action, target, now=now(), after=after)
        return result

    return with_hub(lambda hub: hub.database.write(audited))


def pairs(given: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` arguments; the value may be empty."""
    found = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        if not sign:
            raise OperatorError(f"{pair!r} is not NAME=VALUE")
        found[name] = value
    return found


def show(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A plain table."""
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    CONSOLE.print(table)


def done(text: str) -> None:
    typer.echo(text)
