"""Between a listing's form and WooCommerce's product: what is written, what is shown; pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from connectors.contract import ListingForm, ListingIssue, ListingRef, ShownListing, VariantForm
from connectors.woocommerce.schemas import WooAttribute, WooProduct, WooVariation
from domain.money import Money, money

REFERENCE, MEDIA = "_tutti_reference", "_tutti_media"
POOL = "shop"
"""The only place that a WooCommerce shop knows: one number per item, wherever the units lie."""

TEXTS = (
    "name", "slug", "description", "short_description", "purchase_note", "catalog_visibility", "tax_status",
    "tax_class", "shipping_class", "weight", "featured", "virtual",
)  # fmt: skip
LISTS = ("categories", "tags", "attributes")
FIELDS = frozenset({*TEXTS, *LISTS})
VARIANT_FIELDS = frozenset({"attributes", "weight", "description", "tax_class", "shipping_class"})


def problems(form: ListingForm, currency: str) -> tuple[ListingIssue, ...]:
    """Why WooCommerce could not show this form: it ignores unknown fields without a word, so they are named here."""
    found = [_issue("unknown_field", name) for name in form.fields if name not in FIELDS]
    for variant in form.variants:
        found += [
            _issue("unknown_field", f"{variant.sku}.{name}") for name in variant.fields if name not in VARIANT_FIELDS
        ]
        for amount in (variant.price, variant.compare_at):
            if amount is not None and amount.currency != currency:
                found.append(_issue("wrong_currency", f"{variant.sku}.price", f"the shop sells in {currency} only"))
        if len(form.variants) > 1 and not variant.fields.get("attributes") and not variant.external_id:
            found.append(
                _issue("attributes_missing", f"{variant.sku}.attributes", "variants differ by their attributes")
            )
    return tuple(found)


def _issue(code: str, field: str, message: str = "") -> ListingIssue:
    return ListingIssue(code=code, field=field, message=message)


# ---- to WooCommerce ----


def product_body(form: ListingForm, known: WooProduct | None) -> dict[str, Any]:
    """What of the product itself the form says; a product with one variant and no attributes is that variant."""
    body: dict[str, Any] = {name: _emptied(name, value) for name, value in form.fields.items()}
    variable = is_variable(form, known)
    if known is None:
        body |= {"type": "variable" if variable else "simple", "sku": form.ref.reference}
    if variable and (form.fields.get("attributes") or any(one.fields.get("attributes") for one in form.variants)):
        body["attributes"] = _options(form, known)
    if form.variants and not variable:
        body |= variant_body(form.variants[0])
    meta = {REFERENCE: form.ref.reference}
    if form.media is not None:
        body["images"] = _images(form.media, known)
        meta[MEDIA] = list(form.media)  # type: ignore[assignment]  # a list among texts is what Woo takes
    return body | {"meta_data": [{"key": key, "value": value} for key, value in meta.items()]}


def is_variable(form: ListingForm, known: WooProduct | None) -> bool:
    if known is not None:
        return known.is_variable
    return len(form.variants) > 1 or any(variant.fields.get("attributes") for variant in form.variants)


def variant_body(variant: VariantForm) -> dict[str, Any]:
    body: dict[str, Any] = {name: _emptied(name, value) for name, value in variant.fields.items()}
    if variant.sku:
        body["sku"] = variant.sku
    if variant.price is not None:
        struck = variant.compare_at
        body["regular_price"] = (struck or variant.price).decimal
        body["sale_price"] = variant.price.decimal if struck else ""
    if variant.quantities:
        body |= {"manage_stock": True, "stock_quantity": sum(variant.quantities.values())}
    return body


def _emptied(name: str, value: Any) -> Any:
    return ([] if name in LISTS else "") if value is None else value


def _options(form: ListingForm, known: WooProduct | None) -> list[dict[str, Any]]:
    """The parent's attributes: as given, else those it has, with every option that a variant of the form takes."""
    given = form.fields.get("attributes")
    if given is None:
        given = [attribute.model_dump(include={"name", "options", "visible", "variation"}) for attribute in known.attributes] if known else []  # fmt: skip
    by_name: dict[str, dict[str, Any]] = {entry["name"]: dict(entry) for entry in given}
    for variant in form.variants:
        for attribute in variant.fields.get("attributes") or ():
            entry = by_name.setdefault(attribute["name"], {"name": attribute["name"], "options": [], "visible": True})
            options = [*entry.get("options", ()), attribute["option"]]
            entry |= {"variation": True, "options": list(dict.fromkeys(options))}
    return list(by_name.values())


