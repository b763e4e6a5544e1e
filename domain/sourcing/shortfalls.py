"""Says for every unit that no parcel carries why that is."""

from collections import Counter

from domain.sourcing.offers import Item
from domain.sourcing.plan import PlannedParcel, Shortfall, ShortfallReason
from domain.sourcing.problem import SourcingProblem


def shortfalls_of(
    problem: SourcingProblem,
    items: list[Item],
    obtainable: list[int],
    parcels: tuple[PlannedParcel, ...],
    *,
    otherwise: ShortfallReason,
    backordered: bool,
) -> tuple[Shortfall, ...]:
    """One per line and reason: stock is missing for an item's last lines first, `otherwise` holds for the units it is there for."""
    sent: Counter[str] = Counter()
    for parcel in parcels:
        for planned in parcel.lines:
            sent[planned.line_id] += planned.quantity
    lacking = {item.id: item.quantity - units for item, units in zip(items, obtainable, strict=True)}
    found = []
    for line in reversed(problem.demand):
        without_stock = min(line.quantity - sent[line.line_id], lacking[line.item_id])
        lacking[line.item_id] -= without_stock
        left = line.quantity - sent[line.line_id] - without_stock
        for reason, quantity in ((otherwise, left), (ShortfallReason.NO_STOCK, without_stock)):
            if quantity:
                found.append(
                    Shortfall(
                        line_id=line.line_id,
                        item_id=line.item_id,
                        quantity=quantity,
                        reason=reason,
                        backordered=backordered,
                    )
                )
    return tuple(reversed(found))
