"""Which error an answer or a failed connection is, by what to do next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from connectors.errors import (
    ConnectorError,
    ItemReason,
    NotAuthorizedError,
    NotFoundAtChannelError,
    OutcomeUnknownError,
    RejectedError,
    TryAgainError,
)

LONGEST_WAIT = timedelta(days=1)
NOTHING_LEFT_US = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
NOT_SENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)

Reasons = Callable[[bytes], tuple[ItemReason, ...]]
"""Reads a platform's error body; returns codes only, since platforms echo what they were sent."""

IsRefusal = Callable[[int, bytes], bool]
"""Whether an answer that usually leaves the outcome open is this platform's plain no."""


@dataclass(frozen=True)
class Call:
    """What was asked, for the texts: no query and no body, which may hold personal data."""

    platform: str
    method: str
    path: str
    is_write: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path} at {self.platform}"


def no_reasons(_body: bytes) -> tuple[ItemReason, ...]:
    """For platforms whose error bodies say nothing per item."""
    return ()


def never_a_refusal(_status: int, _body: bytes) -> bool:
    """For platforms whose 5xx say nothing about what was done."""
    return False


def failure_of_answer(
    call: Call,
    status: int,
    headers: Mapping[str, str],
    body: bytes = b"",
    reasons: Reasons = no_reasons,
    is_refusal: IsRefusal = never_a_refusal,
) -> ConnectorError | None:
    """The error that an answer stands for, None if it is a success.

    A 409 to a write can mean "in progress" and is looked up first; a redirect is refused, since none is followed.
    """
    if httpx.codes.is_success(status):
        return None
    text = f"{call} was answered {status}"
    after = retry_after(headers)
    failure: ConnectorError
    match status:
        case 401:
            failure = NotAuthorizedError(f"{call.platform} refused the credentials", text)
        case 403:
            failure = NotAuthorizedError(f"{call.platform} does not allow this kind of call", text, scope="capability")
        case 404 | 410:
            failure = NotFoundAtChannelError(f"{call.platform} does not know this object", text)
        case 425 | 429:
            failure = TryAgainError(f"{call.platform} asks to wait", text, after=after)
        case _ if (status in {408, 409} or status >= 500) and not is_refusal(status, body):
            failure = unknown_or_again(call, text, after=after)
        case _:
            is_replay = headers.get("idempotent-replayed") == "true"
            failure = RejectedError(
                f"{call.platform} refused the request", text, reasons=reasons(body), is_replay=is_replay
            )
    return failure


def failure_of_transport(call: Call, failure: Exception) -> ConnectorError:
    """The error that a failed exchange stands for; a write is only safe to repeat if the request never left."""
    text = f"{call} failed: {type(failure).__name__}"
    if isinstance(failure, NOT_SENDABLE):
        return RejectedError(f"the address or credentials of {call.platform} cannot be used", text)
    if isinstance(failure, NOTHING_LEFT_US):
        return TryAgainError(f"{call.platform} cannot be reached", text)
    return unknown_or_again(call, text)


def unknown_or_again(call: Call, text: str, *, after: timedelta | None = None) -> ConnectorError:
    """For an exchange that broke off: a read is repeated, a write is looked up first."""
    if call.is_write:
        return OutcomeUnknownError(f"{call.platform} did not say whether it was done", text)
    return TryAgainError(f"{call.platform} did not answer", text, after=after)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the platform asks to wait: `Retry-After` in seconds or as a date (RFC 9110), or ShipBob's `x-` form.

    Never negative, never more than a day; None if it says nothing readable.
    """
    value = headers.get("retry-after") or headers.get("x-retry-after") or ""
    wait: timedelta | None
    try:
        wait = timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        wait = _until(value)
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST_WAIT)


def _until(date: str) -> timedelta | None:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (then if then.tzinfo else then.replace(tzinfo=UTC)) - datetime.now(UTC)
