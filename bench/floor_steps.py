"""The floor's steps: as many as an ordinary order takes, doing nothing."""

from temporalio import activity

from domain.base import Frozen

LOCAL_STEPS = 2
OUTSIDE_STEPS = 2
SIGNALS = 1
TIMERS = 1


class Nothing(Frozen):
    """An input of the size of an order's reference."""

    order_id: str = "shopify-us-5001000001"
    run_no: int = 1
    connection_id: str = "shopify-us"


@activity.defn
async def do_nothing(given: Nothing) -> Nothing:
    """A local step."""
    return given


@activity.defn
async def do_nothing_outside(given: Nothing) -> Nothing:
    """A step on the queue of outside calls."""
    return given
