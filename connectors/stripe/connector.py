"""Stripe as the place that holds the money: what the hub may ask of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.contract import (
    Access,
    Delivery,
    PaymentRequest,
    RemoteLocation,
    RemoteStock,
    ShownPayment,
    Surroundings,
)
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import Limiter
from connectors.stripe import refusals, signatures, webhooks
from connectors.stripe.client import API_VERSION, StripeClient
from connectors.stripe.payments import Payments
from domain.news import News


class StripeConfig(BaseModel):
    """What it takes to reach one Stripe account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="https://api.stripe.com", pattern=r"^https?://[^/]")
    secret_key: SecretStr = Field(
        description="sk_… or rk_… (restricted: PaymentIntents write, Charges and Refunds write)"
    )
    webhook_secrets: tuple[SecretStr, ...] = Field(
        min_length=1,
        description="whsec_… of the endpoint, the current one first; a second one counts while it is rolled",
    )
    calls_per_second: float = Field(default=25, gt=0, description="Stripe allows 25 in test mode, 100 live")


class StripeConnector:
    """`PaymentRequest.parent_external_id` is the PaymentIntent; webhooks tell what others did with the money."""

    platform: ClassVar[str] = "stripe"
    Config: ClassVar[type[BaseModel]] = StripeConfig

    def __init__(self, config: StripeConfig, http: HttpClient) -> None:
        self._secrets = tuple(secret.get_secret_value() for secret in config.webhook_secrets)
        self._http = http
        self._client = StripeClient(http)
        self._payments = Payments(self._client)

    @classmethod
    def open(cls, config: StripeConfig, around: Surroundings) -> Self:
        settings = HttpSettings(
            platform="Stripe",
            base_url=config.base_url,
            headers={
                "authorization": f"Bearer {config.secret_key.get_secret_value()}",
                "stripe-version": API_VERSION,
            },
            limiter=Limiter(config.calls_per_second, config.calls_per_second),
            reasons=refusals.reasons,
        )
        return cls(config, HttpClient.open(settings, around))

    async def close(self) -> None:
        await self._http.close()

    # ---- money ----

    async def capture(self, request: PaymentRequest, key: str) -> ShownPayment:
        return await self._payments.capture(request, key)

    async def find_capture(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._payments.find_capture(request)

    async def void(self, request: PaymentRequest, key: str) -> ShownPayment:
        return await self._payments.void(request, key)

    async def find_void(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._payments.find_void(request)

    async def refund(self, request: PaymentRequest, key: str) -> ShownPayment:
        return await self._payments.refund(request, key)

    async def find_refund(self, request: PaymentRequest) -> ShownPayment | None:
        return await self._payments.find_refund(request)

    # ---- news in ----

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        header = delivery.headers.get("stripe-signature", "")
        signatures.verify(header, delivery.body, self._secrets, datetime.now(UTC))

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body)

    # ---- onboarding ----

    async def check(self) -> Access:
        account = await self._client.account()
        missing = ("charges_enabled",) if account.charges_enabled is False else ()
        return Access(account=account.id, missing=missing)

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """Money lies at no place."""
        return ()

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        """Stripe keeps no goods."""
        return ()
