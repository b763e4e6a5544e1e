"""What every connector is: a platform, a configuration, and what the hub gives it when it opens it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel


class TaskList(Protocol):
    """The hub's own task list, for connectors whose platform is the hub itself (a shop's staff)."""

    async def publish(self, reference: str) -> None:
        """Make a fulfillment order visible to the staff; repeatable."""

    async def state(self, reference: str) -> Literal["hidden", "open", "canceled", "shipped"]:
        """What the staff see of it; picking that has begun still counts as open."""

    async def withdraw(self, reference: str) -> Literal["confirmed", "asked"]:
        """Take it back: confirmed if nobody has begun to pick, else the staff are asked."""


@dataclass(frozen=True)
class Surroundings:
    """What the hub gives every connector it opens; `transport` lets tests reach a simulator in the same process."""

    connection_id: str
    transport: Any = None
    egress_allow: tuple[str, ...] = ()
    tasks: TaskList | None = None


class Connector(Protocol):
    """One account at one platform.

    `Config` is a pydantic model of everything needed to reach the account; secrets in it are `SecretStr`.
    It yields the form, the validation and the stored (encrypted) record of a connection.
    """

    platform: ClassVar[str]
    Config: ClassVar[type[BaseModel]]

    @classmethod
    def open(cls, config: Any, around: Surroundings) -> Self:
        """Make a client; no I/O here."""

    async def close(self) -> None:
        """Give back sockets."""
