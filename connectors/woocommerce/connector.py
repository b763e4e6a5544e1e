"""WooCommerce as a sales channel: what the hub may ask of one shop."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.contract import (
    Access,
    CancelRequest,
    Delivery,
    ListingForm,
    ListingRef,
    ListingResult,
    OrderPage,
    PaymentRequest,
    PublicListing,
    RemoteLocation,
    RemoteStock,
    ShipmentNotice,
    ShownCancel,
    ShownListing,
    ShownPayment,
    ShownShipment,
    StockResult,
    StockSetting,
    Surroundings,
)
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import window
from connectors.woocommerce import refusals, webhooks
from connectors.woocommerce.account import Account
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.listings import Listings
from connectors.woocommerce.orders import Orders
from connectors.woocommerce.refunds import Refunds
from connectors.woocommerce.shipping import Shipping
from connectors.woocommerce.stock import Stock
from connectors.woocommerce.subscriptions import Subscriptions
from domain.channel_order import ChannelOrder
from domain.news import News

THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
PATIENCE_S = 60.0
"""For batches of products: the shop fetches their images before it answers."""


class WooConfig(BaseModel):
    """What it takes to reach one shop with a REST API key (WooCommerce, Settings, Advanced, REST API)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(pattern=r"^https?://[^/].*[^/]$", description="the shop's address, https://shop.example")
    consumer_key: SecretStr = Field(description="ck_…, with the permission read/write")
    consumer_secret: SecretStr = Field(description="cs_…")
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="the current one first; a second one counts while it is being replaced"
    )
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="the shop's only currency; products do not name theirs")
    tracking_note: str = Field(
        default="Your order is on its way with {carrier}, tracking number {tracking_number}. {tracking_url}",
        description="mailed to the buyer for each parcel; empty for none",
    )
    completes_orders: bool = Field(default=True, description="complete an order once all its units were shipped")
    calls_per_minute: int = Field(default=600, ge=1, description="WooCommerce has no limit, its host may have one")

    @field_validator("base_url")
    @classmethod
    def _keys_stay_unread(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname not in THIS_MACHINE:
            raise ValueError("http:// would send the key for everyone to read; use https://")
        return address


class WooConnector:
    platform: ClassVar[str] = "woocommerce"
    Config: ClassVar[type[BaseModel]] = WooConfig

    def __init__(self, config: WooConfig, client: WooClient) -> None:
        self._client = client
        self._secrets = tuple(secret.get_secret_value() for secret in config.webhook_secrets)
        self._subscriptions = Subscriptions(client, self._secrets[0] if self._secrets else "")
        self._refunds = Refunds(client)
        self._orders = Orders(client, self._refunds)
        self._shipping = Shipping(client, self._refunds, config.tracking_note, completes=config.completes_orders)
        self._account = Account(client, config.currency)
        self._listings = Listings(client, config.currency)
        self._stock = Stock(client)

    @classmethod
    def open(cls, config: WooConfig, around: Surroundings) -> Self:
        key = f"{config.consumer_key.get_secret_value()}:{config.consumer_secret.get_secret_value()}"
        anybody = HttpSettings(
            platform="WooCommerce",
            base_url=config.base_url,
            limiter=window(config.calls_per_minute, 60),
            reasons=refusals.reasons,
            is_refusal=refusals.is_refusal,
        )
        signed = replace(anybody, headers={"authorization": f"Basic {base64.b64encode(key.encode()).decode()}"})
        patient = replace(signed, answer_within=PATIENCE_S)
        return cls(config, WooClient(*(HttpClient.open(one, around) for one in (signed, patient, anybody))))

    async def close(self) -> None:
        await self._client.close()

    # ---- news in ----

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        webhooks.verify(delivery, self._secrets)

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body)

    async def orders_since(self, since: datetime, cursor: str = "") -> OrderPage:
        return await self._orders.since(since, cursor)

    async def fetch_order(self, external_id: str) -> ChannelOrder:
        return await self._orders.fetch(external_id)

    # ---- orders: WooCommerce has no idempotency key; what is not single by nature is looked up before it is done ----

    async def report_shipment(self, notice: ShipmentNotice, key: str) -> ShownShipment:  # noqa: ARG002 - see above
        return await self._shipping.report(notice)

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        return await self._shipping.find(notice)

    async def cancel_order(self, request: CancelRequest, key: str) -> ShownCancel:  # noqa: ARG002 - see above
        return await self._orders.cancel(request)

    async def find_cancel(self, request: CancelRequest) -> ShownCancel | None:
        return await self._orders.find_cancel(request)

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:  # noqa: ARG002 - see above
        return await self._refunds.refund(request)

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._refunds.find(request)

    # ---- listings: the key is not needed, since each call names a state and SKUs are unique in a shop ----

    async def stage_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - see above
        return await self._listings.stage(forms)

    async def publish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - see above
        return await self._listings.publish(refs)

    async def unpublish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - see above
        return await self._listings.unpublish(refs)

    async def write_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - see above
        return await self._listings.write(forms)

    async def remove_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - see above
        return await self._listings.remove(refs)

    async def read_listings(self, refs: tuple[ListingRef, ...]) -> tuple[ShownListing | None, ...]:
        return await self._listings.read(refs)

    async def public_listings(self, refs: tuple[ListingRef, ...]) -> tuple[PublicListing, ...]:
        return await self._listings.public(refs)

    # ---- stock ----

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return await self._stock.read(item_external_ids)

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:  # noqa: ARG002 - a number that is set twice is the same number
        return await self._stock.set(settings)

    # ---- onboarding ----

    async def check(self) -> Access:
        return await self._account.check()

    async def locations(self) -> tuple[RemoteLocation, ...]:
        return await self._account.locations()

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return await self._stock.opening()

    async def subscribe(self, address: str) -> tuple[str, ...]:
        return await self._subscriptions.subscribe(address)

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        return await self._subscriptions.missing(address)
