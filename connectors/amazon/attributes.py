"""Between a listing in plain values and Amazon's attributes, where every value is a list of objects; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.amazon.schemas import AmazonListing
from connectors.contract import ListingForm, ListingRef, VariantForm
from domain.money import Money, exponent, money

OFFER, AVAILABILITY = "purchasable_offer", "fulfillment_availability"
LIST_PRICE = "list_price"
MAIN_IMAGE = "main_product_image_locator"
OTHER_IMAGES = tuple(f"other_product_image_locator_{number}" for number in range(1, 9))
RELATION = ("parentage_level", "child_parent_sku_relationship")
OURS = {OFFER, AVAILABILITY, LIST_PRICE, MAIN_IMAGE, *OTHER_IMAGES, *RELATION}
"""Attributes that are made from more than a field."""
LOCALIZED = {
    "item_name", "brand", "bullet_point", "product_description", "generic_keyword", "color", "size", "material",
    "style", "model_name", "manufacturer", "item_type_name", "department", "care_instructions",
}  # fmt: skip
Attributes = dict[str, Any]


def parent_sku(ref: ListingRef) -> str:
    """The SKU under which a product of several variants stands; it cannot be bought."""
    return ref.external_id or f"{ref.reference}-P"


def skus_of(ref: ListingRef) -> tuple[str, ...]:
    """Every SKU of a listing at Amazon, the parent first."""
    return (parent_sku(ref), *ref.skus) if len(ref.skus) > 1 else ref.skus


class Vocabulary:
    """How this marketplace writes values down."""

    def __init__(self, marketplace: str, language: str) -> None:
        self._marketplace = marketplace
        self._language = language

    def wrapped(self, name: str, value: Any) -> list[dict[str, Any]]:
        """A plain value, or a list of them, as Amazon's list of objects; objects only gain their marketplace."""
        values = value if isinstance(value, list | tuple) else [value]
        return [self._object(name, each) for each in values]

    def _object(self, name: str, value: Any) -> dict[str, Any]:
        given = dict(value) if isinstance(value, Mapping) else {"value": value}
        if name in LOCALIZED and not isinstance(value, Mapping):
            given["language_tag"] = self._language
        return {**given, "marketplace_id": self._marketplace}

    def plain(self, value: Any) -> Any:
        """The reverse: what was written plain is read plain, so that the two can be compared."""
        if not isinstance(value, list | tuple):
            return value
        bare = [{k: v for k, v in each.items() if k != "marketplace_id"} for each in value]
        values = [
            each["value"] if set(each) <= {"value", "language_tag"} and "value" in each else each for each in bare
        ]
        return values[0] if len(values) == 1 else values

    # ---- one SKU

    def document(self, form: ListingForm, variant: VariantForm) -> Attributes:
        """Everything of one SKU, without what is to be emptied."""
        wanted = self.changes(form, variant)
        return {name: value for name, value in wanted.items() if value is not None}

    def changes(self, form: ListingForm, variant: VariantForm, known: Mapping[str, Any] | None = None) -> Attributes:
        """What the form says of one SKU; None: to be emptied; missing: as it is.

        Of an offer that is `known` everything but price and end stays, such as a sale price with its own times.
        """
        fields = {**form.fields, **variant.fields}
        said: Attributes = {
            name: None if value is None else self.wrapped(name, value)
            for name, value in fields.items()
            if name not in OURS
        }
        said |= self._images(form.media)
        if variant.price is not None:
            said[OFFER] = [self._offer_kept(variant.price, known)]
        if variant.compare_at is not None:
            said[LIST_PRICE] = self.wrapped(
                LIST_PRICE, {"value": _number(variant.compare_at), "currency": variant.compare_at.currency}
            )
        elif known is not None and "compare_at" in variant.model_fields_set and LIST_PRICE in known:
            said[LIST_PRICE] = None
        if variant.quantities:
            said[AVAILABILITY] = availability(variant.quantities)
        if len(form.ref.skus) > 1:
            said["parentage_level"] = self.wrapped("parentage_level", "child")
            relation = {"child_relationship_type": "variation", "parent_sku": parent_sku(form.ref)}
            said["child_parent_sku_relationship"] = self.wrapped("child_parent_sku_relationship", relation)
        return said

    def parent(self, form: ListingForm) -> Attributes:
        """The product that its variants stand under: its own fields, nothing to be bought."""
        said = {name: self.wrapped(name, value) for name, value in form.fields.items() if value is not None}
        images = {name: value for name, value in self._images(form.media).items() if value is not None}
        return said | images | {"parentage_level": self.wrapped("parentage_level", "parent")}

    def _images(self, media: tuple[str, ...] | None) -> Attributes:
        if media is None:
            return {}
        places = (MAIN_IMAGE, *OTHER_IMAGES)
        shown = {place: self.wrapped(place, {"media_location": url}) for place, url in zip(places, media, strict=False)}
        return {place: shown.get(place) for place in places if place in shown or place in places[: len(media) + 1]}

    def offer(self, price: Money) -> dict[str, Any]:
        """A price with tax for everybody, from now on."""
        schedule = [{"value_with_tax": _number(price)}]
        return {
            "audience": "ALL",
            "currency": price.currency,
            "our_price": [{"schedule": schedule}],
            "marketplace_id": self._marketplace,
        }

    def _offer_kept(self, price: Money, known: Mapping[str, Any] | None) -> dict[str, Any]:
        ours = self.offer(price)
        same = ("audience", "currency", "marketplace_id")
        offers = _objects((known or {}).get(OFFER))
        found = next((one for one in offers if all(one.get(name) in {None, ours[name]} for name in same)), {})
        return {name: value for name, value in found.items() if name != "end_at"} | ours

    # ---- read back

    def shown_variant(self, listing: AmazonListing) -> VariantForm:
        attributes = listing.attributes
        return VariantForm(
            sku=listing.sku,
            external_id=listing.sku,
            fields={name: self.plain(value) for name, value in attributes.items() if name not in OURS},
            price=_price(attributes.get(OFFER)),
            compare_at=_list_price(attributes.get(LIST_PRICE)),
            quantities={
                place.fulfillment_channel_code: place.quantity
                for place in listing.fulfillment_availability
                if place.quantity is not None
            },
        )

    def shown_form(self, ref: ListingRef, listings: Iterable[AmazonListing]) -> ListingForm:
        """Fields of the product are those on which all its SKUs agree."""
        found = list(listings)
        bought = [each for each in found if each.sku in ref.skus]
        variants = tuple(self.shown_variant(each) for each in bought)
        first = variants[0].fields if variants else {}
        common = {n: v for n, v in first.items() if all(each.fields.get(n) == v for each in variants)}
        kinds = (summary.product_type for each in found for summary in each.summaries)
        return ListingForm(
            ref=ref.model_copy(update={"external_id": skus_of(ref)[0] if found else ""}),
            kind=next(kinds, ""),
            fields=common,
            media=_media(bought[0].attributes) if bought else (),
            variants=variants,
        )


