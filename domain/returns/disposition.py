"""What becomes of a unit that came back."""

from typing import Literal

from domain.returns.policy import Grade

Disposition = Literal["restock", "transfer", "refurbish", "scrap", "return_to_vendor"]
DISPOSITIONS: tuple[Disposition, ...] = ("restock", "transfer", "refurbish", "scrap", "return_to_vendor")
_USUAL: dict[str, Disposition] = {"new": "restock", "opened": "refurbish", "worn": "scrap", "damaged": "scrap"}
CONDITIONS: dict[str, str | None] = {
    "restock": "sellable",
    "transfer": "in_transit",
    "refurbish": "quarantine",
    "return_to_vendor": "quarantine",
    "scrap": None,
}
"""The condition in which a unit is booked into stock; None: it is booked nowhere."""


def usual(grade: Grade, *, reason: str = "") -> Disposition:
    """What is done when nobody says otherwise: a defect goes back to whoever made it."""
    if reason in {"defective", "not_as_described"} and grade != "new":
        return "return_to_vendor"
    return _USUAL[grade]
