"""A shop's tasks as its staff see them: no person in them, only what is to be done."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.text import Name, Strict, Word
from domain.store_task import Bucket, RejectReason, Step


class TaskLine(BaseModel):
    """Units of one item; `line_id` is what a partial shipment names."""

    line_id: str
    item_id: str
    title: str
    quantity: int
    shipped: int
    is_hazmat: bool


class TaskOut(BaseModel):
    """One fulfillment order, the heading it stands under, and the steps that are allowed now."""

    fulfillment_order_id: str
    order_number: str
    state: str
    heading: Bucket
    allowed: list[Step]
    is_pickup: bool
    service: str
    ship_on: str
    due_at: datetime | None
    lines: list[TaskLine]


class StepOut(BaseModel):
    """Where the fulfillment order stands after the step, and what is allowed next."""

    fulfillment_order_id: str
    state: str
    allowed: list[Step]


class RejectIn(Strict):
    """Why it cannot be done here."""

    reason: RejectReason


class PartIn(Strict):
    """Units of one line in a parcel."""

    line_id: Name
    quantity: Annotated[int, Field(ge=1, le=100_000)]


class ShipIn(Strict):
    """A parcel that left; without lines it holds all that is still open."""

    carrier: Name
    tracking_number: Name
    tracking_url: Word = ""
    lines: Annotated[tuple[PartIn, ...], Field(max_length=200)] = ()


class AnswerIn(Strict):
    """What the staff say when they are asked to give it back."""

    answer: Literal["confirm", "refuse"]
