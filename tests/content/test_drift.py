"""Fields that others change are put down to their author, and repaired, accepted or asked about by policy."""

from typing import Any, Literal

import pytest

from db import catalog, content_hours, content_listings, content_news, content_quality, listing_drift
from domain.content.policy import FieldPolicy
from domain.errors import DomainError
from domain.news import ListingNews
from tests.content.channel import FakeShop
from tests.content.merchant import ContentMerchant

PRICE = "variants/P1/price"
WHO = catalog.Author("grace", "channel:web")


def decide(merchant: ContentMerchant, action: Literal["repair", "accept"]) -> None:
    (drift,) = merchant.read(listing_drift.open_drifts)
    merchant.write(lambda tx: listing_drift.decide_one(tx, drift.id, action, by=lambda _c: WHO, now=merchant.now))


async def test_what_is_right_is_no_drift(merchant: ContentMerchant) -> None:
    found = await merchant.verify()

    assert (found.listings, found.looked, found.wrong, found.in_flight) == (2, 8, 0, 0)
    assert merchant.drifts() == []


async def test_an_edit_there_is_asked_about_with_both_values_and_stands_meanwhile(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    shop.shown["P1"] |= {"title": "Typed by hand", "tags": ["also by hand"]}

    found = await merchant.verify()
    sent = await merchant.tell()

    assert (found.looked, found.wrong) == (8, 1)
    assert merchant.drifts() == [("P1", "title", "person", "ask")]
    assert merchant.causes() == ["content_drift:web:title:person"]
    (row,) = merchant.read(listing_drift.open_drifts)
    assert (row.shown, row.ours) == ("Typed by hand", "Lamp P1")
    assert sent == []


async def test_repairing_tells_ours_again_and_leaves_what_is_theirs(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.shown["P1"] |= {"title": "Typed by hand", "tags": ["also by hand"]}
    await merchant.verify()

    decide(merchant, "repair")
    await merchant.tell()

    assert shop.shown["P1"]["title"] == "Lamp P1"
    assert shop.shown["P1"]["tags"] == ["also by hand"]
    assert (merchant.drifts(), merchant.causes()) == ([], [])


async def test_accepting_makes_the_value_the_channels_own_in_the_master(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    shop.shown["P1"]["title"] = "Typed by hand"
    await merchant.verify()

    decide(merchant, "accept")
    sent = await merchant.tell()
    merchant.edit("P1", title="Our new name")
    later = await merchant.tell()

    product = merchant.read(lambda tx: catalog.load(tx, "P1"))
    (change, *_) = merchant.read(lambda tx: catalog.history(tx, "P1", field="overrides"))
    assert product.overrides["web"]["title"].value == "Typed by hand"
    assert (change.actor, change.side) == ("grace", "channel:web")
    assert (sent, later) == ([], [])
    assert (merchant.drifts(), merchant.causes()) == ([], [])


async def test_prices_are_repaired_by_default(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.shown["P1"][PRICE] = {"amount_minor": 1, "currency": "EUR"}

    await merchant.verify()
    seen = merchant.drifts()
    await merchant.tell()

    assert seen == [("P1", PRICE, "person", "repair")]
    assert shop.shown["P1"][PRICE]["amount_minor"] == 1900
    assert merchant.drifts() == []


async def test_an_accepted_price_is_an_override_of_its_variant(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.policy(fields={"price": FieldPolicy(person="accept")})
    shop.shown["P1"][PRICE] = {"amount_minor": 2100, "currency": "EUR"}

    await merchant.verify()
    await merchant.tell()

    variant = merchant.read(lambda tx: catalog.load(tx, "P1")).variant("P1")
    assert variant.overrides["web"]["price"].value == {"amount_minor": 2100, "currency": "EUR"}
    assert merchant.drifts() == []
    assert shop.shown["P1"][PRICE]["amount_minor"] == 2100


async def test_a_price_below_the_floor_is_not_accepted(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.policy(fields={"price": FieldPolicy(person="accept")})
    shop.shown["P1"][PRICE] = {"amount_minor": 100, "currency": "EUR"}

    await merchant.verify()

    assert merchant.drifts() == [("P1", PRICE, "person", "ask")]
    with pytest.raises(DomainError, match="floor"):
        decide(merchant, "accept")


@pytest.mark.parametrize("shown", ["lamp p1!", "<b>Lamp P1</b>", "Lamp"])
async def test_our_own_words_in_the_channels_way_are_the_channels_doing(
    merchant: ContentMerchant, shop: FakeShop, shown: str
) -> None:
    merchant.policy(channel="repair", person="ask")
    shop.shown["P1"]["title"] = shown

    await merchant.verify()

    assert merchant.drifts() == [("P1", "title", "channel", "repair")]


async def test_a_channel_that_rewrites_at_once_is_not_told_again_and_again(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    merchant.policy(channel="repair", person="repair")
    shop.rewrites = lambda name, value: value.upper() if name == "title" else value
    merchant.edit("P1", title="Brighter")

    await merchant.tell()
    again = await merchant.tell()

    assert again == []
    assert merchant.drifts() == [("P1", "title", "channel", "ask")]


async def test_who_keeps_changing_it_back_is_answered_once_an_hour(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.policy(person="repair")
    told = 0
    for number in range(12):
        shop.shown["P1"]["title"] = f"Typed {number}"
        await merchant.verify()
        told += len(await merchant.tell())

    assert told < 8
    assert merchant.causes() == ["content_contested:web:title"]


async def test_an_edit_there_while_ours_is_on_its_way_is_drift_and_not_overwritten(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    merchant.edit("P1", title="Ours", brand="New brand")
    merchant.compute()
    shop.shown["P1"]["title"] = "Typed meanwhile"

    await merchant.tell()

    assert shop.shown["P1"]["title"] == "Typed meanwhile"
    assert shop.shown["P1"]["vendor"] == "New brand"
    assert merchant.drifts() == [("P1", "title", "person", "ask")]


async def test_a_question_whose_drift_is_gone_closes_by_itself(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.shown["P1"]["title"] = "Typed by hand"
    await merchant.verify()

    shop.shown["P1"]["title"] = "Lamp P1"
    await merchant.verify()

    assert (merchant.drifts(), merchant.causes()) == ([], [])


async def test_what_we_should_have_told_long_ago_is_ours(merchant: ContentMerchant) -> None:
    merchant.edit("P1", title="Late")
    merchant.compute()
    merchant.pass_time(minutes=10)

    await merchant.verify()

    assert merchant.drifts() == [("P1", "title", "us", "repair")]


async def test_all_that_waits_is_decided_at_once(merchant: ContentMerchant, shop: FakeShop) -> None:
    for product in ("P1", "P2"):
        shop.shown[product] |= {"title": "Typed", "vendor": "Typed"}
    await merchant.verify()

    decided = merchant.write(
        lambda tx: listing_drift.decide(tx, "web", "person", "repair", "title", by=WHO, now=merchant.now)
    )
    await merchant.tell()

    assert decided.done == 2
    assert [shop.shown[name]["title"] for name in ("P1", "P2")] == ["Lamp P1", "Lamp P2"]
    assert [shop.shown[name]["vendor"] for name in ("P1", "P2")] == ["Typed", "Typed"]
    assert merchant.causes() == ["content_drift:web:vendor:person"]


def heard(merchant: ContentMerchant, **said: Any) -> str:
    news = ListingNews(external_id="x-P1", **said)
    told: str = merchant.write(lambda tx: content_news.heard(tx, "web", news, merchant.now))
    return told


async def test_our_own_writes_come_back_and_are_no_news(merchant: ContentMerchant) -> None:
    merchant.edit("P1", title="Brighter")
    await merchant.tell()

    assert heard(merchant, fields={"title": "Brighter", "tags": ["x"]}, amounts={PRICE: "19.00"}) == "listing as told"
    assert merchant.row("P1").look_at is None


async def test_an_edit_that_a_webhook_tells_is_looked_at_once(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.shown["P1"]["title"] = "Typed by hand"

    said = heard(merchant, fields={"title": "Typed by hand"})
    await merchant.look()

    assert said == "listing changed by others"
    assert merchant.drifts() == [("P1", "title", "person", "ask")]


async def test_a_price_that_a_webhook_tells_is_compared_in_our_currency(merchant: ContentMerchant) -> None:
    assert heard(merchant, amounts={PRICE: "18.99"}) == "listing changed by others"


async def test_accuracy_is_the_share_of_fields_that_show_as_they_should_over_time(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    merchant.write(lambda tx: content_hours.measure(tx, merchant.now))
    merchant.edit("P1", title="Waits", brand="Waits")
    merchant.compute()
    for _ in range(10):
        merchant.pass_time(minutes=1)
        merchant.write(lambda tx: content_hours.measure(tx, merchant.now))

    (on,) = merchant.read(
        lambda tx: content_quality.between(tx, merchant.now.replace(minute=0), merchant.pass_time(hours=1))
    )

    assert on.accuracy == pytest.approx(6 / 8)
    assert not on.is_baseline


async def test_what_a_launch_has_taken_back_waits_until_it_is_released(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    from db import offered

    merchant.write(lambda tx: offered.restored(tx, "web", "P1", "L1", is_live=True))
    merchant.edit("P1", title="Of the launch")
    before = await merchant.tell()

    merchant.write(lambda tx: content_listings.release(tx, "web", "P1", merchant.now))
    await merchant.tell()

    assert before == []
    assert shop.shown["P1"]["title"] == "Of the launch"
