"""A parcel's journey, as its carrier tells it."""

from datetime import datetime
from typing import Literal

from domain.base import Frozen

ScanStatus = Literal[
    "announced", "accepted", "in_transit", "out_for_delivery", "delivered", "refused", "lost", "unknown"
]


class ParcelScan(Frozen):
    """One event of a parcel's journey."""

    status: ScanStatus
    at: datetime
    country: str = ""
