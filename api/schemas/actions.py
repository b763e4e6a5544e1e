"""What people ask of an order, and what comes of it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from api.schemas.text import Name, Strict, Word
from db.commands import How
from db.preview import Preview
from domain.channel_order import Address
from domain.progress import Progress

Reason = Literal["customer", "inventory", "fraud", "declined", "other"]


class CancelIn(Strict):
    """The whole order, or units by line id."""

    lines: dict[Name, Annotated[int, Field(ge=1, le=1_000_000)]] | None = Field(default=None, min_length=1)
    reason: Reason = "other"


HoldReason = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]


class HoldIn(Strict):
    """Why it is held: a short code, it is shown as the exception's cause."""

    reason: HoldReason


class RetryIn(Strict):
    """Continue: look again. Redo step: repeat what was refused. Restart: also forget where stock was not found."""

    how: How = "continue"


class SettleIn(Strict):
    """What became of a write that is in doubt, by somebody who looked at the platform."""

    key: Name = Field(description="the effect's key, as the order lists it")
    happened: bool
    reference: Word = Field(default="", description="what the platform calls it; a fulfillment order needs it")


class AddressIn(Strict):
    """Where the parcel goes."""

    name: Word = ""
    company: Word = ""
    line1: Name
    line2: Word = ""
    city: Name
    province: Word = ""
    postal_code: Word = ""
    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")
    phone: Word = ""

    def address(self) -> Address:
        """In the words of the domain."""
        return Address.model_validate(self.model_dump())


class FactOut(BaseModel):
    """The request is recorded as the order's fact number `seq`; its run looks at it within seconds."""

    order_id: str
    seq: int


class StandingOut(BaseModel):
    """Where an order stands and what comes next."""

    stage: str
    outcome: str | None
    headline: str
    waits_for: list[str]
    next_steps: list[str]


class PreviewOut(BaseModel):
    """What would happen; nothing has. `code` and `detail` say why it would be refused."""

    order_id: str
    allowed: bool
    code: str
    detail: str
    before: StandingOut | None
    after: StandingOut | None

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """From what was tried."""
        return cls(
            order_id=preview.order_id,
            allowed=not preview.code,
            code=preview.code,
            detail=preview.detail,
            before=_standing(preview.before),
            after=_standing(preview.after),
        )


def _standing(progress: Progress | None) -> StandingOut | None:
    if progress is None:
        return None
    steps = [
        f"{verb} {name}"
        for verb, names in (
            ("send", [target.id for target in progress.send]),
            ("recall", [target.id for target in progress.recall]),
            ("report", progress.report),
        )
        for name in names
    ]
    steps += [f"capture {name}" for name in progress.capture]
    steps += [f"refund {name}" for name in progress.refund] + ["tell the channel"] * progress.tell_cancel
    return StandingOut(
        stage=progress.stage,
        outcome=progress.outcome,
        headline=progress.headline,
        waits_for=list(progress.waits_for),
        next_steps=steps,
    )