def _images(media: Iterable[str], known: WooProduct | None) -> list[dict[str, Any]]:
    """What the shop has already keeps its id: an address that is sent again is fetched and stored again."""
    kept = dict(zip(shown_media(known), known.images, strict=True)) if known else {}
    return [{"id": kept[source].id} if source in kept else {"src": source} for source in media]


# ---- from WooCommerce ----


def shown_listing(
    ref: ListingRef, product: WooProduct, variations: Iterable[WooVariation], currency: str
) -> ShownListing:
    variants = tuple(variations) if product.is_variable else (product,)
    return ShownListing(
        form=ListingForm(
            ref=ref.model_copy(update={"external_id": str(product.id)}),
            kind=product.type,
            fields=fields_of(product),
            media=shown_media(product),
            variants=tuple(_variant(product, one, currency) for one in variants),
        ),
        state=state_of(product),
        version=" ".join(sorted({moment.isoformat() for moment in _changes(product, variants)})[-1:]),
        changed_at=max(_changes(product, variants), default=None),
    )


def state_of(product: WooProduct) -> Literal["hidden", "live", "gone"]:
    if product.status == "trash":
        return "gone"
    return "live" if product.status == "publish" else "hidden"


def _changes(product: WooProduct, variants: Iterable[WooVariation]) -> list[datetime]:
    return [one.date_modified_gmt for one in (product, *variants) if one.date_modified_gmt]


def fields_of(product: WooProduct) -> Mapping[str, Any]:
    named = {name: getattr(product, name) for name in TEXTS}
    terms = {name: [{"id": term.id} for term in getattr(product, name)] for name in ("categories", "tags")}
    return {**named, **terms, "attributes": [_parent_attribute(one) for one in product.attributes]}


def _parent_attribute(attribute: WooAttribute) -> dict[str, Any]:
    return attribute.model_dump(mode="json", include={"name", "options", "visible", "variation"})


def _variant(product: WooProduct, variant: WooVariation, currency: str) -> VariantForm:
    regular, sale = _money(variant.regular_price, currency), _money(variant.sale_price, currency)
    is_own = variant is product
    return VariantForm(
        sku=variant.sku,
        external_id=str(product.id) if is_own else f"{product.id}/{variant.id}",
        fields={} if is_own else {
            "weight": variant.weight,
            "attributes": [{"name": one.name, "option": one.option} for one in variant.attributes],
        },
        price=sale or regular,
        compare_at=regular if sale else None,
        quantities={POOL: variant.stock_quantity} if variant.counts_itself and variant.stock_quantity is not None else {},
    )  # fmt: skip


def _money(text: str, currency: str) -> Money | None:
    return money(text, currency) if text else None


def shown_media(product: WooProduct) -> tuple[str, ...]:
    """Our address of each image that the shop still has as we sent it, its own address of any other."""
    sent = product.meta(MEDIA)
    ours = [str(source) for source in sent] if isinstance(sent, list) else []
    return tuple(
        ours[place] if place < len(ours) and _is_copy(image.src, ours[place]) else image.src
        for place, image in enumerate(product.images)
    )


def _is_copy(theirs: str, ours: str) -> bool:
    """The shop stores a copy under the same file name, with a number or `-scaled` added where it must."""
    stem = _stem(ours)
    return bool(stem) and _stem(theirs).startswith(stem)


def _stem(address: str) -> str:
    name = urlsplit(address).path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
