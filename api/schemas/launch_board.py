"""A launch's board, and the gates over a launch that is not made yet, as the API shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.schemas.launches import FindingLine
from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict


class CellOut(FromRow):
    """A product on one channel: the step that it has come to, and what was found, seen, put back or left."""

    connection_id: str
    state: str
    was: str
    blocked: bool
    findings: list[dict[str, Any]] | None
    live_at: datetime | None
    seen_at: datetime | None
    restored_at: datetime | None
    kept: dict[str, Any] | None
    is_left: bool


class BoardLine(BaseModel):
    """One product, and its listing on every channel."""

    product_id: str
    title: str
    listings: list[CellOut]


class BoardOut(BaseModel):
    """A page in the order of the launch; `next` goes on from it, null on the last page."""

    products: list[BoardLine]
    next: int | None


class LaunchCheckIn(Strict):
    """Some products of a launch that is being thought of: ask for many in parts."""

    products: Annotated[list[Name], Field(min_length=1, max_length=25)]
    channels: Annotated[list[Name], Field(min_length=1, max_length=20)]


class LaunchCheckOut(BaseModel):
    """What stops a launch comes first."""

    checked: int
    findings: list[FindingLine]
