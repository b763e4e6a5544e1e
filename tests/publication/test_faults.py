"""Channels that refuse, clamp, lie, lose answers, or are changed by others: no wrong number stays."""

from collections.abc import Callable
from functools import partial

import pytest

from activities.halving import halving
from activities.publication import _refused
from connectors.contract import StockSetting
from connectors.errors import OutcomeUnknownError, RejectedError
from db import looks, publication, stock_listings
from db.exceptions import EXCEPTIONS
from domain.news import StockNews
from tests.publication.channel import FakeShop
from tests.publication.merchant import Merchant


def open_causes(merchant: Merchant) -> list[str]:
    rows = merchant.database.read_now(lambda tx: tx.execute(EXCEPTIONS.select()).all())
    return [row.cause for row in rows if row.closed_at is None and row.kind.startswith("stock_")]


def told(merchant: Merchant, item: str, number: int, seconds: float = 0) -> str:
    news = StockNews(
        item_external_id=item, location_external_id="D", available=number, at=merchant.pass_time(seconds=seconds)
    )
    said: str = merchant.write(lambda tx: stock_listings.seen(tx, "web", news, merchant.now))
    return said


async def read_back(merchant: Merchant, shop: FakeShop) -> None:
    """What a turn does first with what is in doubt, and last with what nobody has proven."""
    ask = (
        lambda tx: looks.in_doubt(tx, "web", 50),
        lambda tx: looks.to_look_at(tx, "web", 50, merchant.now),
    )
    for which in ask:
        items = merchant.database.read_now(which)
        found: tuple[StockSetting, ...] = await shop.read_stock(items)
        if items:
            done = partial(looks.read_back, connection_id="web", items=items, found=found, now=merchant.now)
            merchant.write(done)


async def one_tee(merchant: Merchant, units: int = 9) -> FakeShop:
    shop = FakeShop({("TEE", "D"): 0})
    merchant.stock("TEE", units)
    await merchant.open(shop)
    await merchant.push(shop)
    return shop


async def test_one_poison_item_of_250_stops_no_other_and_its_exception_closes_by_itself(merchant: Merchant) -> None:
    shop = FakeShop({(f"I{n}", "D"): 0 for n in range(250)})
    merchant.make_items(250)
    shop.refused["I7"] = "INVALID"
    await merchant.open(shop)
    await merchant.push(shop)
    during = sum(number == 5 for number in shop.shown.values()), open_causes(merchant)

    shop.refused.clear()
    merchant.pass_time(minutes=1)
    await merchant.push(shop)

    assert during == (249, ["stock_rejected:web:I7"])
    assert set(shop.shown.values()) == {5}
    assert open_causes(merchant) == []


