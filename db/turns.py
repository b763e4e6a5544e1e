"""Processes take turns at writing one SQLite file: its own lock lets whoever comes back first starve the others."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager


class FileTurns:
    """Two locks: who waits for the turn holds the door, so that who had the turn cannot take it again at once."""

    def __init__(self, database_file: str) -> None:
        self._door = open(f"{database_file}-door", "a")  # noqa: PTH123, SIM115 the address is a plain string; see close
        self._turn = open(f"{database_file}-turn", "a")  # noqa: PTH123, SIM115 as above

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn, waiting for it before."""
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def is_awaited(self) -> bool:
        """Whether another process waits for the turn that we hold."""
        try:
            fcntl.flock(self._door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._door, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        self._door.close()
        self._turn.close()


class NoTurns:
    """A database that no other process can open."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        yield

    def is_awaited(self) -> bool:
        return False

    def close(self) -> None:
        """There is nothing to give back."""


def turns_at(database_file: str | None) -> FileTurns | NoTurns:
    """For the file of an address; a database in memory has none."""
    return NoTurns() if not database_file or database_file == ":memory:" else FileTurns(database_file)
