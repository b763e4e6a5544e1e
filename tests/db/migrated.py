"""Databases with every table: migrated once per process, then copied, for migrating costs more than most tests."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from db.migrate import upgrade
from tests.db.postgres import copy_migrated

PREFIX = "sqlite:///"


def migrated(url: str) -> None:
    """Make the database of this address as `upgrade` leaves an empty one."""
    if url.startswith(PREFIX):
        Path(url.removeprefix(PREFIX)).write_bytes(_empty())
    else:
        copy_migrated(url)


@cache
def _empty() -> bytes:
    folder = Path(tempfile.mkdtemp(prefix="tutti-empty-"))
    try:
        upgrade(f"{PREFIX}{folder}/tutti.db")
        assert not list(folder.glob("*-wal")), "what is not yet in the file would not be copied"
        return (folder / "tutti.db").read_bytes()
    finally:
        shutil.rmtree(folder)
