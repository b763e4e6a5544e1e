"""A PostgreSQL server for the tests: the one that TUTTI_TEST_POSTGRES names, or one of our own that is started and stopped."""

import getpass
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from db.migrate import upgrade

NAME = re.compile("(.*[/=])([^/=]+)")
TEMPLATE = f"tutti_template_{os.getpid()}"
UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""What a server may leave out that nobody needs after a power cut."""
WHERE = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server, ending in a slash; None where PostgreSQL is not installed."""
    if address := os.environ.get("TUTTI_TEST_POSTGRES"):
        yield address
        with _administered(address) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{TEMPLATE}"')
        return
    programs = _programs()
    if programs is None:
        yield None
        return
    # a short path: a socket's name has at most 107 bytes
    with tempfile.TemporaryDirectory(prefix="tutti-pg-", ignore_cleanup_errors=True) as folder:
        user = "postgres" if getpass.getuser() == "root" else None  # PostgreSQL refuses to run as root
        if user:
            shutil.chown(folder, user)
        data = Path(folder) / "data"

        def call(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

        call("initdb", "-D", str(data), "-U", "tutti", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8")
        settings = ("listen_addresses=''", f"unix_socket_directories={folder}", "max_connections=200", *UNSAFE)
        options = " ".join(f"-c {setting}" for setting in settings)
        call("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
        try:
            yield f"postgresql:///?host={folder}&user=tutti&dbname="
        finally:
            call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@contextmanager
def fresh_database(address: str, name: str) -> Iterator[str]:
    """An empty database, dropped afterwards."""
    with _administered(address) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{address}{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def copy_migrated(url: str) -> None:
    """Put a database with every table in the place of this empty one."""
    address, name = NAME.fullmatch(url).groups()  # type: ignore[union-attr]
    _template(address)
    with _administered(address) as admin:
        admin.execute(f'DROP DATABASE "{name}"')
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" STRATEGY FILE_COPY')


@cache
def _template(address: str) -> None:
    with _administered(address) as admin:
        admin.execute(f'CREATE DATABASE "{TEMPLATE}"')
    upgrade(f"{address}{TEMPLATE}")


def _administered(address: str) -> psycopg.Connection:
    return psycopg.connect(f"{address}postgres", autocommit=True)


def _programs() -> Path | None:
    found = sorted(path for where in WHERE for path in Path(where).glob("**/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None
