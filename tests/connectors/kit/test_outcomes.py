"""Every answer and every broken exchange becomes the error that says what to do next."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from connectors.errors import (
    ItemReason,
    NotAuthorizedError,
    NotFoundAtChannelError,
    OutcomeUnknownError,
    RejectedError,
    TryAgainError,
)
from connectors.kit.outcomes import Call, failure_of_answer, failure_of_transport, retry_after

READ = Call("Acme", "GET", "/orders", is_write=False)
WRITE = Call("Acme", "POST", "/orders", is_write=True)


@pytest.mark.parametrize(
    ("status", "of_read", "of_write"),
    [
        (301, RejectedError, RejectedError),
        (400, RejectedError, RejectedError),
        (401, NotAuthorizedError, NotAuthorizedError),
        (403, NotAuthorizedError, NotAuthorizedError),
        (404, NotFoundAtChannelError, NotFoundAtChannelError),
        (408, TryAgainError, OutcomeUnknownError),
        (409, TryAgainError, OutcomeUnknownError),
        (410, NotFoundAtChannelError, NotFoundAtChannelError),
        (422, RejectedError, RejectedError),
        (425, TryAgainError, TryAgainError),
        (429, TryAgainError, TryAgainError),
        (500, TryAgainError, OutcomeUnknownError),
        (503, TryAgainError, OutcomeUnknownError),
    ],
)
def test_a_status_means_the_same_everywhere(status, of_read, of_write):
    failures = [failure_of_answer(call, status, {}) for call in (READ, WRITE)]

    assert [type(failure) for failure in failures] == [of_read, of_write]


def test_a_platforms_plain_no_may_come_as_a_500():
    def is_refusal(status: int, body: bytes) -> bool:
        return status == 500 and body == b"cannot"

    refused = failure_of_answer(WRITE, 500, {}, b"cannot", is_refusal=is_refusal)
    unknown = failure_of_answer(WRITE, 500, {}, b"", is_refusal=is_refusal)

    assert (type(refused), type(unknown)) == (RejectedError, OutcomeUnknownError)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_failure(status):
    assert failure_of_answer(WRITE, status, {}) is None


@pytest.mark.parametrize(("status", "scope"), [(401, "connection"), (403, "capability")])
def test_a_refused_credential_says_how_much_to_pause(status, scope):
    failure = failure_of_answer(READ, status, {})

    assert isinstance(failure, NotAuthorizedError)
    assert failure.scope == scope


def test_a_rejection_carries_the_platforms_reasons():
    reason = ItemReason(item="line-1", code="unknown_sku")

    failure = failure_of_answer(WRITE, 422, {}, b"{}", lambda _body: (reason,))

    assert isinstance(failure, RejectedError)
    assert failure.reasons == (reason,)


@pytest.mark.parametrize(
    ("raised", "of_read", "of_write"),
    [
        (httpx.ConnectError("x"), TryAgainError, TryAgainError),
        (httpx.ConnectTimeout("x"), TryAgainError, TryAgainError),
        (httpx.PoolTimeout("x"), TryAgainError, TryAgainError),
        (httpx.ReadTimeout("x"), TryAgainError, OutcomeUnknownError),
        (httpx.WriteError("x"), TryAgainError, OutcomeUnknownError),
        (httpx.RemoteProtocolError("x"), TryAgainError, OutcomeUnknownError),
        (TimeoutError(), TryAgainError, OutcomeUnknownError),
        (httpx.UnsupportedProtocol("x"), RejectedError, RejectedError),
        (httpx.LocalProtocolError("x"), RejectedError, RejectedError),
    ],
)
def test_a_write_is_only_repeated_when_nothing_left_us(raised, of_read, of_write):
    failures = [failure_of_transport(call, raised) for call in (READ, WRITE)]

    assert [type(failure) for failure in failures] == [of_read, of_write]


def test_texts_of_transport_failures_do_not_repeat_what_httpx_says():
    failure = failure_of_transport(WRITE, httpx.ReadTimeout("https://acme.example/orders?email=ada@example.com"))

    assert "example.com" not in failure.engineer + failure.merchant


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "7"}, timedelta(seconds=7)),
        ({"retry-after": "1.5"}, timedelta(seconds=1.5)),
        ({"x-retry-after": "25"}, timedelta(seconds=25)),
        ({"retry-after": "-3"}, timedelta(0)),
        ({"retry-after": "1e99"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "9999999"}, timedelta(days=1)),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_reads_the_seconds_to_wait(headers, expected):
    assert retry_after(headers) == expected


def test_reads_the_date_to_wait_for():
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    wait = retry_after({"retry-after": date})

    assert wait is not None
    assert timedelta(seconds=85) < wait <= timedelta(seconds=90)
