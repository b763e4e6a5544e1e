"""ShipBob as a place that ships: what the hub may ask of it."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.contract import Access, Delivery, RemoteLocation, RemoteStock, Surroundings
from connectors.errors import OutcomeUnknownError, RejectedError
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import header_reading, window
from connectors.kit.webhooks import verify_standard
from connectors.shipbob import mapping, refusals, webhooks
from connectors.shipbob.client import ShipBobClient
from domain.fulfillment import FulfillmentReport, FulfillmentRequest, RecallAnswer, SentFulfillmentOrder
from domain.news import News

SCOPES = (
    "channels_read",
    "orders_read",
    "orders_write",
    "inventory_read",
    "locations_read",
    "webhooks_read",
    "webhooks_write",
)


class ShipBobConfig(BaseModel):
    """What it takes to reach one ShipBob channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="https://api.shipbob.com", pattern=r"^https?://[^/]")
    token: SecretStr = Field(description="personal access token, or an OAuth2 access token")
    channel_id: int = Field(description="the channel of the token that orders are created in")
    webhook_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="whsec_…, the current one first; a second one counts while it is being replaced"
    )
    shipping_method: str = Field(default="Standard", description="used when the order names no service")
    calls_per_minute: int = Field(default=150, ge=1, description="the account's limit, until ShipBob tells it")


class ShipBobConnector:
    """Takes fulfillment orders, reports by webhook and by poll; no pickup, and stock is only read."""

    platform: ClassVar[str] = "shipbob"
    Config: ClassVar[type[BaseModel]] = ShipBobConfig

    def __init__(self, config: ShipBobConfig, http: HttpClient) -> None:
        self._config = config
        self._http = http
        self._client = ShipBobClient(http, config.channel_id)

    @classmethod
    def open(cls, config: ShipBobConfig, around: Surroundings) -> Self:
        settings = HttpSettings(
            platform="ShipBob",
            base_url=config.base_url,
            headers={"authorization": f"Bearer {config.token.get_secret_value()}"},
            limiter=window(config.calls_per_minute, 60),
            limit_in=lambda headers: header_reading(headers, left="x-remaining-calls", reset_seconds="x-retry-after"),
            reasons=refusals.reasons,
        )
        return cls(config, HttpClient.open(settings, around))

    async def close(self) -> None:
        await self._http.close()

    # ---- work out

    async def send_fulfillment_order(self, request: FulfillmentRequest, key: str) -> SentFulfillmentOrder:  # noqa: ARG002 - ShipBob has no idempotency key: the reference, unique in a channel, does its work
        """Create the order; if the reference is taken, the order that has it is the answer."""
        if found := mapping.problems(request):
            raise RejectedError("ShipBob cannot ship this", "refused before it was sent", reasons=found)
        try:
            order = await self._client.create_order(mapping.order_body(request, self._config.shipping_method))
        except RejectedError as refused:
            if taken := await self.find_fulfillment_order(request.reference):
                return taken
            reasons = refusals.by_line(refused.reasons, request)
            raise RejectedError(refused.merchant, refused.engineer, reasons=reasons) from None
        sent = mapping.sent_order(order)
        if sent.reference != request.reference or sent.state == "canceled":
            raise OutcomeUnknownError("ShipBob answered with another order", f"order {sent.external_id}, {sent.state}")
        return sent

    async def find_fulfillment_order(self, reference: str) -> SentFulfillmentOrder | None:
        found = await self._client.orders_by_reference(reference)
        return next((mapping.sent_order(order) for order in found if order.reference_id == reference), None)

    async def recall_fulfillment_order(self, sent: SentFulfillmentOrder, key: str) -> RecallAnswer:  # noqa: ARG002 - a cancel needs no key: repeating it changes nothing
        """Cancel; a cancel that ShipBob will not look at is answered by the order's state."""
        try:
            return mapping.recall_answer(await self._client.cancel_order(sent.external_id))
        except RejectedError:
            return mapping.recall_by_state(await self._client.order(sent.external_id))

    async def reports_of(self, sent: SentFulfillmentOrder) -> tuple[FulfillmentReport, ...]:
        return mapping.order_reports(await self._client.order(sent.external_id))

    # ---- news in

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        secrets = [secret.get_secret_value() for secret in self._config.webhook_secrets]
        verify_standard(delivery.headers, delivery.body, secrets)

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body)

    # ---- onboarding

    async def check(self) -> Access:
        """The account is the channel's name; a channel that the token does not see is missing like a scope."""
        channels = await self._client.channels()
        channel = next((one for one in channels if one.id == self._config.channel_id), None)
        if channel is None:
            return Access(account="", missing=(f"channel {self._config.channel_id}",))
        missing = tuple(scope for scope in SCOPES if scope not in channel.scopes)
        return Access(account=channel.name, granted=channel.scopes, missing=missing)

    async def locations(self) -> tuple[RemoteLocation, ...]:
        return mapping.locations(await self._client.locations())

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return tuple(mapping.stock(await self._client.stock()))

    async def subscribe(self, address: str) -> tuple[str, ...]:
        """Subscribe to what is missing with the current secret; ShipBob switches off what failed for days."""
        if not self._config.webhook_secrets:
            raise RejectedError("a webhook secret is needed first", "webhook_secrets is empty")
        missing = await self._missing(address, drop_disabled=True)
        if missing:
            await self._client.subscribe(address, missing, self._config.webhook_secrets[0].get_secret_value())
        return webhooks.TOPICS

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        return await self._missing(address)

    async def _missing(self, address: str, *, drop_disabled: bool = False) -> tuple[str, ...]:
        ours = [one for one in await self._client.subscriptions() if one.url == address]
        if drop_disabled:
            for dead in (one for one in ours if not one.enabled):
                await self._client.unsubscribe(dead.id)
        present = {topic for one in ours if one.enabled for topic in one.topics}
        return tuple(topic for topic in webhooks.TOPICS if topic not in present)
