"""A batch that is refused as a whole is halved until what is refused stands alone: one bad item stops no other."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from connectors.errors import NotFoundAtChannelError, RejectedError

Item = TypeVar("Item")
Result = TypeVar("Result")


async def halving(
    send: Callable[[tuple[Item, ...], str], Awaitable[tuple[Result, ...]]],
    items: tuple[Item, ...],
    key: str,
    refused: Callable[[Item, str], Result],
) -> tuple[Result, ...]:
    """A result per item, in order; the halves have keys of their own."""
    try:
        return await send(items, key)
    except (RejectedError, NotFoundAtChannelError) as refusal:
        if len(items) == 1:
            return (refused(items[0], _code(refusal)),)
    half = len(items) // 2
    first = await halving(send, items[:half], f"{key}:1", refused)
    return first + await halving(send, items[half:], f"{key}:2", refused)


def _code(refusal: RejectedError | NotFoundAtChannelError) -> str:
    if isinstance(refusal, NotFoundAtChannelError):
        return "not_found"
    return refusal.reasons[0].code if refusal.reasons else "rejected"
