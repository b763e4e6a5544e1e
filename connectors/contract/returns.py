"""Returns as a channel shows them to the buyer; the goods and the money are the hub's own ledgers."""

from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen


class ReturnRequest(Frozen):
    """A return to be shown at the channel; `lines` are (line external id, units, the channel's reason code)."""

    reference: str = Field(description="our RMA")
    order_external_id: str
    external_id: str = Field(default="", description="the channel's id of it, once it has given one")
    lines: tuple[tuple[str, int, str], ...] = ()
    tracking_number: str = ""
    tracking_url: str = ""
    carrier: str = ""
    notify_buyer: bool = True
    again: bool = Field(default=False, description="it was closed there before, and is wanted open once more")


class ShownReturn(Frozen):
    """A return as the channel shows it; `lines` are (line external id, units asked for, units processed)."""

    external_id: str
    status: Literal["requested", "open", "declined", "canceled", "closed"]
    lines: tuple[tuple[str, int, int], ...] = ()
    order_external_id: str = ""
    reasons: tuple[tuple[str, str], ...] = Field(
        default=(), description="(line external id, the channel's reason code)"
    )


@runtime_checkable
class TakesReturns(Protocol):
    """Shows a return's progress. `do` and `find` pair up: `find_return` is the look-up and read-back of every write."""

    async def open_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        """Show an approved return, also one that was closed; opening the same reference twice must not make two."""

    async def decline_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        """Refuse one that the buyer asked for at the channel."""

    async def process_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        """Show that these units, in all so far, were taken back; repeatable. The hub restocks by its own ledger, the channel restocks nothing."""

    async def close_return(self, request: ReturnRequest, key: str) -> ShownReturn:
        """Nothing more is expected of it."""

    async def find_return(self, request: ReturnRequest) -> ShownReturn | None:
        """The return, by the channel's id or our reference; None if the channel has none."""
