"""Routing against a desk that changes its mind."""

from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.routing import RoutingActivities
from db.routing import Question
from domain.progress import Progress
from domain.refs import OrderRef
from domain.sourcing import DemandLine, Destination, SourcingProblem
from tests.db.world import NOW, RULES

ORDER = OrderRef(order_id="web-1", run_no=1, connection_id="web")
PROBLEM = SourcingProblem(
    order_id="web-1", channel="web", destination=Destination(country="DE"), value_minor=1000, currency="EUR",
    demand=(DemandLine(line_id="L1", item_id="TEE", quantity=1),), now=NOW, locations=(),
)  # fmt: skip


class Desk:
    """An order that is let go between the question and the look at where it stands."""

    def __init__(self) -> None:
        self.stages = ["to_route", "waiting"]
        self.asked = 0

    async def question(self, _order: OrderRef) -> None:
        self.asked += 1

    async def standing(self, _order: OrderRef) -> Progress:
        return Progress(seq=2, stage=self.stages.pop(0), headline="")


class DeskWithNews(Desk):
    """A fact arrives in the very transaction that makes the answer true: there is demand again."""

    async def question(self, _order: OrderRef) -> Question | None:  # type: ignore[override]
        self.asked += 1
        return Question(PROBLEM, RULES, 1) if self.asked == 1 else None

    async def answer(self, order: OrderRef, *_plan: object) -> Progress:
        return await self.standing(order)


async def test_an_answer_that_leaves_something_to_route_is_followed_by_the_next_question() -> None:
    desk: Any = DeskWithNews()

    standing = await ActivityEnvironment().run(RoutingActivities(desk).route_and_reserve, ORDER)

    assert (standing.stage, desk.asked) == ("waiting", 2)


async def test_an_order_that_is_let_go_half_way_is_asked_about_again() -> None:
    desk: Any = Desk()

    standing = await ActivityEnvironment().run(RoutingActivities(desk).route_and_reserve, ORDER)

    assert (standing.stage, desk.asked) == ("waiting", 2)
