"""What a launch is to do, as people ask for it, and when that makes no sense."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.base import Frozen
from domain.errors import DomainError

Mode = Literal["real", "dry_run", "rehearsal"]
MOST_PRODUCTS = 5000
BATCH = 100
"""Products that one step on one channel handles, with a result for each."""
MISSED_PATIENCE = timedelta(hours=24)
"""How long a launch that was not ready at its moment keeps what is staged, for somebody to move or cancel it."""
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]


class LaunchPolicy(Frozen):
    """All channels or none; or at least so many of them, those that `must` be among them."""

    at_least: int | None = Field(default=None, ge=1, description="channels; null: all of them")
    must: tuple[Id, ...] = Field(default=(), description="channels without which the launch fails")

    def is_met(self, channels: frozenset[str], live: frozenset[str]) -> bool:
        """Whether the launch stands with these channels live."""
        needed = len(channels) if self.at_least is None else self.at_least
        return len(live) >= needed and set(self.must) <= live


class LaunchPlan(Frozen):
    """A launch as it is asked for. `reserve` keeps units by SKU for it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    products: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_PRODUCTS)]
    channels: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20, description="connections")]
    go_live_at: datetime
    policy: LaunchPolicy = LaunchPolicy()
    approvals: int = Field(
        default=1, ge=0, le=5, description="people who must approve; whoever made it is none of them"
    )
    reserve: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    mode: Mode = "real"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for field, values in (("products", self.products), ("channels", self.channels)):
            if doubled := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(f"{field}: {doubled[0]} stands there twice; name it once")
        if self.go_live_at.tzinfo is None:
            raise ValueError("go_live_at: say its zone, such as 2026-12-01T09:00:00+01:00")
        if strangers := set(self.policy.must) - set(self.channels):
            raise ValueError(f"policy.must: {min(strangers)} is none of the channels; add it or leave it out")
        if (self.policy.at_least or 0) > len(self.channels):
            raise ValueError("policy.at_least: it is more than there are channels; lower it")
        return self


def check_moment(go_live_at: datetime, now: datetime) -> None:
    """A moment that is over cannot be met."""
    if go_live_at <= now:
        raise DomainError(
            "moment_in_the_past", f"go_live_at: {go_live_at:%Y-%m-%d %H:%M:%S %Z} is over; choose a later one"
        )


def batches(count: int) -> int:
    """How many batches so many products make."""
    return -(-count // BATCH)
