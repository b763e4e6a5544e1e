"""The database as routing sees it."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from db.desks.base import Desk
from db.facts import Fact, record
from db.fulfillment import end
from db.order_reading import FULFILLMENT_ORDERS, ORDERS, load
from db.routing import LostError, Question, ask, carry_out
from domain.order_state import DEAD
from domain.progress import Progress, progress
from domain.refs import OrderRef
from domain.sourcing.plan import RoutingPlan


class RoutingDesk(Desk):
    """Questions for sourcing, and its answers made true."""

    async def question(self, order: OrderRef) -> Question | None:
        """The open demand as a problem; None when there is nothing to route now."""

        def work(tx: Connection) -> Question | None:
            state = load(tx, order.order_id)
            now = self.now()
            if state.run_no != order.run_no or progress(state, now).stage != "to_route":
                return None
            return ask(tx, state, now)

        return await self.database.read(work)

    async def answer(self, order: OrderRef, question: Question, plan: RoutingPlan, solve_ms: int) -> Progress | None:
        """Make the plan true; None when something changed meanwhile and the question must be put again."""
        try:
            return await self.write(order, lambda tx, now: carry_out(tx, question, plan, solve_ms, now))
        except LostError:
            return None

    async def undo(self, order: OrderRef) -> Progress:
        """Release what no location has been asked for or has given back; repeatable."""

        def change(tx: Connection, now: datetime) -> None:
            for f in tx.execute(select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.order_id == order.order_id)):
                if f.state == "planned":
                    end(tx, f, "canceled", "undone", now)

        return await self.write(order, change)

    async def want_recall(self, order: OrderRef) -> Progress:
        """Ask back everything that a location holds; repeatable."""

        def change(tx: Connection, _now: datetime) -> None:
            tx.execute(
                update(FULFILLMENT_ORDERS)
                .where(
                    FULFILLMENT_ORDERS.c.order_id == order.order_id,
                    FULFILLMENT_ORDERS.c.state.not_in([*DEAD, "shipped", "planned"]),
                    FULFILLMENT_ORDERS.c.recall == "",
                )
                .values(recall="wanted", reason="undone")
            )

        return await self.write(order, change)

    async def stop(self, order: OrderRef, why: str) -> Progress:
        """The run failed or was canceled in Temporal: a person decides how the order goes on."""

        def change(tx: Connection, now: datetime) -> None:
            tx.execute(update(ORDERS).where(ORDERS.c.id == order.order_id).values(stopped=True))
            key = f"stopped:{order.run_no}"
            record(tx, order.order_id, [Fact("stopped", key, now, "tutti", {"why": why})], now)

        return await self.write(order, change)
