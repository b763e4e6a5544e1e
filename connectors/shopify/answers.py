"""What Shopify answers to our documents, apart from orders (those are in `schemas.py`)."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime

from connectors.contract import ShownReturn
from connectors.shopify.schemas import Shape, ShopifyLine, ShopifyMoneySet, ShopifyOrder, Text, digits

T = TypeVar("T")

RETURN_STATUSES = frozenset({"REQUESTED", "OPEN", "DECLINED", "CANCELED", "CLOSED"})


def _known_status(status: str) -> str:
    if status not in RETURN_STATUSES:
        raise ValueError("not a status of a return")
    return status


class PageInfo(Shape):
    next: bool = False
    cursor: str | None = None


class Page(Shape, Generic[T]):
    nodes: tuple[T, ...] = ()
    page: PageInfo = PageInfo()


class Id(Shape):
    """A thing known by its global id."""

    id: str

    @property
    def number(self) -> str:
        return digits(self.id)


class UserError(Shape):
    """A refusal of one mutation; many mutations give no code."""

    field: tuple[str, ...] | None = None
    code: Text = ""
    message: Text = ""


class Done(Shape):
    """What every mutation of ours answers, under the alias `done`."""

    errors: tuple[UserError, ...] = ()


class Tracking(Shape):
    number: Text = ""
    company: Text = ""


class ShippedLine(Shape):
    quantity: int | None = None
    line: Id


class Shipment(Id):
    status: str
    tracking: tuple[Tracking, ...] = ()
    lines: Page[ShippedLine] = Page[ShippedLine]()


class OrderShipments(Shape):
    shipments: tuple[Shipment, ...] = ()


class WorkLine(Id):
    remaining: int
    line: Id


class WorkPlace(Shape):
    location: Id | None = None


class Work(Id):
    """A fulfillment order of Shopify: what one location is to send."""

    status: str
    assigned: WorkPlace
    lines: Page[WorkLine]

    @property
    def is_open(self) -> bool:
        return self.status in {"OPEN", "IN_PROGRESS"}

    @property
    def location(self) -> str:
        return self.assigned.location.number if self.assigned.location else ""


class OrderWorks(OrderShipments):
    works: Page[Work]


class MovedWork(Done):
    """`moved` holds the units at their new place, joined with what was open there already."""

    moved: Work | None = None


class SplitPart(Shape):
    work: Id


class SplitWork(Done):
    splits: tuple[SplitPart, ...] | None = None


class Shipped(Done):
    shipment: Shipment | None = None


class Canceled(Shape):
    at: AwareDatetime | None = None


class Payment(Id):
    kind: str
    status: str
    gateway: Text = ""
    amount: ShopifyMoneySet
    parent: Id | None = None


class OrderPayments(Shape):
    transactions: tuple[Payment, ...] = ()


class Captured(Done):
    transaction: Payment | None = None


class Refund(Id):
    note: Text = ""
    total: ShopifyMoneySet
    moved: Page[Id] = Page[Id]()

    @property
    def movement(self) -> str:
        """The transaction's id, by which the order names the money; the refund's own where no money moved."""
        return next((entry.number for entry in self.moved.nodes), self.number)


class OrderRefunds(Shape):
    refunds: tuple[Refund, ...] = ()


class Refunded(Done):
    refund: Refund | None = None


class ReturnedFrom(Id):
    """A line of a shipment, which is what a return takes units from."""

    line: Id


class ReturnLine(Id):
    quantity: int
    processed: int
    note: Text = ""
    reason: Text = ""
    at: ReturnedFrom | None = None

    @property
    def order_line(self) -> str:
        """Empty for things that were never on the order."""
        return self.at.line.number if self.at else ""


class ShopReturn(Id):
    status: Annotated[str, AfterValidator(_known_status)]
    order: Id
    lines: Page[ReturnLine]
    all_lines: tuple[ReturnLine, ...] = ()

    @property
    def shown(self) -> ShownReturn:
        """An order line that left in several parcels is one line again."""
        asked: dict[str, list[int]] = {}
        for line in self.all_lines:
            units = asked.setdefault(line.order_line, [0, 0])
            units[0] += line.quantity
            units[1] += line.processed
        status: Any = self.status.lower()
        return ShownReturn(
            external_id=self.number,
            status=status,
            lines=tuple((line, units, done) for line, (units, done) in asked.items()),
            order_external_id=self.order.number,
            reasons=tuple({line.order_line: line.reason for line in self.all_lines}.items()),
        )


class ReturnNote(Shape):
    note: Text = ""


class FoundReturn(Id):
    lines: Page[ReturnNote]


class OrderReturns(Shape):
    returns: Page[FoundReturn]


class OneReturn(Shape):
    found: ShopReturn | None = None


class Returned(Done):
    made: Id | None = None


class ReturnableLine(Shape):
    quantity: int
    at: ReturnedFrom


class ReturnableShipment(Shape):
    lines: Page[ReturnableLine]


class Returnable(Shape):
    returnable: Page[ReturnableShipment]


class Quantity(Shape):
    name: str
    quantity: int


class Level(Shape):
    location: Id
    quantities: tuple[Quantity, ...]

    @property
    def available(self) -> int:
        return next((kept.quantity for kept in self.quantities if kept.name == "available"), 0)


class Item(Id):
    sku: Text = ""
    levels: Page[Level]


class Items(Shape):
    items: tuple[Item | None, ...]


class ItemIds(Shape):
    items: Page[Id]


class Scope(Shape):
    handle: str


class App(Shape):
    scopes: tuple[Scope, ...]


class ShopName(Shape):
    domain: str


class Access(Shape):
    shop: ShopName
    app: App


class PlaceAddress(Shape):
    zip: Text = ""
    country: Text = ""


class Place(Id):
    name: str
    address: PlaceAddress = PlaceAddress()


class Places(Shape):
    locations: Page[Place]


class Subscription(Shape):
    topic: str


class Subscriptions(Shape):
    subscriptions: Page[Subscription]


class ChangedOrder(Id):
    updated_at: AwareDatetime


class ChangedOrders(Shape):
    orders: Page[ChangedOrder]


class OneOrder(Shape, Generic[T]):
    """An answer about one order; null when the shop has no such order."""

    order: T | None = None


class Outcome(Shape, Generic[T]):
    """An answer to a mutation; null when the shop could not even try."""

    done: T | None = None


class OrderLines(Shape):
    lines: Page[ShopifyLine]


class WholeOrder(ShopifyOrder):
    """The order document's answer: its lines come in pages."""

    lines: Page[ShopifyLine]
    line_items: tuple[ShopifyLine, ...] = ()


class WorkOrder(Shape):
    order_id: str


class OneWork(Shape):
    work: WorkOrder | None = None
