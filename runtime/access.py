"""Who gets in first: the API key of the operator's own commands on this machine, and the first admin's link."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from db import api_keys, one_time_codes, users
from db.actors import Actor, Role
from db.session import Database
from runtime.keys import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from runtime.settings import Settings

_INSTALLER = Actor(name="tutti", role="admin", origin="command line")


def operator_token(settings: Settings) -> str | None:
    """What a command sends as `Authorization: Bearer …`: `TUTTI_API_KEY`, else what `tutti up` has put into `var`."""
    if token := os.environ.get("TUTTI_API_KEY"):
        return token
    try:
        return token_file(settings).read_text().strip()
    except FileNotFoundError:
        return None


def make_operator_token(settings: Settings) -> None:
    """Give the commands a key that is in force, unless they have one; whoever can read `var` owns the hub anyway."""
    database = Database(settings.database_url)
    try:
        token = operator_token(settings) or ""
        if database.read_now(lambda tx: api_keys.find(tx, token)):
            return
        new = database.write_now(lambda tx: _create(tx, f"command line {datetime.now(UTC)}", "admin"))
    finally:
        database.close()
    token_file(settings).unlink(missing_ok=True)
    write_private(token_file(settings), new.token)


def make_api_key(settings: Settings, name: str, role: Role) -> str:
    """The first key of an installation, or one for when all are lost; afterwards the API makes them."""
    database = Database(settings.database_url)
    try:
        return database.write_now(lambda tx: _create(tx, name, role)).token
    finally:
        database.close()


def first_admin_link(settings: Settings) -> str | None:
    """Where the first admin makes their account, by a code that is good once and for a day; None when users exist."""
    database = Database(settings.database_url)
    try:
        if database.read_now(users.is_anyone):
            return None
        code = database.write_now(lambda tx: one_time_codes.make(tx, "first", None, datetime.now(UTC))).code
    finally:
        database.close()
    return f"{settings.console_address}/sign-in?code={code}"


def _create(tx: Connection, name: str, role: Role) -> api_keys.NewKey:
    return api_keys.create(tx, name=name, role=role, by=_INSTALLER, now=datetime.now(UTC))


def token_file(settings: Settings) -> Path:
    """Where `tutti up` keeps it."""
    return settings.var / "api.key"
