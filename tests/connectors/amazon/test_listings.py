"""Listings at Amazon: accepted first, seen later; ended and begun again with their price."""

import asyncio

from connectors.amazon.product_types import KEPT_S, ProductTypes
from connectors.contract import ListingForm, ListingRef, VariantForm
from domain.money import Money
from tests.connectors.amazon.conftest import Seller
from tests.connectors.amazon.subject import FORM, REF, SKU

FAMILY = ListingForm(
    ref=ListingRef(reference="p2", skus=("TEE-M", "TEE-L")),
    kind="SHIRT",
    fields={
        "item_name": "Linen shirt",
        "brand": "Example",
        "product_description": "A shirt of linen.",
        "bullet_point": "Light",
        "color": "blue",
        "size": "one of several",
        "variation_theme": [{"name": "SIZE"}],
    },
    variants=tuple(
        VariantForm(sku=f"TEE-{size}", fields={"size": size}, price=Money(amount_minor=2990, currency="USD"))
        for size in ("M", "L")
    ),
)


async def test_a_listing_is_accepted_before_buyers_see_it(seller: Seller):
    seller.set(visible_after=0.2)

    (result,) = await seller.connector.write_listings((FORM,), "k")
    before = await seller.page(SKU), (await seller.connector.public_listings((REF,)))[0].is_visible
    await asyncio.sleep(0.25)
    (seen,) = await seller.connector.public_listings((REF,))

    assert (result.outcome, result.ref.external_id) == ("accepted", SKU)
    assert before == (404, False)
    assert (seen.is_visible, seen.is_buyable, seen.title) == (True, True, "Linen shirt")
    assert seen.prices == {SKU: Money(amount_minor=2990, currency="USD")}
    assert await seller.page(SKU) == 200


async def test_what_was_written_is_read_back_in_the_same_words(seller: Seller):
    await seller.connector.write_listings((FORM,), "k")

    (shown,) = await seller.connector.read_listings((REF,))

    assert shown is not None
    assert {name: shown.form.fields[name] for name in FORM.fields} == {**FORM.fields, "bullet_point": ["Light", "Cool"]}
    assert shown.form.media == FORM.media
    assert shown.form.variants[0].price == FORM.variants[0].price
    assert shown.form.variants[0].quantities == {"DEFAULT": 4}


async def test_an_offer_that_was_ended_begins_again_at_its_price(seller: Seller):
    await seller.connector.write_listings((FORM,), "k")

    await seller.connector.unpublish_listings((REF,), "k")
    while_hidden = await seller.page(SKU)
    await seller.connector.publish_listings((REF,), "k")
    (seen,) = await seller.connector.public_listings((REF,))

    assert while_hidden == 404
    assert seen.prices == {SKU: Money(amount_minor=2990, currency="USD")}


async def test_only_what_the_form_says_is_changed(seller: Seller):
    await seller.connector.write_listings((FORM,), "k")
    await seller.control(f"listings/{SKU}/edit", {"attribute": "material", "value": [{"value": "linen"}]})
    change = FORM.model_copy(update={"fields": {"item_name": "New name", "color": None}, "media": None})
    with_color = change.model_copy(update={"fields": {"item_name": "New name"}})

    (refused,) = await seller.connector.write_listings((change,), "k")
    (done,) = await seller.connector.write_listings((with_color,), "k")
    (shown,) = await seller.connector.read_listings((REF,))

    assert (refused.outcome, refused.issues[0].field) == ("rejected", "color")
    assert done.outcome == "accepted"
    assert shown is not None
    assert (shown.form.fields["item_name"], shown.form.fields["material"]) == ("New name", "linen")
    assert shown.form.media == FORM.media


async def test_variants_stand_under_a_parent_that_cannot_be_bought(seller: Seller):
    (result,) = await seller.connector.write_listings((FAMILY,), "k")
    (shown,) = await seller.connector.read_listings((FAMILY.ref,))

    assert result.outcome == "accepted"
    assert set(seller.simulator.account.listings) >= {"p2-P", "TEE-M", "TEE-L"}
    assert shown is not None
    assert (shown.form.ref.external_id, shown.form.fields["item_name"]) == ("p2-P", "Linen shirt")
    assert [variant.fields["size"] for variant in shown.form.variants] == ["M", "L"]
    assert await seller.page("p2-P") == 404


async def test_one_refused_listing_stops_no_other(seller: Seller):
    bad = FAMILY.model_copy(update={"fields": {**FAMILY.fields, "product_description": "x" * 5000}})

    refused, done = await seller.connector.write_listings((bad, FORM), "k")

    assert (refused.outcome, {issue.field for issue in refused.issues}) == ("rejected", {"product_description"})
    assert done.outcome == "accepted"
    assert await seller.page(SKU) == 200


async def test_a_check_names_what_amazon_would_refuse_and_writes_nothing(seller: Seller):
    bad = FORM.model_copy(update={"fields": {"item_name": "x" * 300}})
    unpriced = FORM.model_copy(update={"variants": (VariantForm(sku=SKU),)})

    by_schema, by_preview, good = await seller.connector.check_listings((bad, unpriced, FORM))

    assert {issue.code for issue in by_schema.issues} == {"schema:required", "schema:maxLength"}
    assert [issue.field for issue in by_preview.issues] == ["purchasable_offer"]
    assert good.outcome == "done"
    assert SKU not in seller.simulator.account.listings


async def test_a_product_type_is_asked_for_again_after_a_day(seller: Seller):
    now = 0.0
    kept = ProductTypes(seller.connector._client, seller.connector._http, clock=lambda: now)

    async def asked() -> int:
        await kept.schema("SHIRT")
        return sum(call.operation == "getDefinitionsProductType" for call in seller.faults.meter.calls)

    first, soon = await asked(), await asked()
    now = KEPT_S + 1
    late = await asked()

    assert (first, soon, late) == (1, 1, 2)


async def test_a_new_listing_is_put_without_a_look_at_it(seller: Seller):
    new = FORM.model_copy(update={"is_new": True})

    await seller.connector.check_listings((new,))
    (result,) = await seller.connector.write_listings((new,), "k")
    told = [(call.operation, call.reads) for call in seller.faults.meter.calls]

    assert result.outcome == "accepted"
    assert told == [("getDefinitionsProductType", True), ("putListingsItem", True), ("putListingsItem", False)]


async def test_a_hundred_listings_are_put_at_the_limit_and_hardly_one_is_throttled(seller: Seller):
    """A limit that was higher before is learned from the first answers, whatever is waiting behind them."""
    seller.set(rate_factor=100)
    await seller.connector.write_listings((FORM,), "k")
    seller.set(rate_factor=10)
    every = tuple(
        FORM.model_copy(
            update={
                "ref": ListingRef(reference=f"p{number}", skus=(f"TEE-{number}",)), "is_new": True,
                "variants": (FORM.variants[0].model_copy(update={"sku": f"TEE-{number}"}),),
            }
        )
        for number in range(100)
    )  # fmt: skip

    results = await seller.connector.write_listings(every, "k")

    assert {result.outcome for result in results} == {"accepted"}
    assert seller.simulator.gateway.throttled <= 2


async def test_what_a_launch_made_is_taken_away(seller: Seller):
    await seller.connector.write_listings((FORM,), "k")

    first = await seller.connector.remove_listings((REF,), "k")
    again = await seller.connector.remove_listings((REF,), "k")

    assert (first[0].outcome, again[0].outcome) == ("accepted", "accepted")
    assert await seller.connector.read_listings((REF,)) == (None,)
