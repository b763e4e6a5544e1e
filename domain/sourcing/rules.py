"""Sourcing rules as versioned data: which rule an order falls under, and what that rule allows and charges."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from domain.base import Frozen
from domain.errors import DomainError
from domain.money import exponent
from domain.sourcing.problem import (
    SORTED_IN_JSON,
    Count,
    Country,
    LocationKind,
    Minor,
    Names,
    Point,
    SourcingProblem,
)

Positive = Annotated[int, Field(gt=0)]


def _known_currency(code: str) -> str:
    try:
        exponent(code)
    except DomainError as wrong:  # pydantic collects ValueError only
        raise ValueError(str(wrong)) from wrong
    return code


class Strict(Frozen):
    """Written by people, so a misspelled field is refused."""

    model_config = ConfigDict(extra="forbid")


class Filters(Strict):
    """When a rule applies; an empty filter lets every order pass.

    `sku_classes` asks for at least one line of one of the classes. Values are compared in `currency` only.
    """

    channels: Names = frozenset()
    tags_any: Names = frozenset()
    tags_all: Names = frozenset()
    countries: Annotated[frozenset[Country], SORTED_IN_JSON] = frozenset()
    currency: str | None = None
    min_value_minor: Minor | None = None
    max_value_minor: Minor | None = None
    sku_classes: Names = frozenset()

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        low, high = self.min_value_minor, self.max_value_minor
        if self.currency is None and (low is not None or high is not None):
            raise ValueError("min_value_minor/max_value_minor need a currency; add `currency: USD`")
        if low is not None and high is not None and low > high:
            raise ValueError(f"min_value_minor {low} is above max_value_minor {high}; no order can match, swap them")
        return self

    def match(self, problem: SourcingProblem) -> bool:
        return (
            (not self.channels or problem.channel in self.channels)
            and (not self.tags_any or bool(self.tags_any & problem.tags))
            and self.tags_all <= problem.tags
            and (not self.countries or problem.destination.country in self.countries)
            and (self.currency is None or self.currency == problem.currency)
            and (self.min_value_minor is None or problem.value_minor >= self.min_value_minor)
            and (self.max_value_minor is None or problem.value_minor <= self.max_value_minor)
            and (not self.sku_classes or any(line.sku_class in self.sku_classes for line in problem.demand))
        )


class SourcingRule(Strict):
    """One rule: its filters, the locations it allows, its limits and its penalties (minor units of `SourcingRules.currency`).

    `split_allowed: false` means one parcel, `ship_complete` means all or nothing.
    `partial_allowed` lets what is there leave without the rest; `backorder_allowed` lets the rest wait.
    The units of a set leave one location together, unless `bundles_may_split`.
    """

    name: Annotated[str, Field(min_length=1)]
    when: Filters = Filters()
    kinds: Annotated[frozenset[LocationKind], SORTED_IN_JSON] = frozenset()
    regions: Names = frozenset()
    max_distance_km: Positive | None = None
    excluded_location_ids: Names = frozenset()
    max_parcels: Annotated[int, Field(ge=1, le=10)] = 4
    split_allowed: bool = True
    ship_complete: bool = False
    partial_allowed: bool = True
    backorder_allowed: bool = True
    bundles_may_split: bool = False
    split_penalty_minor: Minor = 0
    lateness_penalty_minor_per_day: Minor = 0
    low_stock_penalty_minor_per_unit: Minor = 0

    @property
    def parcel_limit(self) -> int:
        return self.max_parcels if self.split_allowed else 1


class Zone(Strict):
    """What a carrier zone costs per parcel: a base and a price for every started `SourcingRules.weight_step_g`.

    `transit_days` are carrier days, Monday to Friday.
    """

    base_minor: Minor
    per_step_minor: Minor = 0
    transit_days: Count


class Lane(Strict):
    """From where to where a zone holds; what is left out matches everything. The first matching lane counts."""

    zone: str
    from_location_id: str | None = None
    from_country: Country | None = None
    from_region: str | None = None
    to_country: Country | None = None
    to_postal_prefixes: tuple[str, ...] = ()
    up_to_km: Positive | None = None


class Centroid(Strict):
    """The middle of a postal area, for destinations that come without coordinates."""

    country: Country
    postal_prefix: str
    point: Point


class SourcingRules(Strict):
    """All rules of one version; the first whose filters match decides. Lanes, zones and centroids serve every rule."""

    version: Annotated[str, Field(min_length=1)]
    currency: Annotated[str, AfterValidator(_known_currency)]
    rules: Annotated[tuple[SourcingRule, ...], Field(min_length=1)]
    zones: Annotated[Mapping[str, Zone], Field(min_length=1)]
    lanes: Annotated[tuple[Lane, ...], Field(min_length=1)]
    weight_step_g: Positive = 1000
    centroids: tuple[Centroid, ...] = ()

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        for number, lane in enumerate(self.lanes):
            if lane.zone not in self.zones:
                known = ", ".join(sorted(self.zones))
                raise ValueError(
                    f"lanes[{number}].zone: there is no zone {lane.zone!r}; define it or use one of {known}"
                )
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"rules: two rules are named {name!r}; decisions name their rule, so rename one")
        return self

    def rule_for(self, problem: SourcingProblem) -> SourcingRule | None:
        return next((rule for rule in self.rules if rule.when.match(problem)), None)
