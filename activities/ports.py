"""What activities need of the rest of the hub, as protocols: importing a workflow loads none of it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from connectors.contract import Connector
from domain.catalog.gates import Checked, GateQuestion
from domain.returns.message import Message, SentMessage

ReadsPictures = Callable[[Sequence[str]], Awaitable[object]]
"""Reads the pictures of these products, so that the gates know what they are."""
Gates = Callable[[GateQuestion], Awaitable[Checked]]
"""The gates, with what the platform publishes that it wants of a product type."""


class Connections(Protocol):
    """Opens connectors."""

    async def connector(self, connection_id: str) -> Connector:
        """The connection's connector, kept open."""


class Notifier(Protocol):
    """Writes to buyers."""

    @property
    def is_on(self) -> bool:
        """Whether there is a way to write."""

    async def send(self, message: Message) -> None:
        """Send it; the same key is the same mail to whoever receives it."""

    def sent(self, message: Message) -> Callable[[], Awaitable[SentMessage | None]]:
        """The look-up of a message."""
