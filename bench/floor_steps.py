"""The floor's steps: as many as an ordinary order takes, doing nothing."""

import asyncio
from collections import defaultdict

from temporalio import activity

from domain.base import Frozen

LOCAL_STEPS = 2
OUTSIDE_STEPS = 2


def floor_run(number: int) -> str:
    """The id of a floor run."""
    return f"floor/{number}"


class Nothing(Frozen):
    """An input of the size of an order's reference."""

    order_id: str = "shopify-us-5001000001"
    run_no: int = 1
    connection_id: str = "shopify-us"


asked: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
"""Which runs have asked their location: what the simulated 3PL counts its time from."""


@activity.defn
async def do_nothing(given: Nothing) -> Nothing:
    """A local step."""
    return given


@activity.defn
async def do_nothing_outside(given: Nothing) -> Nothing:
    """A step on the queue of outside calls."""
    asked[activity.info().workflow_id or ""].set()
    return given
