"""Products: found, kept, and the history of their fields."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select

from db import content_marks
from db.catalog_items import with_items
from db.launch_edits import products_edited
from db.tables.catalog import FieldChangeRow, ProductRow, VariantRow
from db.upsert import put as put_row
from db.words import dictionary
from domain.catalog.dictionary import Dictionary
from domain.catalog.document import document, merged, product
from domain.catalog.product import Product, Variant
from domain.changes import Change, changes
from domain.errors import DomainError

PRODUCTS: Table = ProductRow.__table__  # type: ignore[attr-defined]
VARIANTS: Table = VariantRow.__table__  # type: ignore[attr-defined]
HISTORY: Table = FieldChangeRow.__table__  # type: ignore[attr-defined]


class Author(NamedTuple):
    """Who changes a product, and from which side: `api`, `command line`, `import:ID`, `apply`, `channel:CONNECTION`."""

    name: str
    side: str


class Saved(NamedTuple):
    """What became of a product."""

    product: Product
    version: int
    outcome: Literal["created", "changed", "same"]
    changes: tuple[Change, ...] = ()


def load_many(tx: Connection, product_ids: Iterable[str]) -> dict[str, Product]:
    """Those of them that there are, by id."""
    ids = list(product_ids)
    variants: dict[str, list[Variant]] = {product_id: [] for product_id in ids}
    of_these = select(VARIANTS).where(VARIANTS.c.product_id.in_(ids))
    for row in tx.execute(of_these.order_by(VARIANTS.c.product_id, VARIANTS.c.position)):
        variants[row.product_id].append(Variant(sku=row.sku, item_id=row.item_id, **row.body))
    found = tx.execute(select(PRODUCTS.c.id, PRODUCTS.c.body).where(PRODUCTS.c.id.in_(ids)))
    return {row.id: Product(id=row.id, variants=tuple(variants[row.id]), **row.body) for row in found}


def find(tx: Connection, product_id: str) -> Product | None:
    return load_many(tx, [product_id]).get(product_id)


def load(tx: Connection, product_id: str) -> Product:
    found = find(tx, product_id)
    if found is None:
        raise DomainError("unknown_product", f"there is no product {product_id!r}; list the products to find its id")
    return found


def id_of(tx: Connection, name: str) -> str:
    """The product's id for an id or the SKU of one of its variants."""
    by_sku = tx.execute(select(VARIANTS.c.product_id).where(VARIANTS.c.sku == name)).scalar()
    return by_sku or load(tx, name).id


def version_of(tx: Connection, product_id: str) -> int:
    """How often it has changed; 0 for one that is not there."""
    return tx.execute(select(PRODUCTS.c.version).where(PRODUCTS.c.id == product_id)).scalar() or 0


def page(
    tx: Connection, *, search: str = "", category: str = "", state: str = "", after: str = "", limit: int = 50
) -> list[Product]:
    """By id; `search` finds a part of an id, a title, a SKU or a GTIN."""
    query = select(PRODUCTS.c.id).where(PRODUCTS.c.id > after).order_by(PRODUCTS.c.id).limit(limit)
    if search:
        by_variant = select(VARIANTS.c.product_id).where(
            or_(VARIANTS.c.sku.icontains(search, autoescape=True), VARIANTS.c.gtin.startswith(search, autoescape=True))
        )
        query = query.where(
            or_(
                PRODUCTS.c.id.icontains(search, autoescape=True),
                PRODUCTS.c.title.icontains(search, autoescape=True),
                PRODUCTS.c.id.in_(by_variant),
            )
        )
    if category:
        query = query.where(PRODUCTS.c.category == category)
    if state:
        query = query.where(PRODUCTS.c.state == state)
    return list(load_many(tx, tx.execute(query).scalars()).values())


def history(
    tx: Connection, product_id: str, *, field: str = "", before: int | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Newest first; `field` with all fields below it; `before` goes on from the last row of the page before."""
    query = select(HISTORY).where(HISTORY.c.product_id == product_id).order_by(HISTORY.c.id.desc()).limit(limit)
    if field:
        query = query.where(or_(HISTORY.c.field == field, HISTORY.c.field.startswith(f"{field}.", autoescape=True)))
    if before is not None:
        query = query.where(HISTORY.c.id < before)
    return list(tx.execute(query))


def merge(
    tx: Connection,
    product_id: str,
    patch: Mapping[str, Any],
    *,
    by: Author,
    now: datetime,
    words: Dictionary | None = None,
) -> Saved:
    """Change what the patch names (RFC 7386, `variants` by SKU) and leave the rest; makes the product if it is new."""
    known = find(tx, product_id)
    plain = merged(document(known) if known else None, {**patch, "id": product_id})
    return put(tx, product(plain, words or dictionary(tx)), by=by, now=now)


def put(tx: Connection, wanted: Product, *, by: Author, now: datetime) -> Saved:
    """Make it or replace it whole; every field that changes is on its history. Its words are taken as checked."""
    before = find(tx, wanted.id)
    if before:
        before.moved_to(wanted.state)
    _refuse_foreign_skus(tx, wanted)
    kept = with_items(tx, wanted, by=by.name, now=now)
    told = changes(document(before) if before else None, document(kept))
    version = version_of(tx, wanted.id)
    if not told:
        return Saved(kept, version, "same")
    _write(tx, kept, version + 1, now)
    row = {"product_id": kept.id, "actor": by.name, "side": by.side, "at": now}
    tx.execute(insert(HISTORY), [row | change.model_dump(mode="json") for change in told])
    content_marks.mark_products(tx, [kept.id], now)
    products_edited(tx, [kept.id], now)
    return Saved(kept, version + 1, "changed" if before else "created", told)


def _refuse_foreign_skus(tx: Connection, wanted: Product) -> None:
    skus = [variant.sku for variant in wanted.variants]
    taken = select(VARIANTS.c.sku, VARIANTS.c.product_id).where(
        VARIANTS.c.sku.in_(skus), VARIANTS.c.product_id != wanted.id
    )
    if row := tx.execute(taken.order_by(VARIANTS.c.sku).limit(1)).first():
        raise DomainError(
            "sku_taken",
            f"variants.{row.sku}: product {row.product_id} has this SKU; give another one, or take it out there",
        )


def _write(tx: Connection, kept: Product, version: int, now: datetime) -> None:
    plain = kept.model_dump(mode="json", exclude_defaults=True)
    body = {name: value for name, value in plain.items() if name not in {"id", "variants"}}
    row = {
        "id": kept.id, "title": kept.title, "state": kept.state, "category": kept.category,
        "version": version, "body": body, "updated_at": now,
    }  # fmt: skip
    put_row(tx, PRODUCTS, row, keys=("id",))
    tx.execute(delete(VARIANTS).where(VARIANTS.c.product_id == kept.id))
    if kept.variants:
        tx.execute(insert(VARIANTS), [_variant_row(kept.id, position, v) for position, v in enumerate(kept.variants)])


def _variant_row(product_id: str, position: int, variant: Variant) -> dict[str, Any]:
    body = variant.model_dump(mode="json", exclude_defaults=True, exclude={"sku", "item_id"})
    return {
        "sku": variant.sku, "product_id": product_id, "position": position, "item_id": variant.item_id,
        "gtin": variant.gtin, "is_bundle": bool(variant.components), "body": body,
    }  # fmt: skip
