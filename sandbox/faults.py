"""Seeded misbehavior of the simulated platforms, the same for all of them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from random import Random

import httpx
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.meter import Meter


class FaultKind(StrEnum):
    """What can go wrong, named by what the client sees."""

    DELAY = "delay"  # waits `seconds`, then answers as usual
    THROTTLE = "throttle"  # refuses before acting; Retry-After is `seconds`
    REFUSE = "refuse"  # a plain no before acting, for good
    SERVER_ERROR = "server_error"  # 5xx before acting
    COMMIT_THEN_DROP = "commit_then_drop"  # acts, then closes the connection without an answer
    ANSWER_TWICE = "answer_twice"  # acts twice, as if the network had repeated the request
    STALE_OBJECT = "stale_object"  # a read answers an older state; a write lands on an old, canceled object
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the name of a fault, not a secret
    WEBHOOK_LOST = "webhook_lost"
    WEBHOOK_DUPLICATED = "webhook_duplicated"
    WEBHOOK_LATE = "webhook_late"  # arrives after `seconds`
    WEBHOOK_REORDERED = "webhook_reordered"  # arrives after the next one, or after `seconds` if none follows


class Fault(BaseModel):
    """One rule of a plan; it strikes by chance, at named calls, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    platform: str = "*"
    operation: str = "*"  # a shell pattern over operation names, or over webhook topics
    probability: float = Field(default=0.0, ge=0, le=1)
    nth: frozenset[int] = frozenset()  # which matching calls are struck, counted from 1
    at_most: int | None = None
    seconds: float = Field(default=1.0, ge=0)


class FaultPlan(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Refusals:
    """How one platform words the refusals that faults cause."""

    throttled: Callable[[float], Response]
    failed: Callable[[], Response]
    unauthorized: Callable[[], Response]
    refused: Callable[[], Response] = lambda: JSONResponse({"errors": "Bad Request"}, 400)


class DroppedResponse(Response):
    """Closes the connection without a byte of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        # uvicorn hands out bound methods of the object that owns the socket; in-process transports have no socket.
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise httpx.ReadError("the simulated platform closed the connection")
        transport.abort()
        await asyncio.sleep(0.01)  # lets the server notice, so that it does not try to answer 500


class Faults:
    """Decides, from the seed alone, which calls are struck, and counts them; `meter` is where platforms note all calls."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.apply(FaultPlan())

    def apply(self, plan: FaultPlan) -> None:
        """Start a plan from its beginning: the same seed and the same calls give the same faults."""
        self.plan = plan
        self.injected: Counter[str] = Counter()
        self._seen: Counter[int] = Counter()
        self._struck: Counter[int] = Counter()

    def strike(self, platform: str, operation: str, *kinds: FaultKind) -> dict[FaultKind, Fault]:
        """The faults of these kinds that strike this call; asking counts as one matching call of each rule."""
        hits: dict[FaultKind, Fault] = {}
        for index, fault in enumerate(self.plan.faults):
            if (
                fault.kind in kinds
                and fnmatchcase(platform, fault.platform)
                and fnmatchcase(operation, fault.operation)
            ):
                self._seen[index] += 1
                if self._hits(index, fault):
                    self._struck[index] += 1
                    self.injected[f"{fault.kind}:{platform}:{operation}"] += 1
                    hits[fault.kind] = fault
        return hits

    def _hits(self, index: int, fault: Fault) -> bool:
        if fault.at_most is not None and self._struck[index] >= fault.at_most:
            return False
        nth = self._seen[index]
        # One draw per rule and call, independent of other rules, so that concurrency does not change the outcome.
        return nth in fault.nth or Random(f"{self.plan.seed}:{index}:{nth}").random() < fault.probability

    async def serve(
        self, platform: str, operation: str, answer: Callable[[], Awaitable[Response]], refusals: Refusals
    ) -> Response:
        """Answer one call of the platform's API under the plan; `answer` acts and builds the usual response."""
        if not self.plan.faults:
            return await answer()
        hits = self.strike(platform, operation, *_ON_CALLS)
        if delay := hits.get(FaultKind.DELAY):
            await asyncio.sleep(delay.seconds)
        if FaultKind.TOKEN_EXPIRED in hits:
            return refusals.unauthorized()
        if throttle := hits.get(FaultKind.THROTTLE):
            return refusals.throttled(throttle.seconds)
        if FaultKind.REFUSE in hits:
            return refusals.refused()
        if FaultKind.SERVER_ERROR in hits:
            return refusals.failed()
        if FaultKind.ANSWER_TWICE in hits:
            await answer()
        response = await answer()
        return DroppedResponse() if FaultKind.COMMIT_THEN_DROP in hits else response


_ON_CALLS = (
    FaultKind.DELAY,
    FaultKind.TOKEN_EXPIRED,
    FaultKind.THROTTLE,
    FaultKind.REFUSE,
    FaultKind.SERVER_ERROR,
    FaultKind.ANSWER_TWICE,
    FaultKind.COMMIT_THEN_DROP,
)
