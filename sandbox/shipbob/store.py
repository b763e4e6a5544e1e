"""What the simulated account holds, kept in the shapes that the API answers with."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

from sandbox.shipbob.behavior import Behavior, Settings

Json = dict[str, Any]


class Location(NamedTuple):
    id: int
    abbreviation: str
    city: str
    state: str
    country: str
    zip_code: str
    timezone: str

    @property
    def name(self) -> str:
        return f"{self.city} ({self.state or self.country})"


LOCATIONS = {
    1: Location(1, "CIC1", "Cicero", "IL", "US", "60804", "America/Chicago"),
    2: Location(2, "MOR1", "Moreno Valley", "CA", "US", "92551", "America/Los_Angeles"),
    3: Location(3, "LOD1", "Lodz", "", "PL", "90-001", "Europe/Warsaw"),
}


def now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass
class Store:
    """One account; a reset makes a new one."""

    settings: Settings = field(default_factory=Settings)
    orders: dict[int, Json] = field(default_factory=dict)
    by_reference: dict[str, int] = field(default_factory=dict)
    shipments: dict[int, Json] = field(default_factory=dict)
    behaviors: dict[int, Behavior] = field(default_factory=dict)
    as_created: dict[int, str] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    inventory: dict[str, Json] = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_001))

    def order(self, reference: str) -> Json | None:
        return self.orders.get(self.by_reference.get(reference, 0))

    def add(self, order: Json, behavior: Behavior) -> None:
        """Keep a new order and count it; the caller has made sure that its reference is new."""
        self.orders[order["id"]] = order
        self.by_reference[order["reference_id"]] = order["id"]
        self.behaviors[order["id"]] = behavior
        self.shipments.update({shipment["id"]: shipment for shipment in order["shipments"]})
        self.committed["orders"][order["reference_id"]] += 1
        for shipment in order["shipments"]:
            self.move_stock(shipment, on_hand=0, committed=1)

    def put_stock(self, sku: str, location_id: int, on_hand: int) -> Json:
        """Set a count; unknown SKUs are made, so that a test needs no catalogue."""
        item = self.inventory.get(sku)
        if item is None:
            item = {"inventory_id": next(self.ids), "sku": sku, "name": sku, "locations": []}
            self.inventory[sku] = item
        place = self._place(item, location_id)
        place["on_hand_quantity"] = on_hand
        place["fulfillable_quantity"] = on_hand - place["committed_quantity"]
        return item

    def move_stock(self, shipment: Mapping[str, Any], *, on_hand: int, committed: int) -> None:
        """Book a shipment's units times these signs; SKUs without a count are left alone."""
        for sku, units in units_of(shipment):
            if item := self.inventory.get(sku):
                place = self._place(item, shipment["location"]["id"])
                place["on_hand_quantity"] += on_hand * units
                place["committed_quantity"] += committed * units
                place["fulfillable_quantity"] = place["on_hand_quantity"] - place["committed_quantity"]

    @staticmethod
    def _place(item: Json, location_id: int) -> Json:
        places: list[Json] = item["locations"]
        for place in places:
            if place["location_id"] == location_id:
                return place
        name = LOCATIONS[location_id].name if location_id in LOCATIONS else ""
        figures = ("on_hand", "committed", "fulfillable", "awaiting", "internal_transfer")
        place = {"location_id": location_id, "name": name, **{f"{figure}_quantity": 0 for figure in figures}}
        places.append(place)
        return place


def units_of(shipment: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    """Each product's reference in a shipment, with its units."""
    for product in shipment["products"]:
        yield product["reference_id"], sum(item["quantity"] for item in product["inventory_items"])
