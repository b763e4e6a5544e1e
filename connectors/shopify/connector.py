"""Shopify as a sales channel: what the hub may ask of one shop."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.contract import (
    Access,
    CancelRequest,
    Delivery,
    ListedOrder,
    ListingForm,
    ListingRef,
    ListingResult,
    OrderPage,
    PaymentRequest,
    PublicListing,
    RemoteLocation,
    RemoteStock,
    ReturnRequest,
    ShipmentNotice,
    ShownCancel,
    ShownListing,
    ShownPayment,
    ShownReturn,
    ShownShipment,
    StockResult,
    StockSetting,
    Surroundings,
)
from connectors.errors import NotFoundAtChannelError, OutcomeUnknownError
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import Limiter
from connectors.shopify import answers, documents, webhooks
from connectors.shopify.client import ShopifyClient, gid, order_in, refused
from connectors.shopify.listing_reading import ListingReading
from connectors.shopify.listings import Listings
from connectors.shopify.mapping import Marks, order_of
from connectors.shopify.payments import Payments
from connectors.shopify.returns import Returns
from connectors.shopify.shipping import Shipping
from connectors.shopify.stock import Stock
from domain.channel_order import ChannelOrder
from domain.news import News

SCOPES = (
    "read_orders",
    "write_orders",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_products",
    "write_products",
    "read_publications",
    "write_publications",
    "read_returns",
    "write_returns",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
)
CANCEL_REASONS: Mapping[str, str] = {
    "customer": "CUSTOMER",
    "inventory": "INVENTORY",
    "fraud": "FRAUD",
    "declined": "DECLINED",
    "other": "OTHER",
}
CANCEL_SHOWN_AFTER = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds between looks at a cancel, which is a job at Shopify


class ShopifyConfig(BaseModel):
    """What it takes to reach one shop as a custom app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop_domain: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$", description="example.myshopify.com")
    access_token: SecretStr = Field(description="Admin API access token, shpat_…")
    client_secrets: tuple[SecretStr, ...] = Field(
        min_length=1, description="the current one first; a second one counts while it is being replaced"
    )
    base_url: str = Field(default="", pattern=r"^(https?://[^/].*)?$", description="only for a simulator")
    promise_attribute: str = Field(
        default=Marks().promised_on, description="order attribute with the promised day, as ISO date"
    )
    ship_complete_tag: str = Field(default=Marks().ship_complete, description="tag of orders that leave complete only")
    points_per_second: float = Field(default=100, gt=0, description="the plan's limit, until Shopify tells it")
    publications: tuple[str, ...] = Field(
        default=("Online Store",), min_length=1, description="names or numbers of the publications that we sell in"
    )


