"""What the policy's terms do to a return: whose window counts, where units go, to which tender money goes back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db import connections, locations
from db.ledger import LEVELS, verify
from db.returns import goods, policies
from db.returns.opening import open_return
from db.returns.reading import load
from db.returns.rows import REFUNDS, RETURNS, row_of
from db.returns.standing import settle
from db.tenders import append, entry
from domain.errors import DomainError
from domain.location import Location, LocationProfile
from domain.money import Money
from domain.returns.policy import PolicyRule, PolicyValues, ReturnPolicy
from tests.db.test_returns import shipped, wish
from tests.db.world import NOW, VAULT, found


@pytest.fixture
def tx(database):
    with database.engine.begin() as tx:
        found(tx)
        profile = LocationProfile(country="DE", postal_code="80331", timezone="Europe/Berlin")
        locations.put(tx, Location(id="munich", name="Munich", kind="store", connection_id="store", profile=profile))
        yield tx


def in_force(tx, *rules: PolicyRule, **more) -> None:
    policies.add(tx, ReturnPolicy(version="t", rules=rules, **more), by="test", now=NOW)
    policies.activate(tx, "t")


def rule(name: str, *, channel="", is_minimum=False, **values) -> PolicyRule:
    return PolicyRule(name=name, channel=channel, is_minimum=is_minimum, values=PolicyValues(**values))


def received(tx, rma: str, units: int) -> None:
    settle(tx, VAULT, rma, NOW)
    goods.receive(tx, row_of(tx, rma), "r1", "TEE", units, "berlin", by="test", now=NOW)
    settle(tx, VAULT, rma, NOW)


def grade(tx, rma: str, key: str, condition, disposition=None, to="") -> str:
    given = {"disposition": disposition, "to_location": to, "by": "test", "now": NOW}
    return goods.grade(tx, row_of(tx, rma), key, "L1", "TEE", 1, condition, **given)


def levels(tx) -> dict[tuple[str, str], int]:
    rows = tx.execute(select(LEVELS.c.location_id, LEVELS.c.condition, LEVELS.c.on_hand).where(LEVELS.c.on_hand > 0))
    return {(row.location_id, row.condition): row.on_hand for row in rows}


def test_what_a_marketplace_demands_lets_come_back_what_our_own_window_would_not(tx):
    late = NOW + timedelta(days=20)
    order, other = shipped(tx, 1, TEE=1), shipped(tx, 2, MUG=1)
    in_force(tx, rule("ours", window_days=14), rule("demanded", channel="web", is_minimum=True, window_days=30))
    rma = open_return(tx, order, wish(("L1", 1)), late)
    policies.add(tx, ReturnPolicy(version="u", rules=(rule("ours", window_days=14),)), by="test", now=NOW)
    policies.activate(tx, "u")

    assert load(tx, rma).decision == "approved"
    with pytest.raises(DomainError, match="window of 14 days closed"):
        open_return(tx, other, wish(("L1", 1)), late)


def test_every_unit_goes_where_its_state_or_a_person_says(tx):
    rma = open_return(tx, shipped(tx, TEE=5), wish(("L1", 5)), NOW)
    received(tx, rma, 5)
    done = [
        grade(tx, rma, "g1", "new"),
        grade(tx, rma, "g2", "new", "transfer", "munich"),
        grade(tx, rma, "g3", "opened"),
        grade(tx, rma, "g4", "damaged", "return_to_vendor"),
        grade(tx, rma, "g5", "worn"),
    ]
    on_the_way = levels(tx)
    goods.arrive(tx, row_of(tx, rma), "a1", "TEE", 1, "munich", now=NOW)

    assert done == ["restock", "transfer", "refurbish", "return_to_vendor", "scrap"]
    assert on_the_way == {("berlin", "sellable"): 1, ("munich", "in_transit"): 1, ("berlin", "quarantine"): 2}
    assert levels(tx)["munich", "sellable"] == 1
    with pytest.raises(DomainError, match="0 unit"):
        goods.arrive(tx, row_of(tx, rma), "a2", "TEE", 1, "munich", now=NOW)
    assert verify(tx) == ()


def test_a_defect_goes_back_to_whoever_made_it(tx):
    wanted = wish(("L1", 1))
    broken = wanted._replace(lines=(wanted.lines[0].model_copy(update={"reason": "defective"}),))
    rma = open_return(tx, shipped(tx, TEE=1), broken, NOW)
    received(tx, rma, 1)

    assert grade(tx, rma, "g1", "damaged") == "return_to_vendor"


def test_money_goes_back_to_the_card_then_gift_card_then_credit_then_pay_later(tx):
    order = shipped(tx, TEE=4)
    for tender, amount in (("klarna", 1500), ("shopify_store_credit", 800), ("gift_card", 700), ("visa", 1000)):
        money = Money(amount_minor=amount, currency="EUR")
        append(tx, [entry(order, f"captured:{tender}", tender, "captured", money, NOW, "web", external_id=tender)])
    rma = open_return(tx, order, wish(("L1", 3)), NOW)
    received(tx, rma, 3)
    parts = tx.execute(select(REFUNDS).where(REFUNDS.c.return_id == rma).order_by(REFUNDS.c.number)).all()

    assert [(part.tender, part.amount_minor) for part in parts] == [
        ("visa", 1000), ("gift_card", 700), ("shopify_store_credit", 800), ("klarna", 500),
    ]  # fmt: skip


def test_a_fee_is_kept_unless_the_merchant_is_at_fault(tx):
    in_force(
        tx,
        rule("all", restocking_fee_percent=10, shipping_paid_by="buyer", return_fee_minor={"EUR": 400}),
        returns_location="berlin",
    )
    order, wanted = shipped(tx, TEE=2), wish(("L1", 1), method="label")
    changed_mind = open_return(tx, order, wanted, NOW)
    received(tx, changed_mind, 1)
    broken = wanted._replace(lines=(wanted.lines[0].model_copy(update={"reason": "defective"}),))
    defective = open_return(tx, order, broken, NOW)
    received(tx, defective, 1)
    given = {row.return_id: row.amount_minor for row in tx.execute(select(REFUNDS))}

    assert given == {changed_mind: 1000 - 100 - 400, defective: 1000}


def test_each_market_sends_back_to_its_own_place(tx):
    in_force(tx, rule("all", window_days=30), returns_location="berlin", returns_locations={"us": "munich"})
    at_home = open_return(tx, shipped(tx, 1, TEE=1), wish(("L1", 1), method="drop_off"), NOW)
    connections.change(tx, "web", market="us")
    abroad = open_return(tx, shipped(tx, 2, MUG=1), wish(("L1", 1), method="drop_off"), NOW)
    places = dict(tx.execute(select(RETURNS.c.id, RETURNS.c.location_id)).all())

    assert places == {at_home: "berlin", abroad: "munich"}
