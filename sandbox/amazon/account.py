"""What the simulated seller account holds, and when what was accepted takes effect."""

import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]


class Settings(BaseModel):
    """Everything a test may set at once; times are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seller_id: str = "A1EXAMPLESELLER"
    marketplace_id: str = "ATVPDKIKX0DER"
    currency: str = "USD"
    client_id: str = "amzn1.application-oa2-client.sandbox"
    client_secret: str = "amazon-sandbox-secret"  # noqa: S105 - the simulated platform's, known to everyone
    refresh_token: str = "Atzr|amazon-sandbox"  # noqa: S105 - as above
    aws_access_key: str = "AKIAEXAMPLE"
    aws_secret_key: str = "amazon-sandbox-queue"  # noqa: S105 - as above
    queue_arn: str = "arn:aws:sqs:us-east-1:000000000000:tutti"
    token_lifetime: float = 3600.0
    visible_after: float = Field(default=0.0, ge=0)  # between Amazon's yes and the listing that buyers see
    rate_factor: float = Field(default=1000.0, gt=0)  # of every documented limit; 1 is Amazon's own
    queue_hides_for: float = 2.0  # a received message that is not deleted comes again


@dataclass
class Listing:
    """One SKU: what is in effect, and what was accepted and is being processed (None: a deletion)."""

    sku: str
    product_type: str
    asin: str
    created_at: datetime
    updated_at: datetime
    attributes: Json = field(default_factory=dict)
    is_in_effect: bool = False
    accepted: deque[tuple[float, Json | None]] = field(default_factory=deque)

    @property
    def latest(self) -> Json | None:
        """What it will say once everything accepted is processed."""
        return self.accepted[-1][1] if self.accepted else self.attributes

    @property
    def quantity(self) -> int:
        places = self.attributes.get("fulfillment_availability", ())
        return sum(int(place.get("quantity") or 0) for place in places)

    @property
    def has_offer(self) -> bool:
        offers = self.attributes.get("purchasable_offer", ())
        return bool(offers) and not any(_is_over(offer) for offer in offers)

    @property
    def status(self) -> list[str]:
        """Amazon's word for what shoppers get: without a running offer, nothing."""
        if not self.is_in_effect or not self.has_offer:
            return []
        return ["BUYABLE", "DISCOVERABLE"] if self.quantity else ["DISCOVERABLE"]


def _is_over(offer: Mapping[str, Any]) -> bool:
    end = offer.get("end_at", {}).get("value")
    return bool(end) and datetime.fromisoformat(end) <= datetime.now(UTC)


@dataclass
class Account:
    """One seller; a reset makes a new one."""

    settings: Settings = field(default_factory=Settings)
    tokens: dict[str, float] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    destinations: dict[str, Json] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    sources: list[Json] = field(default_factory=list)
    committed: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ids: Iterator[int] = field(default_factory=lambda: count(1_000_001))

    def submit(self, sku: str, product_type: str, attributes: Json | None) -> bool:
        """Accept a new state of a SKU (None: away with it); False if it changes nothing, which is not counted."""
        listing = self.listings.get(sku)
        if listing is None:
            if attributes is None:
                return False
            now = datetime.now(UTC)
            listing = Listing(sku, product_type, f"B0{next(self.ids):08d}", now, now)
            self.listings[sku] = listing
        elif listing.latest == attributes and (listing.is_in_effect or listing.accepted):
            return False
        listing.accepted.append((time.monotonic() + self.settings.visible_after, attributes))
        self.committed["listings"][sku] += 1
        return True

    def settle(self) -> list[Listing]:
        """Bring into effect what is due; returns what changed, with each listing's state before."""
        changed = []
        for listing in list(self.listings.values()):
            before = (listing.status, listing.quantity)
            while listing.accepted and listing.accepted[0][0] <= time.monotonic():
                _, attributes = listing.accepted.popleft()
                if attributes is None:
                    del self.listings[listing.sku]
                    break
                listing.attributes, listing.is_in_effect = attributes, True
                listing.updated_at = datetime.now(UTC)
            if before != (listing.status, listing.quantity):
                changed.append(listing)
        return changed

    def shown(self) -> dict[str, Listing]:
        """The listings that the API knows by now."""
        return {sku: listing for sku, listing in self.listings.items() if listing.is_in_effect}
