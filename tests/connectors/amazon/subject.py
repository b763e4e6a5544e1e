"""Amazon on the stage of the certification suite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from connectors.amazon.connector import AmazonConnector
from connectors.contract import ListingForm, ListingRef, ShipmentNotice, StockSetting, VariantForm
from connectors.testing import Call, Stage
from domain.money import Money
from sandbox.amazon.app import Amazon, platform
from sandbox.amazon.control import BoughtLine, Purchase, SeededListing, _order, _seeded
from sandbox.amazon.queue import Message
from sandbox.faults import Faults
from sandbox.webhooks import Outbox

ADDRESS = "https://hub.example/webhooks/c1"
ORDER = "111-0000001-0000001"
SKU = "TEE-S"
REF = ListingRef(reference="p1", skus=(SKU,))
FORM = ListingForm(
    ref=REF,
    kind="SHIRT",
    fields={
        "item_name": "Linen shirt",
        "brand": "Example",
        "product_description": "A shirt of linen.",
        "bullet_point": ["Light", "Cool"],
        "color": "blue",
        "size": "S",
    },
    media=("https://img.example/tee.png",),
    variants=(VariantForm(sku=SKU, price=Money(amount_minor=2990, currency="USD"), quantities={"DEFAULT": 4}),),
)
NOTICE = ShipmentNotice(
    reference="s1",
    order_external_id=ORDER,
    carrier="UPS",
    tracking_number="1Z999",
    lines=(("100000101", 1),),
)


def config(simulator: Amazon) -> dict[str, Any]:
    settings = simulator.account.settings
    return {
        "base_url": "http://sandbox/amazon",
        "login_url": "http://sandbox/amazon/auth/o2/token",
        "seller_id": settings.seller_id,
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "refresh_token": settings.refresh_token,
        "queue_url": "http://sandbox/amazon/queue",
        "queue_arn": settings.queue_arn,
        "aws_access_key": settings.aws_access_key,
        "aws_secret_key": settings.aws_secret_key,
    }


def furnish(simulator: Amazon) -> None:
    """A listing with ten units, and an order of one."""
    account = simulator.account
    account.listings["TEA"] = _seeded(account, SeededListing(sku="TEA", quantity=10))
    purchase = Purchase(lines=(BoughtLine(sku="TEA"),), order_id=ORDER)
    order = _order(account, purchase)
    order["orderItems"][0]["orderItemId"] = "100000101"
    account.orders[ORDER] = order


async def staged(connector: AmazonConnector) -> None:
    await connector.write_listings((FORM,), "k")


async def ended(connector: AmazonConnector) -> None:
    await staged(connector)
    await connector.unpublish_listings((REF,), "k")


async def is_state(connector: AmazonConnector, state: str) -> bool:
    (shown,) = await connector.read_listings((REF,))
    return shown is not None and shown.state == state


async def is_gone(connector: AmazonConnector) -> bool:
    return (await connector.read_listings((REF,)))[0] is None


async def subscribed(connector: AmazonConnector) -> object:
    return not await connector.missing_subscriptions(ADDRESS)


async def almost_subscribed(connector: AmazonConnector) -> None:
    """One kind is missing: the sample write commits once."""
    destination = await connector._destination()
    await connector._client.subscribe("ORDER_CHANGE", destination)


class AmazonSubject:
    connector = AmazonConnector

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        faults = Faults()
        simulator = platform(faults, Outbox(faults))
        furnish(simulator)
        simulator.queue.messages.append(Message("{}", 0.0))  # an empty queue is waited for
        simulator.account.settings = simulator.account.settings.model_copy(update={"queue_hides_for": 0.0})

        def count(kind: str) -> int:
            return sum(simulator.counters().get(kind, {}).values())

        yield Stage(
            config=config(simulator),
            transport=httpx.ASGITransport(FastAPI(routes=simulator.routes)),
            calls=(*_writes(simulator, count), *_reads()),
            personal=("Ada Example", "ada@example.com", "555 0100", "1 Test St"),
        )


def _writes(simulator: Amazon, count: Any) -> tuple[Call, ...]:
    def since() -> Any:
        """Counts from the call on, whatever its preparation wrote."""
        before: list[int] = []

        def counted() -> int:
            written: int = count("listings")
            return written - (before[0] if before else 0)

        async def mark(_: object = None) -> None:
            before[:] = [count("listings")]

        return counted, mark

    published, mark_published = since()
    unpublished, mark_unpublished = since()
    removed, mark_removed = since()

    async def for_publish(connector: AmazonConnector) -> None:
        await ended(connector)
        await mark_published()

    async def for_unpublish(connector: AmazonConnector) -> None:
        await staged(connector)
        await mark_unpublished()

    async def for_remove(connector: AmazonConnector) -> None:
        await staged(connector)
        await mark_removed()

    setting = StockSetting(item_external_id="TEA", location_external_id="DEFAULT", quantity=3)
    return (
        Call(
            "report_shipment",
            do=lambda one: one.report_shipment(NOTICE, "k"),
            find=lambda one: one.find_shipment(NOTICE),
            committed=lambda: count("shipments"),
        ),
        Call(
            "set_stock",
            do=lambda one: one.set_stock((setting,), "k"),
            find=lambda one: _shows(one, 3),
            committed=lambda: count("listings"),
        ),
        Call(
            "write_listings",
            do=lambda one: one.write_listings((FORM,), "k"),
            find=lambda one: is_state(one, "live"),
            committed=lambda: count("listings"),
        ),
        Call(
            "publish_listings",
            prepare=for_publish,
            do=lambda one: one.publish_listings((REF,), "k"),
            find=lambda one: is_state(one, "live"),
            committed=published,
        ),
        Call(
            "unpublish_listings",
            prepare=for_unpublish,
            do=lambda one: one.unpublish_listings((REF,), "k"),
            find=lambda one: is_state(one, "hidden"),
            committed=unpublished,
        ),
        Call(
            "remove_listings",
            prepare=for_remove,
            do=lambda one: one.remove_listings((REF,), "k"),
            find=is_gone,
            committed=removed,
        ),
        Call(
            "subscribe",
            prepare=almost_subscribed,
            do=lambda one: one.subscribe(ADDRESS),
            find=subscribed,
            committed=lambda: simulator.counters().get("subscriptions", {}).get("LISTINGS_ITEM_MFN_QUANTITY_CHANGE", 0),
        ),
    )


async def _shows(connector: AmazonConnector, units: int) -> bool:
    return [setting.quantity for setting in await connector.read_stock(("TEA",))] == [units]


def _reads() -> tuple[Call, ...]:
    since = datetime.now(UTC) - timedelta(hours=1)
    return (
        Call("orders_since", do=lambda one: one.orders_since(since)),
        Call("fetch_order", do=lambda one: one.fetch_order(ORDER)),
        Call("find_shipment", do=lambda one: one.find_shipment(NOTICE)),
        Call("read_stock", do=lambda one: one.read_stock(("TEA",))),
        Call("read_listings", do=lambda one: one.read_listings((REF,))),
        Call("public_listings", do=lambda one: one.public_listings((REF,))),
        Call("check_listings", do=lambda one: one.check_listings((FORM,))),
        Call("listing_schema", do=lambda one: one.listing_schema("SHIRT")),
        Call("waiting_deliveries", do=lambda one: one.waiting_deliveries()),
        Call("check", do=lambda one: one.check()),
        Call("locations", do=lambda one: one.locations()),
        Call("opening_stock", do=lambda one: one.opening_stock()),
        Call("missing_subscriptions", do=lambda one: one.missing_subscriptions(ADDRESS)),
    )


SUBJECT = AmazonSubject()