class ShopifyConnector:
    platform: ClassVar[str] = "shopify"
    Config: ClassVar[type[BaseModel]] = ShopifyConfig

    def __init__(self, config: ShopifyConfig, client: ShopifyClient) -> None:
        self._secrets = tuple(secret.get_secret_value() for secret in config.client_secrets)
        self._marks = Marks(config.promise_attribute, config.ship_complete_tag)
        self._client = client
        self._shipping = Shipping(client)
        self._payments = Payments(client)
        self._returns = Returns(client)
        self._stock = Stock(client)
        self._reading = ListingReading(client, config.publications)
        self._listings = Listings(client, self._reading)

    @classmethod
    def open(cls, config: ShopifyConfig, around: Surroundings) -> Self:
        settings = HttpSettings(
            platform=cls.platform,
            base_url=config.base_url or f"https://{config.shop_domain}",
            headers={"X-Shopify-Access-Token": config.access_token.get_secret_value()},
        )
        limiter = Limiter(capacity=config.points_per_second * 10, per_second=config.points_per_second)
        return cls(config, ShopifyClient(HttpClient.open(settings, around), limiter))

    async def close(self) -> None:
        await self._client.close()

    # ---- news in ----

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        webhooks.verify(delivery, self._secrets)

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body, self._marks)

    async def orders_since(self, since: datetime, cursor: str = "") -> OrderPage:
        """Listed only: one document for the list and its orders would cost more than Shopify allows."""
        query = f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        answer = await self._client.ask(
            documents.CHANGED_ORDERS, answers.ChangedOrders, query=query, after=cursor or None
        )
        listed = tuple(ListedOrder(external_id=each.number, updated_at=each.updated_at) for each in answer.orders.nodes)
        page = answer.orders.page
        return OrderPage(listed=listed, cursor=page.cursor or cursor, is_last=not page.next)

    async def fetch_order(self, external_id: str) -> ChannelOrder:
        """By its id; or by a fulfillment order's global id, which is all that webhooks about holds tell."""
        is_work = external_id.startswith(webhooks.WORK)
        order = await self._order_of_work(external_id) if is_work else gid("Order", external_id)
        found = order_in(await self._client.ask(documents.ORDER, answers.OneOrder[answers.WholeOrder], id=order))
        lines, page = list(found.lines.nodes), found.lines.page
        while page.next:
            more = await self._client.ask(
                documents.MORE_LINES, answers.OneOrder[answers.OrderLines], id=order, after=page.cursor
            )
            lines += order_in(more).lines.nodes
            page = order_in(more).lines.page
        return order_of(found.model_copy(update={"line_items": tuple(lines)}), self._marks)

    async def _order_of_work(self, work: str) -> str:
        found = (await self._client.ask(documents.ORDER_OF_WORK, answers.OneWork, id=work)).work
        if found is None:
            raise NotFoundAtChannelError("Shopify does not know this fulfillment order")
        return found.order_id

    # ---- shipments and cancels ----

    async def report_shipment(self, notice: ShipmentNotice, key: str) -> ShownShipment:  # noqa: ARG002 - Shopify has no key here; see Shipping.report
        return await self._shipping.report(notice)

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        return await self._shipping.find(notice)

    async def cancel_order(self, request: CancelRequest, key: str) -> ShownCancel:  # noqa: ARG002 - an order is canceled once by nature
        """Without restock at Shopify: the ledger publishes the units, and its compare-and-swap stays valid."""
        done = await self._client.tell(
            documents.CANCEL,
            answers.Done,
            id=gid("Order", request.order_external_id),
            reason=CANCEL_REASONS[request.reason],
            refund=request.refund,
            notify=request.notify_buyer,
        )
        for pause in CANCEL_SHOWN_AFTER:
            if shown := await self.find_cancel(request):
                return shown
            if done.errors and not any("already" in error.message for error in done.errors):
                raise refused("cancel the order", done.errors)
            await asyncio.sleep(pause)
        raise OutcomeUnknownError("Shopify has not shown the cancel yet", "the job did not end within seconds")

    async def find_cancel(self, request: CancelRequest) -> ShownCancel | None:
        order = gid("Order", request.order_external_id)
        found = order_in(await self._client.ask(documents.CANCELED, answers.OneOrder[answers.Canceled], id=order))
        return ShownCancel(canceled_at=found.at) if found.at else None

    # ---- money ----

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:  # noqa: ARG002 - Shopify has no key here; see Payments.capture
        return await self._payments.capture(request)

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._payments.find_capture(request)

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        if request.return_external_id:
            await self._returns.must_be_refundable(request.order_external_id, request.return_external_id)
        return await self._payments.refund(request, key)

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._payments.find_refund(request)

    # ---- returns: Shopify has no key for any of these; see Returns ----

    async def open_return(self, request: ReturnRequest, key: str) -> ShownReturn:  # noqa: ARG002 - as above
        return await self._returns.open(request)

    async def decline_return(self, request: ReturnRequest, key: str) -> ShownReturn:  # noqa: ARG002 - as above
        return await self._returns.decline(request)

    async def process_return(self, request: ReturnRequest, key: str) -> ShownReturn:  # noqa: ARG002 - as above
        return await self._returns.process(request)

    async def close_return(self, request: ReturnRequest, key: str) -> ShownReturn:  # noqa: ARG002 - as above
        return await self._returns.close(request)

    async def find_return(self, request: ReturnRequest) -> ShownReturn | None:
        return await self._returns.find(request)

    # ---- stock ----

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return await self._stock.read(item_external_ids)

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        return await self._stock.set(settings, key)

    # ---- listings: every write names a state, so that repeating it changes nothing ----

    async def stage_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - Shopify has no key here
        return await self._listings.stage(forms)

    async def publish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.publish(refs)

    async def unpublish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.unpublish(refs)

    async def write_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.write(forms)

    async def remove_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.remove(refs)

    async def read_listings(self, refs: tuple[ListingRef, ...]) -> tuple[ShownListing | None, ...]:
        return await self._reading.shown(refs)

    async def public_listings(self, refs: tuple[ListingRef, ...]) -> tuple[PublicListing, ...]:
        return await self._reading.seen(refs)

    # ---- onboarding ----

    async def check(self) -> Access:
        found = await self._client.ask(documents.ACCESS, answers.Access)
        granted = tuple(scope.handle for scope in found.app.scopes)
        return Access(
            account=found.shop.domain,
            granted=granted,
            missing=tuple(scope for scope in SCOPES if scope not in granted),
        )

    async def locations(self) -> tuple[RemoteLocation, ...]:
        pages = self._client.pages(documents.LOCATIONS, answers.Places, lambda answer: answer.locations)
        return tuple(
            [
                RemoteLocation(
                    external_id=place.number,
                    name=place.name,
                    country=place.address.country,
                    postal_code=place.address.zip,
                )
                async for place in pages
            ]
        )

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return await self._stock.opening()

    async def subscribe(self, address: str) -> tuple[str, ...]:
        for topic in await self.missing_subscriptions(address):
            done = await self._client.tell(documents.SUBSCRIBE, answers.Done, topic=topic, uri=address)
            if done.errors and not any("already been taken" in error.message for error in done.errors):
                raise refused("subscribe to webhooks", done.errors)
        return await self._topics()

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        pages = self._client.pages(
            documents.SUBSCRIPTIONS, answers.Subscriptions, lambda answer: answer.subscriptions, uri=address
        )
        known = {subscription.topic async for subscription in pages}
        return tuple(topic for topic in await self._topics() if topic not in known)

    async def _topics(self) -> tuple[str, ...]:
        """What every shop has, and what the granted scopes add."""
        granted = (await self.check()).granted
        more = (topics for scope, topics in webhooks.SUBSCRIBED_WITH.items() if scope in granted)
        return webhooks.SUBSCRIBED + tuple(chain.from_iterable(more))
