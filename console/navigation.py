"""The pages that the navigation leads to: a page is added here by one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.may import Role


@dataclass(frozen=True)
class Place:
    """A page in the navigation; `key` is the letter that follows `g`."""

    path: str
    title: str
    icon: str
    key: str
    role: Role = "viewer"


PLACES: tuple[Place, ...] = (
    Place("/", "Today", "o_insights", "t"),
    Place("/orders", "Orders", "o_receipt_long", "o"),
    Place("/exceptions", "Exceptions", "o_report", "e"),
    Place("/launches", "Launches", "o_rocket_launch", "l"),
    Place("/products", "Products", "o_sell", "p"),
    Place("/inventory", "Inventory", "o_inventory_2", "i"),
    Place("/returns", "Returns", "o_assignment_return", "r"),
    Place("/store", "Store", "o_storefront", "s", "support"),
    Place("/connections", "Connections", "o_hub", "c"),
    Place("/rules", "Rules", "o_rule", "u"),
    Place("/users", "Users", "o_group", "m", role="admin"),
    Place("/audit", "Audit log", "o_history_edu", "a", role="admin"),
)  # fmt: skip
