"""Amazon's shapes, as far as the hub reads them: lenient, since the platform adds fields and leaves others out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.alias_generators import to_camel

T = TypeVar("T")

ANY_JSON: TypeAdapter[Any] = TypeAdapter(Any)
"""Reads JSON of unknown shape; its only error is ValidationError, also for nesting that exhausts json.loads."""

SCHEMA: TypeAdapter[Mapping[str, Any]] = TypeAdapter(Mapping[str, Any])
"""A JSON Schema, whatever it says."""

Moment = Annotated[datetime, AfterValidator(lambda at: at if at.tzinfo else at.replace(tzinfo=UTC))]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class AmazonMoney(Shape):
    """A decimal amount as text."""

    amount: str
    currency_code: str


class AmazonError(Shape):
    code: Text = ""


class AmazonErrors(Shape):
    """The body of a refusal; its sentences may repeat what was sent and are not read. LWA names one `error`."""

    errors: Many[AmazonError] = ()
    error: Text = ""


# ---- orders 2026-01-01


class AmazonBreakdown(Shape):
    """A part of the proceeds: ITEM, SHIPPING, GIFT_WRAP, COD_FEE, TAX, DISCOUNT, OTHER."""

    type: str
    subtotal: AmazonMoney


class AmazonProceeds(Shape):
    """What the seller receives, of an order (`grandTotal`) or of one item (`proceedsTotal`)."""

    total: AmazonMoney | None = Field(default=None, validation_alias=AliasChoices("grandTotal", "proceedsTotal"))
    breakdowns: Many[AmazonBreakdown] = ()


class AmazonPrice(Shape):
    unit_price: AmazonMoney | None = None


class AmazonProduct(Shape):
    asin: Text = ""
    title: Text = ""
    seller_sku: Text = ""
    price: AmazonPrice | None = None


class AmazonCancellationRequest(Shape):
    requester: Text = ""


class AmazonCancellationExecution(Shape):
    cancelled_by: Text = ""


class AmazonCancellation(Shape):
    cancellation_request: AmazonCancellationRequest | None = None
    cancellation_execution: AmazonCancellationExecution | None = None


class AmazonItemFulfillment(Shape):
    quantity_fulfilled: int | None = None
    quantity_unfulfilled: int | None = None


class AmazonItem(Shape):
    order_item_id: str
    quantity_ordered: int
    product: AmazonProduct
    proceeds: AmazonProceeds | None = None
    cancellation: AmazonCancellation | None = None
    fulfillment: AmazonItemFulfillment | None = None


class AmazonChannel(Shape):
    channel_name: Text = ""
    marketplace_id: Text = ""
    marketplace_name: Text = ""


class AmazonBuyer(Shape):
    buyer_name: Text = ""
    buyer_email: Text = ""


class AmazonAddress(Shape):
    name: Text = ""
    company_name: Text = ""
    address_line1: Text = Field(default="", alias="addressLine1")
    address_line2: Text = Field(default="", alias="addressLine2")
    address_line3: Text = Field(default="", alias="addressLine3")
    city: Text = ""
    state_or_region: Text = ""
    postal_code: Text = ""
    country_code: Text = ""
    phone: Text = ""


class AmazonRecipient(Shape):
    delivery_address: AmazonAddress | None = None


class AmazonWindow(Shape):
    latest_date_time: Moment | None = None


class AmazonFulfillment(Shape):
    fulfillment_status: Text = ""
    fulfilled_by: Text = ""
    fulfillment_service_level: Text = ""
    deliver_by_window: AmazonWindow | None = None


class AmazonPackage(Shape):
    package_reference_id: str
    carrier: Text = ""
    tracking_number: Text = ""
    package_status: Mapping[str, Any] = Field(default_factory=dict)


class AmazonOrder(Shape):
    """One order; money is missing while the buyer's payment is not settled."""

    order_id: str
    created_time: Moment
    last_updated_time: Moment
    sales_channel: AmazonChannel = AmazonChannel()
    buyer: AmazonBuyer | None = None
    recipient: AmazonRecipient | None = None
    proceeds: AmazonProceeds | None = None
    fulfillment: AmazonFulfillment = AmazonFulfillment()
    order_items: tuple[AmazonItem, ...]
    packages: Many[AmazonPackage] = ()


class AmazonOrderAnswer(Shape):
    order: AmazonOrder


class AmazonPagination(Shape):
    next_token: Text = ""


