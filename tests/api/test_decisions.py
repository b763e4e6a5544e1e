"""Routing decisions: shown as they were stored, and decided again from the same input."""

from types import SimpleNamespace
from typing import Any

import pytest_asyncio

from db.order_reading import DECISIONS
from db.routing import RULES
from domain.sourcing import (
    DemandLine,
    Destination,
    Lane,
    LocationKind,
    LocationSnapshot,
    SourcingProblem,
    SourcingRule,
    SourcingRules,
    Zone,
    source,
)
from runtime.wiring import Hub
from tests.api.conftest import NOW, make_order


def place(name: str, handling_minor: int) -> LocationSnapshot:
    return LocationSnapshot(
        id=name,
        kind=LocationKind.WAREHOUSE,
        country="DE",
        timezone="Europe/Berlin",
        stock={"tea-1": 10},
        handling_minor=handling_minor,
    )


@pytest_asyncio.fixture
async def routed(clients: SimpleNamespace, hub: Hub) -> str:
    """An order that was decided: berlin is cheaper than hamburg."""
    order = await make_order(clients)
    rules = SourcingRules(
        version="v1",
        currency="EUR",
        rules=(SourcingRule(name="all"),),
        zones={"home": Zone(base_minor=400, transit_days=2)},
        lanes=(Lane(zone="home"),),
    )
    problem = SourcingProblem(
        order_id=order,
        channel="manual",
        destination=Destination(country="DE"),
        value_minor=2500,
        currency="EUR",
        demand=(DemandLine(line_id="L1", item_id="tea-1", quantity=2),),
        now=NOW,
        locations=(place("berlin", 100), place("hamburg", 300)),
    )
    decision: dict[str, Any] = {
        "order_id": order, "round": 0, "decided_at": NOW, "rules_version": "v1", "solve_ms": 1,
        "problem": problem.model_dump(mode="json"), "plan": source(problem, rules).model_dump(mode="json"),
    }  # fmt: skip
    body = {"version": "v1", "body": rules.model_dump(mode="json"), "active": True, "created_at": NOW, "created_by": ""}
    hub.database.write_now(lambda tx: tx.execute(RULES.insert().values(body)))
    hub.database.write_now(lambda tx: tx.execute(DECISIONS.insert().values(decision)))
    return order


async def test_says_why_each_location_won_or_lost(clients: SimpleNamespace, routed: str) -> None:
    shown = (await clients.viewer.get(f"/orders/{routed}/decisions")).json()

    assert [parcel["location_id"] for parcel in shown[0]["plan"]["parcels"]] == ["berlin"]
    assert shown[0]["reasons"]["hamburg"].startswith("would cost 2.00 EUR more")
    assert shown[0]["rerun"] is None


async def test_the_stored_input_decided_again_has_the_same_winner(clients: SimpleNamespace, routed: str) -> None:
    shown = (await clients.viewer.get(f"/orders/{routed}/decisions", params={"rerun": True})).json()

    assert shown[0]["rerun"]["same_winner"] is True


async def test_another_winner_is_seen(clients: SimpleNamespace, hub: Hub, routed: str) -> None:
    problem = hub.database.read_now(lambda tx: tx.execute(DECISIONS.select()).one()).problem
    problem["locations"][0]["stock"] = {}
    hub.database.write_now(lambda tx: tx.execute(DECISIONS.update().values(problem=problem)))

    shown = (await clients.viewer.get(f"/orders/{routed}/decisions", params={"rerun": True})).json()

    assert shown[0]["rerun"]["same_winner"] is False
