"""What is written down of a batch that did not come through: not sent at all, or in doubt until it is looked up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from connectors.errors import NotAuthorizedError, OutcomeUnknownError, TryAgainError

Batch_contra = TypeVar("Batch_contra", contravariant=True)


class KeepsBatches(Protocol[Batch_contra]):
    """The desk of a flow that sends in batches."""

    async def not_sent(self, connection_id: str, batch: Batch_contra, code: str) -> None: ...

    async def doubt(self, batch: Batch_contra) -> None: ...


@asynccontextmanager
async def kept(desk: KeepsBatches[Batch_contra], name: str, batch: Batch_contra) -> AsyncIterator[None]:
    """The failure goes on to the engine after it is written down."""
    try:
        yield
    except (TryAgainError, NotAuthorizedError) as error:
        await desk.not_sent(name, batch, type(error).__name__)
        raise
    except OutcomeUnknownError:
        await desk.doubt(batch)
        raise
