"""What every desk has: the database, the clock, and the order's standing as the answer."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, select

from db.facts import lock
from db.order_reading import ORDERS
from db.session import Database
from db.standing import settle
from domain.progress import Progress
from domain.refs import OrderRef

_RUN = select(ORDERS.c.run_no, ORDERS.c.seq).where(ORDERS.c.id == bindparam("order_id"))


class Desk:
    """Base of the desks."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @staticmethod
    def now() -> datetime:
        """The clock of facts."""
        return datetime.now(UTC)

    async def standing(self, order: OrderRef) -> Progress:
        """Where the order stands, after what facts and clock demand was carried out."""
        return await self.write(order, lambda tx, now: None)  # noqa: ARG005

    async def write(self, order: OrderRef, change: Callable[[Connection, datetime], None]) -> Progress:
        """One transaction: the change, then the standing. A run that is superseded changes nothing and ends."""

        def work(tx: Connection) -> Progress:
            lock(tx, order.order_id)
            row = tx.execute(_RUN, {"order_id": order.order_id}).one()
            if row.run_no != order.run_no:
                return Progress(seq=row.seq, stage="over", outcome="superseded", headline="another run took over")
            now = self.now()
            change(tx, now)
            return settle(tx, order.order_id, now)

        return await self.database.write(work)
