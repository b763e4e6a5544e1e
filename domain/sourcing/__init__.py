"""Order sourcing: `source(problem, rules)` finds the locations that cover an order at least cost, and says why."""

from domain.sourcing.budget import Budget
from domain.sourcing.engine import source
from domain.sourcing.explain import sentence, why
from domain.sourcing.lint import lint
from domain.sourcing.plan import (
    Candidate,
    CostBreakdown,
    PlannedLine,
    PlannedParcel,
    RoutingPlan,
    Shortfall,
    ShortfallReason,
    Verdict,
)
from domain.sourcing.problem import (
    DemandLine,
    Destination,
    LocationKind,
    LocationSnapshot,
    Point,
    SourcingProblem,
)
from domain.sourcing.rules import Centroid, Filters, Lane, SourcingRule, SourcingRules, Zone

__all__ = [
    "Budget",
    "Candidate",
    "Centroid",
    "CostBreakdown",
    "DemandLine",
    "Destination",
    "Filters",
    "Lane",
    "LocationKind",
    "LocationSnapshot",
    "PlannedLine",
    "PlannedParcel",
    "Point",
    "RoutingPlan",
    "Shortfall",
    "ShortfallReason",
    "SourcingProblem",
    "SourcingRule",
    "SourcingRules",
    "Verdict",
    "Zone",
    "lint",
    "sentence",
    "source",
    "why",
]
