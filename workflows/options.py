"""Timeouts and retries per kind of step, as words."""

from datetime import timedelta
from typing import Any

from temporalio.common import Priority, RetryPolicy

from workflows.names import CHANNELS

_PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=30)
)
_QUICK = RetryPolicy(
    initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
)

HEARTBEAT = timedelta(seconds=12)
"""After this silence the engine takes the worker of a call for dead, and has the call looked up elsewhere."""


def database(summary: str) -> dict[str, Any]:
    """A step in our own database: retried until it works, since the order cannot go on without it."""
    return {"start_to_close_timeout": timedelta(seconds=30), "retry_policy": _QUICK, "summary": summary}


def channel(summary: str, connection_id: str) -> dict[str, Any]:
    """A call to a platform: retried for as long as the platform is out of order; a person sees it meanwhile.

    Connections share the workers fairly: one that is throttled or flooded does not starve the others.
    """
    return {
        "task_queue": CHANNELS,
        "start_to_close_timeout": timedelta(seconds=60),
        "heartbeat_timeout": HEARTBEAT,
        "retry_policy": _PATIENT,
        "summary": summary,
        "priority": Priority(fairness_key=connection_id[:64]),
    }


def long_channel(summary: str, connection_id: str) -> dict[str, Any]:
    """Calls for a whole batch, at the pace that the platform's limits allow."""
    return channel(summary, connection_id) | {"start_to_close_timeout": timedelta(minutes=30)}


def at_once(summary: str, connection_id: str, listings: int) -> dict[str, Any]:
    """A call whose moment passes: tried again at once, and given up soon; so many listings have a limit to wait for."""
    patience = timedelta(seconds=45 + 3 * listings)
    return long_channel(summary, connection_id) | {
        "schedule_to_close_timeout": min(patience, timedelta(minutes=30)),
        "retry_policy": RetryPolicy(
            initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_interval=timedelta(seconds=5)
        ),
    }


def patient(summary: str, connection_id: str) -> dict[str, Any]:
    """Something that the platform has promised and shows when it likes."""
    return long_channel(summary, connection_id) | {"schedule_to_close_timeout": timedelta(minutes=30)}


def poll(summary: str, connection_id: str) -> dict[str, Any]:
    """A long read of a platform, in pages."""
    return channel(summary, connection_id) | {
        "start_to_close_timeout": timedelta(minutes=10),
        "retry_policy": RetryPolicy(maximum_attempts=5, maximum_interval=timedelta(minutes=1)),
    }


def channel_turn(summary: str, connection_id: str) -> dict[str, Any]:
    """Work at a platform that goes on for a while, at its pace; what waits for it gets older, so it is tried often."""
    often = RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
    )
    return channel(summary, connection_id) | {"start_to_close_timeout": timedelta(minutes=5), "retry_policy": often}


def background(summary: str, connection_id: str) -> dict[str, Any]:
    """Reading that nobody waits for: behind all other work, and given up until the next time if it does not succeed."""
    return poll(summary, connection_id) | {"priority": Priority(priority_key=5, fairness_key=connection_id[:64])}
