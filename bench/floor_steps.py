"""The floor's steps: as many as an ordinary order or return takes, doing nothing."""

import asyncio
from collections import defaultdict
from typing import Literal

from temporalio import activity

from domain.base import Frozen

Shape = Literal["order", "return"]
LOCAL_STEPS = 2
OUTSIDE_STEPS: dict[Shape, int] = {"order": 2, "return": 4}


def floor_run(shape: Shape, number: int) -> str:
    """The id of a floor run."""
    return f"floor/{shape}/{number}"


class Nothing(Frozen):
    """An input of the size of an order's or return's reference."""

    order_id: str = "shopify-us-5001000001"
    run_no: int = 1
    connection_id: str = "shopify-us"


asked: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
"""Which runs have made their first call: what the simulated 3PL counts its time from."""


@activity.defn
async def do_nothing(given: Nothing) -> Nothing:
    """A local step."""
    return given


@activity.defn
async def do_nothing_outside(given: Nothing) -> Nothing:
    """A step on the queue of outside calls."""
    asked[activity.info().workflow_id or ""].set()
    return given
