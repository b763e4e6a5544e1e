"""What an edit changes is told, the least that does, and proven by looking again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.listing_fields import flat
from connectors.errors import OutcomeUnknownError
from db import content, waivers
from db.actors import Actor
from domain.catalog.findings import Waiver
from domain.content.fields import behind, expectation, packet, right
from domain.content.looking import Known, look
from tests.content.channel import FakeShop
from tests.content.merchant import ContentMerchant

PRICE = "variants/P1/price"
ADMIN = Actor("root", "admin")


async def test_only_what_differs_is_told(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Brighter")

    (sent,) = await merchant.tell()

    assert [flat(form) for form in sent] == [{"title": "Brighter"}]
    assert shop.shown["P1"]["tags"] == ["theirs"]
    assert merchant.row("P1").state == "settled"
    assert merchant.row("P1").right == merchant.row("P1").fields


async def test_many_edits_are_one_change_to_the_latest_value(merchant: ContentMerchant, shop: FakeShop) -> None:
    for number in range(20):
        merchant.edit("P1", title=f"Lamp {number}")
        merchant.price("P1", 1000 + number)

    sent = await merchant.tell()

    assert [flat(form) for forms in sent for form in forms] == [
        {"title": "Lamp 19", PRICE: {"amount_minor": 1019, "currency": "EUR"}}
    ]


async def test_an_edit_that_was_taken_back_is_not_told(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Other")
    merchant.edit("P1", title="Lamp P1")

    assert await merchant.tell() == []


async def test_an_override_of_another_channel_is_nothing_here(merchant: ContentMerchant) -> None:
    merchant.edit("P1", overrides={"elsewhere": {"title": {"value": "Theirs"}}})

    assert await merchant.tell() == []


async def test_a_refused_field_is_named_and_the_rest_is_confirmed(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.refused = {"P1": "title_taken"}
    merchant.edit("P1", title="One")
    merchant.edit("P2", title="Two")

    await merchant.tell()
    refused = merchant.causes()
    shop.refused = {}
    merchant.pass_time(seconds=30)
    await merchant.tell()

    assert shop.shown["P2"]["title"] == "Two"
    assert refused == ["content_rejected:web:P1:title_taken"]
    assert shop.shown["P1"]["title"] == "One"
    assert merchant.causes() == []


async def test_a_text_that_is_refused_holds_up_no_price(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.refused = {"title": "too_rude"}
    merchant.edit("P1", title="Rude")
    await merchant.tell()

    merchant.price("P1", 1500)
    await merchant.tell()

    assert shop.shown["P1"][PRICE] == {"amount_minor": 1500, "currency": "EUR"}
    assert merchant.causes() == ["content_rejected:web:title:too_rude"]


async def test_a_refusal_of_text_and_price_together_costs_the_price_no_time(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    shop.refused = {"title": "too_rude"}
    merchant.edit("P1", title="Rude", variants={"P1": {"prices": {"EUR": {"amount_minor": 1500}}}})

    sent = await merchant.tell()
    waits = merchant.row("P1")

    assert shop.shown["P1"][PRICE] == {"amount_minor": 1500, "currency": "EUR"}
    assert (len(sent), waits.state) == (2, "due")
    assert waits.due_at > merchant.now
    assert merchant.causes() == ["content_rejected:web:title:too_rude"]


async def test_an_accepted_change_is_waited_for_and_then_told_again(merchant: ContentMerchant, shop: FakeShop) -> None:
    shop.accepts_only = True
    merchant.edit("P1", title="Later")
    await merchant.tell()
    waiting = merchant.row("P1").state
    merchant.pass_time(seconds=5)
    await merchant.look()
    still = merchant.row("P1").state
    merchant.pass_time(minutes=16)
    await merchant.look()
    given_up = merchant.causes()

    shop.accepts_only = False
    merchant.pass_time(minutes=1)
    await merchant.tell()

    assert (waiting, still) == ("accepted", "accepted")
    assert given_up == ["content_not_shown:web"]
    assert shop.shown["P1"]["title"] == "Later"
    assert merchant.causes() == []


async def test_an_answer_that_was_lost_is_looked_up_and_never_doubled(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    shop.drops = [OutcomeUnknownError("lost")]
    merchant.edit("P1", title="Once")
    merchant.compute()
    batch = await merchant.claim()
    assert batch is not None
    with pytest.raises(OutcomeUnknownError):
        await shop.write_listings(batch.forms, batch.key)

    merchant.write(lambda tx: content.begin(tx, "web", merchant.now))
    await merchant.look()

    assert merchant.row("P1").state == "settled"
    assert await merchant.tell() == []
    assert len(shop.writes) == 1


async def test_a_call_that_never_arrived_is_made_again(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Again")
    merchant.compute()
    assert await merchant.claim() is not None

    merchant.write(lambda tx: content.begin(tx, "web", merchant.now))
    await merchant.look()
    early = merchant.row("P1").state
    merchant.pass_time(seconds=13)
    await merchant.look()
    merchant.pass_time(minutes=1)
    await merchant.tell()

    assert early == "sent"
    assert shop.shown["P1"]["title"] == "Again"


async def test_an_attempt_that_was_given_up_for_dead_cannot_claim(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Fenced")
    merchant.compute()
    old = merchant.write(lambda tx: content.begin(tx, "web", merchant.now)).epoch
    merchant.write(lambda tx: content.begin(tx, "web", merchant.now))
    refs = merchant.read(lambda tx: content.next_refs(tx, "web", 10, merchant.now))
    shown = dict(zip([ref.reference for ref in refs], await shop.read_listings(refs), strict=True))

    claimed = merchant.write(lambda tx: content.claim(tx, "web", old, shown, merchant.now))

    assert (len(refs), claimed) == (1, None)


async def test_a_forbidden_word_holds_the_texts_and_not_the_price(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="A miracle")
    merchant.price("P1", 1700)

    await merchant.tell()
    held = merchant.causes()
    waiver = Waiver(gate="forbidden_word", approver="root")
    merchant.write(lambda tx: waivers.grant(tx, "P1", "web", waiver, reason="it is one", by=ADMIN, now=merchant.now))
    between = shop.shown["P1"]["title"]
    await merchant.tell()

    assert shop.shown["P1"][PRICE]["amount_minor"] == 1700
    assert held == ["content_held:web:forbidden_word"]
    assert (between, shop.shown["P1"]["title"]) == ("Lamp P1", "A miracle")
    assert merchant.causes() == []


async def test_a_price_below_its_floor_waits_and_the_texts_go(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Cheap")
    merchant.price("P1", 400)

    await merchant.tell()

    assert shop.shown["P1"]["title"] == "Cheap"
    assert shop.shown["P1"][PRICE]["amount_minor"] == 1900
    assert merchant.causes() == ["content_held:web:price_floor"]


async def test_a_field_that_passes_to_the_channel_is_told_no_more(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", title="Ours", overrides={"web": {"title": {"owner": "channel"}}})

    assert await merchant.tell() == []
    assert shop.shown["P1"]["title"] == "Lamp P1"


async def test_what_the_master_has_no_more_is_emptied(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.edit("P1", brand="Other")
    await merchant.tell()
    merchant.edit("P1", brand=None)

    (sent,) = await merchant.tell()

    assert [flat(form) for form in sent] == [{"vendor": None}]


async def test_in_shadow_and_outside_the_canary_nothing_is_written(merchant: ContentMerchant, shop: FakeShop) -> None:
    merchant.switch("shadow")
    merchant.edit("P1", title="Quiet")
    shadow = await merchant.tell()
    merchant.switch("on", canary=0)

    assert (shadow, await merchant.tell()) == ([], [])
    assert merchant.row("P1").state == "due"


async def test_a_shop_that_shows_other_values_is_brought_to_the_masters(
    merchant: ContentMerchant, shop: FakeShop
) -> None:
    shop.shown["P3"] = {"title": "Old name", "variants/P3/price": {"amount_minor": 1900, "currency": "EUR"}}
    merchant.make("P3")
    await merchant.discover()

    await merchant.tell()

    assert shop.shown["P3"]["title"] == "Lamp P3"
    assert shop.shown["P3"]["vendor"] == "Lumen"


async def test_a_listing_that_is_gone_is_told(merchant: ContentMerchant, shop: FakeShop) -> None:
    del shop.shown["P1"]
    merchant.edit("P1", title="Nobody")

    await merchant.tell()

    assert merchant.causes() == ["content_gone:web"]


NAMES = st.sampled_from(["title", "vendor", "variants/A/price", "variants/A/compare_at", "media"])
VALUES = st.one_of(st.none(), st.integers(0, 5).map(str))
FIELDS = st.dictionaries(NAMES, VALUES, max_size=5)


@given(expected=FIELDS, published=FIELDS, shown=FIELDS)
def test_what_is_told_brings_the_listing_to_what_is_expected_once(expected, published, shown):
    names = behind(expected, published, shown)
    told = packet(expected, names)
    after = {**shown, **told}

    assert behind(expected, {**published, **told}, after) == ()
    assert set(names) <= expected.keys()
    assert all(after[name] == expected[name] for name in names)
    assert right(expected, {**published, **told}, after) >= right(expected, published, shown)


@given(made=FIELDS, published=FIELDS)
def test_expecting_twice_is_expecting_once(made, published):
    once = expectation(made, published, lambda _name: True)

    assert expectation(made, {**published, **once}, lambda _name: True) == once
    assert made.items() <= once.items()


@given(expected=FIELDS, others=st.dictionaries(st.sampled_from(["tags", "handle", "seo"]), VALUES))
def test_fields_of_others_are_never_looked_at(expected, others):
    known = Known(expected=expected, published=expected, confirmed=expected)

    seen = look(known, {**expected, **others})

    assert seen.foreign == ()
    assert seen.confirmed.keys() == expected.keys()
