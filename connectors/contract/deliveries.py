"""News that a platform sends: requests as they came in, and how they are verified and read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from pydantic import Field

from domain.base import Frozen
from domain.news import News


class Delivery(Frozen):
    """A webhook request as it came in: header names in lower case, the body's raw bytes."""

    topic: str
    event_id: str = Field(description="the platform's id of the event; the same over retries")
    headers: Mapping[str, str]
    body: bytes
    triggered_at: datetime | None = None


class ReadsNews(Protocol):
    """Reads what a platform has sent; pure, so that a stored delivery can be read again."""

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        """What it says; an empty tuple: nothing for the hub; None: a topic that this connector does not know.

        Raises UnreadableError (names the field) when the body is not what the platform documents.
        """


@runtime_checkable
class ReceivesWebhooks(ReadsNews, Protocol):
    """Verifies what is sent to an address of ours; pure, like the reading."""

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """Find topic and event id; a hash of the body stands in where the platform sends no id."""

    def verify(self, delivery: Delivery) -> None:
        """Raise ForgedDeliveryError unless a current or the previous secret signed these bytes."""


class QueuedDelivery(Frozen):
    """A delivery that waits in the platform's queue; the receipt takes it out."""

    delivery: Delivery
    receipt: str


@runtime_checkable
class QueuesDeliveries(ReadsNews, Protocol):
    """News is fetched from a queue instead of being sent: whoever holds the queue's credentials reads true news."""

    async def waiting_deliveries(self) -> tuple[QueuedDelivery, ...]:
        """What waits, after a while of waiting for it (long poll); unacknowledged ones come again."""

    async def acknowledge(self, receipts: tuple[str, ...]) -> None:
        """They are stored: take them out of the queue. Repeatable."""
