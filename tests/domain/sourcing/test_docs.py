"""The rules shown in docs/sourcing.md work as they stand."""

from pathlib import Path

import yaml

from domain.sourcing import SourcingRules, lint, source
from tests.domain.sourcing.make import location, order

PAGE = Path(__file__).parents[3] / "docs" / "sourcing.md"


def test_the_documented_rules_route_an_order() -> None:
    written = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    rules = SourcingRules.model_validate(yaml.safe_load(written))
    near_atlanta = {"latitude": 33.0, "longitude": -84.0}

    plan = source(order(location("ATL", point=near_atlanta)), rules)

    assert lint(rules) == []
    assert plan.rule == "standard"
    assert plan.parcels[0].zone == "near"
