"""Drift is found, put down to its author, and repaired, accepted or asked about by policy."""

import pytest

from db import drift, looks, verification_policy
from db.exception_desk import DeskFilter, groups
from domain.drift import Action, VerificationPolicy
from tests.db import world
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant
from tests.verification.rounds import verify

TEE = ("TEE", "D")


@pytest.fixture
async def shop(merchant: Merchant) -> FakeShop:
    """Shows 7 of TEE and 2 of MUG, as it should; an hour ago."""
    shop = FakeShop({TEE: 0, ("MUG", "D"): 0})
    merchant.stock("TEE", 7)
    merchant.stock("MUG", 2)
    await merchant.open(shop)
    await merchant.push(shop)
    merchant.pass_time(hours=1)
    return shop


def policy(merchant: Merchant, person: Action) -> None:
    wanted = VerificationPolicy(person=person)
    merchant.write(lambda tx: verification_policy.put(tx, "web", wanted, by="test", now=merchant.now))


def drifts(merchant: Merchant) -> list[tuple[str, str, int | None]]:
    rows = merchant.database.read_now(drift.open_drifts)
    return [(row.sku, row.author, row.shown) for row in rows]


def questions(merchant: Merchant) -> list[str]:
    wanted = DeskFilter(kind="stock_drift")
    return [g.row.cause for g in merchant.database.read_now(lambda tx: groups(tx, wanted, merchant.now, limit=9))]


async def test_what_is_right_is_no_drift(merchant: Merchant, shop: FakeShop) -> None:
    found = await verify(merchant, shop)

    assert (found.looked, found.wrong, found.in_flight) == (2, 0, 0)
    assert drifts(merchant) == []


async def test_an_edit_is_a_persons_and_repaired(merchant: Merchant, shop: FakeShop) -> None:
    shop.shown[TEE] = 40

    found = await verify(merchant, shop)
    seen = drifts(merchant)
    await merchant.push(shop)
    merchant.write(lambda tx: drift.close_mended(tx, merchant.now))

    assert (found.looked, found.wrong) == (2, 1)
    assert seen == [("TEE", "person", 40)]
    assert shop.shown[TEE] == 7
    assert drifts(merchant) == []


async def test_a_fall_that_the_channels_own_orders_explain_is_the_channels(merchant: Merchant, shop: FakeShop) -> None:
    merchant.write(
        lambda tx: world.take(tx, world.channel_order(1, TEE=2).model_copy(update={"placed_at": merchant.now}))
    )
    shop.shown[TEE] = 5

    await verify(merchant, shop)

    assert drifts(merchant) == [("TEE", "channel", 5)]


async def test_a_number_that_vanished_is_the_channels(merchant: Merchant, shop: FakeShop) -> None:
    del shop.shown[TEE]

    await verify(merchant, shop)

    assert drifts(merchant) == [("TEE", "channel", None)]


async def test_what_we_should_have_sent_long_ago_is_ours(merchant: Merchant, shop: FakeShop) -> None:
    merchant.stock("TEE", 1)
    merchant.mark()
    merchant.pass_time(minutes=2)

    await verify(merchant, shop)

    assert drifts(merchant) == [("TEE", "us", 7)]


async def test_what_is_being_sent_is_not_judged(merchant: Merchant, shop: FakeShop) -> None:
    merchant.stock("TEE", 1)
    merchant.mark()
    assert merchant.claim() is not None

    found = await verify(merchant, shop)

    assert (found.looked, found.wrong, found.in_flight) == (1, 0, 1)


async def test_an_accepted_edit_stands_until_our_number_changes(merchant: Merchant, shop: FakeShop) -> None:
    policy(merchant, "accept")
    shop.shown[TEE] = 3

    await verify(merchant, shop)
    await merchant.push(shop)
    left = shop.shown[TEE]
    again = await verify(merchant, shop)
    merchant.stock("TEE", 1)
    await merchant.push(shop)

    assert left == 3
    assert again.wrong == 1
    assert shop.shown[TEE] == 8


async def test_a_question_is_one_exception_and_its_answer_is_carried_out(merchant: Merchant, shop: FakeShop) -> None:
    policy(merchant, "ask")
    shop.shown = {TEE: 3, ("MUG", "D"): 9}

    await verify(merchant, shop)
    asked = questions(merchant)
    await merchant.push(shop)
    left = dict(shop.shown)
    decided = merchant.write(lambda tx: drift.decide(tx, "web", "person", "repair", merchant.now))
    await merchant.push(shop)

    assert asked == ["stock_drift:web:person"]
    assert left == {TEE: 3, ("MUG", "D"): 9}
    assert decided == 2
    assert shop.shown == {TEE: 7, ("MUG", "D"): 2}
    assert questions(merchant) == []


async def test_a_question_whose_drift_is_gone_closes_by_itself(merchant: Merchant, shop: FakeShop) -> None:
    policy(merchant, "ask")
    shop.shown[TEE] = 3
    await verify(merchant, shop)
    asked = questions(merchant)

    shop.shown[TEE] = 7
    await verify(merchant, shop)
    await verify(merchant, shop)

    assert asked == ["stock_drift:web:person"]
    assert (drifts(merchant), questions(merchant)) == ([], [])


async def test_in_shadow_nothing_is_written(merchant: Merchant) -> None:
    shop = FakeShop({TEE: 5})
    merchant.stock("TEE", 7)
    merchant.switch("shadow")
    await merchant.discover(shop)
    merchant.pass_time(hours=1)

    found = await verify(merchant, shop)
    await merchant.push(shop)

    assert (found.looked, found.wrong, found.mode) == (1, 1, "shadow")
    assert shop.shown[TEE] == 5


async def test_what_publication_sees_by_itself_goes_by_the_policy_too(merchant: Merchant, shop: FakeShop) -> None:
    policy(merchant, "accept")
    shop.shown["TEE", "D"] = 70
    merchant.pass_time(minutes=1)

    items = merchant.database.read_now(lambda tx: looks.to_look_at(tx, "web", 50, merchant.now))
    shown = await shop.read_stock(items)
    merchant.write(lambda tx: looks.read_back(tx, "web", items, shown, merchant.now))
    calls = await merchant.push(shop)

    assert set(items) == {"TEE", "MUG"}
    assert (calls, shop.shown["TEE", "D"]) == (0, 70)
