"""WooCommerce on the stage of the certification suite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connectors.contract import ListingRef, StockSetting
from connectors.testing import Call, Stage
from connectors.woocommerce.connector import WooConnector
from tests.connectors.woocommerce.shop import CONFIG, World, opened, simple_form

FORM = simple_form()
REF = FORM.ref
TEA = StockSetting(item_external_id="101", location_external_id="shop", quantity=7, expected=10)
TEA_REF = ListingRef(reference="TEA")


async def _state(connector: WooConnector, ref: ListingRef) -> str:
    (shown,) = await connector.read_listings((ref,))
    return shown.state if shown else ""


class WooSubject:
    connector = WooConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with opened() as world:
            yield Stage(
                config=CONFIG,
                transport=world.transport,
                calls=(*_listing_writes(world), *_other_writes(world), *_reads()),
            )


def _listing_writes(world: World) -> tuple[Call, ...]:
    async def staged(connector: WooConnector) -> None:
        await connector.stage_listings((FORM,), "S1")

    async def published(connector: WooConnector) -> None:
        await staged(connector)
        await connector.publish_listings((REF,), "P1")

    async def is_there(connector: Any) -> bool:
        return await _state(connector, REF) == "hidden"

    async def is_live(connector: Any) -> bool:
        return await _state(connector, REF) == "live"

    async def is_gone(connector: Any) -> bool:
        return await _state(connector, REF) == ""

    renamed = FORM.model_copy(update={"fields": {"name": "Blue mug"}, "media": None, "variants": ()})

    async def is_renamed(connector: Any) -> bool:
        (shown,) = await connector.read_listings((REF,))
        return bool(shown) and shown.form.fields["name"] == "Blue mug"

    def counted(kind: str) -> Any:
        return lambda: world.count(kind)

    return (
        Call("stage_listings", lambda one: one.stage_listings((FORM,), "S1"), find=is_there, committed=counted("product")),
        Call("publish_listings", lambda one: one.publish_listings((REF,), "P1"), staged, is_live, counted("publish")),
        Call("unpublish_listings", lambda one: one.unpublish_listings((REF,), "U1"), published, is_there,
             counted("unpublish")),
        Call("write_listings", lambda one: one.write_listings((renamed,), "W1"), staged, is_renamed,
             counted("product_change"), is_idempotent=False),  # a text that is written twice is written, and is the same
        Call("remove_listings", lambda one: one.remove_listings((REF,), "R1"), staged, is_gone,
             counted("product_deleted")),
    )  # fmt: skip


def _other_writes(world: World) -> tuple[Call, ...]:
    async def shows_seven(connector: Any) -> bool:
        return [at.quantity for at in await connector.read_stock(("101",))] == [7]

    return (
        Call(
            "set_stock",
            lambda one: one.set_stock((TEA,), "K1"),
            find=shows_seven,
            committed=lambda: world.count("stock"),
            is_idempotent=False,  # a number that is set twice is set, and is the same number
        ),
    )


def _reads() -> tuple[Call, ...]:
    return (
        Call("read_listings", do=lambda one: one.read_listings((TEA_REF,))),
        Call("public_listings", do=lambda one: one.public_listings((TEA_REF,))),
        Call("read_stock", do=lambda one: one.read_stock(("101",))),
        Call("check", do=lambda one: one.check()),
        Call("locations", do=lambda one: one.locations()),
        Call("opening_stock", do=lambda one: one.opening_stock()),
    )


SUBJECT = WooSubject()
