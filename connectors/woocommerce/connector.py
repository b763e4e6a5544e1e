"""WooCommerce as a sales channel: what the hub may ask of one shop."""

import base64
from dataclasses import replace
from typing import ClassVar, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.contract import (
    Access,
    ListingForm,
    ListingRef,
    ListingResult,
    PublicListing,
    RemoteLocation,
    RemoteStock,
    ShownListing,
    StockResult,
    StockSetting,
    Surroundings,
)
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import window
from connectors.woocommerce import refusals
from connectors.woocommerce.account import Account
from connectors.woocommerce.client import WooClient
from connectors.woocommerce.listings import Listings
from connectors.woocommerce.stock import Stock

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
