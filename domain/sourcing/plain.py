"""The sourcing rules of an installation that states none: near before far, and few parcels."""

from domain.sourcing.rules import Lane, SourcingRule, SourcingRules, Zone

PLAIN = SourcingRules(
    version="plain",
    currency="EUR",
    rules=(SourcingRule(name="few parcels from near", split_penalty_minor=500, lateness_penalty_minor_per_day=100),),
    zones={
        "near": Zone(base_minor=500, per_step_minor=50, transit_days=2),
        "far": Zone(base_minor=1500, per_step_minor=300, transit_days=6),
    },
    lanes=(Lane(zone="near", up_to_km=800), Lane(zone="far")),
)
"""Believable prices, so that the order of preference is right; a merchant's own rules replace them."""
