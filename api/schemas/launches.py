"""Launches as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.orders import FromRow
from api.schemas.text import Name, Strict
from domain.launch.actions import Action
from domain.launch.plan import LaunchPlan, LaunchPolicy, Mode


class LaunchIn(LaunchPlan):
    """A launch to be made; `id` names it, and makes the request safe to repeat."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")]
    name: Name
    reserve: dict[Name, Annotated[int, Field(ge=1, le=10_000_000)]] = Field(
        default_factory=dict, description="units by SKU that are held for it until its moment"
    )

    def plan(self) -> LaunchPlan:
        return LaunchPlan.model_validate(self.model_dump(exclude={"id"}))


class MoveIn(Strict):
    go_live_at: AwareDatetime


class ApproveIn(Strict):
    content: Annotated[str, Field(max_length=64)] = Field(
        default="", description="`content` of the launch that was looked at; refused if another is staged by now"
    )


class ChannelIn(Strict):
    channel: Name


class RehearseIn(Strict):
    """The rehearsal's own id and moment."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,63}$")]
    go_live_at: AwareDatetime


class LaunchLine(FromRow):
    """A launch in a list."""

    id: str
    name: str
    mode: Mode
    go_live_at: datetime
    created_by: str
    created_at: datetime
    outcome: str | None
    skew_ms: int | None
    stage: str
    products: int
    channels: list[str]
    leaks: int


class LaunchPage(BaseModel):
    launches: list[LaunchLine]
    next: str | None


class LaunchChannelOut(BaseModel):
    """A channel of a launch; `counts` are listings by state."""

    channel: str
    form_of: str
    is_in: bool
    hides: bool | None
    failed: str
    first_live_at: datetime | None
    last_live_at: datetime | None
    seen_at: datetime | None
    platform_delay_ms: int | None
    counts: dict[str, int]
    blocked: int


class LeakOut(FromRow):
    """Something that buyers could see before its moment."""

    connection_id: str
    product_id: str
    seen_at: datetime


class EventOut(FromRow):
    """One fact."""

    seq: int
    kind: str
    by: str
    by_name: str
    data: dict[str, Any]
    at: datetime


class ReservedOut(BaseModel):
    """Units of a SKU that the launch is to hold until its moment, and those that it holds."""

    wanted: int
    held: int


class LaunchOut(BaseModel):
    """A launch whole. `skew_ms`: first channel live to last; `exposed_ms`: how long a failed one could be seen.

    `allowed` are the actions that the caller may take now.
    """

    id: str
    version: str
    name: str
    mode: Mode
    stage: str
    headline: str
    policy: LaunchPolicy
    products: int
    go_live_at: datetime
    created_by: str
    created_at: datetime
    approvals_needed: int
    approved_by: list[str]
    content: str = Field(description="digest of what is staged, which an approval names; empty: not all of it is")
    void_approvals: list[str] = Field(description="people whose approval was of what is not staged any more")
    created_by_name: str
    approved_by_names: list[str]
    paused: bool
    restoring: str
    outcome: str | None
    ended_at: datetime | None
    first_live_at: datetime | None
    last_live_at: datetime | None
    skew_ms: int | None
    platform_delay_ms: int | None
    exposed_ms: int | None
    reserved: dict[str, ReservedOut]
    allowed: list[Action]
    channels: list[LaunchChannelOut]
    leaks: list[LeakOut]
    events: list[EventOut]


class ListingLine(FromRow):
    """A product on a channel; `kept` are fields that somebody else had changed when the launch was taken back."""

    connection_id: str
    product_id: str
    state: str
    was: str
    blocked: bool
    external_id: str
    live_at: datetime | None
    seen_at: datetime | None
    restored_at: datetime | None
    updated_at: datetime
    kept: dict[str, Any] | None
    is_left: bool
    findings: Annotated[int, BeforeValidator(lambda found: len(found or ()))] = Field(
        description="how many stand against it; the launch's findings say which"
    )


class ListingPage(BaseModel):
    listings: list[ListingLine]
    next: str | None


class FindingLine(BaseModel):
    """What stands against a product on a channel, and what to do."""

    channel: str
    product: str
    gate: str
    field: str
    sku: str
    severity: str
    text: str
    remedy: str
    waived_by: str = ""
    waiver_role: str = Field(default="", description="who may waive it; empty: nobody, it must be mended")
