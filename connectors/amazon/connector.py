"""Amazon as a marketplace: what the hub may ask of it."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from httpx_aws_auth import AwsCredentials
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from connectors.amazon import mapping, notifications
from connectors.amazon.attributes import Vocabulary
from connectors.amazon.client import AmazonClient, reading, reasons
from connectors.amazon.listings import Listings
from connectors.amazon.product_types import ProductTypes
from connectors.amazon.queue import Queue
from connectors.amazon.schemas import AmazonOrder
from connectors.amazon.stock import DEFAULT_PLACE, Stock
from connectors.amazon.tokens import Tokens
from connectors.contract import (
    Access,
    ListingForm,
    ListingRef,
    ListingResult,
    OrderPage,
    PublicListing,
    QueuedDelivery,
    RemoteLocation,
    RemoteStock,
    ShipmentNotice,
    ShownListing,
    ShownShipment,
    StockResult,
    StockSetting,
    Surroundings,
)
from connectors.errors import NotFoundAtChannelError, UnreadableError
from connectors.kit.http import HttpClient, HttpSettings
from domain.channel_order import ChannelOrder
from domain.news import News

NOTIFICATIONS_SCOPE = "sellingpartnerapi::notifications"


class AmazonConfig(BaseModel):
    """What it takes to reach one seller in one marketplace."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field(
        default="https://sellingpartnerapi-na.amazon.com",
        pattern=r"^https?://[^/]",
        description="the Selling Partner API of the marketplace's region",
    )
    login_url: str = Field(default="https://api.amazon.com/auth/o2/token", pattern=r"^https?://[^/]")
    seller_id: str = Field(min_length=1)
    marketplace_id: str = Field(default="ATVPDKIKX0DER", description="one connection, one marketplace")
    language: str = Field(default="en_US", description="of texts that the forms give without one")
    client_id: str = Field(min_length=1, description="of the application at Amazon")
    client_secret: SecretStr
    refresh_token: SecretStr = Field(description="what the seller gave the application")
    queue_url: str = Field(default="", description="the SQS queue that notifications arrive in; empty: the sweep alone")
    queue_arn: str = Field(default="", description="the same queue, as Amazon names it when it is subscribed")
    aws_region: str = "us-east-1"
    aws_access_key: str = ""
    aws_secret_key: SecretStr = SecretStr("")