async def test_a_lost_answer_is_looked_up_and_never_repeated_blindly(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    merchant.stock("TEE", 1)
    merchant.mark()
    batch = merchant.claim()
    assert batch is not None
    shop.drops.append(OutcomeUnknownError("lost"))
    with pytest.raises(OutcomeUnknownError):
        await shop.set_stock(batch.settings, batch.key)

    await read_back(merchant, shop)
    calls = await merchant.push(shop)

    assert (merchant.row("TEE").confirmed, merchant.row("TEE").confirmed_by) == (10, "read_back")
    assert calls == 0
    assert shop.writes["TEE", "D"] == 2


async def test_a_sale_that_we_have_not_heard_of_is_not_undone(merchant: Merchant) -> None:
    """The channel sold 2 of 9; a receipt of 1 elsewhere must not raise the 7 to 10 before the order is here."""
    shop = await one_tee(merchant)
    shop.shown["TEE", "D"] = 7
    merchant.stock("TEE", 1)
    await merchant.push(shop)
    at_once = shop.shown["TEE", "D"]

    merchant.stock("TEE", -2)  # the order has arrived
    await merchant.push(shop)
    merchant.pass_time(seconds=20)
    await merchant.push(shop)

    assert at_once == 7
    assert shop.shown["TEE", "D"] == 8


async def test_less_than_shown_goes_at_once_even_when_the_channel_moved(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    shop.shown["TEE", "D"] = 8
    merchant.stock("TEE", -6)

    await merchant.push(shop)

    assert shop.shown["TEE", "D"] == 3


async def test_our_own_write_that_comes_back_by_webhook_is_proof_and_no_news(merchant: Merchant) -> None:
    shop = await one_tee(merchant)

    said = told(merchant, "TEE", 9, seconds=1)
    calls = await merchant.push(shop)

    assert said == "stock as told"
    assert merchant.row("TEE").confirmed_by == "webhook"
    assert merchant.row("TEE").look_at is None
    assert calls == 0


async def test_reordered_webhooks_publish_no_wrong_number(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    early = merchant.now
    merchant.pass_time(seconds=30)
    merchant.stock("TEE", 3)
    await merchant.push(shop)

    news = StockNews(item_external_id="TEE", location_external_id="D", available=9, at=early)
    said = merchant.write(lambda tx: stock_listings.seen(tx, "web", news, merchant.now))

    assert said == "old stock"
    assert merchant.row("TEE").confirmed == 12


async def test_an_edit_by_somebody_is_answered_and_a_fight_is_broken_off(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    for _ in range(16):
        shop.shown["TEE", "D"] = 50
        told(merchant, "TEE", 50, seconds=3)
        await merchant.push(shop)

    assert shop.writes["TEE", "D"] < 11
    assert open_causes(merchant) == ["stock_contested:web:TEE"]


@pytest.mark.parametrize("makes_of", [lambda n: min(n, 5), lambda n: n // 5 * 5], ids=["caps", "rounds"])
async def test_a_channel_that_caps_or_rounds_is_told_once_and_a_person_too(
    merchant: Merchant, makes_of: Callable[[int], int]
) -> None:
    shop = FakeShop({("TEE", "D"): 0})
    shop.makes_of = makes_of
    merchant.stock("TEE", 9)
    await merchant.open(shop)

    for _ in range(3):
        await merchant.push(shop)
        merchant.pass_time(minutes=5)

    assert len(shop.calls) == 1
    assert merchant.row("TEE").confirmed == 5
    assert open_causes(merchant) == ["stock_altered:web:TEE"]


async def test_half_a_batch_that_was_only_said_to_be_applied_is_found_and_sent_again(merchant: Merchant) -> None:
    shop = FakeShop({(f"I{n}", "D"): 0 for n in range(10)})
    merchant.make_items(10)
    shop.half = True
    await merchant.open(shop)
    await merchant.push(shop)
    believed = sum(number == 5 for number in shop.shown.values())

    shop.half = False
    merchant.pass_time(seconds=15)
    await read_back(merchant, shop)
    merchant.pass_time(seconds=15)
    await merchant.push(shop)

    assert believed == 5
    assert set(shop.shown.values()) == {5}


async def test_a_batch_that_is_refused_as_a_whole_is_halved_until_the_poison_stands_alone() -> None:
    class Strict(FakeShop):
        async def set_stock(self, settings, key):
            if any(setting.item_external_id == "I3" for setting in settings):
                self.calls.append(settings)
                raise RejectedError("no")
            return await super().set_stock(settings, key)

    shop = Strict({(f"I{n}", "D"): 0 for n in range(16)})
    wanted = tuple(StockSetting(item_external_id=f"I{n}", location_external_id="D", quantity=5) for n in range(16))

    results = await halving(shop.set_stock, wanted, "key", _refused)

    assert [r.setting.item_external_id for r in results if r.outcome == "rejected"] == ["I3"]
    assert sum(number == 5 for number in shop.shown.values()) == 15
    assert len(shop.calls) <= 9
    assert len(set(shop.keys)) == len(shop.keys)


async def test_an_attempt_that_was_given_up_for_dead_can_neither_claim_nor_settle(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    merchant.stock("TEE", 1)
    merchant.mark()
    old = merchant.write(lambda tx: publication.begin(tx, "web")).epoch
    merchant.write(lambda tx: publication.begin(tx, "web"))

    claimed = merchant.write(lambda tx: publication.claim(tx, "web", old, 250, merchant.now))

    assert claimed is None
    assert shop.shown["TEE", "D"] == 9


async def test_what_is_about_to_sell_out_goes_first(merchant: Merchant) -> None:
    shop = FakeShop({(f"I{n}", "D"): 5 for n in range(100)})
    merchant.make_items(100)
    await merchant.open(shop)
    await merchant.push(shop)
    for number in range(100):
        merchant.stock(f"I{number}", 100)
    merchant.stock("I77", -105)
    merchant.mark()

    batch = merchant.claim(size=10)

    assert batch is not None
    assert "I77" in {setting.item_external_id for setting in batch.settings}


async def test_a_receipt_goes_at_once_when_the_sale_before_it_is_known(merchant: Merchant) -> None:
    shop = await one_tee(merchant)
    shop.shown["TEE", "D"] = 8
    merchant.pass_time(seconds=5)
    told(merchant, "TEE", 8, seconds=1)
    waits = await merchant.push(shop)
    merchant.stock("TEE", -1)  # the order has arrived: the ledger says what the channel shows
    merchant.mark()

    merchant.stock("TEE", 3)
    await merchant.push(shop)

    assert waits == 0
    assert shop.shown["TEE", "D"] == 11
