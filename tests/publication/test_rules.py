"""Rules, safety stock, profiles and switches change what is shown, when they should and not before."""

from datetime import timedelta
from functools import partial

import pytest

from db import allocation_matrix, allocation_rules, safety_stock
from domain.availability.rules import AllocationRules
from domain.availability.safety import Safety
from domain.errors import DomainError
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant

HALF = AllocationRules.model_validate({"version": "1", "channels": {"web": {"way": {"kind": "share", "percent": 50}}}})


async def shop_with(merchant: Merchant, **stock: int) -> FakeShop:
    shop = FakeShop({(item, "D"): 0 for item in stock})
    for item, units in stock.items():
        merchant.stock(item, units)
    await merchant.open(shop)
    await merchant.push(shop)
    return shop


async def test_rules_count_after_they_were_previewed_and_approved(merchant: Merchant) -> None:
    shop = await shop_with(merchant, TEE=9)
    merchant.write(lambda tx: allocation_rules.propose(tx, HALF, by="test", now=merchant.now))
    with pytest.raises(DomainError, match="preview it first"):
        merchant.write(lambda tx: allocation_rules.approve(tx, "1", by="test", now=merchant.now))
    preview = merchant.database.read_now(lambda tx: allocation_rules.preview(tx, "1", merchant.now))
    merchant.write(lambda tx: allocation_rules.keep_preview(tx, preview))
    await merchant.push(shop)
    before = dict(shop.shown)

    merchant.write(lambda tx: allocation_rules.approve(tx, "1", by="test", now=merchant.now))
    await merchant.push(shop)

    effect = preview.channels["web"]
    assert (effect.changed, effect.units_before, effect.units_after) == (1, 9, 4)
    assert [(c.item_id, c.before, c.after) for c in preview.examples] == [("TEE", 9, 4)]
    assert before == {("TEE", "D"): 9}
    assert shop.shown == {("TEE", "D"): 4}


async def test_a_peak_begins_and_ends_by_the_clock(merchant: Merchant) -> None:
    shop = await shop_with(merchant, TEE=9)
    start, end = merchant.now + timedelta(hours=1), merchant.now + timedelta(hours=2)
    merchant.write(lambda tx: safety_stock.put_profile(tx, "peak", start, end, merchant.now))
    merchant.write(lambda tx: safety_stock.put(tx, Safety("TEE", "web", "", "peak", 3), merchant.now))
    merchant.write(lambda tx: safety_stock.tick(tx, merchant.now))
    shown = []

    for _ in range(3):
        await merchant.push(shop)
        shown.append(shop.shown["TEE", "D"])
        merchant.pass_time(hours=1)
        merchant.write(lambda tx: safety_stock.tick(tx, merchant.now))

    assert shown == [9, 6, 9]


async def test_the_most_precise_safety_stock_decides(merchant: Merchant) -> None:
    shop = await shop_with(merchant, TEE=9, MUG=9)

    for entry in (Safety("", "", "", "", 1), Safety("TEE", "", "", "", 4), Safety("", "web", "", "", 2)):
        merchant.write(partial(safety_stock.put, entry=entry, now=merchant.now))
    await merchant.push(shop)

    assert shop.shown == {("TEE", "D"): 5, ("MUG", "D"): 7}


async def test_shadow_computes_and_writes_nothing(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 100})
    merchant.stock("TEE", 9)
    merchant.switch("shadow")
    await merchant.discover(shop)

    await merchant.push(shop)

    assert shop.calls == []
    assert (merchant.row("TEE").expected, merchant.row("TEE").confirmed) == (9, 100)


async def test_a_canary_writes_its_share_of_the_items_only(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 100, ("MUG", "D"): 100})
    merchant.stock("TEE", 9)
    merchant.stock("MUG", 9)
    await merchant.open(shop, canary=40)  # TEE is in bucket 1, MUG in 51 (see flows.bucket)
    await merchant.push(shop)
    canary = dict(shop.shown)

    merchant.switch("on", 100)
    await merchant.push(shop)

    assert sorted(canary.values()) == [9, 100]
    assert shop.shown == {("TEE", "D"): 9, ("MUG", "D"): 9}


async def test_unknown_availability_is_not_published_until_the_floor_is(merchant: Merchant) -> None:
    shop = FakeShop({("TEE", "D"): 100})
    await merchant.open(shop)
    await merchant.push(shop)
    early = dict(shop.shown)

    merchant.pass_time(hours=25)
    merchant.write(lambda tx: safety_stock.tick(tx, merchant.now))
    await merchant.push(shop)

    assert early == {("TEE", "D"): 100}
    assert shop.shown == {("TEE", "D"): 0}


async def test_the_matrix_says_every_number_and_why(merchant: Merchant) -> None:
    await shop_with(merchant, TEE=9)
    merchant.write(lambda tx: safety_stock.put(tx, Safety("", "web", "", "", 2), merchant.now))

    line = merchant.database.read_now(lambda tx: allocation_matrix.one(tx, merchant.now, "TEE"))

    assert [(at.location_id, at.on_hand, at.reserved, at.available) for at in line.stock] == [("depot", 9, 0, 9)]
    assert [(c.allocated, c.buffer, c.published, c.confirmed) for c in line.channels] == [(9, 2, 9, 9)]
    assert line.channels[0].why == (
        "depot: 9 on hand, 0 reserved: 9 can be promised",
        "depot: 9 allocated as pool (default)",
        "depot: 2 safety stock (channel web)",
    )
