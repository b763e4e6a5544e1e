"""Listings that were on sale before the hub told anybody anything: found by their SKUs, and kept in step from then on."""

from datetime import datetime

from sqlalchemy import Connection, exists, select

from connectors.contract import ListingRef
from connectors.contract.listing_fields import flat
from db import channel_forms, offered, syncs
from db.catalog import PRODUCTS, VARIANTS
from db.content import Shown
from db.content_computing import held_by_launches
from db.flows import CONTENT, bucket
from db.offered import OFFERED


def next_refs(tx: Connection, connection_id: str, after: str, limit: int) -> tuple[ListingRef, ...]:
    """Products that are ready, not known to be shown there, and not held by a launch."""
    if connection_id not in channel_forms.with_forms(tx):
        return ()
    known = exists().where(OFFERED.c.connection_id == connection_id, OFFERED.c.product_id == PRODUCTS.c.id)
    ready = select(PRODUCTS.c.id).where(PRODUCTS.c.state == "ready", PRODUCTS.c.id > after, ~known)
    ids = list(tx.execute(ready.order_by(PRODUCTS.c.id).limit(limit)).scalars())
    skus: dict[str, list[str]] = {product: [] for product in ids}
    of_these = select(VARIANTS.c.product_id, VARIANTS.c.sku).where(VARIANTS.c.product_id.in_(ids))
    for row in tx.execute(of_these.order_by(VARIANTS.c.product_id, VARIANTS.c.position)):
        skus[row.product_id].append(row.sku)
    return tuple(ListingRef(reference=product, skus=tuple(skus[product])) for product in ids)


def found(tx: Connection, connection_id: str, shown: Shown, now: datetime) -> int:
    """Those that buyers can see, as they show; what they should show is computed next."""
    launches = held_by_launches(tx, list(shown))
    rows = [
        {
            "connection_id": connection_id, "product_id": product, "external_id": one.form.ref.external_id,
            "variant_ids": {variant.sku: variant.external_id for variant in one.form.variants},
            "bucket": bucket(product), "confirmed": flat(one.form), "channel_version": one.version,
        }
        for product, one in shown.items()
        if one is not None and one.state in {"live", "accepted"} and product not in launches
    ]  # fmt: skip
    offered.add(tx, rows, now)
    return len(rows)


def discovered(tx: Connection, connection_id: str, now: datetime) -> None:
    """Every product was looked for."""
    syncs.discovered(tx, syncs.Run(connection_id, CONTENT), now)
