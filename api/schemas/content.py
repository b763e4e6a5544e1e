"""Content after launch as the API tells it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict, Word
from domain.content.policy import ContentPolicy
from domain.drift import Action, Author


class ContentDriftOut(FromRow):
    """A field that a channel shows otherwise than it should; prices as `{amount_minor, currency}`."""

    id: int
    connection_id: str
    product_id: str
    field: str
    ours: Any
    shown: Any
    author: Author
    action: Action
    found_at: datetime
    closed_at: datetime | None
    closed_as: str
    closed_by: str


class ContentQualityOut(FromRow):
    """Product information accuracy of a connection while its flow was on, or (`is_baseline`) before; latencies in seconds."""

    connection_id: str
    is_baseline: bool
    accuracy: float | None
    latency_p50: float | None
    latency_p95: float | None
    changes: int


class AccuracyHourOut(FromRow):
    """One hour of a connection; what is not `on` is the baseline."""

    connection_id: str
    hour: datetime
    mode: str
    accuracy: float | None


class ContentRoundOut(FromRow):
    """A round of verification; `wrong` of `looked` fields were not as they should be."""

    id: int
    connection_id: str
    mode: str
    started_at: datetime
    ended_at: datetime | None
    listings: int
    looked: int
    wrong: int
    in_flight: int


class ContentListingOut(FromRow):
    """How a listing stands: fields that wait to be told, are under way, are left to the channel, are held and by what."""

    connection_id: str
    product_id: str
    external_id: str
    state: str
    waits: list[str]
    sending: list[str]
    left: list[str]
    held: list[str]
    held_by: str
    findings: list[dict[str, Any]]
    error_code: str
    error_field: str
    attempts: int
    due_at: datetime | None
    changed_at: datetime | None
    confirmed_at: datetime
    fields: int = Field(description="how many are ours")
    right: int = Field(description="how many of those show as they should")


class ContentDecisionIn(Strict):
    """One answer for all fields of a connection that wait for it; `field` empty: whatever the field."""

    connection_id: Name
    author: Literal["channel", "person"]
    action: Literal["repair", "accept"]
    field: Word = ""


class ContentDecidedOut(BaseModel):
    """For how many fields it was decided, and what could not be accepted and why, by the drift's number."""

    decided: int
    refused: dict[int, str]


class PolicyVersionOut(FromRow):
    """One version of a connection's policy."""

    version: str
    active: bool
    body: ContentPolicy
    created_at: datetime
    created_by: str
