"""What the simulated account holds, kept in the shapes that the API answers with."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Body = dict[str, Any]
Event = Literal["announce", "accept", "transit", "out_for_delivery", "deliver", "refuse", "lose"]

CARRIER_ID, CARRIER = "se-100001", "sandbox_post"
SCANS: dict[Event, tuple[str, str, str]] = {
    "announce": ("NY", "SHIPMENT_CREATED", "Label created, not yet in system"),
    "accept": ("AC", "RECEIVED_BY_CARRIER", "Accepted at the counter"),
    "transit": ("IT", "IN_TRANSIT", "In transit"),
    "out_for_delivery": ("IT", "OUT_FOR_DELIVERY", "Out for delivery"),
    "deliver": ("DE", "DELIVERED", "Delivered"),
    "refuse": ("EX", "REFUSED_BY_RECIPIENT", "Refused by the recipient"),
    "lose": ("EX", "PARCEL_LOST", "The parcel cannot be found"),
}
"""Status, detail and text that the carrier gives to each thing that can happen to a parcel."""


class RefusedError(Exception):
    """ShipEngine's "no": status, code, and whose doing it is."""

    def __init__(self, message: str, code: str, *, status: int = 400, kind: str = "validation") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.kind = kind


class Settings(BaseModel):
    """`scan_seconds`: a bought label's parcel is accepted, moved and delivered by itself, so many seconds apart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = "TEST_sandbox"
    cost: float = 4.9
    currency: str = "usd"
    label_outcome: Literal["bought", "refused"] = "bought"
    scan_seconds: float | None = None


@dataclass
class Account:
    """One account; a reset makes a new one."""

    settings: Settings = field(default_factory=Settings)
    labels: dict[str, Body] = field(default_factory=dict)
    by_external: dict[str, str] = field(default_factory=dict)
    events: defaultdict[str, list[Body]] = field(default_factory=lambda: defaultdict(list))
    webhooks: dict[str, Body] = field(default_factory=dict)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: "count[int]" = field(default_factory=lambda: count(1_000_001))

    def new_id(self) -> str:
        return f"se-{next(self.ids)}"

    def label(self, label_id: str) -> Body:
        if label_id not in self.labels:
            raise RefusedError("The specified label does not exist.", "invalid_identifier", status=404)
        return self.labels[label_id]

    def parcel(self, tracking_number: str) -> Body | None:
        return next((one for one in self.labels.values() if one["tracking_number"] == tracking_number), None)

    def scan(self, label: Body, event: Event) -> None:
        """The carrier's people do something with the parcel."""
        code, detail, text = SCANS[event]
        kept = self.events[label["tracking_number"]]
        # Scans within one millisecond would have no order.
        at = datetime.now(UTC) + timedelta(milliseconds=len(kept))
        kept.append(
            {
                "occurred_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "description": text,
                "city_locality": "Springfield",
                "state_province": "IL",
                "postal_code": "62701",
                "country_code": "US",
                "event_code": event.upper(),
                "status_code": code,
                "status_detail_code": detail,
            }
        )
        self.committed["scans"][label["tracking_number"]] += 1

    def track(self, carrier: str, tracking_number: str) -> Body:
        """The journey so far, newest scan first."""
        events = self.events[tracking_number][::-1] if carrier == CARRIER else []
        newest = events[0] if events else {"status_code": "NY", "status_detail_code": None, "description": ""}
        return {
            "tracking_number": tracking_number,
            "carrier_code": carrier,
            "status_code": newest["status_code"],
            "status_detail_code": newest["status_detail_code"],
            "status_description": newest["description"],
            "carrier_status_code": newest["status_code"],
            "estimated_delivery_date": None,
            "events": events,
        }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
