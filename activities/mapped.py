"""Turns what a step raises into what the engine understands."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from temporalio import activity

from activities.errors import as_application_error
from connectors.errors import ConnectorError
from domain.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")

BEATS_PER_TIMEOUT = 3


def mapped(step: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Connector and business errors become application errors without the platform's words.

    While the step runs it says that it lives, so that one whose worker was killed is repeated soon.
    """

    @functools.wraps(step)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            async with _alive():
                return await step(*args, **kwargs)
        except (ConnectorError, DomainError) as error:
            raise as_application_error(error) from None

    return inner


@asynccontextmanager
async def _alive() -> AsyncIterator[None]:
    """Heartbeats in the background, for a step that the engine expects them of."""
    timeout = activity.info().heartbeat_timeout if activity.in_activity() else None
    if not timeout:
        yield
        return
    beats = asyncio.create_task(_beat(timeout.total_seconds() / BEATS_PER_TIMEOUT))
    try:
        yield
    finally:
        beats.cancel()


async def _beat(every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        activity.heartbeat()