def availability(quantities: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"fulfillment_channel_code": place, "quantity": units} for place, units in quantities.items()]


def ended(offers: Any, at: datetime) -> list[dict[str, Any]]:
    """The same offers, over: the price is kept for the day they begin again."""
    return [{**offer, "end_at": {"value": at.strftime("%Y-%m-%dT%H:%M:%SZ")}} for offer in _objects(offers)]


def begun(offers: Any) -> list[dict[str, Any]]:
    return [{name: value for name, value in offer.items() if name != "end_at"} for offer in _objects(offers)]


def is_ended(offers: Any) -> bool:
    return any("end_at" in offer for offer in _objects(offers))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [dict(each) for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def _media(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    places = (_objects(attributes.get(place)) for place in (MAIN_IMAGE, *OTHER_IMAGES))
    return tuple(str(each[0].get("media_location", "")) for each in places if each)


def _price(offers: Any) -> Money | None:
    for offer in _objects(offers):
        for price in _objects(offer.get("our_price")):
            for part in _objects(price.get("schedule")):
                if "value_with_tax" in part and offer.get("currency"):
                    return money(str(part["value_with_tax"]), str(offer["currency"]))
    return None


def _list_price(value: Any) -> Money | None:
    first = next(iter(_objects(value)), {})
    return money(str(first["value"]), str(first["currency"])) if {"value", "currency"} <= set(first) else None


def _number(price: Money) -> float:
    return float(Decimal(price.amount_minor).scaleb(-exponent(price.currency)))
