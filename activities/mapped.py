"""Turns what a step raises into what the engine understands."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from activities.errors import as_application_error
from connectors.errors import ConnectorError
from domain.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")


def mapped(step: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Connector and business errors become application errors without the platform's words."""

    @functools.wraps(step)
    async def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await step(*args, **kwargs)
        except (ConnectorError, DomainError) as error:
            raise as_application_error(error) from None

    return inner
