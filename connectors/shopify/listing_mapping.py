"""Listings in Shopify's words and back: pure.

A form's `fields` carry the names of `ProductSetInput`, a variant's those of `ProductVariantSetInput`.
Source: https://shopify.dev/docs/api/admin-graphql/latest/mutations/productSet
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from connectors.contract import ListingForm, ListingIssue, ListingRef, PublicListing, ShownListing, VariantForm
from connectors.shopify.answers import UserError
from connectors.shopify.client import gid
from connectors.shopify.listing_answers import Medium, PublicProduct, ShownProduct, ShownVariant
from connectors.shopify.listing_documents import KEY, NAMESPACE
from domain.money import Money, exponent, money

VISIBLE = frozenset({"ACTIVE", "UNLISTED"})
ONLY_OPTION = [{"optionName": "Title", "name": "Default Title"}]


def identifier(ref: ListingRef) -> dict[str, Any]:
    """By Shopify's id where it is known, else by our reference, which is a unique metafield."""
    if ref.external_id:
        return {"id": gid("Product", ref.external_id)}
    return {"customId": {"namespace": NAMESPACE, "key": KEY, "value": ref.reference}}


def shown_listing(product: ShownProduct, ref: ListingRef, currency: str, places: frozenset[str]) -> ShownListing:
    """As a form; it is live where it is active and in one of the places that we sell at."""
    live = product.status in VISIBLE and bool(product.places & places)
    form = ListingForm(
        ref=ListingRef(reference=ref.reference, external_id=product.number, skus=ref.skus),
        kind=product.category.id.rpartition("/")[2] if product.category else "",
        fields={
            "title": product.title,
            "descriptionHtml": product.description_html,
            "handle": product.handle,
            "productType": product.product_type,
            "vendor": product.vendor,
            "tags": list(product.tags),
            "seo": dict(product.seo),
            "category": product.category.id if product.category else None,
            "metafields": [one.model_dump() for one in product.metafields if one.namespace != NAMESPACE],
        },
        media=tuple(one.image.url if one.image else "" for one in product.media),
        variants=tuple(_shown_variant(one, currency) for one in product.variants.nodes),
    )
    return ShownListing(
        form=form,
        state="live" if live else "hidden",
        issues=tuple(_media_issues(product.media)),
        version=product.updated_at.isoformat(),
        changed_at=product.updated_at,
    )


def _shown_variant(variant: ShownVariant, currency: str) -> VariantForm:
    return VariantForm(
        sku=variant.sku,
        external_id=variant.number,
        fields={
            "barcode": variant.barcode,
            "taxable": variant.taxable,
            **_options_of(variant),
            "inventoryItem": dict(variant.item),
        },
        price=money(variant.price, currency),
        compare_at=money(variant.compare_at, currency) if variant.compare_at is not None else None,
    )


def _media_issues(media: Iterable[Medium]) -> Iterable[ListingIssue]:
    for index, one in enumerate(media):
        field = f"media.{index}"
        if one.status == "FAILED":
            code = one.errors[0].code if one.errors else "FAILED"
            yield ListingIssue(code=code.lower(), field=field, message="Shopify could not use this picture")
        elif one.status != "READY":
            yield ListingIssue(code="processing", field=field, message="Shopify fetches it", is_blocking=False)


def public_listing(product: PublicProduct | None, ref: ListingRef, seen_at: Any) -> PublicListing:
    if product is None:
        return PublicListing(ref=ref, is_visible=False, seen_at=seen_at)
    return PublicListing(
        ref=ref,
        is_visible=True,
        is_buyable=product.is_buyable,
        title=product.title,
        prices={one.sku: money(one.price.amount, one.price.currency) for one in product.variants},
        media=tuple(one.url for one in product.images),
        seen_at=seen_at,
    )


def set_input(form: ListingForm, shown: ShownProduct | None) -> dict[str, Any]:
    """The whole product for `productSet`; metafields of others live on, since those of a product that is there stay out."""
    given = {name: value for name, value in form.fields.items() if name != "metafields"}
    if shown is None and form.fields.get("metafields"):
        given["metafields"] = form.fields["metafields"]
    if form.kind:
        given.setdefault("category", gid("TaxonomyCategory", form.kind))
    if form.media is not None:
        given["files"] = files(form.media, shown)
    if form.variants:
        ids = {one.sku: one.number for one in shown.variants.nodes} if shown else {}
        given["variants"] = [_variant_input(one, ids.get(one.sku, "")) for one in form.variants]
        given.setdefault("productOptions", _options(given["variants"]))
    return given


