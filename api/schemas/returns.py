"""Returns as the API takes and shows them; no person in them."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from api.allowed_returns import ReturnActionOut
from api.schemas.orders import FromRow
from api.schemas.text import Amount, Name, Prose, Strict, Word
from db.returns.queries import Candidate, ReturnDetail
from domain.money import Money
from domain.returns.disposition import Disposition
from domain.returns.effective import Why
from domain.returns.eligibility import Reason, Verdict, WantedLine
from domain.returns.policy import Grade, Terms
from domain.returns.state import Method, Resolution
from domain.returns.worth import LineShares

Units = Annotated[int, Field(ge=1, le=10_000)]
Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class WantedIn(Strict):
    """Units of a line."""

    line_id: Name
    quantity: Units
    reason: Reason = "other"

    def wanted(self) -> WantedLine:
        return WantedLine(line_id=self.line_id, quantity=self.quantity, reason=self.reason)


class ExchangedIn(Strict):
    """A line of the new order of an exchange; the price is of one unit, in the order's currency."""

    sku: Name
    quantity: Units
    unit_price_minor: Amount


Lines = Annotated[tuple[WantedIn, ...], Field(min_length=1, max_length=200)]


class ReturnIn(Strict):
    """What is to come back. `override` is a person's reason to allow what the policy refuses; no personal data."""

    order_id: Name
    lines: Lines
    method: Method = "drop_off"
    resolution: Resolution = "refund"
    location_id: Name | None = None
    exchange: Annotated[tuple[ExchangedIn, ...], Field(max_length=50)] = ()
    override: Word = ""


class CheckIn(Strict):
    """What somebody would like to send back."""

    order_id: Name
    lines: Lines


class PageIn(Strict):
    """What the buyer wants to send back, by the public page."""

    lines: Lines
    method: Literal["label", "drop_off", "in_store"] = "drop_off"


class ReasonIn(Strict):
    """Why a person decides so; no personal data."""

    reason: Prose


class OverrideIn(ReasonIn):
    """In spite of the policy: units by line to authorize or to pay for; `keep` pays without goods, `instant` at once."""

    authorize: dict[Name, Units] = Field(default_factory=dict)
    accept: dict[Name, Units] = Field(default_factory=dict)
    keep: bool = False
    instant: bool = False


class RetryIn(Strict):
    """Continue: look again. Redo: make refused writes once more. Skip: they were dealt with by hand."""

    how: Literal["continue", "redo", "skip"] = "continue"


class AmountIn(Strict):
    """An amount that the buyer paid, and the reference of the payment."""

    amount: Money
    reference: Key


class ClawBackIn(ReasonIn):
    """What the buyer paid back for goods that never came; without an amount it is written off."""

    recovered: Money | None = None
    reference: Key


class ReceiveIn(Strict):
    """Units that came in at a place; the same key is the same receipt."""

    key: Key
    location_id: Name
    item_id: Name
    quantity: Units


class InspectIn(Strict):
    """What state units are in; without a disposition the usual one for the grade is taken."""

    key: Key
    line_id: Word = ""
    item_id: Name
    quantity: Units
    grade: Grade
    disposition: Disposition | None = None
    to_location_id: Word = ""


class InspectedOut(BaseModel):
    """What becomes of the units."""

    disposition: Disposition


class ReturnSummary(FromRow):
    """One line of a list of returns."""

    id: str
    order_id: str
    connection_id: str
    method: str
    resolution: str
    decision: str
    state: str
    outcome: str | None
    why: str
    opened_by: str
    opened_at: datetime
    expires_at: datetime | None
    location_id: str | None


class ReturnLineOut(BaseModel):
    """Units of one line; `worth_minor` is of those that are paid, before the fee."""

    line_id: str
    sku: str
    reason: str
    announced: int
    authorized: int
    received: int
    graded: int
    accepted: int
    paid: int
    worth_minor: int
    fee_minor: int
    shares: LineShares | None


class GoodsOut(FromRow):
    """One movement of goods; decisions carry what they are limited by."""

    kind: str
    line_id: str
    item_id: str
    quantity: int
    before: int
    within: int | None
    grade: str
    disposition: str
    location_id: str
    at: datetime


class RefundOut(FromRow):
    """An amount for one tender, within what was captured with it."""

    id: str
    tender: str
    currency: str
    amount_minor: int
    before_minor: int
    within_minor: int
    state: str
    external_id: str


