"""ShipEngine's shapes, as far as the hub reads them: lenient, since carriers leave most of them out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from domain.errors import DomainError
from domain.money import Money, money

T = TypeVar("T")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Many = Annotated[tuple[T, ...], BeforeValidator(lambda value: () if value is None else value)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ShipEngineMoney(Shape):
    currency: str
    amount: Decimal


def _money(value: Any) -> Money:
    if isinstance(value, Money):
        return value
    given = ShipEngineMoney.model_validate(value)
    try:
        return money(given.amount, given.currency.upper())
    except DomainError:
        raise ValueError("not an amount of money") from None


class ShipEngineDownload(Shape):
    pdf: Text = ""
    href: Text = ""


class ShipEngineLabel(Shape):
    label_id: str
    status: Text = ""
    carrier_code: Text = ""
    tracking_number: Text = ""
    shipment_cost: Annotated[Money, BeforeValidator(_money)]
    voided: bool = False
    label_download: ShipEngineDownload | None = None


class ShipEngineVoid(Shape):
    approved: bool


class ShipEngineScan(Shape):
    """`status_code` and `status_detail_code` came with later versions of the API; older answers lack them."""

    occurred_at: Moment
    country_code: Text = ""
    status_code: Text = ""
    status_detail_code: Text = ""


class ShipEngineTrack(Shape):
    tracking_number: str
    carrier_code: Text = ""
    status_code: Text = ""
    status_detail_code: Text = ""
    events: Many[ShipEngineScan] = ()


class ShipEngineTrackNotice(Shape):
    resource_url: Text = ""
    data: ShipEngineTrack


class ShipEngineEnvelope(Shape):
    resource_type: Text = ""


class ShipEngineWebhook(Shape):
    webhook_id: str
    url: str
    event: str


class ShipEngineCarrier(Shape):
    carrier_id: str
    friendly_name: Text = ""


class ShipEngineCarriers(Shape):
    carriers: tuple[ShipEngineCarrier, ...]


class ShipEngineError(Shape):
    error_code: Text = ""


class ShipEngineErrors(Shape):
    errors: Many[ShipEngineError] = ()
