"""Listings on WooCommerce: drafts, batches with an answer per item, and what buyers see of them."""

import pytest

from connectors.contract import ListingForm, ListingRef, VariantForm
from connectors.errors import OutcomeUnknownError
from domain.money import Money
from sandbox.faults import FaultKind
from tests.connectors.woocommerce.official import needs_contract
from tests.connectors.woocommerce.shop import World, euro, simple_form, variable_form

MUG, CAP = simple_form(), variable_form()


async def stage(world: World, *forms: ListingForm) -> tuple[ListingRef, ...]:
    results = await world.connector.stage_listings(forms or (MUG, CAP), "S1")
    assert [result.outcome for result in results] == ["done"] * len(results), results
    return tuple(result.ref for result in results)


async def test_what_is_staged_is_whole_and_nobody_sees_it(world):
    refs = await stage(world)
    mug, cap = await world.connector.read_listings(refs)
    public = await world.connector.public_listings(refs)

    assert (mug.state, cap.state) == ("hidden", "hidden")
    assert mug.form.fields["name"] == "Red mug"
    assert mug.form.media == MUG.media
    assert mug.form.variants[0].price == euro(1290)
    assert mug.form.variants[0].compare_at == euro(1490)
    assert mug.form.variants[0].quantities == {"shop": 7}
    assert [variant.sku for variant in cap.form.variants] == ["CAP-S", "CAP-M"]
    assert cap.form.variants[0].fields["attributes"] == [{"name": "Size", "option": "S"}]
    assert cap.form.fields["attributes"] == [
        {"name": "Size", "options": ["S", "M"], "visible": True, "variation": True}
    ]
    assert [seen.is_visible for seen in public] == [False, False]


async def test_going_live_is_one_call_for_all(world):
    refs = await stage(world)
    world.transport.calls.clear()
    results = await world.connector.publish_listings(refs, "P1")

    assert [result.outcome for result in results] == ["done", "done"]
    assert world.transport.calls == ["POST /woocommerce/alpha/wp-json/wc/v3/products/batch"]


async def test_buyers_see_titles_prices_and_images_of_what_is_live(world):
    refs = await stage(world)
    await world.connector.publish_listings(refs, "P1")
    mug, cap = await world.connector.public_listings(refs)

    assert (mug.is_visible, mug.is_buyable, mug.title) == (True, True, "Red mug")
    assert mug.prices == {"MUG": euro(1290)}
    assert [address.rpartition("/")[2] for address in mug.media] == ["mug-front.jpg", "mug-back.jpg"]
    assert cap.prices == {"CAP-S": euro(1500), "CAP-M": euro(1500)}


async def test_hiding_what_is_hidden_or_gone_is_done(world):
    refs = await stage(world)
    await world.connector.remove_listings(refs[:1], "R1")
    results = await world.connector.unpublish_listings((*refs, ListingRef(reference="never-was")), "U1")

    assert [result.outcome for result in results] == ["done", "done", "done"]


async def test_publishing_what_is_gone_names_it_and_stops_no_other(world):
    refs = await stage(world)
    await world.connector.remove_listings(refs[:1], "R1")
    gone, live = await world.connector.publish_listings(refs, "P1")

    assert (gone.outcome, gone.issues[0].code) == ("rejected", "woocommerce_rest_product_invalid_id")
    assert live.outcome == "done"


async def test_what_is_live_is_not_staged_over(world):
    refs = await stage(world)
    await world.connector.publish_listings(refs, "P1")
    (result, _) = await world.connector.stage_listings((MUG, CAP), "S2")

    assert (result.outcome, result.issues[0].code) == ("rejected", "live")


async def test_only_the_given_fields_change(world):
    (ref,) = await stage(world, MUG)
    world.thing("MUG")["short_description"] = "typed by the staff"
    change = ListingForm(ref=ref, fields={"name": "Blue mug"}, variants=(VariantForm(sku="MUG", price=euro(999)),))
    await world.connector.write_listings((change,), "W1")
    (shown,) = await world.connector.read_listings((ref,))

    assert shown.form.fields["name"] == "Blue mug"
    assert shown.form.fields["short_description"] == "typed by the staff"
    assert shown.form.variants[0].price == euro(999)
    assert shown.form.variants[0].compare_at is None
    assert shown.form.variants[0].quantities == {"shop": 7}


async def test_a_field_that_is_none_is_emptied(world):
    (ref,) = await stage(world, MUG)
    await world.connector.write_listings((ListingForm(ref=ref, fields={"description": None}),), "W1")
    (shown,) = await world.connector.read_listings((ref,))

    assert shown.form.fields["description"] == ""


async def test_images_that_the_shop_has_are_not_sent_again(world):
    (ref,) = await stage(world, MUG)
    media = (MUG.media[1], "https://cdn.example/mug-side.jpg")  # type: ignore[index]
    await world.connector.write_listings((ListingForm(ref=ref, media=media),), "W1")
    (shown,) = await world.connector.read_listings((ref,))

    assert shown.form.media == media
    assert world.count("image") == 3


