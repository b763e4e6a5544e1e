"""Square as a point of sale: what the hub may ask of one merchant's tills."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.contract import (
    Access,
    Delivery,
    RemoteLocation,
    RemoteStock,
    StockNewsPage,
    StockResult,
    StockSetting,
    Surroundings,
)
from connectors.errors import RejectedError
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import window
from connectors.square import webhooks
from connectors.square.client import VERSION, SquareClient, reasons
from connectors.square.news import TillNews
from connectors.square.schemas import Places, Shape, Subscription, Subscriptions, Token
from connectors.square.stock import Stock
from domain.news import News, PosSaleNews

SCOPES = ("MERCHANT_PROFILE_READ", "ITEMS_READ", "INVENTORY_READ", "INVENTORY_WRITE", "ORDERS_READ")


class SquareConfig(BaseModel):
    """What it takes to reach one Square account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="https://connect.squareup.com", pattern=r"^https?://[^/]")
    access_token: SecretStr = Field(description="the application's access token for this account")
    signature_keys: tuple[SecretStr, ...] = Field(
        default=(), description="of the webhook subscription; the current one first, the previous one while it changes"
    )
    notification_url: str = Field(
        default="", description="the hub's address for this connection, exactly as Square knows it: it is signed too"
    )
    calls_per_minute: int = Field(default=600, ge=1, description="Square names no limit, it answers 429")


class SquareConnector:
    platform: ClassVar[str] = "square"
    Config: ClassVar[type[BaseModel]] = SquareConfig

    def __init__(self, config: SquareConfig, client: SquareClient) -> None:
        self._keys = tuple(key.get_secret_value() for key in config.signature_keys)
        self._address = config.notification_url
        self._client = client
        self._stock = Stock(client)
        self._news = TillNews(client, self._stock)

    @classmethod
    def open(cls, config: SquareConfig, around: Surroundings) -> Self:
        token = config.access_token.get_secret_value()
        settings = HttpSettings(
            platform="Square",
            base_url=config.base_url,
            headers={"authorization": f"Bearer {token}", "square-version": VERSION},
            limiter=window(config.calls_per_minute, 60),
            reasons=reasons,
        )
        return cls(config, SquareClient(HttpClient.open(settings, around)))

    async def close(self) -> None:
        await self._client.close()

    # ---- news in ----

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        webhooks.verify(delivery, self._address, self._keys)

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body)

    async def stock_news_since(self, since: datetime, cursor: str = "") -> StockNewsPage:
        return await self._news.since(since, cursor)

    async def fetch_sale(self, external_id: str) -> PosSaleNews | None:
        return await self._news.sale(external_id)

    # ---- stock ----

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return await self._stock.read(item_external_ids)

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:
        return await self._stock.set(settings, key)

    # ---- onboarding ----

    async def check(self) -> Access:
        token = await self._client.ask("/oauth2/token/status", Token, {})
        missing = tuple(scope for scope in SCOPES if scope not in token.scopes)
        return Access(account=token.merchant_id, granted=token.scopes, missing=missing)

    async def locations(self) -> tuple[RemoteLocation, ...]:
        found = (await self._client.get("/locations", Places)).locations
        return tuple(
            RemoteLocation(
                external_id=place.id, name=place.name, country=place.country, postal_code=place.address.postal_code
            )
            for place in found
            if place.status != "INACTIVE"
        )

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return await self._stock.opening()

    async def subscribe(self, address: str) -> tuple[str, ...]:
        """Makes or mends the subscription. Square makes its key itself: copy it into `signature_keys` afterwards."""
        if self._address != address:
            text = f"set notification_url to {address}"
            raise RejectedError("the address that Square signs is not the one in the configuration", text)
        ours = await self._ours(address)
        if _missing(ours):
            wanted = {"name": "Tutti", "enabled": True, "event_types": webhooks.TYPES, "notification_url": address}
            method, path = (
                ("PUT", f"/webhooks/subscriptions/{ours[0].id}") if ours else ("POST", "/webhooks/subscriptions")
            )
            await self._client.write(method, path, Shape, {"subscription": wanted})
        return webhooks.TYPES

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        return _missing(await self._ours(address))

    async def _ours(self, address: str) -> list[Subscription]:
        found = self._client.listed(
            "/webhooks/subscriptions", Subscriptions, lambda page: page.subscriptions, include_disabled="true"
        )
        return [one async for one in found if one.notification_url == address]


def _missing(ours: list[Subscription]) -> tuple[str, ...]:
    active = {name for one in ours if one.enabled for name in one.event_types}
    return tuple(name for name in webhooks.TYPES if name not in active)