def kept_whole(form: ListingForm, shown: ShownProduct | None) -> ListingForm:
    """What `productSet` may be given of a product that is there: it takes away the variants that it is not told of.

    So it is told of all of them, or of none where those that the form names can be changed apart.
    """
    if shown is None or not form.variants:
        return form
    if _are_some(form, shown):
        return form.model_copy(update={"variants": ()})
    named = {one.sku for one in form.variants}
    others = (VariantForm(sku=one.sku, fields=_options_of(one)) for one in shown.variants.nodes if one.sku not in named)
    return form.model_copy(update={"variants": (*others, *form.variants)})


def left_over(form: ListingForm, shown: ShownProduct | None, ref: ListingRef) -> ListingForm | None:
    """What of a form is still to be changed after `productSet`: metafields, and variants that it was not told of."""
    if shown is None:
        return None
    ids = {one.sku: one.number for one in shown.variants.nodes}
    fields = {"metafields": form.fields["metafields"]} if form.fields.get("metafields") else {}
    apart = form.variants if _are_some(form, shown) else ()
    variants = tuple(one.model_copy(update={"external_id": ids[one.sku]}) for one in apart)
    return form.model_copy(update={"ref": ref, "fields": fields, "variants": variants}) if fields or variants else None


def _are_some(form: ListingForm, shown: ShownProduct) -> bool:
    """Whether the form names some of the shop's variants, and no other."""
    return {one.sku for one in form.variants} < {one.sku for one in shown.variants.nodes}


def _options_of(variant: ShownVariant) -> dict[str, Any]:
    return {"optionValues": [{"optionName": one.name, "name": one.value} for one in variant.options]}


def update_input(form: ListingForm) -> dict[str, Any]:
    """Fields alone, for `productUpdate`; metafields that are not named stay."""
    return {"id": gid("Product", form.ref.external_id), **form.fields}


def bulk_input(form: ListingForm) -> list[dict[str, Any]]:
    """Variants that are there, for `productVariantsBulkUpdate`."""
    return [
        {name: value for name, value in _variant_input(one, one.external_id).items() if name not in {"sku", "optionValues", "inventoryQuantities"}}
        for one in form.variants
    ]  # fmt: skip


def files(media: tuple[str, ...], shown: ShownProduct | None) -> list[dict[str, str]]:
    """A picture that the product has is kept, whether it is named by Shopify's address or by ours; others are fetched."""
    kept = {_name(one.image.url): one.id for one in shown.media if one.image} if shown else {}
    return [
        {"id": kept[_name(address)]} if _name(address) in kept else {"originalSource": address, "contentType": "IMAGE"}
        for address in media
    ]


def _name(address: str) -> str:
    """Shopify keeps a file's name when it gives it another address."""
    return address.partition("?")[0].rpartition("/")[2]


def _variant_input(variant: VariantForm, external_id: str) -> dict[str, Any]:
    given: dict[str, Any] = {"sku": variant.sku, "optionValues": ONLY_OPTION, **variant.fields}
    if external_id:
        given["id"] = gid("ProductVariant", external_id)
    if variant.price is not None:
        given["price"] = amount(variant.price)
    if variant.compare_at is not None or "compare_at" in variant.model_fields_set:
        given["compareAtPrice"] = amount(variant.compare_at) if variant.compare_at else None
    if variant.quantities:
        given["inventoryItem"] = {"tracked": True, **given.get("inventoryItem", {})}
        given["inventoryQuantities"] = [
            {"locationId": gid("Location", place), "name": "available", "quantity": units}
            for place, units in variant.quantities.items()
        ]
    return given


def _options(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The options that the variants use, with their values in order of appearance."""
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for one in variant["optionValues"]:
            values.setdefault(one["optionName"], {})[one["name"]] = None
    return [{"name": name, "values": [{"name": value} for value in named]} for name, named in values.items()]


def amount(price: Money) -> str:
    places = exponent(price.currency)
    return f"{Decimal(price.amount_minor).scaleb(-places):.{places}f}"


def issues(errors: Iterable[UserError]) -> tuple[ListingIssue, ...]:
    """A refusal in the platform's own words, which are about products and name no person."""
    return tuple(
        ListingIssue(code=(one.code or "refused").lower(), field=_field(one.field), message=one.message[:200])
        for one in errors
    )


def _field(path: tuple[str, ...] | None) -> str:
    return ".".join(part for part in path or () if part not in {"input", "product"})
