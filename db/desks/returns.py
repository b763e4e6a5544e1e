"""The database as handling a return sees it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from db.desks.base import Desk
from db.facts import lock
from db.returns import commands
from db.returns.rows import change, row_of, tell
from db.returns.standing import settle
from db.session import Database
from db.vault import Vault
from domain.refs import ReturnRef
from domain.returns.progress import Progress


class ReturnDesk(Desk):
    """One transaction per step, in which the return's standing is the answer."""

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self.vault = vault

    async def standing(self, given: ReturnRef) -> Progress:  # type: ignore[override] # a return's, not an order's
        """Where the return stands, after what facts and clock demand was carried out."""
        return await self.write(given, lambda tx, now: None)  # noqa: ARG005

    async def write(self, given: ReturnRef, work: Callable[[Connection, datetime], None]) -> Progress:  # type: ignore[override] # see above
        """The change, then the standing. A run that is superseded changes nothing and ends."""

        def transaction(tx: Connection) -> Progress:
            lock(tx, row_of(tx, given.return_id).order_id)
            if row_of(tx, given.return_id).run_no != given.run_no:
                return Progress(seq=0, stage="over", outcome="superseded", headline="another run took over")
            now = self.now()
            work(tx, now)
            return settle(tx, self.vault, given.return_id, now)

        return await self.database.write(transaction)

    async def withdraw(self, given: ReturnRef) -> Progress:
        """Nothing is expected any more, and a person will see it; repeatable."""

        def work(tx: Connection, now: datetime) -> None:
            commands.take_back(tx, row_of(tx, given.return_id), by="tutti", now=now, wakes=False)
            change(tx, given.return_id, stopped=True)

        return await self.write(given, work)

    async def stop(self, given: ReturnRef) -> Progress:
        """The run failed or was canceled in Temporal: a person decides how the return goes on."""

        def work(tx: Connection, now: datetime) -> None:
            change(tx, given.return_id, stopped=True)
            row = row_of(tx, given.return_id)
            tell(tx, row, "stopped", f"stopped:{given.run_no}", now=now, by="tutti", wakes=False)

        return await self.write(given, work)
