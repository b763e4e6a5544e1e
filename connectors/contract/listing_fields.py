"""A listing as flat fields, for comparing and merging: `title`, `media`, `variants/SKU/price` and so on."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.contract.listings import ListingForm, ListingRef, VariantForm
from domain.money import Money

VARIANT = "variants"
MONEY = ("price", "compare_at")


def flat(form: ListingForm) -> dict[str, Any]:
    """What the form says, field by field; what it leaves out is missing. Stock is no content: others move it all the time."""
    fields: dict[str, Any] = dict(form.fields)
    if form.media is not None:
        fields["media"] = list(form.media)
    for variant in form.variants:
        place = f"{VARIANT}/{variant.sku}"
        fields |= {f"{place}/{name}": value for name, value in variant.fields.items()}
        given = {name: getattr(variant, name) for name in MONEY}
        fields |= {f"{place}/{name}": _minor(price) for name, price in given.items() if price is not None}
    return fields


def formed(ref: ListingRef, fields: Mapping[str, Any], variant_ids: Mapping[str, str]) -> ListingForm:
    """The form that writes these fields and no others; of a price that was not there before, none."""
    plain = {name: value for name, value in fields.items() if not name.startswith(f"{VARIANT}/") and name != "media"}
    media = fields.get("media")
    return ListingForm(
        ref=ref,
        fields=plain,
        media=tuple(media or ()) if "media" in fields else None,
        variants=tuple(_variants(fields, variant_ids)),
    )


def _variants(fields: Mapping[str, Any], ids: Mapping[str, str]) -> Iterable[VariantForm]:
    named: dict[str, dict[str, Any]] = {}
    for name, value in fields.items():
        if name.startswith(f"{VARIANT}/"):
            _, rest = name.split("/", 1)
            sku, _, field = rest.rpartition("/")
            named.setdefault(sku, {})[field] = value
    for sku, given in named.items():
        money = {name: _money(given[name]) for name in MONEY if name in given}
        others = {name: value for name, value in given.items() if name not in MONEY}
        yield VariantForm(sku=sku, external_id=ids.get(sku, ""), fields=others, **money)


def _minor(price: Money) -> dict[str, Any]:
    return {"amount_minor": price.amount_minor, "currency": price.currency}


def _money(given: Any) -> Money | None:
    return Money.model_validate(given) if given else None
