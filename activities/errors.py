"""The only place that decides whether Temporal retries: connector and business errors become application errors."""

from datetime import timedelta
from uuid import uuid4

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from connectors.errors import ConnectorError, NotAuthorizedError, OutcomeUnknownError, RejectedError, TryAgainError
from domain.errors import DomainError


def as_application_error(error: Exception) -> ApplicationError:  # noqa: PLR0911 a table: one row per kind
    """What Temporal is told: a code and an error id, never a platform's text, which may name a person."""
    error_id = uuid4().hex[:12]
    match error:
        case TryAgainError():
            return _failure("TryAgain", error_id, delay=error.after, benign=True)
        case OutcomeUnknownError():
            return _failure("OutcomeUnknown", error_id)
        case NotAuthorizedError():
            return _failure("NotAuthorized", error_id)
        case RejectedError():
            return _failure("Rejected", error_id, retry=False)
        case ConnectorError():  # an answer that nobody understands: the platform or the connector will be mended
            return _failure(type(error).__name__.removesuffix("Error"), error_id)
        case DomainError():
            return _failure(error.code, error_id, retry=False)
        case _:
            return _failure(type(error).__name__, error_id)


def _failure(
    code: str, error_id: str, *, retry: bool = True, delay: timedelta | None = None, benign: bool = False
) -> ApplicationError:
    return ApplicationError(
        f"{code} ({error_id})",
        type=code,
        non_retryable=not retry,
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN if benign else ApplicationErrorCategory.UNSPECIFIED,
    )
