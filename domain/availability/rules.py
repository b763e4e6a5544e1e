"""Allocation rules as versioned data: a policy for everything, for markets, for channels and for SKUs."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, ConfigDict, Field

from domain.base import Frozen

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Strict(Frozen):
    model_config = ConfigDict(extra="forbid")


class Pool(_Strict):
    """Sees all that nobody has for itself; several channels may sell the same units."""

    kind: Literal["pool"] = "pool"


class Share(_Strict):
    """Has so many percent for itself, rounded down; the other channels do not see them."""

    kind: Literal["share"] = "share"
    percent: Annotated[int, Field(ge=0, le=100)]


class Fixed(_Strict):
    """Has up to so many units for itself, filled up again as long as there are any."""

    kind: Literal["fixed"] = "fixed"
    units: Count


class Priority(_Strict):
    """Sees what is left after `first_units` for each channel of a better rank; rank 1 is served first."""

    kind: Literal["priority"] = "priority"
    rank: Annotated[int, Field(ge=1, le=1000)]
    first_units: Count = 0


Way = Annotated[Pool | Share | Fixed | Priority, Field(discriminator="kind")]


class LaunchReserve(_Strict):
    """Units held back until a launch: only the named channels see them, until the moment comes for all."""

    units: Count
    until: AwareDatetime
    channels: tuple[str, ...] = ()


class Policy(_Strict):
    """How stock is offered; what is not said is inherited: SKU on a channel, SKU, channel, market, everything."""

    way: Way | None = None
    keep_in_store: Count | None = Field(default=None, description="units a store keeps for those who walk in")
    launch: LaunchReserve | None = None
    show_at_most: Count | None = None
    floor: Count | None = Field(default=None, description="what is shown when availability is unknown for too long")
    unknown_after_hours: Annotated[float, Field(ge=0, le=24 * 365)] | None = None


DEFAULTS = Policy(way=Pool(), keep_in_store=0, floor=0, unknown_after_hours=24)
"""What holds where no rule says anything; nothing is reserved and nothing capped."""


class AllocationRules(_Strict):
    """One version. `items` are keyed `ITEM`, or `ITEM@connection` for one channel; `channels` by connection."""

    version: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")]
    everything: Policy = Policy()
    markets: Mapping[str, Policy] = Field(default_factory=dict)
    channels: Mapping[str, Policy] = Field(default_factory=dict)
    items: Mapping[str, Policy] = Field(default_factory=dict)


NO_RULES = AllocationRules(version="none")


class Effective(NamedTuple):
    """The policy that holds for an item on a channel, and which level of the rules each field comes from."""

    way: Pool | Share | Fixed | Priority
    keep_in_store: int
    launch: LaunchReserve | None
    show_at_most: int | None
    floor: int
    unknown_after_hours: float
    sources: tuple[tuple[str, str], ...]

    def source(self, field: str) -> str:
        """Where a field's value comes from, in words."""
        return dict(self.sources)[field]


FIELDS = tuple(Policy.model_fields)


def effective(rules: AllocationRules, item_id: str, channel: str, market: str) -> Effective:
    """The first level that says something decides, field by field."""
    levels = tuple(_levels(rules, item_id, channel, market))
    chosen, sources = {}, []
    for field in FIELDS:
        name, policy = next((level for level in levels if getattr(level[1], field) is not None), levels[-1])
        chosen[field] = getattr(policy, field)
        sources.append((field, name))
    return Effective(**chosen, sources=tuple(sources))


def _levels(rules: AllocationRules, item_id: str, channel: str, market: str) -> Iterator[tuple[str, Policy]]:
    for name, policy in (
        (f"SKU {item_id} on {channel}", rules.items.get(f"{item_id}@{channel}")),
        (f"SKU {item_id}", rules.items.get(item_id)),
        (f"channel {channel}", rules.channels.get(channel)),
        (f"market {market}", rules.markets.get(market)),
        ("everything", rules.everything),
    ):
        if policy is not None:
            yield name, policy
    yield "default", DEFAULTS


def boundaries(rules: AllocationRules) -> Iterator[datetime]:
    """The moments at which the rules mean something else by themselves."""
    for policy in (rules.everything, *rules.markets.values(), *rules.channels.values(), *rules.items.values()):
        if policy.launch is not None:
            yield policy.launch.until


def has_own_word(rules: AllocationRules, item_id: str, channel: str) -> bool:
    """Whether the rules name this SKU; the others of a channel share one effective policy."""
    return item_id in rules.items or f"{item_id}@{channel}" in rules.items
