"""How much of a line has left, and what that is worth, without losing a cent or a component."""

from collections.abc import Iterable, Mapping, Sequence


def units_of_line(line_id: str, per_unit: Mapping[str, int], parcels: Iterable[Sequence[Sequence[object]]]) -> int:
    """Whole units of a line in parcels of (line, item, quantity): a bundle counts when all of its components left."""
    total: dict[str, int] = {}
    for parcel in parcels:
        for line, item, quantity in parcel:
            if line == line_id:
                total[str(item)] = total.get(str(item), 0) + int(str(quantity))
    return min((total.get(item, 0) // n for item, n in per_unit.items()), default=0)


def in_presentment(amount_minor: int, shop_minor: int, presentment_minor: int) -> int:
    """A part of an order's total in the currency that the buyer saw, by the rate of the order itself."""
    return round(amount_minor * presentment_minor / shop_minor) if shop_minor else 0


def value_of_units(share_minor: int, ordered: int, units: int) -> int:
    """What so many units of a line are worth of its share, rounded down; the last capture takes what is left."""
    return share_minor * min(units, ordered) // ordered if ordered else 0
