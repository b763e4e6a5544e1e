"""What a simulated WordPress shop knows: plain bodies in the shapes that its REST API answers with."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, Self

Body = dict[str, Any]

DISABLED_AFTER = 5
"""Failed deliveries in a row after which WooCommerce switches a webhook off."""


def now() -> str:
    """Whole seconds without a zone, as WooCommerce writes its `_gmt` times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class Shop:
    """One shop with one API key; `permissions` is read or read_write, as a merchant chooses for a key."""

    name: str
    consumer_key: str
    consumer_secret: str
    currency: str = "EUR"
    permissions: str = "read_write"
    manages_stock: bool = True
    most_shown: int | None = None  # a plugin caps every number that is set
    refundable: tuple[str, ...] = ("stripe",)
    place: Body = field(default_factory=lambda: {"city": "Berlin", "country": "DE", "postcode": "10119"})
    products: dict[int, Body] = field(default_factory=dict)
    variations: dict[int, Body] = field(default_factory=dict)
    earlier: dict[int, Body] = field(default_factory=dict)  # products and variations before their last change
    orders: dict[int, Body] = field(default_factory=dict)
    refunds: dict[int, list[Body]] = field(default_factory=dict)
    notes: dict[int, list[Body]] = field(default_factory=dict)
    webhooks: dict[int, Body] = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: "count[int]" = field(default_factory=lambda: count(101))

    def new_id(self) -> int:
        return next(self.ids)

    def commit(self, kind: str, reference: object) -> None:
        """Count a write that has really happened."""
        self.committed[kind][str(reference)] += 1

    def sellable(self, product_id: int, variation_id: int) -> Body | None:
        """What an order line takes from the shelf: the variation, or the product where it has none."""
        return self.variations.get(variation_id) if variation_id else self.products.get(product_id)

    def by_sku(self, sku: str) -> Body | None:
        """SKUs are unique over products and variations together."""
        things = (*self.products.values(), *self.variations.values())
        return next((thing for thing in things if sku and thing["sku"] == sku), None)

    def as_before(self) -> Self:
        """As a cache in front of it shows it: nothing of the last change is seen yet."""
        products = {key: self.earlier.get(key, body) for key, body in self.products.items()}
        variations = {key: self.earlier.get(key, body) for key, body in self.variations.items()}
        return replace(self, products=products, variations=variations)

    def of_parent(self, product_id: int) -> list[Body]:
        return [body for body in self.variations.values() if body["parent_id"] == product_id]
