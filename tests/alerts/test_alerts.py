"""Every kind of alert is raised once, told, snoozed and cleared by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import update

from db import alert_rules, alerts, connections, exception_desk, offered
from db.actors import Actor
from db.availability import LISTINGS
from db.ledger import move
from domain.alerts import AlertRule, AlertRules, Kind
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant

ME = Actor(name="test", role="admin", origin="test")
TEE = ("TEE", "D")


async def few_units(merchant: Merchant) -> Callable[[], None]:
    merchant.stock("TEE", 3)
    await merchant.open(FakeShop({TEE: 3}))
    return lambda: merchant.stock("TEE", 90)


async def few_days(merchant: Merchant) -> Callable[[], None]:
    merchant.stock("TEE", 31)
    merchant.write(lambda tx: move(tx, "s", "ship", "TEE", "depot", on_hand=-28, at=merchant.now, order_id="web-1"))
    return lambda: merchant.stock("TEE", 900)


async def wrong_numbers(merchant: Merchant) -> Callable[[], None]:
    merchant.stock("TEE", 3)
    await merchant.open(FakeShop({TEE: 3}))
    merchant.write(lambda tx: tx.execute(update(LISTINGS).values(confirmed=5, state="settled")))
    return lambda: merchant.write(lambda tx: tx.execute(update(LISTINGS).values(confirmed=3)))


async def wrong_fields(merchant: Merchant) -> Callable[[], None]:
    row = {
        "connection_id": "web",
        "product_id": "tee",
        "external_id": "t-1",
        "bucket": 1,
        "published": {},
        "confirmed": {},
    }
    merchant.write(lambda tx: offered.add(tx, [row], merchant.now))
    merchant.write(lambda tx: tx.execute(update(offered.OFFERED).values(fields=8, right=6, state="settled")))
    return lambda: merchant.write(lambda tx: tx.execute(update(offered.OFFERED).values(right=8)))


async def no_count(merchant: Merchant) -> Callable[[], None]:
    merchant.stock("TEE", 3)
    merchant.pass_time(days=40)
    return lambda: merchant.write(lambda tx: move(tx, "c", "count", "TEE", "depot", on_hand=1, at=merchant.now))


async def nobody_sends(merchant: Merchant) -> Callable[[], None]:
    shop = FakeShop({TEE: 3})
    merchant.stock("TEE", 4)
    await merchant.open(shop)
    merchant.pass_time(minutes=90)
    return lambda: merchant.write(lambda tx: tx.execute(update(LISTINGS).values(state="settled", confirmed=4)))


async def paused(merchant: Merchant) -> Callable[[], None]:
    merchant.write(lambda tx: connections.pause(tx, "web", reason="no key", now=merchant.now))
    merchant.pass_time(minutes=90)
    return lambda: merchant.write(lambda tx: connections.resume(tx, "web", now=merchant.now))


CASES: dict[Kind, tuple[Any, float, str]] = {
    "atp": (few_units, 5, "TEE"),
    "days_of_cover": (few_days, 14, "TEE"),
    "drift": (wrong_numbers, 1, "web"),
    "content_drift": (wrong_fields, 20, "web"),
    "stale_count": (no_count, 30, "depot"),
    "stuck_queue": (nobody_sends, 60, "stock of web"),
    "connection_down": (paused, 60, "web"),
}


def use(merchant: Merchant, kind: Kind, limit: float, *notify: str, **more: Any) -> None:
    rule = AlertRule(name="mine", kind=kind, limit=limit, owner="ops", notify=notify, **more)
    rules = AlertRules(version="1", rules=(rule,))
    merchant.write(lambda tx: alert_rules.put(tx, rules, by="test", now=merchant.now))


def evaluate(merchant: Merchant) -> list[Any]:
    found = merchant.database.read_now(lambda tx: alerts.watched(tx, merchant.now))
    merchant.write(lambda tx: alerts.evaluate(tx, found, merchant.now))
    return list(merchant.database.read_now(alerts.open_alerts))


def told(merchant: Merchant) -> list[str]:
    return sorted(row.event for row in merchant.database.read_now(alerts.messages))


def test_every_kind_has_its_case() -> None:
    assert set(CASES) == set(get_args(Kind))


@pytest.mark.parametrize("kind", CASES)
async def test_each_kind_is_raised_once_and_clears_by_itself(merchant: Merchant, kind: Kind) -> None:
    make, limit, subject = CASES[kind]
    use(merchant, kind, limit, "ops@example.com", severity="critical")
    quiet = evaluate(merchant)
    mend = await make(merchant)

    first = evaluate(merchant)
    merchant.pass_time(minutes=1)
    again = evaluate(merchant)
    before = told(merchant)
    mend()
    after = evaluate(merchant)

    assert quiet == []
    assert [(a.kind, a.cause, a.severity, a.assignee) for a in first] == [
        (f"alert_{kind}", f"alert_{kind}:mine:{subject}", "critical", "ops")
    ]
    assert [a.id for a in again] == [a.id for a in first]
    assert before == ["opened"]
    assert after == []
    assert told(merchant) == ["cleared", "opened"]


async def test_a_snoozed_alert_is_told_again_when_it_still_holds(merchant: Merchant) -> None:
    use(merchant, "connection_down", 60, "ops@example.com")
    await paused(merchant)
    number = evaluate(merchant)[0].id
    until = merchant.now + timedelta(hours=4)
    merchant.write(lambda tx: exception_desk.snooze(tx, number, until, by=ME, now=merchant.now))

    merchant.pass_time(hours=3)
    evaluate(merchant)
    asleep = told(merchant)
    merchant.pass_time(hours=2)
    evaluate(merchant)
    evaluate(merchant)

    assert asleep == ["opened"]
    assert told(merchant) == ["again", "opened"]


async def test_what_clears_while_it_is_snoozed_says_nothing(merchant: Merchant) -> None:
    use(merchant, "connection_down", 60, "ops@example.com")
    mend = await paused(merchant)
    number = evaluate(merchant)[0].id
    until = merchant.now + timedelta(hours=4)
    merchant.write(lambda tx: exception_desk.snooze(tx, number, until, by=ME, now=merchant.now))

    mend()
    left = evaluate(merchant)

    assert (left, told(merchant)) == ([], ["opened"])


async def test_only_the_worst_are_raised_at_once(merchant: Merchant) -> None:
    use(merchant, "atp", 50, at_most=1)
    merchant.stock("TEE", 9)
    merchant.stock("MUG", 3)
    await merchant.open(FakeShop({TEE: 9, ("MUG", "D"): 3}))

    assert [a.cause for a in evaluate(merchant)] == ["alert_atp:mine:MUG"]


def test_two_rules_of_one_name_are_refused() -> None:
    rule = AlertRule(name="mine", kind="atp", limit=1)

    with pytest.raises(ValueError, match="the same name"):
        AlertRules(version="1", rules=(rule, rule))
