"""The database as routing sees it."""

from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from db.desks.base import Desk
from db.facts import Fact, record
from db.fulfillment import end
from db.order_reading import FULFILLMENT_ORDERS, ORDERS, load
from db.restock import forget_waiting
from db.routing import LostError, Question, ask, carry_out, wait_for_person
from domain.errors import DomainError
from domain.order_state import DEAD
from domain.progress import Progress, progress
from domain.refs import OrderRef
from domain.sourcing.plan import RoutingPlan


class RoutingDesk(Desk):
    """Questions for sourcing, and its answers made true."""

    async def question(self, order: OrderRef) -> Question | None:
        """The open demand as a problem; None when there is nothing to route now.

        DomainError when nothing can be decided: no rules are active, an address or a place has no meaning.
        """

        def work(tx: Connection) -> Question | None:
            state = load(tx, order.order_id)
            now = self.now()
            if state.run_no != order.run_no or progress(state, now).stage != "to_route":
                return None
            try:
                return ask(tx, state, now)
            except ValidationError as error:
                raise DomainError("bad_sourcing_data", f"rules, locations or items are not valid: {error}") from error

        return await self.database.read(work)

    async def obstructed(self, order: OrderRef, code: str) -> Progress:
        """Nothing can be decided until a person has mended what the code names."""
        return await self.write(order, lambda tx, now: wait_for_person(tx, order.order_id, code, now))

    async def answer(self, order: OrderRef, question: Question, plan: RoutingPlan, solve_ms: int) -> Progress | None:
        """Make the plan true; None when something changed meanwhile and the question must be put again."""
        try:
            return await self.write(order, lambda tx, now: carry_out(tx, question, plan, solve_ms, now))
        except LostError:
            return None

    async def undo(self, order: OrderRef) -> Progress:
        """Release what no location has been asked for or has given back; repeatable."""

        def change(tx: Connection, now: datetime) -> None:
            _drop_planned(tx, order.order_id, now)
            forget_waiting(tx, order.order_id, now)

        return await self.write(order, change)

    async def want_recall(self, order: OrderRef) -> Progress:
        """Ask back everything that a location holds, and drop what none was asked for; repeatable."""

        def change(tx: Connection, now: datetime) -> None:
            _drop_planned(tx, order.order_id, now)
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


def _drop_planned(tx: Connection, order_id: str, now: datetime) -> None:
    mine = select(FULFILLMENT_ORDERS).where(FULFILLMENT_ORDERS.c.order_id == order_id)
    for f in tx.execute(mine.where(FULFILLMENT_ORDERS.c.state == "planned")).all():
        end(tx, f, "canceled", "undone", now)
