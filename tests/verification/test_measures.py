"""What is measured of a channel's numbers: how long they were right, how late they were, and what that cost."""

from datetime import datetime, timedelta

import pytest

from db import drift, stock_hours, stock_quality, stock_retention, window_losses
from db.stock_quality import Quality
from domain.latency import bucket, percentile, seconds
from tests.db import world
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant
from tests.verification.rounds import verify

TEE, MUG = ("TEE", "D"), ("MUG", "D")


@pytest.fixture
async def shop(merchant: Merchant) -> FakeShop:
    shop = FakeShop({TEE: 0, MUG: 0})
    merchant.stock("TEE", 7)
    merchant.stock("MUG", 2)
    await merchant.open(shop)
    await merchant.push(shop)
    measure(merchant)
    return shop


def measure(merchant: Merchant) -> None:
    merchant.write(lambda tx: stock_hours.measure(tx, merchant.now))


def watch(merchant: Merchant, minutes: int) -> None:
    for _ in range(minutes):
        merchant.pass_time(minutes=1)
        measure(merchant)


def quality(merchant: Merchant) -> list[Quality]:
    until = merchant.now + timedelta(hours=1)
    return merchant.database.read_now(lambda tx: stock_quality.between(tx, until - timedelta(days=2), until))


async def test_accuracy_is_the_share_of_time_in_which_numbers_were_right(merchant: Merchant, shop: FakeShop) -> None:
    watch(merchant, 30)
    merchant.stock("TEE", 1)
    merchant.mark()  # wrong from now on, since nobody sends it
    watch(merchant, 30)

    measured = quality(merchant)

    assert [one.accuracy for one in measured] == [pytest.approx(0.75)]


async def test_drift_counts_for_half_of_the_time_since_the_last_look(merchant: Merchant, shop: FakeShop) -> None:
    watch(merchant, 40)
    shop.shown[TEE] = 40

    await verify(merchant, shop)

    assert quality(merchant)[0].accuracy == pytest.approx(0.75, abs=0.01)


async def test_the_baseline_stands_beside_what_came_after(merchant: Merchant) -> None:
    shop = FakeShop({TEE: 5})
    merchant.stock("TEE", 7)
    merchant.switch("shadow")
    await merchant.discover(shop)
    measure(merchant)
    watch(merchant, 10)
    merchant.switch("on")
    await merchant.push(shop)
    watch(merchant, 10)

    assert [(one.is_baseline, one.accuracy) for one in quality(merchant)] == [(True, 0.0), (False, 1.0)]


async def test_latency_is_from_the_change_to_the_first_proof(merchant: Merchant, shop: FakeShop) -> None:
    watch(merchant, 1)
    before = quality(merchant)[0].latency_p50
    for _ in range(60):
        merchant.stock("TEE", 1)
        merchant.mark()
        merchant.pass_time(seconds=4)
        await merchant.push(shop)

    after = quality(merchant)[0]

    assert before is not None
    assert before < 0.01
    assert after.latency_p95 == pytest.approx(4, rel=0.06)


def test_percentiles_are_near_the_exact_ones() -> None:
    counts: dict[int, int] = {}
    for ms in range(1, 2001):
        counts[bucket(ms / 1000)] = counts.get(bucket(ms / 1000), 0) + 1

    assert percentile(counts, 0.5) == pytest.approx(1.0, rel=0.06)
    assert percentile(counts, 0.95) == pytest.approx(1.9, rel=0.06)
    assert percentile({}, 0.5) is None
    assert bucket(seconds(40)) == 40


async def test_units_sold_while_the_lower_number_was_on_its_way_are_a_window_loss(
    merchant: Merchant, shop: FakeShop
) -> None:
    merchant.pass_time(minutes=5)
    merchant.stock("TEE", -7)
    merchant.mark()
    merchant.pass_time(seconds=3)
    order = world.channel_order(1, TEE=2).model_copy(update={"placed_at": merchant.now})

    order_id = merchant.write(lambda tx: world.take(tx, order))
    merchant.write(lambda tx: world.route(tx, order_id))

    losses = merchant.database.read_now(lambda tx: window_losses.of(tx, world.NOW))
    assert [(loss.item_id, loss.units, loss.cause) for loss in losses] == [("TEE", 2, "late")]
    measure(merchant)
    merchant.pass_time(minutes=5)
    measure(merchant)
    assert quality(merchant)[0].orders == 1


async def test_units_sold_at_the_same_moment_elsewhere_have_crossed(merchant: Merchant, shop: FakeShop) -> None:
    merchant.pass_time(minutes=5)
    before_it_fell = merchant.now
    merchant.pass_time(seconds=2)
    merchant.stock("TEE", -7)
    merchant.mark()

    assert lost(merchant, TEE=2, at=before_it_fell) == ["crossed"]


async def test_units_of_a_number_that_somebody_edited_are_lost_by_drift(merchant: Merchant, shop: FakeShop) -> None:
    merchant.pass_time(minutes=5)
    shop.shown[TEE] = 90
    await verify(merchant, shop)

    assert lost(merchant, TEE=9, at=merchant.now) == ["drift"]


async def test_units_that_a_channel_never_showed_are_lost_by_the_channel(merchant: Merchant, shop: FakeShop) -> None:
    merchant.pass_time(minutes=5)

    assert lost(merchant, TEE=9, at=merchant.now) == ["channel"]


def lost(merchant: Merchant, *, at: datetime, **units: int) -> list[str]:
    """An order of that moment is routed; the causes of what it does not find."""
    order = world.channel_order(1, **units).model_copy(update={"placed_at": at})
    order_id = merchant.write(lambda tx: world.take(tx, order))
    merchant.write(lambda tx: world.route(tx, order_id))
    return [loss.cause for loss in merchant.database.read_now(lambda tx: window_losses.of(tx, world.NOW))]


async def test_old_measures_and_mended_drift_are_forgotten_and_open_drift_stays(
    merchant: Merchant, shop: FakeShop
) -> None:
    merchant.pass_time(minutes=5)
    shop.shown[TEE] = 90
    await verify(merchant, shop)

    early = merchant.write(lambda tx: stock_retention.forget(tx, merchant.now))
    merchant.pass_time(days=801)
    merchant.write(lambda tx: stock_retention.forget(tx, merchant.now))
    left = merchant.database.read_now(
        lambda tx: (drift.open_drifts(tx), stock_quality.hours(tx, world.NOW, merchant.now))
    )

    assert early == 0
    assert [row.sku for row in left[0]] == ["TEE"]
    assert left[1] == []
