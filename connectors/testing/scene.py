"""One attempt at one call: the connector on a fresh stage, with one exchange spoiled."""

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, SecretStr

from connectors.contract import Surroundings
from connectors.errors import ConnectorError
from connectors.testing.subject import Call, Stage, Subject
from connectors.testing.tampering import Spoil, TamperingTransport, forward


@dataclass
class Scene:
    """The connector, prepared for one call; what happened is read from `wire` and from the simulator's count."""

    stage: Stage
    call: Call
    connector: Any
    wire: TamperingTransport
    hidden: tuple[str, ...]

    async def attempt(self, spoil: Spoil = forward, at: int | None = None) -> "Attempt":
        """Make the call; every ConnectorError is an outcome, anything else is a crash that fails the check."""
        self.wire.spoil_with(spoil, at)
        try:
            result = await self.call.do(self.connector)
        except ConnectorError as failure:
            assert_discreet(failure, self.hidden)
            return Attempt(None, failure)
        except Exception as crash:
            raise AssertionError(f"{self.call.method}: crashed with {type(crash).__name__}: {crash}") from crash
        return Attempt(result, None)

    async def found(self) -> object:
        """Look the result up with nothing spoiled."""
        assert self.call.find is not None
        self.wire.spoil_with(forward)
        return await self.call.find(self.connector)

    @property
    def committed(self) -> int:
        return self.call.committed() if self.call.committed else 0


@dataclass(frozen=True)
class Attempt:
    result: object
    failure: ConnectorError | None

    @property
    def kind(self) -> str:
        return type(self.failure).__name__ if self.failure else "no error"


@asynccontextmanager
async def scene(subject: Subject, method: str) -> AsyncIterator[Scene]:
    """A fresh simulator, with the connector prepared to make this call."""
    async with subject.stage() as stage:
        call = stage.call(method)
        wire = TamperingTransport(stage.transport, call.committed)
        config = subject.connector.Config.model_validate(stage.config)
        around = Surroundings(connection_id="certification", transport=wire, tasks=stage.tasks)
        connector = subject.connector.open(config, around)
        try:
            await call.prepare(connector)
            yield Scene(stage, call, connector, wire, (*secrets_of(config), *stage.personal))
        finally:
            await connector.close()


async def methods(subject: Subject, kind: Literal["read", "write"], *, by_wire: bool = True) -> tuple[str, ...]:
    """The names of the sample calls that only read, or that write; none if an exchange is needed and there is none."""
    async with subject.stage() as stage:
        if by_wire and stage.transport is None:
            return ()
        return tuple(call.method for call in stage.calls if (call.committed is not None) == (kind == "write"))


async def committing_exchange(subject: Subject, method: str) -> int:
    """Which exchange of an undisturbed call makes the platform commit."""
    async with scene(subject, method) as clean:
        attempt = await clean.attempt()
        assert attempt.failure is None, f"{method} fails undisturbed: {attempt.kind}"
        assert len(clean.wire.commits) == 1, f"{method} should commit once, exchanges that did: {clean.wire.commits}"
        return clean.wire.commits[0]


def secrets_of(config: object) -> set[str]:
    """Every secret value in a config, however deep."""
    match config:
        case SecretStr():
            return {config.get_secret_value()} - {""}
        case BaseModel():
            return secrets_of([getattr(config, name) for name in type(config).model_fields])
        case dict():
            return secrets_of(list(config.values()))
        case list() | tuple() | set() | frozenset():
            return set().union(*map(secrets_of, config))
    return set()


def assert_discreet(failure: ConnectorError, hidden: tuple[str, ...]) -> None:
    """Neither secrets nor personal data in the texts, nor in what a log would print of the error and its causes."""
    texts = [failure.merchant, failure.engineer, repr(failure), *traceback.format_exception(failure)]
    texts += [repr(getattr(failure, "reasons", ""))]
    leaked = [text for text in hidden if any(text in shown for shown in texts)]
    assert not leaked, f"{type(failure).__name__} repeats what must stay hidden"
