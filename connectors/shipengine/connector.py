"""ShipEngine as the place where labels are bought: what the hub may ask of it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.contract import Access, Delivery, Label, LabelRequest, RemoteLocation, RemoteStock, Surroundings
from connectors.errors import ItemReason, NotFoundAtChannelError, OutcomeUnknownError, RejectedError
from connectors.kit.http import HttpClient, HttpSettings
from connectors.kit.limits import window
from connectors.shipengine import mapping, refusals, signatures, webhooks
from connectors.shipengine.client import ShipEngineClient
from connectors.shipengine.signatures import KeySet
from domain.news import News
from domain.parcel import ParcelScan

EVENT = "track"
LABEL_ID = re.compile(r"se(-[a-z0-9]+)+")


class ShipEngineConfig(BaseModel):
    """What it takes to reach one ShipEngine account and one carrier in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(default="https://api.shipengine.com", pattern=r"^https?://[^/]")
    api_key: SecretStr = Field(description="TEST_… buys labels that cost nothing")
    carrier_id: str = Field(pattern=LABEL_ID.pattern, description="the carrier account that is billed, se-…")
    service_code: str = Field(description="used when a label names no service, e.g. usps_ground_advantage")
    phone: str = Field(default="", description="given where an address has none, since carriers demand one")
    signing_keys: str = Field(description="the text of https://api.shipengine.com/jwks")
    calls_per_minute: int = Field(default=200, ge=1, description="the account's limit")

    @field_validator("signing_keys")
    @classmethod
    def _are_keys(cls, text: str) -> str:
        try:
            for key in KeySet.model_validate_json(text).keys:
                key.public()
        except ValueError:
            raise ValueError("not a set of RSA keys in JSON (RFC 7517)") from None
        return text


class ShipEngineConnector:
    """Buys and gives back labels, and tells where parcels are; it ships nothing by itself."""

    platform: ClassVar[str] = "shipengine"
    Config: ClassVar[type[BaseModel]] = ShipEngineConfig

    def __init__(self, config: ShipEngineConfig, http: HttpClient) -> None:
        self._config = config
        self._http = http
        self._client = ShipEngineClient(http)
        self._keys = {key.kid: key.public() for key in KeySet.model_validate_json(config.signing_keys).keys}

    @classmethod
    def open(cls, config: ShipEngineConfig, around: Surroundings) -> Self:
        settings = HttpSettings(
            platform="ShipEngine",
            base_url=config.base_url,
            headers={"api-key": config.api_key.get_secret_value()},
            answer_within=30,  # a carrier stands behind every label
            limiter=window(config.calls_per_minute, 60),
            reasons=refusals.reasons,
        )
        return cls(config, HttpClient.open(settings, around))

    async def close(self) -> None:
        await self._http.close()

    # ---- labels ----

    async def buy_label(self, request: LabelRequest, key: str) -> Label:  # noqa: ARG002 - ShipEngine has no idempotency key: the external id, unique in the account, does its work
        """Buy one; if the reference has one already, that is the answer, unless it was voided."""
        if found := mapping.problems(request, self._config.phone):
            raise RejectedError("no carrier can take this parcel", "refused before it was sent", reasons=found)
        if bought := await self.find_label(request):
            return _usable(bought)
        body = mapping.label_body(request, self._config.carrier_id, self._config.service_code, self._config.phone)
        try:
            made = await self._client.buy_label(body)
        except RejectedError:
            if bought := await self.find_label(request):
                return _usable(bought)
            raise
        if made.status == "error":
            raise RejectedError("the carrier refused the label", "the label has status error")
        if not made.tracking_number:
            raise OutcomeUnknownError("ShipEngine is still at the label", f"status {made.status[:20]}")
        return mapping.label(made)

    async def find_label(self, request: LabelRequest) -> Label | None:
        try:
            found = await self._client.label_of(mapping.external_id(request.reference))
        except NotFoundAtChannelError:
            return None
        return mapping.label(found) if found.tracking_number else None

    async def void_label(self, label: Label, key: str) -> Label:  # noqa: ARG002 - a void needs no key: a label is given back once
        if not LABEL_ID.fullmatch(label.external_id):
            raise RejectedError("this is no label of ShipEngine", "external_id is not of the form se-…")
        if not (await self._client.void_label(label.external_id)).approved:
            shown = mapping.label(await self._client.label(label.external_id))
            if shown.is_voided:
                return shown
            reason = ItemReason(code="void_refused")
            raise RejectedError("the carrier does not take the label back", "not approved", reasons=(reason,))
        return label.model_copy(update={"is_voided": True})

    async def scans_of(self, carrier: str, tracking_number: str) -> tuple[ParcelScan, ...]:
        try:
            return mapping.scans(await self._client.track(carrier, tracking_number))
        except NotFoundAtChannelError:
            return ()

    # ---- news in ----

    def identify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        return webhooks.identify(headers, body)

    def verify(self, delivery: Delivery) -> None:
        signatures.verify(delivery.headers, delivery.body, self._keys, datetime.now(UTC))

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return webhooks.read(topic, body)

    # ---- onboarding ----

    async def check(self) -> Access:
        """The account is the carrier's name; a key that signs now and is not in the config is missing like a scope."""
        carriers = (await self._client.carriers()).carriers
        carrier = next((one for one in carriers if one.carrier_id == self._config.carrier_id), None)
        if carrier is None:
            return Access(account="", missing=(f"carrier {self._config.carrier_id}",))
        now = await self._client.signing_keys()
        missing = tuple(f"signing key {key.kid[:40]}" for key in now.keys if key.kid not in self._keys)
        return Access(account=carrier.friendly_name or carrier.carrier_id, missing=missing)

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """Parcels are fetched where the label says."""
        return ()

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        """A carrier keeps no goods."""
        return ()

    async def subscribe(self, address: str) -> tuple[str, ...]:
        if await self.missing_subscriptions(address):
            await self._client.subscribe(EVENT, address)
        return (EVENT,)

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:
        present = [one for one in await self._client.webhooks() if one.url == address and one.event == EVENT]
        return () if present else (EVENT,)


def _usable(label: Label) -> Label:
    """The same reference never buys two labels: after a void the hub asks under another one."""
    if label.is_voided:
        reason = ItemReason(item="reference", code="label_voided")
        raise RejectedError("the label was given back; ask under another reference", reasons=(reason,))
    return label
