"""A PostgreSQL server for the tests: the one that TUTTI_TEST_POSTGRES names, or one of our own that is started and stopped."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

WHERE = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server, ending in a slash; None where PostgreSQL is not installed."""
    if address := os.environ.get("TUTTI_TEST_POSTGRES"):
        yield address
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
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        call("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", options, "start")
        try:
            yield f"postgresql:///?host={folder}&user=tutti&dbname="
        finally:
            call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@contextmanager
def fresh_database(address: str, name: str) -> Iterator[str]:
    """An empty database, dropped afterwards."""
    with psycopg.connect(f"{address}postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{address}{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _programs() -> Path | None:
    found = sorted(path for where in WHERE for path in Path(where).glob("**/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None