class AmazonConnector:
    """Gives orders by queue and by sweep, takes tracking, listings, prices and quantities.

    Amazon neither refunds nor cancels a seller's order by a plain call: both are done in Seller Central and arrive as
    changes of the order.
    """

    platform: ClassVar[str] = "amazon"
    Config: ClassVar[type[BaseModel]] = AmazonConfig

    def __init__(self, config: AmazonConfig, http: HttpClient, queue: Queue | None) -> None:
        self._config = config
        self._http = http
        self._queue = queue
        application = {"client_id": config.client_id, "client_secret": config.client_secret.get_secret_value()}
        seller = {"grant_type": "refresh_token", "refresh_token": config.refresh_token.get_secret_value()}
        grantless = {"grant_type": "client_credentials", "scope": NOTIFICATIONS_SCOPE}
        self._client = AmazonClient(
            http,
            Tokens(http, config.login_url, seller | application),
            Tokens(http, config.login_url, grantless | application),
            config.seller_id,
            config.marketplace_id,
        )
        words = Vocabulary(config.marketplace_id, config.language)
        self._words = words
        self._listings = Listings(self._client, words)
        self._stock = Stock(self._client)
        self._product_types = ProductTypes(self._client, http)

    @classmethod
    def open(cls, config: AmazonConfig, around: Surroundings) -> Self:
        settings = HttpSettings(platform="Amazon", base_url=config.base_url, limit_in=reading, reasons=reasons)
        credentials = AwsCredentials(config.aws_access_key, config.aws_secret_key.get_secret_value())
        queue = Queue.open(config.queue_url, credentials, config.aws_region, around) if config.queue_url else None
        return cls(config, HttpClient.open(settings, around), queue)

    async def close(self) -> None:
        await self._http.close()
        if self._queue is not None:
            await self._queue.close()

    # ---- news in

    async def waiting_deliveries(self) -> tuple[QueuedDelivery, ...]:
        return await self._queue.receive() if self._queue is not None else ()

    async def acknowledge(self, receipts: tuple[str, ...]) -> None:
        if self._queue is not None:
            await self._queue.delete(receipts)

    def read(self, topic: str, body: bytes) -> tuple[News, ...] | None:
        return notifications.read(topic, body)

    async def orders_since(self, since: datetime, cursor: str = "") -> OrderPage:
        """Merchant-fulfilled orders whose payment is settled; one that cannot be read is named and hides no other."""
        page = await self._client.orders(since=since.astimezone(UTC).isoformat(), token=cursor)
        orders: list[ChannelOrder] = []
        unreadable: list[str] = []
        for entry in page.orders:
            try:
                orders.append(mapping.order_of(AmazonOrder.model_validate(entry)))
            except (ValidationError, UnreadableError):
                unreadable.append(str(entry.get("orderId") or "without an id"))
        following = page.pagination.next_token if page.pagination else ""
        return OrderPage(orders=tuple(orders), unreadable=tuple(unreadable), cursor=following, is_last=not following)

    async def fetch_order(self, external_id: str) -> ChannelOrder:
        """A pending order counts as not there: Amazon tells neither price nor address before the payment is settled."""
        order = await self._client.order(external_id)
        if order.fulfillment.fulfillment_status in mapping.PENDING:
            raise NotFoundAtChannelError("the buyer's payment is not settled yet", f"order {external_id} is pending")
        return mapping.order_of(order)

    # ---- work out

    async def report_shipment(self, notice: ShipmentNotice, key: str) -> ShownShipment:  # noqa: ARG002 - the package reference does a key's work
        """Confirm the parcel; the buyer's card statement and Amazon's delivery promise follow from it."""
        await self._client.confirm_shipment(notice.order_external_id, self._package(notice))
        return ShownShipment(
            external_id=_package_reference(notice), tracking_number=notice.tracking_number, carrier=notice.carrier
        )

    async def find_shipment(self, notice: ShipmentNotice) -> ShownShipment | None:
        order = await self._client.order(notice.order_external_id)
        packages = [package for package in order.packages if package.tracking_number == notice.tracking_number]
        return next((mapping.shown_shipment(package) for package in packages), None)

    def _package(self, notice: ShipmentNotice) -> dict[str, Any]:
        """A carrier by its name: Amazon's list of codes is not public, and `Other` takes any name."""
        return {
            "packageReferenceId": _package_reference(notice),
            "carrierCode": "Other",
            "carrierName": notice.carrier or "Other",
            "trackingNumber": notice.tracking_number,
            "shipDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "orderItems": [{"orderItemId": line, "quantity": units} for line, units in notice.lines],
        }

    async def read_stock(self, item_external_ids: tuple[str, ...]) -> tuple[StockSetting, ...]:
        return await self._stock.read(item_external_ids)

    async def set_stock(self, settings: tuple[StockSetting, ...], key: str) -> tuple[StockResult, ...]:  # noqa: ARG002 - a quantity is a state: setting it twice is setting it
        return await self._stock.set(settings)

    # ---- listings

    async def write_listings(self, forms: tuple[ListingForm, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - a listing is a state
        return await self._listings.write(forms)

    async def publish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.publish(refs)

    async def unpublish_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.unpublish(refs)

    async def remove_listings(self, refs: tuple[ListingRef, ...], key: str) -> tuple[ListingResult, ...]:  # noqa: ARG002 - as above
        return await self._listings.remove(refs)

    async def read_listings(self, refs: tuple[ListingRef, ...]) -> tuple[ShownListing | None, ...]:
        return await self._listings.read(refs)

    async def public_listings(self, refs: tuple[ListingRef, ...]) -> tuple[PublicListing, ...]:
        return await self._listings.public(refs)

    async def check_listings(self, forms: tuple[ListingForm, ...]) -> tuple[ListingResult, ...]:
        return await self._listings.check(forms, self.listing_schema)

    async def listing_schema(self, kind: str) -> Mapping[str, Any]:
        return await self._product_types.schema(kind)

    def listing_document(self, form: ListingForm, sku: str) -> Mapping[str, Any]:
        variant = next(variant for variant in form.variants if variant.sku == sku)
        return self._words.document(form, variant)

    # ---- onboarding

    async def check(self) -> Access:
        """A marketplace that the seller does not sell in is missing like a scope."""
        wanted = self._config.marketplace_id
        found = {each.marketplace.id: each for each in await self._client.participations()}
        there = found.get(wanted)
        if there is None or not there.participation.is_participating:
            return Access(account=self._config.seller_id, granted=tuple(found), missing=(f"marketplace {wanted}",))
        return Access(account=there.store_name or self._config.seller_id, granted=tuple(found))

    async def locations(self) -> tuple[RemoteLocation, ...]:
        """The seller's supply sources, or the one place of a seller who has none."""
        sources = await self._client.sources()
        if not sources:
            return (RemoteLocation(external_id=DEFAULT_PLACE, name="Merchant fulfillment"),)
        return tuple(
            RemoteLocation(
                external_id=source.supply_source_id,
                name=source.alias or source.supply_source_code,
                country=str(source.address.get("countryCode") or ""),
                postal_code=str(source.address.get("postalCode") or ""),
            )
            for source in sources
        )

    async def opening_stock(self) -> tuple[RemoteStock, ...]:
        return await self._stock.opening()

    async def subscribe(self, address: str) -> tuple[str, ...]:  # noqa: ARG002 - Amazon sends to its queue, never to an address of ours
        """Let every kind of notification that is read arrive in the queue."""
        if missing := await self._missing():
            destination = await self._destination()
            for kind in missing:
                await self._client.subscribe(kind, destination)
        return notifications.KINDS if self._queue is not None else ()

    async def missing_subscriptions(self, address: str) -> tuple[str, ...]:  # noqa: ARG002 - as above
        return await self._missing()

    async def _missing(self) -> tuple[str, ...]:
        if self._queue is None:
            return ()
        return tuple([kind for kind in notifications.KINDS if not await self._client.subscriptions(kind)])

    async def _destination(self) -> str:
        """An application has one destination per queue."""
        for known in await self._client.destinations():
            if known.resource.get("sqs", {}).get("arn") == self._config.queue_arn:
                return known.destination_id
        return (await self._client.create_destination("tutti", self._config.queue_arn)).destination_id


def _package_reference(notice: ShipmentNotice) -> str:
    """Amazon takes digits only; the same shipment must always get the same ones."""
    return str(zlib.crc32(notice.reference.encode()) or 1)
