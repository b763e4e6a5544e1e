"""Small building blocks for sourcing tests: an order, locations and rules with everything but the point left out."""

from datetime import UTC, datetime
from typing import Any

from domain.sourcing import DemandLine, Destination, Lane, LocationSnapshot, SourcingProblem, SourcingRules, Zone

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def line(line_id: str = "1", item_id: str = "mug", quantity: int = 1, **facts: Any) -> DemandLine:
    return DemandLine(line_id=line_id, item_id=item_id, quantity=quantity, **facts)


def location(location_id: str, stock: dict[str, int] | None = None, **facts: Any) -> LocationSnapshot:
    defaults = {
        "kind": "warehouse",
        "country": "US",
        "timezone": "UTC",
        "stock": {"mug": 9} if stock is None else stock,
    }
    return LocationSnapshot.model_validate({"id": location_id, **defaults, **facts})


def order(*locations: LocationSnapshot, demand: tuple[DemandLine, ...] = (), **facts: Any) -> SourcingProblem:
    defaults = {
        "order_id": "o-1",
        "channel": "web",
        "destination": Destination(country="US", postal_prefix="303"),
        "value_minor": 5000,
        "currency": "USD",
        "now": MONDAY,
    }
    return SourcingProblem.model_validate({**defaults, "demand": demand or (line(),), "locations": locations, **facts})


def rules(rule: dict[str, Any] | None = None, **facts: Any) -> SourcingRules:
    defaults: dict[str, Any] = {
        "version": "v1",
        "currency": "USD",
        "rules": [{"name": "default", **(rule or {})}],
        "zones": {"1": Zone(base_minor=500, per_step_minor=100, transit_days=1)},
        "lanes": [Lane(zone="1")],
    }
    return SourcingRules.model_validate({**defaults, **facts})
