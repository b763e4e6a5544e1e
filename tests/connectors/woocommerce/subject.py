"""WooCommerce on the stage of the certification suite."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.contract import CancelRequest, ListingRef, PaymentRequest, ShipmentNotice, StockSetting
from connectors.kit.webhooks import sign_hmac
from connectors.testing import Call, SignedWebhook, Stage
from connectors.woocommerce.connector import WooConnector
from sandbox.woocommerce import orders
from tests.connectors.woocommerce.shop import CONFIG, CURRENT, OTHER, PREVIOUS, World, euro, opened, simple_form

FORM = simple_form()
REF = FORM.ref
TEA = StockSetting(item_external_id="101", location_external_id="shop", quantity=7, expected=10)
ADDRESS = "https://hub.example/webhooks/c1"
ORDER = "500"
LINE = "501"
NOTICE = ShipmentNotice(
    reference="S1", order_external_id=ORDER, carrier="DHL", tracking_number="JD0001", lines=((LINE, 1),)
)
CANCEL = CancelRequest(order_external_id=ORDER, reason="customer", refund=False)
REFUND = PaymentRequest(reference="R1", order_external_id=ORDER, amount=euro(500), lines=((LINE, 1),))
TEA_REF = ListingRef(reference="TEA")


async def _state(connector: WooConnector, ref: ListingRef) -> str:
    (shown,) = await connector.read_listings((ref,))
    return shown.state if shown else ""


def _sign(secret: str, body: bytes) -> Mapping[str, str]:
    return {"x-wc-webhook-topic": "order.created", "x-wc-webhook-signature": sign_hmac(body, secret)}


def _bought(world: World) -> dict[str, Any]:
    """An order for two of one thing; only half of it is shipped here, so that it stays open."""
    body = orders.bought(world.shop, {"TEA": 2}, id=int(ORDER))
    body["line_items"][0]["id"] = int(LINE)
    return body


class WooSubject:
    connector = WooConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with opened() as world:
            yield Stage(
                config=CONFIG,
                transport=world.transport,
                calls=(*_listing_writes(world), *_order_writes(world), *_other_writes(world), *_reads(world)),
                webhook=SignedWebhook(
                    topic="order.created",
                    body=json.dumps(_bought(world)).encode(),
                    sign=_sign,
                    current_secret=CURRENT,
                    previous_secret=PREVIOUS,
                    other_secret=OTHER,
                ),
                personal=("Ada Example", "ada@example.com", "555 0100", "1 Test Street"),
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


def _order_writes(world: World) -> tuple[Call, ...]:
    async def ordered(_connector: Any) -> None:
        orders.place(world.shop, _bought(world))

    return (
        Call("report_shipment", lambda one: one.report_shipment(NOTICE, "S1"), ordered,
             lambda one: one.find_shipment(NOTICE), lambda: world.count("order_meta"), is_idempotent=False),
        Call("cancel_order", lambda one: one.cancel_order(CANCEL, "X1"), ordered,
             lambda one: one.find_cancel(CANCEL), lambda: world.count("order_cancelled")),
        Call("refund", lambda one: one.refund(REFUND, "R1"), ordered, lambda one: one.find_refund(REFUND),
             lambda: world.count("refund"), is_idempotent=False),  # no key here: it is looked up before it is repeated
        Call("subscribe", lambda one: one.subscribe(ADDRESS), find=_is_subscribed,
             committed=lambda: min(1, world.count("webhook")), is_idempotent=False),
    )  # fmt: skip


async def _is_subscribed(connector: WooConnector) -> bool:
    return not await connector.missing_subscriptions(ADDRESS)


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


def _reads(world: World) -> tuple[Call, ...]:
    async def ordered(_connector: Any) -> None:
        orders.place(world.shop, _bought(world))

    return (
        Call("orders_since", lambda one: one.orders_since(datetime(2026, 1, 1, tzinfo=UTC)), ordered),
        Call("fetch_order", lambda one: one.fetch_order(ORDER), ordered),
        Call("find_shipment", lambda one: one.find_shipment(NOTICE), ordered),
        Call("find_cancel", lambda one: one.find_cancel(CANCEL), ordered),
        Call("find_refund", lambda one: one.find_refund(REFUND), ordered),
        Call("missing_subscriptions", do=lambda one: one.missing_subscriptions(ADDRESS)),
        Call("read_listings", do=lambda one: one.read_listings((TEA_REF,))),
        Call("public_listings", do=lambda one: one.public_listings((TEA_REF,))),
        Call("read_stock", do=lambda one: one.read_stock(("101",))),
        Call("check", do=lambda one: one.check()),
        Call("locations", do=lambda one: one.locations()),
        Call("opening_stock", do=lambda one: one.opening_stock()),
    )


SUBJECT = WooSubject()
