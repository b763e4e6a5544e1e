"""What the simulated account holds, kept in the shapes that the API answers with."""

import secrets
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Body = dict[str, Any]


class RefusedError(Exception):
    """Stripe's "no": status, type, code and the parameter that it complains about."""

    def __init__(self, message: str, code: str = "", param: str = "", *, status: int = 400, kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind or "invalid_request_error"
        self.code = code
        self.param = param


class Settings(BaseModel):
    """How the account behaves; `refund_outcome` is what becomes of refunds made from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = "sk_test_sandbox"
    refund_outcome: Literal["succeeded", "pending", "failed", "refused"] = "succeeded"
    capture_outcome: Literal["succeeded", "declined"] = "succeeded"


class Endpoint(BaseModel):
    """Where events go; while a secret is rolled both sign."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """The remembered outcome of an idempotency key."""

    fingerprint: str
    status: int
    body: bytes


@dataclass
class Account:
    """One account; a reset makes a new one."""

    settings: Settings = field(default_factory=Settings)
    intents: dict[str, Body] = field(default_factory=dict)
    charges: dict[str, Body] = field(default_factory=dict)
    refunds: dict[str, Body] = field(default_factory=dict)
    disputes: dict[str, Body] = field(default_factory=dict)
    endpoints: list[Endpoint] = field(default_factory=list)
    answered: dict[str, Answered] = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    serials: "count[int]" = field(default_factory=lambda: count(1))

    def new_id(self, prefix: str) -> str:
        """Ids do not repeat over resets, as Stripe's never do."""
        return f"{prefix}_{next(self.serials):04d}{secrets.token_hex(8)}"

    def intent(self, intent_id: str) -> Body:
        return _known(self.intents, intent_id, "payment_intent", "intent")

    def refund(self, refund_id: str) -> Body:
        return _known(self.refunds, refund_id, "refund", "id")

    def dispute(self, dispute_id: str) -> Body:
        return _known(self.disputes, dispute_id, "dispute", "id")

    def commit(self, kind: str, reference: str, units: int = 1) -> None:
        """Count a write that has really happened."""
        self.committed[kind][reference] += units


def _known(kept: dict[str, Body], some_id: str, kind: str, param: str) -> Body:
    found = kept.get(some_id)
    if found is None:
        raise RefusedError(f"No such {kind}: '{some_id}'", "resource_missing", param, status=404)
    return found


def now() -> int:
    return int(time.time())
