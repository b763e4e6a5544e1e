"""Routing against a desk that changes its mind."""

from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.routing import RoutingActivities
from domain.progress import Progress
from domain.refs import OrderRef

ORDER = OrderRef(order_id="web-1", run_no=1, connection_id="web")


class Desk:
    """An order that is let go between the question and the look at where it stands."""

    def __init__(self) -> None:
        self.stages = ["to_route", "waiting"]
        self.asked = 0

    async def question(self, _order: OrderRef) -> None:
        self.asked += 1

    async def standing(self, _order: OrderRef) -> Progress:
        return Progress(seq=2, stage=self.stages.pop(0), headline="")


async def test_an_order_that_is_let_go_half_way_is_asked_about_again() -> None:
    desk: Any = Desk()

    standing = await ActivityEnvironment().run(RoutingActivities(desk).route_and_reserve, ORDER)

    assert (standing.stage, desk.asked) == ("waiting", 2)
