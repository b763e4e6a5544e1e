"""What a connector makes of refusals, broken answers and echoes."""

from datetime import timedelta

from connectors.errors import (
    ConnectorError,
    NotAuthorizedError,
    NotFoundAtChannelError,
    OutcomeUnknownError,
    RejectedError,
    TryAgainError,
    UnreadableError,
)
from connectors.testing.scene import Attempt, methods, scene
from connectors.testing.subject import Subject
from connectors.testing.tampering import answer, echo

REFUSALS: dict[int, tuple[type[ConnectorError], ...]] = {
    401: (NotAuthorizedError,),
    403: (NotAuthorizedError,),
    404: (NotFoundAtChannelError,),
    409: (OutcomeUnknownError, RejectedError, TryAgainError),
    422: (RejectedError,),
    429: (TryAgainError,),
    500: (TryAgainError, OutcomeUnknownError),
    503: (TryAgainError, OutcomeUnknownError),
}
NEVER_JSON = (b"", b"<html>Bad gateway</html>", b'{"id":', b"\xff\xfe", b"[" * 50_000)
OTHER_JSON = (b"null", b"[]", b"{}", b'"text"', b"[null]", b'{"data": null, "items": 7, "id": []}', b"1e999")


async def _all(subject: Subject) -> tuple[str, ...]:
    return await methods(subject, "read") + await methods(subject, "write")


async def refusals_are_classified(subject: Subject) -> None:
    """Each status means one thing to do next; 429 carries the time that the platform asks for."""
    for method in await _all(subject):
        for status, expected in REFUSALS.items():
            async with scene(subject, method) as one:
                attempt = await one.attempt(answer(status, b"{}", {"retry-after": "7"}))
            assert _is_told(method, status, attempt) or isinstance(attempt.failure, expected), (
                f"{method}: {status} became {attempt.kind}"
            )
            _check_details(method, status, attempt)


def _is_told(method: str, status: int, attempt: Attempt) -> bool:
    """In a result instead of an error: nothing was found (what was to be removed is then as it should be), or each
    item of a batch is said to be refused.
    """
    if attempt.failure is not None:
        return False
    items = attempt.result if isinstance(attempt.result, tuple) else ()
    refused = (
        RejectedError in REFUSALS[status]
        and bool(items)
        and all(getattr(item, "outcome", "") == "rejected" for item in items)
    )
    return refused or (status == 404 and (not attempt.result or method.startswith("remove_")))


def _check_details(method: str, status: int, attempt: Attempt) -> None:
    match attempt.failure:
        case TryAgainError(after=after) if status == 429:
            assert after == timedelta(seconds=7), f"{method}: Retry-After: 7 became {after}"
        case NotAuthorizedError(scope=scope):
            expected = {401: "connection", 403: "capability"}[status]
            assert scope == expected, f"{method}: {status} pauses the {scope}"


async def an_exchange_is_made_once(subject: Subject) -> None:
    """Repeating is the hub's decision: a connector or SDK that retries by itself hides outages and doubles load."""
    for method in await _all(subject):
        async with scene(subject, method) as one:
            await one.attempt(answer(503))
            assert one.wire.exchanges == 1, f"{method}: made {one.wire.exchanges} exchanges although the first failed"


async def malformed_answers_are_connector_errors(subject: Subject) -> None:
    """A broken answer is an outcome: a ConnectorError, or nothing found in it; never a crash."""
    for method in await _all(subject):
        for body in NEVER_JSON + OTHER_JSON:
            async with scene(subject, method) as one:
                attempt = await one.attempt(answer(200, body))
            if body in NEVER_JSON:
                expected = (TryAgainError, OutcomeUnknownError, UnreadableError)
                assert isinstance(attempt.failure, expected), f"{method}: {body[:20]!r} became {attempt.kind}"


async def echoed_secrets_stay_out_of_texts(subject: Subject) -> None:
    """Platforms repeat what they were sent; `attempt` holds every text against secrets and personal data."""
    for method in await _all(subject):
        for status in REFUSALS:
            async with scene(subject, method) as one:
                attempt = await one.attempt(echo(status))
                refused = attempt.failure is not None or not attempt.result or _is_told(method, status, attempt)
                assert refused, f"{method}: {status} was taken for a success"