async def test_an_image_that_the_staff_changed_is_shown_as_theirs(world):
    (ref,) = await stage(world, MUG)
    world.thing("MUG")["images"][1]["src"] = "https://alpha.example/wp-content/uploads/2026/11/other.jpg"
    (shown,) = await world.connector.read_listings((ref,))

    assert shown.form.media == (MUG.media[0], "https://alpha.example/wp-content/uploads/2026/11/other.jpg")  # type: ignore[index]


async def test_a_new_variant_joins_the_product_with_its_option(world):
    (ref,) = await stage(world, CAP)
    more = variable_form(sizes=("L",)).model_copy(update={"ref": ref})
    (result,) = await world.connector.write_listings((more,), "W1")
    (shown,) = await world.connector.read_listings((ref,))

    assert result.outcome == "done"
    assert [variant.sku for variant in shown.form.variants] == ["CAP-S", "CAP-M", "CAP-L"]
    assert shown.form.fields["attributes"][0]["options"] == ["S", "M", "L"]


async def test_one_bad_listing_stops_no_other(world):
    bad = simple_form("P9", "BAD").model_copy(update={"media": ("https://cdn.example/missing.jpg",)})
    good, refused = await world.connector.stage_listings((MUG, bad), "S1")

    assert good.outcome == "done"
    assert [(issue.code, issue.field) for issue in refused.issues] == [
        ("woocommerce_product_image_upload_error", "images")
    ]


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        (simple_form(colour="red"), "unknown_field", "colour"),
        (
            MUG.model_copy(update={"variants": (VariantForm(sku="MUG", price=Money(amount_minor=1, currency="USD")),)}),
            "wrong_currency",
            "MUG.price",
        ),
        (
            MUG.model_copy(update={"variants": (VariantForm(sku="A"), VariantForm(sku="B"))}),
            "attributes_missing",
            "A.attributes",
        ),
    ],
)
async def test_what_woocommerce_would_swallow_is_refused_before(world, form, code, field):
    (result,) = await world.connector.stage_listings((form,), "S1")

    assert result.outcome == "rejected"
    assert (result.issues[0].code, result.issues[0].field) == (code, field)
    assert world.count("product") == 0


async def test_a_variant_whose_sku_is_taken_is_named(world):
    form = variable_form().model_copy(
        update={
            "variants": (
                *CAP.variants,
                VariantForm(sku="TEA", fields={"attributes": [{"name": "Size", "option": "X"}]}),
            )
        }
    )
    (result,) = await world.connector.stage_listings((form,), "S1")

    assert result.outcome == "rejected"
    assert [(issue.code, issue.field) for issue in result.issues] == [("product_invalid_sku", "TEA.sku")]


async def test_a_batch_whose_answer_is_lost_is_found_and_made_once(world):
    world.strike(FaultKind.COMMIT_THEN_DROP, "products.batch")
    with pytest.raises(OutcomeUnknownError):
        await world.connector.stage_listings((MUG, CAP), "S1")
    refs = await stage(world)
    shown = await world.connector.read_listings(refs)

    assert world.count("product") == 2
    assert world.count("variation") == 2
    assert [one.state for one in shown if one] == ["hidden", "hidden"]


async def test_a_doubled_batch_makes_one_product_and_says_done(world):
    world.strike(FaultKind.ANSWER_TWICE, "products.batch")
    (result,) = await world.connector.stage_listings((MUG,), "S1")

    assert result.outcome == "done"
    assert world.count("product") == 1


async def test_a_product_that_the_merchant_made_is_found_by_a_variants_sku(world):
    (shown,) = await world.connector.read_listings((ListingRef(reference="P7", skus=("TEE-M",)),))

    assert shown is not None
    assert shown.form.ref.external_id == str(world.thing("TEE")["id"])
    assert shown.state == "live"


async def test_250_products_are_staged_in_three_batches_and_one_poison_is_refused(world):
    forms = [simple_form(f"P{n}", f"SKU-{n}").model_copy(update={"media": None}) for n in range(250)]
    forms[7] = forms[7].model_copy(update={"fields": {"name": 7}})
    results = await world.connector.stage_listings(tuple(forms), "S1")

    assert [result.ref.reference for result in results if result.outcome == "rejected"] == ["P7"]
    assert world.count("product") == 249


async def test_the_version_changes_when_anybody_changes_the_listing(world):
    (ref,) = await stage(world, MUG)
    (before,) = await world.connector.read_listings((ref,))
    world.thing("MUG")["date_modified_gmt"] = "2030-01-01T00:00:00"
    (after,) = await world.connector.read_listings((ref,))

    assert before.version != after.version


async def test_markup_that_the_shop_strips_shows_in_the_read_back(world):
    (ref,) = await stage(world, simple_form(description="<p>Hi</p><script>alert(1)</script>"))
    (shown,) = await world.connector.read_listings((ref,))

    assert shown.form.fields["description"] == "<p>Hi</p>"


@needs_contract
async def test_every_call_is_in_the_official_contract(world):
    refs = await stage(world)
    await world.connector.publish_listings(refs, "P1")
    await world.connector.read_listings(refs)
    await world.connector.remove_listings(refs, "R1")

    assert world.official.seen == {
        "GET /wp-json/wc/vN/products",
        "POST /wp-json/wc/vN/products/batch",
        "GET /wp-json/wc/vN/products/N/variations",
        "POST /wp-json/wc/vN/products/N/variations/batch",
    }
