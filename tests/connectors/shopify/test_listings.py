"""Products at a simulated shop: hidden until published, read back, changed without harm to what others wrote."""

import asyncio
from typing import Any

import pytest

from connectors.contract import ListingForm, ListingRef, VariantForm
from connectors.errors import OutcomeUnknownError
from domain.money import Money
from sandbox.faults import FaultKind
from tests.connectors.shopify.shop import BERLIN, SimulatedShop


def lamp(reference: str = "P1", **changes: Any) -> ListingForm:
    given: dict[str, Any] = {
        "ref": ListingRef(reference=reference, skus=(f"LAMP-{reference}",)),
        "fields": {
            "title": f"Lamp {reference}",
            "descriptionHtml": "<p>Bright.</p>",
            "vendor": "Lumen",
            "tags": ["new"],
        },
        "media": (f"https://media.example.com/{reference}.jpg",),
        "variants": (
            VariantForm(
                sku=f"LAMP-{reference}",
                fields={"optionValues": [{"optionName": "Color", "name": "Red"}], "barcode": "4006381333931"},
                price=Money(amount_minor=4900, currency="USD"),
                quantities={str(BERLIN): 5},
            ),
        ),
    }
    return ListingForm(**given | changes)


async def staged(shop: SimulatedShop, *forms: ListingForm) -> list[ListingRef]:
    results = await shop.connector.stage_listings(forms, "k")
    assert [one.outcome for one in results] == ["done"] * len(forms), results
    return [one.ref for one in results]


async def at(shop: SimulatedShop, reference: str) -> Any:
    products = (await shop.http.get("/shops/alpha/products")).json()
    return next((one for one in products if one["reference"] == reference), None)


async def test_a_staged_product_is_whole_and_unseen(shop: SimulatedShop):
    (ref,) = await staged(shop, lamp())
    await asyncio.sleep(0.06)

    (shown,) = await shop.connector.read_listings((ref,))
    (public,) = await shop.connector.public_listings((ref,))

    assert shown
    assert (shown.state, shown.issues) == ("hidden", ())
    assert shown.form.fields["title"] == "Lamp P1"
    assert shown.form.variants[0].price == Money(amount_minor=4900, currency="USD")
    assert shown.form.variants[0].fields["barcode"] == "4006381333931"
    assert not public.is_visible
    assert (await at(shop, "P1"))["public"] == []  # not even for an instant, although the online store takes new ones


async def test_publishing_makes_it_visible_and_unpublishing_hides_it(shop: SimulatedShop):
    refs = tuple(await staged(shop, lamp("P1"), lamp("P2")))

    published = await shop.connector.publish_listings(refs, "k")
    seen = await shop.connector.public_listings(refs)
    await shop.connector.unpublish_listings(refs, "k")
    after = await shop.connector.public_listings(refs)

    assert [one.outcome for one in published] == ["done", "done"]
    assert [(one.is_visible, one.is_buyable, one.title) for one in seen] == [
        (True, True, "Lamp P1"),
        (True, True, "Lamp P2"),
    ]
    assert seen[0].prices == {"LAMP-P1": Money(amount_minor=4900, currency="USD")}
    assert [one.is_visible for one in after] == [False, False]


async def test_one_that_is_refused_stops_no_other(shop: SimulatedShop):
    bad = lamp("P1", fields={"title": "x" * 256})

    first, second = await shop.connector.stage_listings((bad, lamp("P2")), "k")

    assert (first.outcome, first.issues[0].field) == ("rejected", "title")
    assert second.outcome == "done"


async def test_one_that_is_gone_keeps_no_other_from_being_published(shop: SimulatedShop):
    refs = await staged(shop, lamp("P1"), lamp("P2"))
    await shop.connector.remove_listings((refs[0],), "k")

    first, second = await shop.connector.publish_listings(tuple(refs), "k")

    assert (first.outcome, second.outcome) == ("rejected", "done")


async def test_staging_twice_makes_one_product(shop: SimulatedShop):
    shop.strike(FaultKind.COMMIT_THEN_DROP, "productSet")
    with pytest.raises(OutcomeUnknownError):
        await shop.connector.stage_listings((lamp(),), "k")
    await staged(shop, lamp())

    products = (await shop.http.get("/shops/alpha/products")).json()

    assert sum(one["reference"] == "P1" for one in products) == 1


async def test_one_that_is_live_is_not_staged(shop: SimulatedShop):
    ref = ListingRef(reference="M", skus=("MUG-RED",))

    (result,) = await shop.connector.stage_listings((lamp("M", ref=ref),), "k")

    assert (result.outcome, result.issues[0].code) == ("rejected", "live")


async def test_a_product_that_was_there_before_us_is_found_by_its_sku(shop: SimulatedShop):
    (shown,) = await shop.connector.read_listings((ListingRef(reference="M", skus=("MUG-RED",)),))

    assert shown
    assert (shown.state, shown.form.fields["title"]) == ("live", "MUG-RED")


async def test_a_small_change_leaves_what_others_wrote(shop: SimulatedShop):
    ref = ListingRef(reference="M", skus=("MUG-RED",))
    (before,) = await shop.connector.read_listings((ref,))
    assert before
    await shop.http.patch("/shops/alpha/products/MUG-RED", json={"fields": {"vendor": "Somebody"}})
    variant = before.form.variants[0]
    change = ListingForm(
        ref=before.form.ref,
        fields={"title": "Red mug"},
        variants=(
            VariantForm(sku="MUG-RED", external_id=variant.external_id, price=Money(amount_minor=1100, currency="USD")),
        ),
    )

    (done,) = await shop.connector.write_listings((change,), "k")
    (after,) = await shop.connector.read_listings((ref,))

    assert done.outcome == "done"
    assert after
    assert (after.form.fields["title"], after.form.fields["vendor"]) == ("Red mug", "Somebody")
    assert after.form.variants[0].price == Money(amount_minor=1100, currency="USD")


async def test_a_picture_that_shopify_has_is_not_fetched_again(shop: SimulatedShop):
    (ref,) = await staged(shop, lamp())
    await asyncio.sleep(0.06)
    (first,) = await shop.connector.read_listings((ref,))

    await staged(shop, lamp(ref=ref))
    (second,) = await shop.connector.read_listings((ref,))

    assert first
    assert second
    assert second.form.media == first.form.media
    assert len(second.form.media or ()) == 1


async def test_a_picture_that_is_none_is_told(shop: SimulatedShop):
    (ref,) = await staged(shop, lamp(media=("https://media.example.com/missing.jpg",)))
    (early,) = await shop.connector.read_listings((ref,))
    await asyncio.sleep(0.06)

    (late,) = await shop.connector.read_listings((ref,))

    assert early
    assert late
    assert [one.code for one in early.issues] == ["processing"]
    assert [(one.code, one.field) for one in late.issues] == [("image_download_failure", "media.0")]


async def test_what_was_made_can_be_removed_twice(shop: SimulatedShop):
    refs = tuple(await staged(shop, lamp()))

    first = await shop.connector.remove_listings(refs, "k")
    second = await shop.connector.remove_listings(refs, "k")

    assert [first[0].outcome, second[0].outcome] == ["done", "done"]
    assert await shop.connector.read_listings(refs) == (None,)


async def test_fifty_products_go_live_in_one_call(shop: SimulatedShop):
    refs = tuple(await staged(shop, *(lamp(f"P{number}") for number in range(50))))
    before = shop.count("publication")

    await shop.connector.publish_listings(refs, "k")

    assert shop.count("publication") - before == 50
    assert [one.is_visible for one in await shop.connector.public_listings(refs)] == [True] * 50