class DutyOut(FromRow):
    """A write to the outside; an empty state means that it is still to be made."""

    id: str
    kind: str
    connection_id: str
    state: str


class ParcelOut(FromRow):
    """A parcel that brings the goods."""

    reference: str
    carrier: str
    tracking_number: str
    is_voided: bool
    status: str


class ReturnOut(ReturnSummary):
    """One return whole; `actions` are what the caller may do now, in the answers that are asked for one return."""

    external_id: str
    version: str = ""
    policy_version: str
    decided_by: str
    decision_reason: str
    claw_back: str
    uncovered_minor: int
    uncovered_why: str
    exchange_order_id: str
    lines: list[ReturnLineOut] = Field(default_factory=list)
    goods: list[GoodsOut] = Field(default_factory=list)
    refunds: list[RefundOut] = Field(default_factory=list)
    duties: list[DutyOut] = Field(default_factory=list)
    parcels: list[ParcelOut] = Field(default_factory=list)
    actions: list[ReturnActionOut] = Field(default_factory=list)
    temporal_run: str = Field(default="", description="its run in the Temporal UI")

    @classmethod
    def of(cls, detail: ReturnDetail, shares: dict[str, LineShares]) -> Self:
        counted = {line.line_id: line for line in detail.now.lines}
        lines = [
            ReturnLineOut(
                **counted[row.line_id].model_dump(exclude={"inspection"}), sku=row.sku, reason=row.reason,
                worth_minor=row.worth_minor, fee_minor=row.fee_minor, shares=shares.get(row.line_id),
            )
            for row in detail.lines
        ]  # fmt: skip
        return cls.model_validate(detail.row).model_copy(
            update={
                "version": detail.version,
                "lines": lines,
                "goods": [GoodsOut.model_validate(row) for row in detail.goods],
                "refunds": [RefundOut.model_validate(row) for row in detail.refunds],
                "duties": [DutyOut.model_validate(row) for row in detail.duties],
                "parcels": [ParcelOut.model_validate(row) for row in detail.parcels],
            }
        )


class OpenedOut(BaseModel):
    """The return's id (RMA)."""

    return_id: str


class CheckOut(BaseModel):
    """What may come back, line by line, with every reason against it."""

    verdicts: list[Verdict]


class ReturnableOut(BaseModel):
    """A line of an order at a counter or on the buyer's page."""

    line_id: str
    sku: str
    shipped: int
    eligible: int
    refusals: list[str]
    until: datetime | None


class CandidateOut(BaseModel):
    """An order that may be meant."""

    order_id: str
    number: str
    connection_id: str
    placed_at: datetime
    lines: list[ReturnableOut]

    @classmethod
    def of(cls, found: Candidate) -> Self:
        lines = [
            ReturnableOut(
                line_id=line.line_id, sku=line.sku, shipped=line.shipped, eligible=eligible, refusals=list(texts), until=until
            )
            for line, eligible, texts, until in found.lines
        ]  # fmt: skip
        order = found.order
        return cls(
            order_id=order.id,
            number=order.number,
            connection_id=order.connection_id,
            placed_at=order.placed_at,
            lines=lines,
        )


class EffectiveOut(BaseModel):
    """What holds, and which rule says so."""

    version: str
    terms: Terms
    why: dict[str, Why]


class ReasonOut(BaseModel):
    """Units that were announced, by SKU, channel and reason."""

    sku: str
    connection_id: str
    reason: str
    units: int


class RateOut(BaseModel):
    """What a channel's buyers sent back, of what left for them."""

    connection_id: str
    shipped: int
    announced: int
    paid: int
    rate: float


class PageParcel(FromRow):
    """A parcel on its way back."""

    carrier: str
    tracking_number: str
    status: str


class PageReturn(BaseModel):
    """A return as its buyer sees it; `label` is where its label is, once there is one."""

    return_id: str
    method: str
    state: str
    outcome: str | None
    opened_at: datetime
    expires_at: datetime | None
    refunded: list[Money]
    parcels: list[PageParcel]
    label: str | None


class PageOut(BaseModel):
    """What the buyer may send back, and what is on its way."""

    number: str
    lines: list[ReturnableOut]
    returns: list[PageReturn]
