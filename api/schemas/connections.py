"""Connections as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AnyHttpUrl, AwareDatetime, BaseModel, Field, SecretStr

from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict, Word
from db.connections import Mode


class PlatformOut(BaseModel):
    """A connector: what it can do, and the JSON schema of its configuration."""

    platform: str
    capabilities: list[str]
    config: dict[str, Any]


class ConnectionIn(Strict):
    """A connection to be made; `config` as the platform's schema says (`GET /platforms`)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    platform: Name
    name: Word = ""
    market: Word = ""
    captures: Literal["channel", "hub", "hub_once"] = "channel"
    config: dict[str, Any] = Field(default_factory=dict)


class ConnectionPatch(Strict):
    """What is to be changed; null leaves it as it is."""

    name: Name | None = None
    market: Word | None = None
    captures: Literal["channel", "hub", "hub_once"] | None = None
    config: dict[str, Any] | None = None


class ConnectionOut(FromRow):
    """A connection, without its configuration."""

    id: str
    platform: str
    name: str
    mode: Mode
    market: str
    captures: str
    starts_at: datetime | None
    paused_at: datetime | None
    pause_reason: str
    settings: dict[str, Any]
    created_at: datetime


class SubscribeIn(Strict):
    """Where the platform reaches this hub from outside."""

    hub_url: AnyHttpUrl


class MappingsIn(Strict):
    """Locations by the platform's own ids (an empty location leaves the place out), tenders by means of payment."""

    places: dict[Name, Word] = Field(default_factory=dict)
    tenders: dict[Name, Word] | None = None


class ImportIn(Strict):
    """Whether an unknown SKU becomes an item of that id."""

    make_items: bool = False


class ModeIn(Strict):
    """`starts_at`: orders placed earlier are left alone; now, if it is not said when the mode first changes."""

    mode: Mode
    starts_at: AwareDatetime | None = None


class PauseIn(Strict):
    """Why, for those who find it paused."""

    reason: Name


class WokenOut(BaseModel):
    """How many orders go on."""

    orders: int


class RotateIn(Strict):
    """A new webhook secret, and for how long the old one still counts."""

    secret: Annotated[SecretStr, Field(min_length=1, max_length=500)]
    keep_old_minutes: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 60


class RotatedOut(BaseModel):
    """Until when the old secret counts."""

    old_counts_until: datetime
