"""What the author of a connector gives to the certification suite."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.contract import Connector, TaskList


async def nothing(_connector: Any) -> None:
    """For calls that need no preparation."""


@dataclass(frozen=True)
class Call:
    """One method of the connector, called with sample input.

    A write also says how its result is looked up (None or an empty value: not there) and how often the simulator
    itself has committed it. `is_idempotent`: the platform, by key or by unique reference, keeps a repeated request
    from happening twice.
    """

    method: str
    do: Callable[[Any], Awaitable[object]]
    prepare: Callable[[Any], Awaitable[object]] = nothing
    find: Callable[[Any], Awaitable[object]] | None = None
    committed: Callable[[], int] | None = None
    is_idempotent: bool = True


@dataclass(frozen=True)
class SignedWebhook:
    """A webhook that the connector reads, and the platform's way of signing; the config knows both secrets."""

    topic: str
    body: bytes
    sign: Callable[[str, bytes], Mapping[str, str]]
    current_secret: str
    previous_secret: str
    other_secret: str


@dataclass(frozen=True)
class Stage:
    """A fresh simulator of the platform. `personal` are texts of the sample input that no error may repeat.

    Without a transport the connector speaks to no platform (it works off the hub's own `tasks`): then only what needs
    no exchange is checked. `without_exchange` names methods that answer from nowhere: a payment provider has no places.
    """

    config: Mapping[str, Any]
    transport: Any
    calls: tuple[Call, ...]
    webhook: SignedWebhook | None = None
    personal: tuple[str, ...] = ()
    tasks: TaskList | None = None
    without_exchange: tuple[str, ...] = ()

    def call(self, method: str) -> Call:
        return next(call for call in self.calls if call.method == method)


class Subject(Protocol):
    """A connector with a way to put it on a fresh stage, as often as the suite wants."""

    @property
    def connector(self) -> type[Connector]:
        """The class under test."""

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """A new simulator without any history."""
