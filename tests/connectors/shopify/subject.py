"""Shopify on the stage of the certification suite."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.contract import (
    CancelRequest,
    ListingForm,
    ListingRef,
    PaymentRequest,
    ReturnRequest,
    ShipmentNotice,
    StockSetting,
    VariantForm,
)
from connectors.kit.webhooks import sign_hmac
from connectors.shopify.connector import ShopifyConnector
from connectors.testing import Call, SignedWebhook, Stage
from domain.money import Money
from tests.connectors.shopify.contract_files import fixture
from tests.connectors.shopify.shop import BERLIN, CONFIG, TEE, SimulatedShop

ADDRESS = "https://hub.example/webhooks/c1"
PAID = json.loads(fixture("several_lines"))
AUTHORIZED = json.loads(fixture("payment_authorized"))
NOTICE = ShipmentNotice(
    reference="S1",
    order_external_id=str(PAID["id"]),
    location_external_id=str(BERLIN),
    carrier="UPS",
    tracking_number="1Z0001",
    lines=((str(PAID["line_items"][0]["id"]), 1),),
)
CANCEL = CancelRequest(order_external_id=str(PAID["id"]), reason="customer")
REFUND = PaymentRequest(
    reference="R1", order_external_id=str(PAID["id"]), amount=Money(amount_minor=500, currency="USD")
)
CAPTURE = PaymentRequest(
    reference="C1", order_external_id=str(AUTHORIZED["id"]), amount=Money(amount_minor=2000, currency="USD")
)
RETURN = ReturnRequest(
    reference="RMA-1", order_external_id=str(PAID["id"]), lines=((str(PAID["line_items"][0]["id"]), 1, "UNWANTED"),)
)
STOCK = StockSetting(item_external_id=TEE, location_external_id=str(BERLIN), quantity=7, expected=10)

LAMP = ListingRef(reference="P-LAMP")
FORM = ListingForm(
    ref=LAMP,
    fields={"title": "Lamp"},
    variants=(VariantForm(sku="LAMP-9", price=Money(amount_minor=4900, currency="USD")),),
)


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    return {"x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": sign_hmac(body, secret)}


class ShopifySubject:
    connector = ShopifyConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with SimulatedShop.opened() as shop:
            yield Stage(
                config=CONFIG,
                transport=shop.transport,
                calls=(*self._writes(shop), *self._listings(shop), *self._reads(shop), *self._returns(shop)),
                webhook=SignedWebhook(
                    topic="orders/create",
                    body=fixture("one_parcel"),
                    sign=sign,
                    current_secret="secret-current",
                    previous_secret="secret-previous",
                    other_secret="secret-of-nobody",
                ),
                personal=("Maya Holloway", "maya.holloway@example.com", "555 0101", "Juniper Avenue"),
            )

    @staticmethod
    def _writes(shop: SimulatedShop) -> tuple[Call, ...]:
        async def paid(_connector: Any) -> None:
            await shop.place("several_lines", keep_times=True)

        async def unstocked(_connector: Any) -> None:
            """The shop as it is: nothing sold."""

        async def authorized(_connector: Any) -> None:
            await shop.place("payment_authorized")

        async def all_but_one_topic(connector: ShopifyConnector) -> None:
            for at in list(await connector.subscribe(ADDRESS))[:1]:
                subscriptions = shop.simulator._shops["alpha"].subscriptions
                del subscriptions[next(key for key, kept in subscriptions.items() if kept.topic == at)]
            shop.simulator._shops["alpha"].committed.clear()

        async def is_shown(connector: ShopifyConnector) -> bool:
            return 7 in [at.quantity for at in await connector.read_stock((TEE,))]

        async def is_canceled(connector: ShopifyConnector) -> object:
            await asyncio.sleep(0.01)  # a cancel is a job at Shopify
            return await connector.find_cancel(CANCEL)

        async def is_subscribed(connector: ShopifyConnector) -> bool:
            return not await connector.missing_subscriptions(ADDRESS)

        def counted(kind: str) -> Any:
            return lambda: shop.count(kind)

        return (
            Call(
                "report_shipment",
                lambda one: one.report_shipment(NOTICE, "S1"),
                paid,
                lambda one: one.find_shipment(NOTICE),
                counted("fulfillment"),
            ),
            Call(
                "cancel_order",
                lambda one: one.cancel_order(CANCEL, "X1"),
                paid,
                is_canceled,
                counted("cancel"),
            ),
            Call(
                "refund",
                lambda one: one.refund(REFUND, "R1"),
                paid,
                lambda one: one.find_refund(REFUND),
                counted("refund"),
            ),
            Call(
                "capture",
                lambda one: one.capture(CAPTURE, "C1"),
                authorized,
                lambda one: one.find_capture(CAPTURE),
                counted("capture"),
                is_idempotent=False,  # Shopify has no key here: a part that is captured twice stays in the authorization
            ),
            Call("set_stock", lambda one: one.set_stock((STOCK,), "K1"), unstocked, is_shown, counted("inventory")),
            Call(
                "subscribe",
                lambda one: one.subscribe(ADDRESS),
                all_but_one_topic,
                is_subscribed,
                counted("subscription"),
            ),
        )

    @staticmethod
    def _listings(shop: SimulatedShop) -> tuple[Call, ...]:
        async def defined(connector: ShopifyConnector) -> None:
            """Our reference is a metafield that the shop knows: what is asked once is no part of the write."""
            await connector.stage_listings((FORM.model_copy(update={"ref": ListingRef(reference="other")}),), "K0")
            await connector.remove_listings((ListingRef(reference="other"),), "K0")
            shop.simulator._shops["alpha"].committed.clear()

        async def staged(connector: ShopifyConnector) -> None:
            await connector.stage_listings((FORM,), "K0")
            shop.simulator._shops["alpha"].committed.clear()

        async def live(connector: ShopifyConnector) -> None:
            await staged(connector)
            await connector.publish_listings((LAMP,), "K0")
            shop.simulator._shops["alpha"].committed.clear()

        def is_in(state: str) -> Any:
            async def look(connector: ShopifyConnector) -> bool:
                (shown,) = await connector.read_listings((LAMP,))
                return (shown.state if shown else "gone") == state

            return look

        async def is_renamed(connector: ShopifyConnector) -> bool:
            (shown,) = await connector.read_listings((LAMP,))
            return bool(shown and shown.form.fields["title"] == "Lamp 2")

        renamed = FORM.model_copy(update={"fields": {"title": "Lamp 2"}})

        def made() -> int:
            return len({name for name in shop.simulator.counters().get("listing", {}) if name.endswith(":DRAFT")})

        return (
            Call("stage_listings", lambda one: one.stage_listings((FORM,), "K1"), defined, is_in("hidden"), made),
            Call(
                "publish_listings",
                lambda one: one.publish_listings((LAMP,), "K2"),
                staged,
                is_in("live"),
                lambda: len(shop.simulator.counters().get("publication", {})),
            ),
            Call(
                "unpublish_listings",
                lambda one: one.unpublish_listings((LAMP,), "K3"),
                live,
                is_in("hidden"),
                lambda: shop.count("unpublication"),
            ),
            Call(
                "write_listings",
                lambda one: one.write_listings((renamed,), "K4"),
                staged,
                is_renamed,
                lambda: len(shop.simulator.counters().get("listing", {})),
            ),
            Call(
                "remove_listings",
                lambda one: one.remove_listings((LAMP,), "K5"),
                staged,
                is_in("gone"),
                lambda: shop.count("deletion"),
            ),
            Call("read_listings", lambda one: one.read_listings((LAMP,)), staged),
            Call("public_listings", lambda one: one.public_listings((LAMP,)), staged),
        )

    @staticmethod
    def _returns(shop: SimulatedShop) -> tuple[Call, ...]:
        asked = {"request": RETURN}

        async def shipped(connector: ShopifyConnector) -> None:
            await shop.place("several_lines", keep_times=True)
            await connector.report_shipment(NOTICE, "S1")

        async def opened(connector: ShopifyConnector) -> None:
            await shipped(connector)
            await connector.open_return(RETURN, "RMA-1")

        async def asked_for(connector: ShopifyConnector) -> None:
            await shipped(connector)
            line, units, _ = RETURN.lines[0]
            made = await shop.control(f"/shops/alpha/orders/{PAID['id']}/returns", {"lines": {line: units}})
            asked["request"] = RETURN.model_copy(update={"external_id": str(made["id"])})

        def shows(status: str) -> Any:
            async def is_shown(connector: ShopifyConnector) -> bool:
                found = await connector.find_return(asked["request"])
                return found is not None and found.status == status

            return is_shown

        async def is_processed(connector: ShopifyConnector) -> bool:
            found = await connector.find_return(RETURN)
            return found is not None and found.lines[0][2] == 1

        def counted(kind: str) -> Any:
            return lambda: shop.count(kind)

        return (
            Call(
                "open_return",
                lambda one: one.open_return(RETURN, "RMA-1"),
                shipped,
                lambda one: one.find_return(RETURN),
                counted("return"),
                is_idempotent=False,  # Shopify has no key here: a part that is returned twice is in two returns
            ),
            Call(
                "decline_return",
                lambda one: one.decline_return(asked["request"], "D1"),
                asked_for,
                shows("declined"),
                counted("return_declined"),
            ),
            Call(
                "process_return",
                lambda one: one.process_return(RETURN, "P1"),
                opened,
                is_processed,
                counted("return_process"),
            ),
            Call(
                "close_return",
                lambda one: one.close_return(RETURN, "X1"),
                opened,
                shows("closed"),
                counted("return_closed"),
            ),
            Call("find_return", lambda one: one.find_return(RETURN), opened),
        )

    @staticmethod
    def _reads(shop: SimulatedShop) -> tuple[Call, ...]:
        async def paid(_connector: Any) -> None:
            await shop.place("several_lines", keep_times=True)

        async def authorized(_connector: Any) -> None:
            await shop.place("payment_authorized")

        return (
            Call("orders_since", lambda one: one.orders_since(datetime(2026, 1, 1, tzinfo=UTC)), paid),
            Call("fetch_order", lambda one: one.fetch_order(str(PAID["id"])), paid),
            Call("find_shipment", lambda one: one.find_shipment(NOTICE), paid),
            Call("find_cancel", lambda one: one.find_cancel(CANCEL), paid),
            Call("find_refund", lambda one: one.find_refund(REFUND), paid),
            Call("find_capture", lambda one: one.find_capture(CAPTURE), authorized),
            Call("read_stock", lambda one: one.read_stock((TEE,))),
            Call("check", lambda one: one.check()),
            Call("locations", lambda one: one.locations()),
            Call("opening_stock", lambda one: one.opening_stock()),
            Call("missing_subscriptions", lambda one: one.missing_subscriptions(ADDRESS)),
        )


SUBJECT = ShopifySubject()
