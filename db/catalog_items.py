"""Every variant has an item, of which stock is kept: known by the SKU, named, or made."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Table, select

from db import items
from db.items_by_sku import items_by_sku
from db.sku_mapping import map_sku
from db.tables.catalog import VariantRow
from domain.catalog.bundles import bundles_above, leaves
from domain.catalog.product import Product, Variant
from domain.catalog.units import Measure, convert
from domain.errors import DomainError
from domain.item import Alias, Component, Item

VARIANTS: Table = VariantRow.__table__  # type: ignore[attr-defined]

_Recipes = dict[str, Mapping[str, int]]


def with_items(tx: Connection, product: Product, *, by: str, now: datetime) -> Product:
    """The product with the item of each variant; SKUs that are new are mapped, and orders that wait for them go on."""
    known = items_by_sku(tx, "", {variant.sku for variant in product.variants})
    variants = []
    for variant in product.variants:
        item_id = variant.item_id or known.get(variant.sku)
        if item_id is None:
            item_id = _made(tx, product, variant)
        if known.get(variant.sku) != item_id:
            map_sku(tx, item_id, Alias(sku=variant.sku), by=by, now=now)
        variants.append(variant.model_copy(update={"item_id": item_id}))
    kept = product.model_copy(update={"variants": tuple(variants)})
    _keep_bundles(tx, kept)
    return kept


def _made(tx: Connection, product: Product, variant: Variant) -> str:
    title = " ".join([product.title, *variant.options.values()])
    try:
        item = Item(id=variant.sku, title=title, weight_g=_weight_g(product, variant))
    except ValidationError:
        raise DomainError(
            "bad_product",
            f"variants.{variant.sku}.item_id: no item id can be made of this SKU; name the item, or make one first",
        ) from None
    if items.find(tx, item.id) is None:
        items.put(tx, item)
    return item.id


def _weight_g(product: Product, variant: Variant) -> int:
    """From the attribute `weight`, where the merchant has one."""
    weight: Any = {**product.attributes, **variant.attributes}.get("weight")
    try:
        return int(convert(Measure.model_validate(weight), "g")) if weight else 0
    except ValueError:
        return 0


def _keep_bundles(tx: Connection, product: Product) -> None:
    """Items are bundled one level deep: what each bundle comes down to; the outer ones first, or items would nest."""
    rows = tx.execute(select(VARIANTS.c.sku, VARIANTS.c.item_id, VARIANTS.c.body).where(VARIANTS.c.is_bundle)).all()
    recipes: _Recipes = {row.sku: row.body["components"] for row in rows}
    were = {variant.sku for variant in product.variants} & recipes.keys()
    recipes = {sku: parts for sku, parts in recipes.items() if sku not in were}
    recipes |= {variant.sku: variant.components for variant in product.variants if variant.components}
    item_of = {row.sku: row.item_id for row in rows} | {v.sku: v.item_id for v in product.variants}
    ours = [v.sku for v in product.variants if v.components or v.sku in were]
    above = {bundle for sku in ours for bundle in bundles_above(recipes, sku)} - set(ours)
    parts = {sku: leaves(recipes, sku) if sku in recipes else {} for sku in [*ours, *sorted(above)]}
    for sku in reversed(parts):
        _bundle_item(tx, sku, item_of[sku], parts[sku])


def _bundle_item(tx: Connection, sku: str, item_id: str, parts: Mapping[str, int]) -> None:
    found = items_by_sku(tx, "", set(parts))
    if missing := sorted(set(parts) - found.keys()):
        raise DomainError(
            "bad_product", f"variants.{sku}.components.{missing[0]}: no variant and no item has this SKU; make it first"
        )
    units = Counter[str]()
    for part, count in parts.items():
        units[found[part]] += count
    item = items.load(tx, item_id)
    components = tuple(Component(item_id=part, quantity=count) for part, count in sorted(units.items()))
    if item.components != components:
        items.put(tx, item.model_copy(update={"components": components}))
