"""The database: reads from a pool, writes through one first-in-first-out writer per process."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from time import monotonic
from typing import Any, TypeVar

from psycopg.errors import DeadlockDetected
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from db.turns import FileTurns, NoTurns, turns_at

T = TypeVar("T")
Work = Callable[[Connection], T]

GROUP_S = 0.02
"""How long writes may join a commit on SQLite; not even that long when another process waits for its turn."""
POOL = 8
TRIES_AFTER_DEADLOCK = 4


class Database:
    """One per process. On SQLite concurrent writes share a commit, each in a savepoint of its own.

    A write is a function of a connection: it runs in one transaction, which is rolled back if it raises.
    It may run in another thread than the caller's, and on PostgreSQL beside other writes.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL") -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url, synchronous) if self.is_sqlite else _postgres_engine(url)
        self._readers = ThreadPoolExecutor(POOL, thread_name_prefix="db-read")
        self._watcher: Any = None
        self._writer = _SqliteWriter(self.engine) if self.is_sqlite else _PooledWriter(self.engine)

    async def read(self, work: Work[T]) -> T:
        """Run a query; it sees one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    async def write(self, work: Work[T]) -> T:
        """Run a transaction; returns after it is durable. Not undone when the caller is canceled meanwhile."""
        return await asyncio.wrap_future(self._writer.submit(work))

    def may_have(self, table: str, where: str = "1 = 1") -> bool:
        """Whether a table has such a row: microseconds on SQLite, for loops that ask all day; elsewhere always True.

        Call it from one thread only.
        """
        if not self.is_sqlite:
            return True
        if self._watcher is None:
            self._watcher = self.engine.raw_connection()
        found = self._watcher.cursor().execute(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1").fetchone()  # noqa: S608 names of ours
        return found is not None

    def read_now(self, work: Work[T]) -> T:
        """`read` for code that is not async."""
        with self.engine.connect() as connection:
            return work(connection)

    def write_now(self, work: Work[T]) -> T:
        """`write` for code that is not async."""
        return self._writer.submit(work).result()

    def close(self) -> None:
        """Finish what is queued, then give the connections back."""
        self._writer.close()
        self._readers.shutdown()
        if self._watcher is not None:
            self._watcher.close()
        self.engine.dispose()


class _SqliteWriter:
    """One thread, one connection: writers never wait for SQLite's unfair lock within a process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="db-write", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        done: Future[T] = Future()
        self._queue.put((work, done))
        return done

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as failure:  # noqa: BLE001 a database that cannot be opened: nobody may wait for it
            while (entry := self._queue.get()) is not None:
                if entry[1].set_running_or_notify_cancel():
                    entry[1].set_exception(failure)

    def _serve(self) -> None:
        with self._engine.connect() as connection, closing(turns_at(self._engine.url.database)) as turns:
            while (first := self._queue.get()) is not None:
                with turns.turn():
                    more = self._commit(connection, first, turns)
                if not more:
                    return

    def _commit(
        self, connection: Connection, first: tuple[Work[Any], "Future[Any]"], turns: FileTurns | NoTurns
    ) -> bool:
        """One transaction of all that is waiting, for a while; False when the last write has been seen."""
        entry: tuple[Work[Any], Future[Any]] | None = first
        settled: list[tuple[Future[Any], Any, BaseException | None]] = []
        alone, until = self._queue.empty(), monotonic() + GROUP_S
        begun: list[Future[Any]] = []
        try:
            with connection.begin():
                while entry is not None:
                    work, done = entry
                    if done.set_running_or_notify_cancel():
                        begun.append(done)
                        settled.append((done, *_attempt(connection, work, alone=alone)))
                    if alone or self._queue.empty() or monotonic() > until or turns.is_awaited():
                        break
                    entry = self._queue.get()
        except BaseException as failure:  # noqa: BLE001 the commit itself failed: nobody's write is durable
            settled = [(done, None, failure) for done in begun]
        for done, result, problem in settled:
            if problem is None:
                done.set_result(result)
            else:
                done.set_exception(problem)
        return entry is not None


def _attempt(connection: Connection, work: Work[Any], *, alone: bool) -> tuple[Any, BaseException | None]:
    if alone:
        return work(connection), None
    raw: Any = connection.connection.driver_connection  # SQLAlchemy compiles its savepoints anew, each time
    raw.execute("SAVEPOINT one_of_a_group")
    try:
        result = work(connection)
    except Exception as failure:  # noqa: BLE001 it belongs to this write's caller, not to the others in the group
        raw.execute("ROLLBACK TO one_of_a_group")
        return None, failure
    raw.execute("RELEASE one_of_a_group")
    return result, None


class _PooledWriter:
    """PostgreSQL has fair row locks: every write is a transaction of its own, as many at once as the pool has."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(POOL, thread_name_prefix="db-write")

    def submit(self, work: Work[T]) -> "Future[T]":
        return self._threads.submit(self._transaction, work)

    def close(self) -> None:
        self._threads.shutdown()

    def _transaction(self, work: Work[T]) -> T:
        """Two orders that wait for each other's stock: the database ends one, which begins again."""
        for _ in range(TRIES_AFTER_DEADLOCK):
            try:
                return self._once(work)
            except OperationalError as error:
                if not isinstance(error.orig, DeadlockDetected):
                    raise
        return self._once(work)

    def _once(self, work: Work[T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


def _sqlite_engine(url: str, synchronous: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=POOL + 1,
        connect_args={"check_same_thread": False},
        json_serializer=_json,
        json_deserializer=from_json,
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late and too weakly
        for pragma in (
            "busy_timeout=15000",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is erased must not linger, neither in a page nor among the free ones
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = threading.current_thread().name == "db-write"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _json(document: Any) -> str:
    """A quarter of what the standard library's costs."""
    return to_json(document).decode()


def _postgres_engine(url: str) -> Engine:
    scheme, rest = url.split("://", 1)
    driver = scheme if "+" in scheme else "postgresql+psycopg"
    return create_engine(f"{driver}://{rest}", pool_size=2 * POOL, pool_pre_ping=True)
