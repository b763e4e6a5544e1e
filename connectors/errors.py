"""What can go wrong at a platform, by what to do next."""

from datetime import timedelta
from typing import Literal

from domain.base import Frozen


class ItemReason(Frozen):
    """Why the platform refused one item of a call; `item` is the caller's own reference, empty for the whole call."""

    item: str = ""
    code: str
    text: str = ""


class ConnectorError(Exception):
    """Base of all; carries a text for the merchant and one for the engineer.

    Neither text may hold a secret or personal data: platforms echo what they were sent, so their own words
    go to `engineer` only where the connector knows them to be free of both.
    """

    def __init__(self, merchant: str, engineer: str = "") -> None:
        super().__init__(engineer or merchant)
        self.merchant = merchant
        self.engineer = engineer or merchant


class TryAgainError(ConnectorError):
    """Nothing was changed; the same call may be repeated, not before `after` if the platform named a time."""

    def __init__(self, merchant: str, engineer: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(merchant, engineer)
        self.after = after


class OutcomeUnknownError(ConnectorError):
    """The write may or may not have happened: look it up by its reference before repeating it."""


class RejectedError(ConnectorError):
    """The platform understood and said no; repeating the same call gives the same answer.

    `is_replay`: it repeated what it had said to an earlier call of the same idempotency key.
    """

    def __init__(
        self, merchant: str, engineer: str = "", *, reasons: tuple[ItemReason, ...] = (), is_replay: bool = False
    ) -> None:
        super().__init__(merchant, engineer)
        self.reasons = reasons
        self.is_replay = is_replay


class NotAuthorizedError(ConnectorError):
    """Credentials refused: `connection` (401) pauses the whole connection, `capability` (403) one kind of call."""

    def __init__(
        self, merchant: str, engineer: str = "", *, scope: Literal["connection", "capability"] = "connection"
    ) -> None:
        super().__init__(merchant, engineer)
        self.scope = scope


class NotFoundAtChannelError(ConnectorError):
    """The object does not exist there (404, 410); a person or a re-listing must say what it should be."""


class ForgedDeliveryError(ConnectorError):
    """A webhook whose signature does not fit any current secret, or is too old where the platform signs a time."""


class UnreadableError(ConnectorError):
    """The body is not what the platform documents; `field` names the first place that is wrong."""

    def __init__(self, merchant: str, engineer: str = "", *, field: str = "") -> None:
        super().__init__(merchant, engineer)
        self.field = field
