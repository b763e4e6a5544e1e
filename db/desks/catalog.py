"""The catalogue as launches and checks see it: what the gates look at, and the listing that comes out."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from connectors.contract import ListingForm, ListingRef, VariantForm
from db import catalog, channel_forms, media_files, waivers
from db.session import Database
from db.words import dictionary
from domain.catalog.filling import Filled
from domain.catalog.gates import Checked, GateQuestion, check
from domain.catalog.media import MediaFile
from domain.catalog.product import Product


class CatalogDesk:
    """One per process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def question(self, product_id: str, connection_id: str) -> GateQuestion:
        """All that the gates look at, as it is now; a launch adds its stock, a connector its schema."""
        return (await self.questions([product_id], connection_id))[product_id]

    async def questions(self, product_ids: Iterable[str], connection_id: str) -> dict[str, GateQuestion]:
        """For many products in one read; DomainError for one that is not there."""
        ids = tuple(product_ids)
        return await self._database.read(lambda tx: questions(tx, ids, connection_id, datetime.now(UTC)))

    async def checked(self, product_id: str, connection_id: str) -> Checked:
        """The listing as it would be now, and what stands against it."""
        return check(await self.question(product_id, connection_id))

    async def schema(self, connection_id: str, kind: str) -> channel_forms.KeptSchema | None:
        """What the platform published of a product type when it was last read; None: it never was."""
        return await self._database.read(lambda tx: channel_forms.schema(tx, connection_id, kind))

    async def keep_schema(self, connection_id: str, kind: str, body: Mapping[str, Any]) -> None:
        now = datetime.now(UTC)
        await self._database.write(lambda tx: channel_forms.put_schema(tx, connection_id, kind, body, now=now))

    async def media(self, product_ids: Iterable[str]) -> list[str]:
        """Addresses of all pictures of the products, whatever channel they are for."""
        ids = tuple(product_ids)
        return await self._database.read(lambda tx: sorted(media_of(tx, ids)))

    async def unread_media(self, product_ids: Iterable[str]) -> list[str]:
        """Addresses of pictures that nobody has read yet, or that did not answer."""
        ids = tuple(product_ids)
        return await self._database.read(lambda tx: unread_media(tx, ids))

    async def keep_media(self, files: Iterable[MediaFile]) -> None:
        found = tuple(files)
        await self._database.write(lambda tx: media_files.put(tx, found))


def questions(tx: Connection, product_ids: Iterable[str], connection_id: str, now: datetime) -> dict[str, GateQuestion]:
    form, words = channel_forms.active(tx, connection_id), dictionary(tx)
    ids = list(product_ids)
    products = catalog.load_many(tx, ids)
    files = media_files.known(tx, (url for product in products.values() for url in product.pictures(connection_id)))
    asked = {}
    for product_id in ids:
        product = products.get(product_id) or catalog.load(tx, product_id)
        asked[product_id] = GateQuestion(
            product=product, channel=connection_id, form=form, words=words, at=now,
            files={url: files[url] for url in product.pictures(connection_id) if url in files},
            waivers=waivers.in_force(tx, product_id, connection_id, now),
        )  # fmt: skip
    return asked


def files_of(tx: Connection, product: Product, connection_id: str) -> dict[str, MediaFile]:
    """What was read of its pictures on this channel, by address."""
    wanted = product.pictures(connection_id)
    known = media_files.known(tx, wanted)
    return {url: known[url] for url in wanted if url in known}


def media_of(tx: Connection, product_ids: Iterable[str]) -> set[str]:
    products = catalog.load_many(tx, product_ids).values()
    return {url for product in products for channel in ("", *product.overrides) for url in product.pictures(channel)}


def unread_media(tx: Connection, product_ids: Iterable[str]) -> list[str]:
    wanted = media_of(tx, product_ids)
    known = media_files.known(tx, wanted)
    return sorted(url for url in wanted if url not in known or known[url].problem == "unreachable")


def listing(
    filled: Filled,
    *,
    external_id: str = "",
    is_new: bool = True,
    quantities: Mapping[str, Mapping[str, int]] | None = None,
) -> ListingForm:
    """What the connector is given; `quantities` are units by the channel's location id, by SKU.

    Fields that the channel owns are left out, and those of people once the listing is there.
    """
    stock = quantities or {}
    return ListingForm(
        ref=ListingRef(reference=filled.product_id, external_id=external_id, skus=tuple(tag.sku for tag in filled.tags)),
        kind=filled.kind,
        fields=filled.document(is_new=is_new),
        media=filled.pictures(is_new=is_new),
        variants=tuple(
            VariantForm(
                sku=variant.sku, fields=variant.fields, price=variant.tag.price, compare_at=variant.tag.compare_at,
                quantities=stock.get(variant.sku, {}),
            )
            for variant in filled.variants(is_new=is_new)
        ),
    )  # fmt: skip
