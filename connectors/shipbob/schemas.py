"""ShipBob's shapes, as far as the hub reads them: lenient, since the platform adds fields and leaves others out."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter

T = TypeVar("T")

ANY_JSON: TypeAdapter[Any] = TypeAdapter(Any)
"""Reads JSON of unknown shape; its only error is ValidationError, also for nesting that exhausts json.loads."""


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ShipBobDetail(Shape):
    name: Text = ""


class ShipBobTracking(Shape):
    carrier: Text = ""
    tracking_number: Text = ""
    tracking_url: Text = ""


class ShipBobInventoryItem(Shape):
    id: int | None = None
    quantity: int = 0


class ShipBobProduct(Shape):
    reference_id: Text = ""
    sku: Text = ""
    inventory_items: Many[ShipBobInventoryItem] = ()


class ShipBobShipment(Shape):
    """One parcel, planned or gone."""

    id: int
    order_id: int
    reference_id: Text = ""
    status: Text = ""
    status_details: Many[ShipBobDetail] = ()
    created_date: Moment
    last_update_at: Moment | None = None
    actual_fulfillment_date: Moment | None = None
    delivery_date: Moment | None = None
    tracking: Annotated[ShipBobTracking, BeforeValidator(lambda value: value or {})] = ShipBobTracking()
    products: Many[ShipBobProduct] = ()


class ShipBobOrder(Shape):
    """One order with all its parcels."""

    id: int
    reference_id: Text = ""
    status: Text = ""
    created_date: Moment
    shipments: Many[ShipBobShipment] = ()


class ShipBobCanceledParcel(Shape):
    is_success: bool = False
    reason: Text = ""


class ShipBobCancel(Shape):
    """The answer to a cancel: Success, Failure or PartialSuccess."""

    status: str
    canceled_shipment_results: Many[ShipBobCanceledParcel] = ()


class ShipBobChannel(Shape):
    id: int
    name: Text = ""
    scopes: Many[str] = ()


class ShipBobServiceAddress(Shape):
    country: Text = ""
    zip_code: Text = ""


class ShipBobService(Shape):
    address: ShipBobServiceAddress | None = None


class ShipBobLocation(Shape):
    id: int
    name: Text = ""
    services: Many[ShipBobService] = ()


class ShipBobPlace(Shape):
    location_id: int
    fulfillable_quantity: int = 0


class ShipBobStock(Shape):
    """One inventory item's counts by place."""

    inventory_id: int
    sku: Text = ""
    locations: Many[ShipBobPlace] = ()


class ShipBobSubscription(Shape):
    id: str
    url: str
    topics: Many[str] = ()
    enabled: bool = True


class ShipBobPage(Shape, Generic[T]):
    """Some items, and the address of the next page."""

    items: Many[T] = ()
    next: Text = ""
