"""Routing an order: look at its facts, decide, reserve, and undo. All of it in our own database."""

from time import perf_counter
from typing import TYPE_CHECKING

from temporalio import activity

from activities.mapped import mapped
from connectors.errors import TryAgainError
from domain.errors import DomainError
from domain.progress import Progress
from domain.refs import OrderRef
from domain.sourcing.engine import source

if TYPE_CHECKING:
    from db.desks.routing import RoutingDesk
    from db.routing import Question

TRIES = 8
"""Plans made before giving way to whoever keeps taking the stock first; the engine then tries again later."""


class RoutingActivities:
    """Local activities: they may run twice and find their own answer."""

    def __init__(self, desk: "RoutingDesk") -> None:
        self._desk = desk

    @activity.defn
    @mapped
    async def look(self, order: OrderRef) -> Progress:
        """Carry out what facts and clock demand; where the order stands."""
        return await self._desk.standing(order)

    @activity.defn
    @mapped
    async def route_and_reserve(self, order: OrderRef) -> Progress:
        """Decide the locations of all open demand and reserve it there; or say what the order waits for."""
        for _ in range(TRIES):
            try:
                question = await self._desk.question(order)
            except DomainError as obstacle:
                return await self._desk.obstructed(order, obstacle.code)
            standing = await (self._desk.standing(order) if question is None else self._decide(order, question))
            if standing is not None and standing.stage != "to_route":
                return standing  # else something changed meanwhile, and a run would wait for news that it has
        raise TryAgainError("others keep taking the stock first")

    async def _decide(self, order: OrderRef, question: "Question") -> Progress | None:
        started = perf_counter()
        plan = source(question.problem, question.rules)
        return await self._desk.answer(order, question, plan, round(1000 * (perf_counter() - started)))

    @activity.defn
    @mapped
    async def release_stock(self, order: OrderRef) -> Progress:
        """Undo of route_and_reserve."""
        return await self._desk.undo(order)

    @activity.defn
    @mapped
    async def want_recall(self, order: OrderRef) -> Progress:
        """First half of the undo of send_fulfillment_order: what is to be asked back."""
        return await self._desk.want_recall(order)

    @activity.defn
    @mapped
    async def stop_order(self, order: OrderRef) -> Progress:
        """The run ends without an outcome: a person decides how the order goes on."""
        return await self._desk.stop(order, "run failed or was canceled")