class AmazonOrders(Shape):
    """A page; orders are read one by one, so that a broken one hides no other."""

    orders: tuple[dict[str, Any], ...]
    pagination: AmazonPagination | None = None


# ---- listings items 2021-08-01


class AmazonIssue(Shape):
    code: Text = ""
    message: Text = ""
    severity: Text = ""
    attribute_names: Many[str] = ()


class AmazonSubmission(Shape):
    """The answer to a listing's write: ACCEPTED, INVALID, or VALID for a preview."""

    sku: str
    status: str
    issues: Many[AmazonIssue] = ()


class AmazonImage(Shape):
    link: Text = ""


class AmazonSummary(Shape):
    marketplace_id: Text = ""
    asin: Text = ""
    product_type: Text = ""
    status: Many[str] = ()
    item_name: Text = ""
    created_date: Moment | None = None
    last_updated_date: Moment | None = None
    main_image: AmazonImage | None = None


class AmazonOffer(Shape):
    offer_type: Text = ""
    price: AmazonMoney


class AmazonAvailability(Shape):
    fulfillment_channel_code: str
    quantity: int | None = None


class AmazonListing(Shape):
    """One SKU as the seller has it; what buyers can see of it is in the summary's status."""

    sku: str
    summaries: Many[AmazonSummary] = ()
    attributes: Mapping[str, Any] = Field(default_factory=dict)
    issues: Many[AmazonIssue] = ()
    offers: Many[AmazonOffer] = ()
    fulfillment_availability: Many[AmazonAvailability] = ()


class AmazonListings(Shape):
    """A page of listings."""

    items: tuple[AmazonListing, ...]
    pagination: AmazonPagination | None = None


# ---- product types, account, notifications


class AmazonLink(Shape):
    resource: str


class AmazonSchemaLink(Shape):
    link: AmazonLink


class AmazonProductType(Shape):
    """Where the JSON Schema of a product type is, and its version."""

    schema_link: AmazonSchemaLink = Field(alias="schema")


class AmazonMarketplace(Shape):
    id: str
    name: Text = ""
    country_code: Text = ""


class AmazonParticipating(Shape):
    is_participating: bool


class AmazonParticipation(Shape):
    marketplace: AmazonMarketplace
    participation: AmazonParticipating
    store_name: Text = ""


class AmazonParticipations(Shape):
    payload: tuple[AmazonParticipation, ...]


class AmazonSource(Shape):
    """A place that the seller ships from."""

    supply_source_id: str
    supply_source_code: Text = ""
    alias: Text = ""
    address: Mapping[str, Any] = Field(default_factory=dict)


class AmazonSources(Shape):
    supply_sources: tuple[AmazonSource, ...]
    next_page_token: Text = ""


class AmazonDestination(Shape):
    destination_id: str
    resource: Mapping[str, Any] = Field(default_factory=dict)


class AmazonDestinations(Shape):
    payload: tuple[AmazonDestination, ...]


class AmazonDestinationAnswer(Shape):
    payload: AmazonDestination


class AmazonSubscription(Shape):
    subscription_id: str
    destination_id: str


class AmazonSubscriptionList(Shape):
    subscriptions: Many[AmazonSubscription] = ()


class AmazonSubscriptions(Shape):
    payload: AmazonSubscriptionList


class AmazonNotificationMetadata(BaseModel):
    NotificationId: Text = ""


class AmazonNotification(BaseModel):
    """The envelope of every notification; its names begin with capitals."""

    NotificationType: str
    EventTime: Moment | None = None
    Payload: Mapping[str, Any] = Field(default_factory=dict)
    NotificationMetadata: AmazonNotificationMetadata = AmazonNotificationMetadata()


class AmazonTrigger(BaseModel):
    TimeOfOrderChange: Moment | None = None


class AmazonOrderChange(BaseModel):
    AmazonOrderId: str
    OrderChangeTrigger: AmazonTrigger = AmazonTrigger()


class AmazonOrderNotice(BaseModel):
    OrderChangeNotification: AmazonOrderChange


class AmazonQuantityNotice(BaseModel):
    """A quantity as Amazon now shows it."""

    Sku: str
    FulfillmentChannelCode: Text = ""
    Quantity: int


class SqsMessage(BaseModel):
    ReceiptHandle: str
    Body: str


class SqsMessages(BaseModel):
    """What waits; an empty queue leaves the list out."""

    Messages: Many[SqsMessage] = ()


class SqsDeleted(BaseModel):
    Failed: Many[Mapping[str, Any]] = ()
