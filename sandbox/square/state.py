"""What a simulated Square account knows: plain bodies in the shapes that its API answers with."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

Body = dict[str, Any]
Place = tuple[str, str]

SCOPES = (
    "MERCHANT_PROFILE_READ", "ITEMS_READ", "INVENTORY_READ", "INVENTORY_WRITE", "ORDERS_READ", "PAYMENTS_READ",
)  # fmt: skip


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Account:
    """One merchant; a reset makes a new one."""

    token: str = "square-sandbox-token"  # noqa: S105 - the simulated platform's, known to everyone
    merchant_id: str = "ML-SANDBOX"
    scopes: tuple[str, ...] = SCOPES
    locations: dict[str, Body] = field(default_factory=dict)
    variations: dict[str, str] = field(default_factory=dict)  # catalog object id → SKU
    counts: dict[Place, Body] = field(default_factory=dict)
    earlier: dict[Place, Body] = field(default_factory=dict)  # counts before their last change
    changes: list[Body] = field(default_factory=list)
    orders: dict[str, Body] = field(default_factory=dict)
    subscriptions: dict[str, Body] = field(default_factory=dict)
    answered: dict[str, tuple[str, Body]] = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: "count[int]" = field(default_factory=lambda: count(1001))

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self.ids)}"

    def commit(self, kind: str, reference: str) -> None:
        """Count a write that has really happened."""
        self.committed[kind][reference] += 1

    def item_of(self, sku: str) -> str | None:
        return next((item for item, known in self.variations.items() if known == sku), None)

    def units(self, item: str, location: str) -> int | None:
        found = self.counts.get((item, location))
        return None if found is None else int(found["quantity"])

    def put(self, item: str, location: str, units: int) -> Body:
        """Square's reckoning of what is in stock; below zero where more was sold than it knew of."""
        body = {
            "catalog_object_id": item, "catalog_object_type": "ITEM_VARIATION", "state": "IN_STOCK",
            "location_id": location, "quantity": str(units), "calculated_at": now(),
        }  # fmt: skip
        if before := self.counts.get((item, location)):
            self.earlier[item, location] = before
        self.counts[item, location] = body
        return body
