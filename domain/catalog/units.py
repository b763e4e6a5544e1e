"""Measures: an amount with a unit, converted exactly between units of one kind."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from domain.base import Frozen

_FACTORS = {
    "mass": {"mg": "0.001", "g": "1", "kg": "1000", "oz": "28.349523125", "lb": "453.59237"},
    "length": {"mm": "1", "cm": "10", "m": "1000", "in": "25.4", "ft": "304.8"},
    "volume": {"ml": "1", "cl": "10", "l": "1000", "fl_oz": "29.5735295625"},
    "power": {"W": "1", "kW": "1000"},
    "energy": {"Wh": "1", "kWh": "1000"},
    "time": {"min": "1", "h": "60"},
}
"""International pound and inch, US fluid ounce: exact by definition."""
UNITS = {unit: (kind, Decimal(factor)) for kind, units in _FACTORS.items() for unit, factor in units.items()}
_DIGITS = Decimal("0.0001")


class Measure(Frozen):
    """An amount and its unit, such as 1.5 kg."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[Decimal, Field(ge=0, le=10**9, max_digits=18, decimal_places=6)]
    unit: str

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}"


def kind_of(unit: str) -> str:
    """What the unit measures; ValueError for one that nobody knows."""
    if unit not in UNITS:
        raise ValueError(f"{unit!r} is no unit; use one of {', '.join(UNITS)}")
    return UNITS[unit][0]


def convert(measure: Measure, unit: str) -> Decimal:
    """The amount in another unit of the same kind, rounded to four places; ValueError across kinds."""
    if kind_of(measure.unit) != kind_of(unit):
        raise ValueError(f"{measure} is a {kind_of(measure.unit)} and cannot be told in {unit}")
    amount = measure.value * UNITS[measure.unit][1] / UNITS[unit][1]
    return amount.quantize(_DIGITS, rounding=ROUND_HALF_EVEN).normalize()
