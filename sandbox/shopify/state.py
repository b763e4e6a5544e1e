"""What a simulated shop knows: plain mutable records, order bodies in the platform's REST form."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sandbox.shopify.bucket import Bucket

Body = dict[str, Any]

SCOPES = (
    "read_orders",
    "write_orders",
    "read_products",
    "write_products",
    "read_publications",
    "write_publications",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_returns",
    "write_returns",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
)


def now() -> str:
    """Whole seconds, as the platform writes times: two changes can carry the same time."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def number(global_id: str) -> int:
    """The numeric end of a global id, 0 where there is none: no object has that number."""
    tail = global_id.rpartition("/")[2].partition("?")[0]
    return int(tail) if tail.isdecimal() else 0


@dataclass
class Location:
    id: int
    name: str
    country_code: str = ""
    zip: str = ""
    city: str = ""
    address1: str = ""


@dataclass
class Variant:
    id: int
    item_id: int
    sku: str
    title: str
    price: str = "0.00"
    grams: int = 0
    requires_shipping: bool = True
    product_id: int = 0
    compare_at: str | None = None
    barcode: str | None = None
    taxable: bool = True
    customs: Body = field(default_factory=dict)  # origin, customs number and measurement of its inventory item
    options: list[tuple[str, str]] = field(default_factory=lambda: [("Title", "Default Title")])


@dataclass
class Medium:
    """A picture: it is fetched some time after it was named, and may not be one."""

    id: int
    source: str
    ready_at: float
    alt: str | None = None
    has_failed: bool = False


@dataclass
class Publication:
    """A place where a shop sells; `auto` takes every new product at once."""

    id: int
    name: str
    auto: bool = False


@dataclass
class Product:
    """`publications` holds since when (as a time) it is in each; `public` is the log of appearing and disappearing."""

    id: int
    body: Body
    status: str
    variants: list[int] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)
    metafields: dict[tuple[str, str], Body] = field(default_factory=dict)
    publications: dict[int, datetime] = field(default_factory=dict)
    updated_at: str = field(default_factory=now)
    public: list[tuple[float, bool]] = field(default_factory=list)


@dataclass
class Level:
    """Units of one item at one place; what is on hand is the sum."""

    item_id: int
    location_id: int
    available: int = 0
    committed: int = 0

    def quantity(self, name: str) -> int:
        known = {"available": self.available, "committed": self.committed, "on_hand": self.available + self.committed}
        return known.get(name, 0)


@dataclass
class Work:
    """A line of a fulfillment order; `line` is the order's own line body."""

    id: int
    line: Body
    total: int
    remaining: int


@dataclass
class FulfillmentOrder:
    id: int
    order: "Order"
    location_id: int
    method: str
    lines: list[Work]
    status: str = "OPEN"
    holds: list[Body] = field(default_factory=list)

    @property
    def is_workable(self) -> bool:
        return self.status in {"OPEN", "IN_PROGRESS"}


@dataclass
class Fulfillment:
    id: int
    name: str
    order: "Order"
    location_id: int
    lines: list[tuple[Body, int]]
    tracking: list[dict[str, str | None]]
    status: str = "SUCCESS"
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)


@dataclass
class Order:
    id: int
    body: Body
    transactions: list[Body] = field(default_factory=list)
    fulfillment_orders: list[FulfillmentOrder] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)
    risk: str = "NONE"
    is_canceling: bool = False
    earlier: "Order | None" = None  # what a stale read shows; kept only while a fault plan asks for it

    def line(self, line_id: int) -> Body | None:
        return next((line for line in self.body["line_items"] if line["id"] == line_id), None)


@dataclass
class ReturnLine:
    """Units of one line of a shipment that come back; `fulfillment_line` is that line's global id."""

    id: int
    fulfillment_line: str
    line: Body
    quantity: int
    reason: str
    note: str
    processed: int = 0


@dataclass
class Return:
    id: int
    name: str
    order: Order
    lines: list[ReturnLine]
    status: str = "OPEN"
    created_at: str = field(default_factory=now)


@dataclass
class Subscription:
    id: int
    topic: str
    uri: str


@dataclass
class Answered:
    """The remembered outcome of an idempotency key."""

    fingerprint: str
    payload: Body
    has_failed: bool


@dataclass
class Shop:
    name: str
    token: str
    secret: str
    currency: str = "USD"
    scopes: tuple[str, ...] = SCOPES
    job_seconds: float = 0.05
    bucket: Bucket = field(default_factory=Bucket)
    media_seconds: float = 0.05
    publications: dict[int, Publication] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    definitions: set[tuple[str, str]] = field(default_factory=set)
    locations: dict[int, Location] = field(default_factory=dict)
    variants: dict[int, Variant] = field(default_factory=dict)
    levels: dict[tuple[int, int], Level] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    fulfillment_orders: dict[int, FulfillmentOrder] = field(default_factory=dict)
    fulfillments: dict[int, Fulfillment] = field(default_factory=dict)
    returns: dict[int, Return] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    jobs: dict[int, bool] = field(default_factory=dict)
    answered: dict[tuple[str, str], Answered] = field(default_factory=dict)
    tells_sales: bool = False
    moved: dict[tuple[int, int], Level] = field(default_factory=dict)
    touched: "dict[int, Product]" = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: "count[int]" = field(default_factory=lambda: count(900_001))

    @property
    def domain(self) -> str:
        return f"{self.name}.myshopify.com"

    def new_id(self) -> int:
        return next(self.ids)

    def variant_of(self, sku: str | None) -> Variant | None:
        return next((variant for variant in self.variants.values() if variant.sku == sku), None) if sku else None

    def level_of(self, line: Body, location_id: int) -> Level | None:
        """The stock that a line draws on; None for things that the shop does not keep there."""
        variant = self.variant_of(line.get("sku"))
        return self.levels.get((variant.item_id, location_id)) if variant else None

    def move(self, level: Level, units: int) -> None:
        """An order takes units that were available (negative: gives them back); the shop tells it after the call."""
        level.available -= units
        level.committed += units
        if self.tells_sales:
            self.moved[level.item_id, level.location_id] = level

    def commit(self, kind: str, reference: str) -> None:
        """Count a write that has really happened."""
        self.committed[kind][reference] += 1
